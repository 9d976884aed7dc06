"""The fixtures of the plugin that the package ships, and pytest's own for testing plugins. No test is timed."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["ebl.testing.plugin", "pytester"]

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
