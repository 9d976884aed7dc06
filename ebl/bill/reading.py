"""Reading the fields of a bill out of a document, whatever its format and vocabulary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from ebl.bill.model import Bill, Entry, Field, State
from ebl.bill.table import FieldName, Name, table
from ebl.bill.values import Scalar, folded, text_of, typed
from ebl.document import Document, Format
from ebl.paths import Path
from ebl.wholeness import WHOLE, Extent, Wholeness

_SUBJECT: Final = "credentialSubject"
_CREDENTIALS: Final = "verifiableCredential"
_WITHIN: Final = "transportDocument"
_VALUES: Final = ("@value", "value")
_UNITS: Final = ("unit", "currency")
_MOST_STRANGE: Final = 20

Node = tuple[Path, Any]


def bill(document: Document | Mapping[str, Any], *, whole: Wholeness | None = None) -> Bill:
    """The fields of a bill: for each, its value, its place in the document, and by which vocabulary it was found there.

    A field that is not there is *absent* in a document that is shown whole. It is *unknown* if it may be withheld, if the
    document was derived, or if what is there has a form that the table does not know. Several values that differ are
    *ambiguous* in a field that has one. Nothing is guessed, and nothing is checked: that the document is unaltered is what
    `ebl.verify` says.

    ``document`` was read by `ebl.formats.read`; or it is plain content, such as a draft, which counts as whole. ``whole`` is how
    whole it is, if more is known than the document itself states (`ebl.report.Report.whole`).

    Raises nothing, whatever the content is. Takes time in proportion to the content.
    """
    if isinstance(document, Document):
        data, whole, kind = document.data, whole or document.whole, document.format
    else:
        data, whole = document, whole or WHOLE
        kind = _kind(data)
    complete = whole.extent is Extent.WHOLE
    subjects, roots = _scopes(data, kind)
    known = _known(kind, _vocabulary(subjects))
    reader = _Reader()
    for path, node in subjects:
        reader.walk(known.subject, path, node)
    for path, node in roots:
        reader.walk(known.root, path, node)
    return Bill(_fields(reader, known, complete), _lines(reader, known), complete)


def _kind(data: Mapping[str, Any]) -> Format:
    """The format that a draft has the shape of: it decides where its content is, and nothing else."""
    if _CREDENTIALS in data:
        return "vp"
    if _SUBJECT not in data:
        return "oa2"
    return "oa3" if "openAttestationMetadata" in data else "vc"


def _fields(reader: _Reader, known: _Known, complete: bool) -> dict[str, Field]:
    fields = dict(known.blank[complete])
    for row in (known.rows[name] for name in dict.fromkeys([*reader.entries, *reader.strange])):
        entries, strange = tuple(reader.entries.get(row.name, {}).values()), tuple(reader.strange.get(row.name, ()))
        state = _state(row, entries, bool(strange), complete)
        fields[row.name] = Field(row.name, state, entries, complete and not strange, strange)
    for row in known.places:
        fields[row.name] = _joined(row, [fields[name] for name in row.facets])
    return fields


def _scopes(data: Mapping[str, Any], kind: Format) -> tuple[list[Node], list[Node]]:
    """What the document is about, and its roots: in a presentation, those of each credential.

    What is around the credentials of a presentation is written by its holder, and not by the issuer of the bill.
    """
    roots: list[Node] = [((), data)]
    if kind == "vp":
        held = data.get(_CREDENTIALS)
        roots = [node for node in _entries(held, (_CREDENTIALS,)) if isinstance(node[1], Mapping)]
    subjects: list[Node] = []
    for path, root in roots:
        if kind == "oa2":
            subjects.append((path, root))
        elif _SUBJECT in root:
            subjects += _entries(root[_SUBJECT], (*path, _SUBJECT))
    inner = [
        ((*path, _WITHIN), subject[_WITHIN])
        for path, subject in subjects
        if isinstance(subject, Mapping) and _WITHIN in subject
    ]
    return [*subjects, *inner], roots


def _entries(value: Any, path: Path) -> list[Node]:
    """The elements of a list, or the value itself: in JSON-LD the two are the same."""
    return [((*path, at), one) for at, one in enumerate(value)] if isinstance(value, list) else [(path, value)]


@dataclass(slots=True)
class _Way:
    """A member on the way of a name: where it goes on, and whose values or lines are here."""

    on: dict[str, _Way] = field(default_factory=dict)
    names: dict[str, tuple[FieldName, Name]] = field(default_factory=dict)
    records: list[str] = field(default_factory=list)
    below: tuple[str, ...] = ()
    """The fields whose names lead on from here."""

    def to(self, name: Name) -> _Way:
        """The end of a name's way from here."""
        way = self
        for step in name.steps:
            way = way.on.setdefault(step, _Way())
        return way

    def close(self) -> dict[str, None]:
        """Fill in what is below, and give it with what is here."""
        found = dict.fromkeys(name for way in self.on.values() for name in way.close())
        self.below = tuple(found)
        return {**dict.fromkeys(self.names), **found}


