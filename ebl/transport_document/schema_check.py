"""The schema of the transport document, and each place where a document breaks it, as a message.

Only jsonschema-rs is used: its time is linear in the size of the document for these patterns, whatever the document has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ebl.config import schemas
from ebl.messages import Message, say
from ebl.model.paths import pointer

SCHEMA: Final = "dcsa-transport-document-3.0.4.schema.json"
"""JSON Schema 2020-12. Other members are allowed, so that a full transport document of DCSA is valid."""
_MAX_ERRORS: Final = 200


@dataclass(frozen=True, slots=True)
class SchemaError:
    """A place (JSON pointer) and what the schema asks there. ``absent``: something may be missing there."""

    place: str
    message: Message
    absent: bool = False


def schema_errors(data: dict[str, Any]) -> tuple[SchemaError, ...] | None:
    """Returns the places where a document breaks the schema: at most 200, and none if it is valid.

    None if it cannot be compared, because it has half of a surrogate pair or a number that the library does not take.
    """
    found: list[SchemaError] = []
    try:
        for error in schemas.errors(SCHEMA, data):
            found.append(_explained(error))
            if len(found) >= _MAX_ERRORS:
                break
    except (ValueError, TypeError):
        return None
    return tuple(dict.fromkeys(found))


def _explained(error: Any) -> SchemaError:
    place, kind = pointer(tuple(error.instance_path)), error.kind
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    came = error.instance
    value = came if isinstance(came, str) else str(came) if isinstance(came, int | float) else ""
    match keyword:
        case "required":
            return SchemaError(place, say("td_schema", "required", name=kind.property), absent=True)
        case "type":
            return SchemaError(place, say("td_schema", "type", types=tuple(kind.types)))
        case "enum":
            allowed = tuple(str(one) for one in kind.options)
            return SchemaError(place, say("td_schema", "enum", allowed=allowed, value=value))
        case "maxLength":
            return SchemaError(place, say("td_schema", "max_length", limit=kind.limit, found=len(value)))
        case "minLength":
            return SchemaError(place, say("td_schema", "min_length", limit=kind.limit, found=len(value)))
        case "maxItems":
            return SchemaError(place, say("td_schema", "max_items", limit=kind.limit, found=len(came)))
        case "minItems":
            return SchemaError(place, say("td_schema", "min_items", limit=kind.limit, found=len(came)), absent=True)
        case "minimum":
            return SchemaError(place, say("td_schema", "minimum", limit=kind.limit, value=value))
        case "exclusiveMinimum":
            return SchemaError(place, say("td_schema", "above", limit=kind.limit, value=value))
        case "maximum" | "exclusiveMaximum":
            return SchemaError(place, say("td_schema", "maximum", limit=kind.limit, value=value))
        case "format":
            return SchemaError(place, say("td_schema", "format", name=kind.format, value=value))
        case "pattern":
            return SchemaError(place, say("td_schema", "pattern", value=value))
        case "oneOf" | "anyOf":
            return SchemaError(place, say("td_schema", "one_of"), absent=True)
        case _:
            return SchemaError(place, say("td_schema", "other", name=keyword))
