"""JSON text of data that may hold numbers that JSON has not."""

from __future__ import annotations

import json
import math
from typing import Any


def json_dumps(value: Any, *, ensure_ascii: bool, indent: int | None = None) -> str:
    """JSON, in which a number that JSON has not (a salted one may be any) is null, as JavaScript writes it."""
    try:
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=ensure_ascii, indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(member) for member in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