@dataclass(frozen=True, slots=True)
class _Known:
    """The table as ways into a document, so that one walk finds every field, whatever is in it beside them."""

    subject: _Way
    root: _Way
    rows: Mapping[str, FieldName]
    places: tuple[FieldName, ...]
    records: Mapping[str, tuple[str, ...]]
    """For each list the fields of its lines."""
    blank: Mapping[bool, Mapping[str, Field]]
    """The fields of a document that has none of them, by whether it is complete."""


def _vocabulary(subjects: Sequence[Node]) -> str | None:
    """The vocabulary of which the document has a sign."""
    nodes = [node for _, node in subjects if isinstance(node, Mapping)]
    return next(
        (key for key, one in table().vocabularies.items() if any(sign in node for node in nodes for sign in one.signs)),
        None,
    )


@cache
def _known(kind: str, shown: str | None) -> _Known:
    """The table for one format: a name that several vocabularies have is that of the one that shows, or that is usual there."""
    rows, vocabularies = table().fields, table().vocabularies
    usual = [name for name in vocabularies if name == shown]
    usual += [name for name, one in vocabularies.items() if kind in one.formats]
    order = {name: at for at, name in enumerate(dict.fromkeys([*usual, *vocabularies]))}
    subject, root = _Way(), _Way()
    for row in rows.values():
        for name in sorted(row.names, key=lambda name: order[name.vocabulary]):
            (root if name.in_root else subject).to(name).names.setdefault(row.name, (row, name))
    for record, (_, names) in table().records.items():
        for name in names:
            way = (root if name.in_root else subject).to(name)
            way.records += [] if record in way.records else [record]
    for top in (subject, root):
        top.close()
        top.below = ()  # what a document is about may be anything
    return _Known(
        subject,
        root,
        rows,
        tuple(row for row in rows.values() if row.facets),
        {record: tuple(row.name for row in rows.values() if row.record == record) for record in table().records},
        {
            complete: {name: Field(name, State.ABSENT if complete else State.UNKNOWN, (), complete) for name in rows}
            for complete in (True, False)
        },
    )


