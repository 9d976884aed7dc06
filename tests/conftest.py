"""The fixtures of the plugin that the package ships, and pytest's own for testing plugins. No test is timed.

In CI made-up examples are the same every time, so that a run tells what a change did; elsewhere they are new ones.
"""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["ebl.testing.plugin", "pytester"]

settings.register_profile(
    "untimed", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")
