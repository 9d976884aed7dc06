"""The core in C, if it is installed."""
