"""How to process one key in one JSON-LD context, computed once; and the RDF terms of JSON values.

`UnsignedJson` or `BadContext` is raised for JSON that makes no statement of its own, or could be written in two ways.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP
from decimal import Context as Digits
from typing import Any

from ebl.codec.javascript_json import number_text
from ebl.codec.json_pointer import escape
from ebl.codec.strict_json import describe_value
from ebl.jsonld.active_context import Context, Term, Unset
from ebl.jsonld.faults import BadContext, UnknownContext, UnsignedJson
from ebl.jsonld.nquads import XSD, literal

_ABSOLUTE = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`\x00-\x20]+')
_XSD_DOUBLE = XSD + "double"
_SAFE_INTEGER = 2**53
_NOTHING = Term(None)
_SIXTEEN = Digits(prec=16, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class ExpansionPlan:
    """How to process one key. ``kind`` is ``id``, ``type`` or ``property``; ``step`` is ``key`` as a step of a JSON pointer."""

    kind: str
    key: str
    step: str
    predicate: str = ""
    term: Term = field(default_factory=lambda: Term(None))
    container: str = ""
    datatype: str | None = None
    tag: str = ""
    scoped: bool = False
    cleared: bool = False


def plan(key: str, active: Context, place: str) -> ExpansionPlan:
    """Returns how to process a key in a context, and caches it there.

    Raises `BadContext` if the key has no meaning, or if another key has the same meaning, and `UnknownContext` if its term
    uses an unsupported feature of JSON-LD.
    """
    if key[:1] == "@":
        raise unsigned(f"{place}/{key}", "keyword")
    where = f"{place}/{escape(key)}"
    term = active.terms.get(key)
    iri = _meaning(key, active)
    if iri is None:
        raise meaningless(where, "key")
    if iri in ("@id", "@type"):
        if key != iri[1:] or (term is not None and term.container - {"@set"}):
            raise meaningless(where, "alias", key=iri[1:], keyword=iri)
        found = ExpansionPlan(iri[1:], key, escape(key))
    else:
        found = _property(key, term or Term(iri), iri, active, where)
    if term is not None:
        active.plans[key] = found
    return found


def _property(key: str, term: Term, iri: str, active: Context, where: str) -> ExpansionPlan:
    if term.unsupported:
        raise UnknownContext("term", at=where, feature=term.unsupported)
    if term.type == "@json" and (term.container or not isinstance(term.scope, Unset)):
        raise meaningless(where, "json_scoped")
    if not _ABSOLUTE.fullmatch(iri):
        raise meaningless(where, "not_iri", iri=iri)
    for other, another in active.terms.items():
        if another.iri == iri and other != key and not another.prefix:
            raise meaningless(where, "two_names", first=other, second=key)
    container = next((kind for kind in ("@list", "@graph", "@language", "@set") if kind in term.container), "")
    datatype, tag = _of_plain_values(term, active)
    return ExpansionPlan(
        "property",
        key,
        escape(key),
        predicate=f"<{iri}>",
        term=term,
        container=container,
        datatype=datatype,
        tag=tag,
        scoped=not isinstance(term.scope, Unset),
        cleared=term.scope is None,
    )


def _of_plain_values(term: Term, active: Context) -> tuple[str | None, str]:
    """Returns the datatype and the language of values that are not objects."""
    language = active.language if isinstance(term.language, Unset) else term.language
    datatype = None if term.type == "@none" else term.type
    return datatype, f"@{language}" if language and datatype is None else ""


def _meaning(name: str, active: Context) -> str | None:
    """Returns the IRI (or keyword) of a term. A name with a colon is a term only if a context defines it."""
    if (term := active.terms.get(name)) is not None:
        return term.iri
    return active.vocab + name if active.vocab is not None and ":" not in name and name[:1] != "@" else None


def named(name: str, active: Context, place: str) -> str:
    """Returns the RDF term of a type, or of a value written as a term. An IRI is accepted if no term means that IRI."""
    iri = _meaning(name, active)
    if iri is None and _ABSOLUTE.fullmatch(name) and not any(term.iri == name for term in active.terms.values()):
        return absolute(name, active, place)
    if iri is None or not _ABSOLUTE.fullmatch(iri):
        raise meaningless(place, "name", name=name)
    return f"<{iri}>"


def absolute(value: Any, active: Context, place: str) -> str:
    """Returns an absolute IRI as an RDF term. Short forms are refused: with them, the same IRI could be written in two ways."""
    if not isinstance(value, str) or not _ABSOLUTE.fullmatch(value):
        raise unsigned(place, "iri", came=describe_value(value))
    prefix, _, rest = value.partition(":")
    term = active.terms.get(prefix)
    if term is not None and term.prefix and not rest.startswith("//"):
        raise meaningless(place, "short_iri", iri=value)
    return f"<{value}>"


def scalar(value: Any, step: ExpansionPlan, active: Context, place: str) -> str:
    """Returns text, a number, true or false as an RDF term (JSON-LD-API 5.3.2 and 8.6)."""
    kind = step.datatype
    if step.scoped:  # a plain value is interpreted in the context below its own key (JSON-LD-API 5.1.2 step 4)
        below = active.of_property(step.term)
        again = below.terms.get(step.key, _NOTHING)
        if again.iri in ("@id", "@type") or _of_plain_values(again, below) != (kind, step.tag):
            raise meaningless(place, "own_meaning")
    if isinstance(value, str):
        if kind == "@id":
            return absolute(value, active, place)
        if kind == "@vocab":
            return named(value, active.of_property(step.term) if step.scoped else active, place)
        if kind == _XSD_DOUBLE:  # the standard keeps the text; other software turns it into a number
            raise meaningless(place, "double")
        return literal(value, kind) if kind is not None else literal(value) + step.tag
    if kind is not None and kind[0] == "@":
        raise unsigned(place, "iri", came=describe_value(value))
    if isinstance(value, bool):
        return literal("true" if value else "false", kind or XSD + "boolean")
    if not isinstance(value, int | float):
        raise unsigned(place, "plain", came=describe_value(value))
    require_finite(value, place)
    return _number(float(value), kind)


def _number(value: float, kind: str | None) -> str:
    """Returns a number as an RDF term (JSON-LD-API 8.6). Its JavaScript text decides if it is whole, as in other software."""
    text = number_text(value)
    if "." not in text and abs(value) < 1e21 and kind != _XSD_DOUBLE:
        return literal(f"{value + 0.0:.0f}", kind or XSD + "integer")
    text = f"{value:.15E}"
    if float(text) != value:  # of two equally near decimals, JavaScript takes the larger
        text = f"{_SIXTEEN.create_decimal_from_float(value):.15E}"
    mantissa, _, exponent = text.partition("E")
    whole, _, fraction = mantissa.partition(".")
    return literal(f"{whole}.{fraction.rstrip('0') or '0'}E{int(exponent)}", kind or _XSD_DOUBLE)


def require_finite(value: float, place: str) -> None:
    """Raises `UnsignedJson` if the value is not a number of JSON, or not one that every reader accepts."""
    if abs(value) > sys.float_info.max or value != value:
        raise unsigned(place, "number")


def is_ambiguous(value: float) -> bool:
    """Returns whether JavaScript, Python or the statement changes a number, so that no statement protects its value."""
    if abs(value) > _SAFE_INTEGER:
        return True
    value = float(value)
    return not value.is_integer() and (abs(value) < 1e-6 or float(f"{value:.15E}") != value)


def numbers(value: Any) -> Iterator[float]:
    """Yields every number in a JSON value."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def texts(value: Any, place: str) -> list[str]:
    """Returns a text or a list of texts as a list."""
    found = value if isinstance(value, list) else [value]
    if not found or not all(isinstance(text, str) for text in found):
        raise unsigned(place, "texts")
    return found


def unsigned(place: str, why: str, **params: object) -> UnsignedJson:
    """Returns the error for JSON that makes no statement of its own."""
    return UnsignedJson(why, at=place or "/", **params)


def meaningless(place: str, why: str, **params: object) -> BadContext:
    """Returns the error for JSON to which the contexts give no meaning, or more than one."""
    return BadContext(why, at=place or "/", **params)
