"""Values of a document as Python types, if the type is certain: dates, numbers, quantities with units, true or false."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from ebl.codec import javascript_json as javascript

Value = str | bool | int | Decimal | date | datetime
"""A typed value; text if the type is not certain."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_DECIMAL: Final = re.compile(r"(-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?)(?: ?([A-Za-z][A-Za-z0-9^²³]{0,15}))?")
_THOUSANDS: Final = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_LARGEST: Final = 10**40

Scalar = str | bool | int | float


def text_of(value: Scalar) -> str | None:
    """Returns a scalar of JSON as text: a number as JavaScript writes it. None for a number that JSON does not have."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int):
        if abs(value) < _LARGEST:
            return str(value)
        try:
            value = float(value)
        except OverflowError:
            return None
    return javascript.number_text(value)


def typed(value: Scalar, text: str, kind: str) -> tuple[Value, str | None]:
    """Returns the value of a field of this type, and the unit written in it; the text itself if the value is not certain.

    Not certain are a text such as ``1.000``, which is one or a thousand; a time without a zone; and every spelling other
    than ISO 8601 and plain digits.
    """
    stripped = text.strip()
    match kind:
        case "date":
            return _date(stripped) or text, None
        case "number" if not isinstance(value, bool) and _WHOLE.fullmatch(stripped):
            return int(stripped), None
        case "quantity" if not isinstance(value, bool):
            return _quantity(value, stripped) or (text, None)
        case "flag" if isinstance(value, bool):
            return value, None
    return text, None


def _date(text: str) -> date | datetime | None:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text.upper())
    except ValueError:  # such as the 30th of February
        pass
    return None


def _quantity(value: Scalar, text: str) -> tuple[Decimal, str | None] | None:
    if not isinstance(value, str):
        return Decimal(text), None
    found = _DECIMAL.fullmatch(text)
    if found is None or _THOUSANDS.fullmatch(found[1]):
        return None
    return Decimal(found[1]), found[2]


def folded(text: str) -> str:
    """Returns a text in the form for comparison: Unicode NFC, one space for each run of white space, none at the ends.

    Other differences are kept: upper and lower case, full-width signs, simplified and traditional characters.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())
