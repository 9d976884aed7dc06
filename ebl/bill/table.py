"""The table of field names: the names of the trade for the fields of a bill, and the names that each vocabulary has for them.

The data is ``fields.toml``, which explains its own format. It is read once in a process, on first use.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from ebl.config.documentation import page
from ebl.errors import InvalidInput

TYPES: Final = ("text", "lines", "date", "number", "quantity", "flag")
_PLACE: Final = "place"
_FACETS: Final = ("name", "code")


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a field in one vocabulary.

    ``steps`` are the members from the subject of the document, or from its root (``in_root``), to the value. ``unit`` is the
    unit that the name implies, and ``unit_member`` the member that states the unit, in the same object as the value.
    """

    vocabulary: str
    steps: tuple[str, ...]
    in_root: bool = False
    unit: str | None = None
    unit_member: str | None = None

    def __str__(self) -> str:
        unit = f" in {self.unit}" if self.unit else f" in .{self.unit_member}" if self.unit_member else ""
        return f"{'/' if self.in_root else ''}{'.'.join(self.steps)}{unit}"


@dataclass(frozen=True, slots=True, repr=False)
class FieldName:
    """One row of the table.

    ``name`` is ebl's name, ``label`` the words for people. ``type`` is one of ``TYPES``. ``many`` is true if a document may have
    several. ``record`` is the list whose lines have the field. ``facets`` are the fields in which the value of a place is
    written, as a name and as a code; such a row has no names of its own. ``uncefact_id`` and ``untded`` are its names in the
    standards.
    """

    name: str
    label: str
    type: str = "text"
    many: bool = False
    record: str | None = None
    facets: tuple[str, ...] = ()
    names: tuple[Name, ...] = ()
    uncefact_id: str | None = None
    untded: str | None = None

    def __repr__(self) -> str:
        return f"<FieldName {self.name}>"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One vocabulary. A name that several have counts for the one of which the document has a sign, or which is usual.

    ``types`` has, for each type of a subject, the terms that its context defines. Such a type is a sign of the vocabulary, and
    a document with it can use no other terms. ``spellings`` has other spellings of a step.
    """

    name: str
    title: str
    formats: frozenset[str]
    signs: frozenset[str]
    types: Mapping[str, frozenset[str]]
    spellings: Mapping[str, tuple[str, ...]]

    def can_say(self, row: FieldName, types: Iterable[str]) -> bool:
        """Returns whether it has a name for the field, for subjects of these types (for types that it does not know: of any)."""
        known = [self.types[one] for one in types if one in self.types]
        return any(
            name.vocabulary == self.name
            and (name.in_root or not known or any(terms.issuperset(name.steps) for terms in known))
            for name in row.names
        )


@dataclass(frozen=True, slots=True, repr=False)
class FieldTable:
    """The table. ``records`` has, for each list, the words for one line of it and the paths to its lines."""

    fields: Mapping[str, FieldName]
    records: Mapping[str, tuple[str, tuple[Name, ...]]]
    vocabularies: Mapping[str, Vocabulary]

    def field(self, name: str) -> FieldName:
        """Returns the row of a name. Raises `InvalidInput`, with similar names, if there is none."""
        try:
            return self.fields[name]
        except KeyError:
            pass
        alike = self.alike(name)
        raise InvalidInput(
            f"{name[:100]!r} is not a field of a bill.",
            fix=f"Did you mean {' or '.join(alike)}?" if alike else f"{page('bill')} lists every field.",
        )

    def alike(self, name: str) -> tuple[str, ...]:
        """Returns at most three names of fields with similar spelling."""
        from difflib import get_close_matches  # needed only for errors

        return tuple(get_close_matches(name[:100], self.fields, n=3, cutoff=0.6))


@cache
def table() -> FieldTable:
    """Returns the table."""
    return _table(tomllib.loads(files("ebl.bill").joinpath("fields.toml").read_text("utf-8")))


def _table(data: Mapping[str, Any]) -> FieldTable:
    vocabularies = {
        key: Vocabulary(
            key,
            row["title"],
            frozenset(row["formats"]),
            frozenset(row.get("signs", ())),
            MappingProxyType({type_: frozenset(terms.split()) for type_, terms in row.get("types", {}).items()}),
            MappingProxyType({step: tuple(others) for step, others in row.get("spellings", {}).items()}),
        )
        for key, row in data["vocabulary"].items()
    }
    records = {row["name"]: (row["label"], tuple(_names(row, vocabularies))) for row in data["record"]}
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for part in data["part"]:
        parts.setdefault(part["kind"], []).append(part)
    fields: dict[str, FieldName] = {}
    for row in data["field"]:
        for one in _rows(row, records, parts, vocabularies):
            fields[one.name] = one
    return FieldTable(MappingProxyType(fields), MappingProxyType(records), MappingProxyType(vocabularies))


def _rows(
    row: Mapping[str, Any],
    records: Mapping[str, tuple[str, tuple[Name, ...]]],
    parts: Mapping[str, list[Mapping[str, Any]]],
    vocabularies: Iterable[str],
) -> Iterator[FieldName]:
    """Returns the rows of an entry of the data: one, or one for each part of a party or place as well."""
    name, label, kind = row["name"], row["label"], row.get("kind")
    uncefact_id, untded = row.get("uncefact_id"), row.get("untded")
    own = tuple(_names(row, vocabularies))
    if kind is None:
        record = row.get("record")
        if record is not None:
            own = tuple(_joined(records[record][1], own)) + tuple(_names(row.get("outside", {}), vocabularies))
        many = row.get("many", False) or record is not None
        unique = tuple(dict.fromkeys(own))
        yield FieldName(name, label, row.get("type", "text"), many, record, (), unique, uncefact_id, untded)
        return
    many, also = row.get("many", False), row.get("also", {})
    if kind == _PLACE:
        facets = tuple(f"{name}.{facet}" for facet in _FACETS)
        yield FieldName(name, label, many=many, facets=facets, uncefact_id=uncefact_id, untded=untded)
    for part in parts[kind]:
        names = (*_joined(own, _names(part, vocabularies)), *_names(also.get(part["name"] or "name", {}), vocabularies))
        if not names:  # no vocabulary has this part
            continue
        ends = f".{part['name']}" if part["name"] else ""
        yield FieldName(
            f"{name}{ends}",
            f"{label}, {part['label']}" if part["label"] else label,
            part.get("type", "text"),
            many or part.get("many", False),
            names=tuple(dict.fromkeys(names)),
            uncefact_id=None if ends else uncefact_id,
            untded=None if ends else untded,
        )


def _joined(bases: Iterable[Name], ends: Iterable[Name]) -> Iterator[Name]:
    """Yields each name that a vocabulary has within an object or line, after each place of that object or line."""
    ends = tuple(ends)
    for base in bases:
        for end in ends:
            if base.vocabulary == end.vocabulary:
                yield replace(end, steps=base.steps + end.steps, in_root=base.in_root)


def _names(row: Mapping[str, Any], vocabularies: Iterable[str]) -> Iterator[Name]:
    for vocabulary in vocabularies:
        for words in row.get(vocabulary, ()):
            path, _, unit = words.partition(" in ")
            steps = tuple(path.removeprefix("/").split(".")) if path.strip("/") else ()
            is_member = unit.startswith(".")
            yield Name(
                vocabulary,
                steps,
                path.startswith("/"),
                None if is_member else unit or None,
                unit.removeprefix(".") if is_member else None,
            )
