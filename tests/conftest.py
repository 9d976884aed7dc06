"""The fixtures of the plugin that the package ships, and pytest's own for testing plugins."""

pytest_plugins = ["ebl.testing.plugin", "pytester"]
