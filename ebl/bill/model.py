"""What is read out of a bill: its fields, and in which state each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from ebl.bill.field_values import Value
from ebl.bill.table import table
from ebl.model import paths
from ebl.model.paths import Path


class FieldState(StrEnum):
    """What is known of a field.

    ``absent`` is said only of a document that is shown whole, and of a field for which the vocabulary it is written in has a
    name. Any other field that is not there is ``unknown``.
    """

    PRESENT = "present"
    AMBIGUOUS = "ambiguous"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One value in the document.

    ``text``        as the document has it (a number as JavaScript writes it, the lines of a list joined)
    ``value``       the same as a date, number, `decimal.Decimal` or bool where that is sure, else the text
    ``unit``        its unit as the document names it, or as the name of the field implies it
    ``at``          its place in the content, as steps (`ebl.verify.Document.data`)
    ``vocabulary``  which vocabulary has this name for it
    """

    text: str
    value: Value
    unit: str | None
    at: Path
    vocabulary: str

    @property
    def path(self) -> str:
        """Its place as `ebl redact` writes it."""
        return paths.text(self.at)

    @property
    def pointer(self) -> str:
        """Its place as a JSON pointer (RFC 6901) into the content."""
        return paths.pointer(self.at)

    def to_dict(self) -> dict[str, Any]:
        """As JSON data. A decimal is text, so that no reader rounds it."""
        value: Any = self.value
        if isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, Decimal):
            value = format(value, "f") if -30 <= int(value.as_tuple().exponent) <= 30 else str(value)
        unit = {} if self.unit is None else {"unit": self.unit}
        return {
            "text": self.text,
            "value": value,
            **unit,
            "path": self.path,
            "pointer": self.pointer,
            "vocabulary": self.vocabulary,
        }

    def __repr__(self) -> str:
        return f"<Entry {_short(self.text)} at {self.path[:60]}>"


@dataclass(frozen=True, slots=True, repr=False)
class Field:
    """A field of a bill.

    ``entries``   its values, in the document's order for each name; of a field that is ambiguous, those that differ
    ``complete``  false if there may be more that is not shown, or not understood
    ``sayable``   false if the vocabulary of the document, which is whole, has no name for it: it could be in free text only
    ``strange``   places where the document has something for it, in a form that the table does not know: the first 20
    ``facets``    of a place: the fields with its name and its code
    """

    name: str
    state: FieldState
    entries: tuple[Entry, ...] = ()
    complete: bool = True
    strange: tuple[Path, ...] = ()
    facets: tuple[Field, ...] = ()
    sayable: bool = True

    @property
    def label(self) -> str:
        """The words for it, in English."""
        return table().fields[self.name].label

    @property
    def text(self) -> str | None:
        """Its first value as text; None unless it is present. Of a place the name, or else the code."""
        return self.entries[0].text if self.state is FieldState.PRESENT else None

    @property
    def value(self) -> Value | None:
        """Its first value; None unless it is present."""
        return self.entries[0].value if self.state is FieldState.PRESENT else None

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        strange = {"not_understood": [paths.text(path) for path in self.strange]} if self.strange else {}
        return {
            "state": str(self.state),
            "complete": self.complete,
            "entries": [entry.to_dict() for entry in self.entries],
            **strange,
        }

    def __repr__(self) -> str:
        more = f" and {len(self.entries) - 1} more" if len(self.entries) > 1 else ""
        return f"<Field {self.name} {self.state}{f': {_short(self.entries[0].text)}{more}' if self.entries else ''}>"


@dataclass(frozen=True, slots=True, repr=False)
class Bill:
    """The fields of a bill. ``bill["port_of_loading"]`` is one of them, and every name of the table has one.

    ``complete`` is true if the document shows all of what was issued, so that what is not there was not said.
    """

    fields: Mapping[str, Field]
    _lines: Mapping[str, tuple[Mapping[str, tuple[Entry, ...]], ...]]
    complete: bool

    def __getitem__(self, name: str) -> Field:
        """Raises `InvalidInput`, which names what is alike, for a name that the table does not have."""
        return self.fields[table().field(name).name]

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields.values())

    def __len__(self) -> int:
        return len(self.fields)

    def lines(self, record: str) -> tuple[Mapping[str, tuple[Entry, ...]], ...]:
        """The lines of a list, such as ``goods`` or ``containers``: for each, its values by the names of the fields.

        Values that the document has outside the lines are in the fields only. Raises `KeyError` for a list that the table does
        not have.
        """
        return self._lines[record]

    @property
    def shown(self) -> tuple[Field, ...]:
        """The fields that have a value, without the parts in which a place is written."""
        return tuple(one for one in self if one.entries and not one.facets)

    def to_dict(self) -> dict[str, Any]:
        """As JSON data: the fields that have a value or something that is not understood, and the names of the others.

        The members of ``lines`` are the numbers of entries, so that no value is there twice.
        """
        told = {one.name: one.to_dict() for one in self if (one.entries or one.strange) and not one.facets}
        rest = [one for one in self if not one.facets and one.name not in told]
        return {
            "complete": self.complete,
            "fields": told,
            "lines": {
                record: [{name: [entry.path for entry in some] for name, some in line.items()} for line in lines]
                for record, lines in self._lines.items()
                if lines
            },
            "absent": [one.name for one in rest if one.state is FieldState.ABSENT],
            "unknown": [one.name for one in rest if one.state is FieldState.UNKNOWN],
        }

    def __repr__(self) -> str:
        number = self["number"].text
        states = [one.state for one in self]
        return f"<Bill {_short(number) if number else 'without a number'}: {states.count(FieldState.PRESENT)} fields present>"


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:59]}…")
