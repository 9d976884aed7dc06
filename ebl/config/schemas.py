"""JSON Schema: a fast check, and every problem in plain words if it fails.

``jsonschema-rs`` takes a microsecond. ``jsonschema``, about four hundred times slower, is imported only to explain.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ebl.codec.json_pointer import escape
from ebl.codec.strict_json import shown
from ebl.codec.timestamp import parse_timestamp
from ebl.codec.uri import is_uri
from ebl.errors import Problem

_KINDS = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "true or false",
    type(None): "null",
    int: "a number",
    float: "a number",
}
_NAMES = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def _is_date_time(text: str) -> bool:
    try:
        parse_timestamp(text)
    except ValueError:
        return False
    return True


_FORMATS = {"uri": is_uri, "date-time": _is_date_time}


def raw(name: str) -> bytes:
    """Returns the file of one of the project's schemas (``report.schema.json``), from the wheel or next to the package."""
    package = Path(__file__).parents[1]
    folder = package / "schemas" if (package / "schemas").is_dir() else package.parent / "schemas"
    return (folder / name).read_bytes()


def load(name: str) -> dict[str, Any]:
    """Returns one of the project's schemas."""
    schema: dict[str, Any] = json.loads(raw(name))
    return schema


def problems(name: str, data: Any) -> tuple[Problem, ...]:
    """Returns every place where data breaks one of the project's schemas; nothing if it keeps to it."""
    if isinstance(data, Mapping) and not isinstance(data, dict):
        data = dict(data)
    if _is_valid(name, data):
        return ()
    found = [problem for error in _explainer(name).iter_errors(data) for problem in _explain(error)]
    return tuple(dict.fromkeys(found)) or (Problem("", f"data as in {name}", "something else"),)


def errors(name: str, data: Any) -> Iterator[Any]:
    """Yields the errors of ``jsonschema-rs`` for data, in time that is linear in its size (for schemas with simple patterns).

    May raise `ValueError` or `TypeError` for data that JSON does not have, such as a lone surrogate.
    """
    yield from _judge(name).iter_errors(data)


def _is_valid(name: str, data: Any) -> bool:
    try:
        return bool(_judge(name).is_valid(data))
    except (ValueError, TypeError):  # a lone surrogate, an int beyond 64 bits: the slower library accepts them
        return bool(_explainer(name).is_valid(data))


@cache
def _judge(name: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(load(name), validate_formats=True, formats=dict(_FORMATS))


@cache
def _explainer(name: str) -> Any:
    from jsonschema import Draft202012Validator, FormatChecker

    formats = FormatChecker(formats=())
    for format_, is_one in _FORMATS.items():
        formats.checks(format_)(lambda value, is_one=is_one: not isinstance(value, str) or is_one(value))
    return Draft202012Validator(load(name), format_checker=formats)


def _explain(error: Any) -> Iterator[Problem]:
    pointer = "".join(f"/{escape(str(part))}" for part in error.absolute_path)
    schema = error.schema if isinstance(error.schema, dict) else {}
    came = _KINDS.get(type(error.instance), "something else")
    match error.validator:
        case "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            for name in missing:
                yield Problem(f"{pointer}/{escape(name)}", "a value", "nothing")
        case "additionalProperties":
            for name in error.instance:
                if name not in schema.get("properties", {}):
                    yield Problem(f"{pointer}/{escape(name)}", "no such member", "one")
        case "type":
            kinds = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
            yield Problem(pointer, schema.get("description") or " or ".join(_NAMES.get(k, str(k)) for k in kinds), came)
        case "enum" | "const":
            allowed = error.validator_value if error.validator == "enum" else [error.validator_value]
            wanted = " or ".join(json.dumps(value) for value in allowed)
            yield Problem(pointer, wanted, _shown(error.instance, came))
        case "contains":
            yield Problem(pointer, schema.get("description") or "one that fits", "none")
        case "minItems":
            yield Problem(pointer, f"at least {error.validator_value} of them", str(len(error.instance)))
        case _:
            expected = schema.get("description") or f"{error.validator} {json.dumps(error.validator_value)}"
            yield Problem(pointer, expected, _shown(error.instance, came))


def _shown(instance: object, kind: str) -> str:
    return shown(instance) if isinstance(instance, str) else kind
