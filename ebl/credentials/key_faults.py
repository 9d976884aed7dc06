"""Errors of the key and signature algorithms, as errors of this library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ebl.crypto.bbs_signatures import NotInstalled
from ebl.errors import InvalidInput, MissingExtra


@contextmanager
def as_input_errors() -> Iterator[None]:
    """Raises `InvalidInput` instead of a `ValueError` of its body, and `MissingExtra` if the curve's library is not installed."""
    try:
        yield
    except NotInstalled as missing:
        raise MissingExtra("bbs") from missing
    except ValueError as bad:
        raise InvalidInput(str(bad)) from bad
