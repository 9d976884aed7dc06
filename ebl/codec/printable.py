"""Untrusted text as one line that is safe on a terminal and on a page."""

from __future__ import annotations


def printable(text: str) -> str:
    """Returns untrusted text in which characters that move the cursor or reorder the line are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)
