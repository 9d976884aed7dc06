"""Text of strangers, as one line that a terminal and a page can show."""

from __future__ import annotations


def printable(text: str) -> str:
    """A stranger's text with whatever could move the cursor or reorder the line shown as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)
