"""JSON values as JavaScript writes and reads them. OpenAttestation hashes depend on every byte of ECMAScript's text.

Strings may contain lone surrogates, which ``JSON.stringify`` writes as ``\\udxxx``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from json.encoder import encode_basestring as _quote
from typing import Any

from ebl.codec import fast_json as bulk

_SURROGATE = re.compile("[\ud800-\udfff]")
WHITE_SPACE = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
_DECIMAL = re.compile(r"[+-]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]+)?")  # no backtracking over digits
_INFINITE = re.compile(r"[+-]?Infinity")
_RADIX = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_ODD_NUMBERS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity", "-0": "0"}
_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,9})")
_INDEX_END = 2**32 - 1


def number_text(value: float) -> str:
    """Returns ECMAScript ``Number::toString`` in radix 10: the shortest digits that read back as the same float64.

    An int is rounded to the nearest float64. Raises `OverflowError` if there is none.
    """
    if type(value) is int and -(2**53) <= value <= 2**53:
        return str(value)
    text = repr(float(value)).removesuffix(".0")
    if "e" not in text:
        return _ODD_NUMBERS.get(text, text)
    mantissa, _, exponent = text.removeprefix("-").partition("e")
    sign = "-" if text[0] == "-" else ""
    return sign + _placed(mantissa.replace(".", ""), 1 + int(exponent))


def _placed(digits: str, point: int) -> str:
    """Inserts the decimal point after the first ``point`` digits; zeros are added if that is before or beyond all of them."""
    if 0 < point <= 21:
        return digits.ljust(point, "0")
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"


def json_string(text: str) -> str:
    """Returns ``JSON.stringify`` of a string: short escapes, lower-case hex; above U+007F only lone surrogates are escaped."""
    quoted = _quote(text)
    if not quoted.isascii() and _SURROGATE.search(quoted):
        paired = quoted.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return _SURROGATE.sub(lambda lone: f"\\u{ord(lone[0]):04x}", paired)
    return quoted


def json_leaf(value: object) -> str:
    """Returns ``JSON.stringify`` of a string, number, boolean, null, or an empty container.

    Raises `TypeError` if the value is anything else.
    """
    match value:
        case str():
            return json_string(value)
        case bool() | None:
            return _CONSTANTS[value]
        case int() | float():
            return number_text(value) if math.isfinite(float(value)) else "null"
        case dict():
            return "{}"
        case list():
            return "[]"
    raise TypeError(f"not a JSON leaf: {type(value).__name__}")


def json_member(name: str, value: object) -> bytes:
    """Returns ``JSON.stringify`` of an object with one member, in UTF-8."""
    return f"{{{json_string(name)}:{json_leaf(value)}}}".encode()


def one_member() -> Callable[[dict[str, str]], bytes]:
    """Returns a function that writes an object with one member, whose value is a string, as `json_member` does.

    The function raises `TypeError` or `UnicodeEncodeError` if the member has a lone surrogate.
    """
    if (orjson := bulk.orjson()) is not None:
        dumps: Callable[[dict[str, str]], bytes] = orjson.dumps
        return dumps
    return _one_member


def _one_member(member: dict[str, str]) -> bytes:
    [(name, value)] = member.items()
    return f"{{{_quote(name)}:{_quote(value)}}}".encode()


def stringify(value: object) -> bytes:
    """Returns ``JSON.stringify`` of JSON data in UTF-8: without white space, with members in their given order.

    Raises `TypeError` if a value is not JSON. Lone surrogates are escaped.
    """
    if _is_plain(value):
        try:
            if (orjson := bulk.orjson()) is not None:
                return bytes(orjson.dumps(value))
            return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        except (TypeError, UnicodeEncodeError):  # a lone surrogate
            pass
    return _stringify(value).encode()


def _is_plain(root: object) -> bool:
    """Returns whether Python's own ``json`` writes this data as JavaScript does."""
    stack: list[object] = [root]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            for name, member in value.items():
                if type(name) is not str:
                    return False
                if type(member) is not str:
                    stack.append(member)
        elif isinstance(value, list | tuple):
            stack += [member for member in value if type(member) is not str]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if repr(value) != number_text(value):
                return False
        elif not (value is None or isinstance(value, str | bool)):
            return False
    return True


def _stringify(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{','.join(f'{json_string(key)}:{_stringify(member)}' for key, member in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_stringify, value))}]"
    return json_leaf(value)


_CONSTANTS = {True: "true", False: "false", None: "null"}


def text(value: object) -> str:
    """Returns ``String(value)`` of a JSON leaf. Raises `TypeError` if the value is anything else."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    if isinstance(value, int | float):
        return number_text(value)
    raise TypeError(f"not a JSON leaf: {type(value).__name__}")


def trim(text: str) -> str:
    """Returns ``String.prototype.trim``. Its white space is not Python's: U+FEFF is removed, U+0085 and U+001C–1F are kept."""
    return text.strip(WHITE_SPACE)


def number(text: str) -> float:
    """Returns ``Number(text)``: NaN if it is not a number; 0 for the empty string; hex, octal and binary literals count."""
    text = trim(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _RADIX.fullmatch(text):
        return _from_int(int(text, 0))
    if _INFINITE.fullmatch(text):
        return -math.inf if text[0] == "-" else math.inf
    return math.nan if text else 0.0


def plain_number(value: float) -> float:
    """Returns the same number, as an int if its text has no point and no exponent, as a reader of the JSON text expects."""
    canonical = number_text(value)
    return int(canonical) if canonical.lstrip("-").isdecimal() else value


def _from_int(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def is_index(key: str) -> bool:
    """Returns whether JavaScript treats a key as an array index: canonical decimal below 2**32 - 1. Such keys come first."""
    return bool(_INDEX.fullmatch(key)) and int(key) < _INDEX_END


def ordered(members: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Returns members in JavaScript's order of own keys: indices ascending, then the others in their given order."""
    if not members or min(members) > ":" or not (indices := sorted(filter(is_index, members), key=int)):
        return members.items()  # no key is an index
    first = set(indices)
    return [
        *((key, members[key]) for key in indices),
        *((key, value) for key, value in members.items() if key not in first),
    ]
