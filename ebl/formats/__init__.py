"""JSON <-> claims: one module for each document format.

A format module has ``looks_like(raw) -> bool`` and ``read(raw) -> Document``.
"""

from __future__ import annotations

from ebl.document import Document


def read(raw: bytes) -> Document:
    """Read a document of any format that we know. Raises `ebl.errors.Unreadable` or `ebl.errors.Malformed`."""
    raise NotImplementedError
