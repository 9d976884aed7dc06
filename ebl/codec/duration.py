"""Lengths of time that can be asked for."""

MAX_MINUTES = 10**8
"""The greatest age that can be accepted: some 190 years, which is as good as any."""
