"""orjson, imported only after so many calls that the import pays. Importing it takes longer than verifying 100 bills."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any, Final

_PAYS_AFTER = 50
_asked = 0
_orjson: Any = None

# Values that releases have written in different ways, each with the only right text, which is ECMAScript's. Numbers for which
# Python's text differs from it (1e-7) are left out: they are never given to orjson.
_SPELLINGS: Final[tuple[tuple[Any, bytes], ...]] = (
    (1e21, b"1e+21"), (-1e21, b"-1e+21"), (1.5e300, b"1.5e+300"), (1.5e-10, b"1.5e-10"), (5e-324, b"5e-324"),
    (0.1, b"0.1"), (123456.75, b"123456.75"), (2**53, b"9007199254740992"), (-1, b"-1"), (True, b"true"), (None, b"null"),
    ("\x00\x1f\b\f\n\r\t\"\\/", b'"\\u0000\\u001f\\b\\f\\n\\r\\t\\"\\\\/"'),
    ("\x7f\u2028\u2029é中𠮷", "\"\x7f\u2028\u2029é中𠮷\"".encode()), ({"b": [], "a": {}}, b'{"b":[],"a":{}}'),
)  # fmt: skip
_NOT_JSON: Final = (
    b"NaN",
    b"Infinity",
    b"1.",
    b".5",
    b"01",
    b"+1",
    b"[1,]",
    b"\xef\xbb\xbf1",
    b'"\xff"',
    b"'a'",
    b"1 2",
)


def orjson() -> Any:
    """Returns the orjson module; None for the first 50 calls, if it is not installed, or if it writes other text than ebl.

    The caller must give the same result without it.
    """
    global _asked, _orjson
    if _asked < _PAYS_AFTER:
        _asked += 1  # threads may miscount: it only decides when the import happens
        if _asked == _PAYS_AFTER:
            with suppress(ImportError):
                found = import_module("orjson")
                _orjson = found if writes_ecmascript(found) else None
    return _orjson


def writes_ecmascript(module: ModuleType) -> bool:
    """Returns whether this orjson writes and refuses what it must. Releases differ, for instance in the exponents of numbers."""
    return all(module.dumps(value) == text and module.loads(text) == value for value, text in _SPELLINGS) and not any(
        _reads(module, text) for text in _NOT_JSON
    )


def _reads(module: ModuleType, text: bytes) -> bool:
    try:
        module.loads(text)
    except ValueError:
        return False
    return True
