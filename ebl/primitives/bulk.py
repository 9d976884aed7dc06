"""orjson, once enough was done that importing it pays: that takes longer than verifying a hundred bills."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any

_PAYS_AFTER = 50
_asked = 0
_orjson: Any = None


def orjson() -> Any:
    """The orjson module; None until this was asked some fifty times, and where it is not installed.

    Whatever uses it must give the same result without it.
    """
    global _asked, _orjson
    if _asked < _PAYS_AFTER:
        _asked += 1  # threads may miscount: it decides nothing but when
        if _asked == _PAYS_AFTER:
            with suppress(ImportError):
                _orjson = import_module("orjson")
    return _orjson
