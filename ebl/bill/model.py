"""Fields of a bill and the states in which they can be."""

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

    ``absent`` is used only if the document is shown whole and its vocabulary has a name for the field. Any other field
    that is not there is ``unknown``.
    """

    PRESENT = "present"
    AMBIGUOUS = "ambiguous"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One value in the document.

    ``text``        as in the document (a number as JavaScript writes it, the lines of a list joined)
    ``value``       the same as a date, number, `decimal.Decimal` or bool if that is certain, else the text
    ``unit``        its unit as the document names it, or as the name of the field implies it
    ``at``          its place in the content, as steps (`ebl.verify.Document.data`)
    ``vocabulary``  the vocabulary that has this name for the field
    """

    text: str
    value: Value
    unit: str | None
    at: Path
    vocabulary: str

    @property
    def path(self) -> str:
        """The place as `ebl redact` writes it."""
        return paths.text(self.at)

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer (RFC 6901) into the content."""
        return paths.pointer(self.at)

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data. A decimal is text, so that no reader rounds it."""
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

    ``entries``   its values, in the document's order for each name; of an ambiguous field, those that differ
    ``complete``  false if there may be more values that are hidden, or were not understood
    ``sayable``   false if the vocabulary of the document, which is whole, has no name for it: only free text could have it
    ``strange``   places that belong to the field but have a form that the table does not know: the first 20
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
        """The words for the field, in English."""
        return table().fields[self.name].label

    @property
    def text(self) -> str | None:
        """The first value as text; None unless the field is present. Of a place, the name, or else the code."""
        return self.entries[0].text if self.state is FieldState.PRESENT else None

    @property
    def value(self) -> Value | None:
        """The first value; None unless the field is present."""
        return self.entries[0].value if self.state is FieldState.PRESENT else None

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
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
    """The fields of a bill. ``bill["port_of_loading"]`` is one of them; every name of the table has a field.

    ``complete`` is true if the document shows everything that was issued, so that a missing field was not stated.
    """

    fields: Mapping[str, Field]
    _lines: Mapping[str, tuple[Mapping[str, tuple[Entry, ...]], ...]]
    complete: bool

    def __getitem__(self, name: str) -> Field:
        """Returns a field. Raises `InvalidInput`, with similar names, if the table does not have the name."""
        return self.fields[table().field(name).name]

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields.values())

    def __len__(self) -> int:
        return len(self.fields)

    def lines(self, record: str) -> tuple[Mapping[str, tuple[Entry, ...]], ...]:
        """Returns the lines of a list, such as ``goods`` or ``containers``: for each, its values by field name.

        Values that the document has outside the lines are only in the fields. Raises `KeyError` if the table does not have
        the list.
        """
        return self._lines[record]

    @property
    def shown(self) -> tuple[Field, ...]:
        """Returns the fields that have a value, without the parts of a place."""
        return tuple(one for one in self if one.entries and not one.facets)

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data: the fields that have a value or were not understood, and the names of the others.

        The members of ``lines`` are numbers of entries, so that no value is written twice.
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
