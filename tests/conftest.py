"""The fixtures of the plugin that the package ships, and pytest's own for testing plugins. No test is timed."""

from hypothesis import settings

pytest_plugins = ["ebl.testing.plugin", "pytester"]

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
