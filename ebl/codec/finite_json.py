"""JSON text of data that may hold numbers that JSON has not."""

from __future__ import annotations

import json
import math
from functools import partial
from typing import Any


def json_dumps(value: Any, *, ensure_ascii: bool, indent: int | None = None, compact: bool = False) -> str:
    """JSON, in which a number that JSON has not (a salted one may be any) is null, as JavaScript writes it."""
    dumps = partial(
        json.dumps,
        ensure_ascii=ensure_ascii,
        indent=indent,
        allow_nan=False,
        separators=(",", ":") if compact else None,
    )
    try:
        return dumps(value)
    except ValueError:
        return dumps(_finite(value))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(member) for member in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
