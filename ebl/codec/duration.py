"""Limits of durations in settings."""

MAX_MINUTES = 10**8
"""The greatest age that a setting accepts: about 190 years, far beyond any use."""