@dataclass(slots=True)
class _Reader:
    """What one walk through a document found: by the field's name the values, by their places, and what is not understood."""

    entries: dict[str, dict[Path, Entry]] = field(default_factory=dict)
    strange: dict[str, dict[Path, None]] = field(default_factory=dict)
    lines: dict[str, dict[Path, None]] = field(default_factory=dict)

    def walk(self, way: _Way, path: Path, value: Any) -> None:
        """Read what is here, and go on. A list is gone through, but not a list in a list; no way has more than eight members."""
        for row, name in way.names.values():
            self._read(row, name, way, path, value)
        if not way.records and not way.on:
            return
        for place, node in _entries(value, path):
            for record in way.records:
                self.lines.setdefault(record, {})[place] = None
            if not way.on:
                continue
            if isinstance(node, Mapping):
                known = [key for key in node if key in way.on]
                for key in known:
                    self.walk(way.on[key], (*place, key), node[key])
                is_understood = bool(known or not node or any(key in node for key in _VALUES))
            else:
                is_understood = bool(way.names) or node in (None, "", [])
            if not is_understood:
                for below in way.below:
                    self._not_understood(below, place)

    def _read(self, row: FieldName, name: Name, way: _Way, path: Path, value: Any) -> None:
        if row.type == "lines" and isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            self._add(row, name, path, "\n".join(value), name.unit)
            return
        for place, one in _entries(value, path):
            if isinstance(one, Mapping):
                self._read_object(row, name, way, place, one)
            elif isinstance(one, list):
                if one:
                    self._not_understood(row.name, place)
            elif one is not None:
                self._add(row, name, place, one, name.unit)

    def _read_object(self, row: FieldName, name: Name, way: _Way, path: Path, value: Mapping[str, Any]) -> None:
        """A value with a unit or language; or an object whose members other names lead into, which is no value itself."""
        for key in _VALUES:
            inner = value.get(key)
            if isinstance(inner, str | bool | int | float):
                unit = next((value[word] for word in _UNITS if isinstance(value.get(word), str)), name.unit)
                self._add(row, name, (*path, key), inner, unit)
                return
        if value and not any(key in way.on for key in value):
            self._not_understood(row.name, path)

    def _not_understood(self, name: str, path: Path) -> None:
        places = self.strange.setdefault(name, {})
        if len(places) < _MOST_STRANGE:
            places[path] = None

    def _add(self, row: FieldName, name: Name, path: Path, value: Scalar, unit: str | None) -> None:
        text = text_of(value)
        if text is None:
            self._not_understood(row.name, path)
        elif text.strip():
            kept, written = typed(value, text, row.type)
            entry = Entry(text, kept, written or unit, path, name.vocabulary)
            self.entries.setdefault(row.name, {}).setdefault(path, entry)


def _lines(reader: _Reader, known: _Known) -> dict[str, tuple[Mapping[str, tuple[Entry, ...]], ...]]:
    """For each list its lines in the document's order, each with the values that it has of each of the list's fields."""
    found: dict[str, tuple[Mapping[str, tuple[Entry, ...]], ...]] = {}
    for record, fields in known.records.items():
        rows: dict[Path, dict[str, list[Entry]]] = {path: {} for path in reader.lines.get(record, ())}
        depths = sorted({len(path) for path in rows}, reverse=True)
        for name in fields if rows else ():
            for entry in reader.entries.get(name, {}).values():
                for end in depths:
                    if (row := rows.get(entry.at[:end])) is not None:
                        row.setdefault(name, []).append(entry)
                        break
        found[record] = tuple(
            {name: tuple(row[name]) for name in fields if name in row} for row in rows.values() if row
        )
    return found


def _state(row: FieldName, entries: Sequence[Entry], is_strange: bool, complete: bool) -> State:
    if not entries:
        return State.ABSENT if complete and not is_strange else State.UNKNOWN
    if not row.many and (is_strange or len({(folded(one.text), one.unit) for one in entries}) > 1):
        return State.AMBIGUOUS
    return State.PRESENT


def _joined(row: FieldName, facets: Sequence[Field]) -> Field:
    """The field of a place, whose value is written as a name, as a code or as both."""
    states = {facet.state for facet in facets}
    state = next(one for one in (State.AMBIGUOUS, State.PRESENT, State.UNKNOWN, State.ABSENT) if one in states)
    return Field(
        row.name,
        state,
        tuple(entry for facet in facets for entry in facet.entries),
        all(facet.complete for facet in facets),
        tuple(dict.fromkeys(path for facet in facets for path in facet.strange)),
        tuple(facets),
    )
