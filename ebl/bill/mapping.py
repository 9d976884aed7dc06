"""Extraction of a bill's fields from a document of any format and vocabulary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Final

from ebl.bill.field_values import Scalar, folded, text_of, typed
from ebl.bill.model import Bill, Entry, Field, FieldState
from ebl.bill.table import FieldName, Name, table
from ebl.model.document import Document, Format
from ebl.model.paths import Path
from ebl.model.wholeness import UNKNOWN, WHOLE, Extent, Wholeness

_SUBJECT: Final = "credentialSubject"
_CREDENTIALS: Final = "verifiableCredential"
_WITHIN: Final = "transportDocument"
_TYPE: Final = ("type",)
"""A name that every credential may have, in any vocabulary."""
_VALUES: Final = ("@value", "value")
_UNITS: Final = ("unit", "unitCode", "currency", "currencyCode")
_ENVELOPE: Final = frozenset(
    {
        *("@context", "version", "id", "type", "name", "reference", "network", "issuer", "proof", _SUBJECT),
        *("issuanceDate", "expirationDate", "validFrom", "validUntil", "credentialStatus", "credentialSchema"),
        *("openAttestationMetadata", "attachments", "evidence", "refreshService", "termsOfUse"),
    }
)
"""Members that v3 of OpenAttestation defines for the root. Other members of the root are content, as in ``credentialSubject``."""
_ISO: Final = "YYYY-MM-DD"
_MOST_STRANGE: Final = 20

Node = tuple[Path, Any]


def bill(document: Document | Mapping[str, Any], *, whole: Wholeness | None = None) -> Bill:
    """Returns the fields of a bill: for each, its value, its place in the document, and the vocabulary of its name.

    A field that is not there is *absent* if the document is shown whole. It is *unknown* if it may be redacted, if the
    document was derived, if its value has a form that the table does not know, or if the document's vocabulary has no name
    for it. A field that has one value is *ambiguous* if the document has several different ones. Nothing is guessed. Not
    checked: that the document is unaltered; `ebl.verify` checks that.

    ``document`` is the result of `ebl.verify.read`, or plain content such as a draft, which counts as whole. For plain
    content with a proof it is not known how whole it is: read it first. ``whole`` states how whole the document is, if
    more is known than the document itself states (`ebl.verify.Report.whole`).

    Never raises, for any content. The time is linear in the size of the content.
    """
    if isinstance(document, Document):
        data, whole, kind = document.data, whole or document.whole, document.format
    else:
        data, whole = document, whole or (UNKNOWN if _is_sealed(document) else WHOLE)
        kind = _kind(data)
    complete = whole.extent is Extent.WHOLE
    subjects, roots = scopes(data, kind)
    types = _types(subjects)
    shown = _shown(subjects, types)
    known = _known(kind, shown[0] if shown else None)
    reader = _DocumentReader()
    for path, node in subjects:
        reader.walk(known.subject, path, node)
    for path, node in roots:
        reader.walk(known.root, path, node)
    used = frozenset({*shown, *reader.vocabularies})
    if not used & {
        *shown,
        *known.usual,
    }:  # no names, or only names that other vocabularies have too
        used |= known.usual
    blank = _blank(known, used, types, complete)
    return Bill(_fields(reader, known, blank, complete), _lines(reader, known), complete)


def only_text(data: Mapping[str, Any], kind: Format, name: str, *, whole: Wholeness) -> str | None:
    """Returns the text of one field; None unless it has exactly one. It takes a small part of the time that `bill` takes.

    ``data`` is the content of a document of the format ``kind``; the members of `members_of` are enough.
    """
    subjects, roots = scopes(data, kind)
    shown = _shown(subjects, _types(subjects))
    known = _known(kind, shown[0] if shown else None, name)
    reader = _DocumentReader()
    for path, node in subjects:
        reader.walk(known.subject, path, node)
    for path, node in roots:
        reader.walk(known.root, path, node)
    entries = tuple(reader.entries.get(name, {}).values())
    state = _state(known.rows[name], entries, bool(reader.strange.get(name)), whole.extent is Extent.WHOLE)
    return entries[0].text if state is FieldState.PRESENT else None


@cache
def members_of(kind: Format, name: str) -> frozenset[str]:
    """Returns the members at the top of a document's content that `only_text` may look at for a field."""
    known = _known(kind, None, name)
    signs = {sign for one in table().vocabularies.values() for sign in one.signs}
    return frozenset({*known.subject.on, *known.root.on, *signs, *_TYPE, _SUBJECT, _CREDENTIALS, _WITHIN})


def _is_sealed(data: Mapping[str, Any]) -> bool:
    """Returns whether plain content was wrapped or signed, so that a holder may have left something out."""
    return "proof" in data or (isinstance(data.get("signature"), Mapping) and isinstance(data.get("data"), Mapping))


def _kind(data: Mapping[str, Any]) -> Format:
    """Returns the format that a draft looks like. It is used only to find the content."""
    if _CREDENTIALS in data:
        return "vp"
    if _SUBJECT not in data:
        return "oa2"
    return "oa3" if "openAttestationMetadata" in data else "vc"


def _fields(reader: _DocumentReader, known: _Known, blank: Mapping[str, Field], complete: bool) -> dict[str, Field]:
    fields = dict(blank)
    for row in (known.rows[name] for name in dict.fromkeys([*reader.entries, *reader.strange])):
        entries, strange = tuple(reader.entries.get(row.name, {}).values()), tuple(reader.strange.get(row.name, ()))
        state = _state(row, entries, bool(strange), complete)
        fields[row.name] = Field(row.name, state, entries, complete and not strange, strange)
    for row in known.places:
        others = [fields[name] for name in known.parts[row.name]]
        fields[row.name] = _joined(row, [fields[name] for name in row.facets], others)
    return fields


def scopes(data: Mapping[str, Any], kind: Format) -> tuple[list[Node], list[Node]]:
    """Returns the subjects of the document and its roots; in a presentation, the roots are those of each credential.

    The rest of a presentation is written by its holder, and not by the issuer of the bill.
    """
    roots: list[Node] = [((), data)]
    if kind == "vp":
        held = data.get(_CREDENTIALS)
        roots = [node for node in _entries(held, (_CREDENTIALS,)) if isinstance(node[1], Mapping)]
    subjects: list[Node] = []
    for path, root in roots:
        if kind == "oa2":
            subjects.append((path, root))
            continue
        if _SUBJECT in root:
            subjects += _entries(root[_SUBJECT], (*path, _SUBJECT))
        if kind == "oa3":
            subjects.append((path, {key: value for key, value in root.items() if key not in _ENVELOPE}))
    inner = [
        ((*path, _WITHIN), subject[_WITHIN])
        for path, subject in subjects
        if isinstance(subject, Mapping) and _WITHIN in subject
    ]
    return [*subjects, *inner], roots


def _entries(value: Any, path: Path) -> list[Node]:
    """Returns the elements of a list, or the value itself: JSON-LD treats the two alike."""
    return [((*path, at), one) for at, one in enumerate(value)] if isinstance(value, list) else [(path, value)]


@dataclass(slots=True)
class _NameTree:
    """One member in the tree of names: the members below it, and the fields and lists that are read here."""

    on: dict[str, _NameTree] = field(default_factory=dict)
    names: dict[str, tuple[FieldName, Name]] = field(default_factory=dict)
    records: list[str] = field(default_factory=list)
    below: tuple[str, ...] = ()
    """The fields whose names continue below."""

    def to(self, name: Name) -> _NameTree:
        """Returns the end of a name's path from here. Other spellings of its steps lead there too."""
        spellings = table().vocabularies[name.vocabulary].spellings
        tree = self
        for step in name.steps:
            here, tree = tree, tree.on.setdefault(step, _NameTree())
            for other in spellings.get(step, ()):
                here.on.setdefault(other, tree)
        return tree

    def close(self) -> dict[str, None]:
        """Sets ``below`` for the whole tree; returns the names of the fields here and below."""
        found = dict.fromkeys(name for tree in self.on.values() for name in tree.close())
        self.below = tuple(found)
        return {**dict.fromkeys(self.names), **found}


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """The table as trees of names, so that one pass over a document finds every field, whatever else the document has."""

    subject: _NameTree
    root: _NameTree
    rows: Mapping[str, FieldName]
    places: tuple[FieldName, ...]
    parts: Mapping[str, tuple[str, ...]]
    """For each place, its fields other than name and code."""
    records: Mapping[str, tuple[str, ...]]
    """For each list, the fields of its lines."""
    usual: frozenset[str]
    """The vocabularies that are usual in the format."""


def _types(subjects: Sequence[Node]) -> frozenset[str]:
    """Returns the types of the subjects, of those types whose terms the table knows."""
    named = [node["type"] for _, node in subjects if isinstance(node, Mapping) and "type" in node]
    found = frozenset(one for value in named for _, one in _entries(value, ()) if isinstance(one, str))
    return found & _known_types() if found else found


@cache
def _known_types() -> frozenset[str]:
    return frozenset(one for vocabulary in table().vocabularies.values() for one in vocabulary.types)


@cache
def _signs() -> frozenset[str]:
    return frozenset(sign for vocabulary in table().vocabularies.values() for sign in vocabulary.signs)


def _shown(subjects: Sequence[Node], types: frozenset[str]) -> list[str]:
    """Returns the vocabularies of which the document has a sign."""
    nodes = [node for _, node in subjects if isinstance(node, Mapping)]
    if not types and all(_signs().isdisjoint(node) for node in nodes):
        return []
    return [
        key
        for key, one in table().vocabularies.items()
        if not types.isdisjoint(one.types) or any(sign in node for node in nodes for sign in one.signs)
    ]


@lru_cache(maxsize=64)
def _blank(known: _Known, used: frozenset[str], types: frozenset[str], complete: bool) -> Mapping[str, Field]:
    """Returns the fields of a document that has none of them, if its issuer uses these vocabularies."""
    vocabularies = [one for key, one in table().vocabularies.items() if key in used]
    blank = {}
    for name, row in known.rows.items():
        sayable = not complete  # the hidden part may use any vocabulary
        sayable = sayable or any(one.can_say(row, types) for one in vocabularies)
        sayable = sayable or any(one.in_root and one.vocabulary in known.usual for one in row.names)
        state = FieldState.ABSENT if complete and sayable else FieldState.UNKNOWN
        blank[name] = Field(name, state, complete=complete and sayable, sayable=sayable)
    return blank


@cache
def _known(kind: str, shown: str | None, only: str | None = None) -> _Known:
    """Returns the table for one format. A name of several vocabularies counts for the one shown, or else the usual one.

    ``only`` is the only field to look for (None: all).
    """
    rows, vocabularies = table().fields, table().vocabularies
    rows = rows if only is None else {only: rows[only]}
    usual = [name for name in vocabularies if name == shown]
    usual += [name for name, one in vocabularies.items() if kind in one.formats]
    order = {name: at for at, name in enumerate(dict.fromkeys([*usual, *vocabularies]))}
    subject, root = _NameTree(), _NameTree()
    for row in rows.values():
        for name in sorted(row.names, key=lambda name: order[name.vocabulary]):
            (root if name.in_root else subject).to(name).names.setdefault(row.name, (row, name))
    for record, (_, names) in table().records.items() if only is None else ():
        for name in names:
            tree = (root if name.in_root else subject).to(name)
            tree.records += [] if record in tree.records else [record]
    for top in (subject, root):
        top.close()
        top.below = ()  # a subject may be of any kind
    places = tuple(row for row in rows.values() if row.facets)
    return _Known(
        subject,
        root,
        rows,
        places,
        {
            place.name: tuple(name for name in rows if name.startswith(f"{place.name}.") and name not in place.facets)
            for place in places
        },
        {record: tuple(row.name for row in rows.values() if row.record == record) for record in table().records},
        frozenset(name for name, one in vocabularies.items() if kind in one.formats),
    )


@dataclass(slots=True)
class _DocumentReader:
    """Results of one pass over a document: by field name, the values by place, and the places that were not understood."""

    entries: dict[str, dict[Path, Entry]] = field(default_factory=dict)
    strange: dict[str, dict[Path, None]] = field(default_factory=dict)
    lines: dict[str, dict[Path, None]] = field(default_factory=dict)
    vocabularies: set[str] = field(default_factory=set)
    """Vocabularies of which the subjects have names."""

    def walk(self, tree: _NameTree, path: Path, value: Any, holder: Mapping[str, Any] | None = None) -> None:
        """Reads the value, and continues below it.

        A list is read element by element, but not a list in a list. No name has more than eight steps. ``holder`` is the
        object that contains the value.
        """
        for row, name in tree.names.values():
            unit = (holder or {}).get(name.unit_member) if name.unit_member else name.unit
            self._read(row, name, tree, path, value, unit if isinstance(unit, str) else None)
        if not tree.records and not tree.on:
            return
        for place, node in _entries(value, path):
            for record in tree.records:
                self.lines.setdefault(record, {})[place] = None
            if not tree.on:
                continue
            if isinstance(node, Mapping):
                known = [key for key in node if key in tree.on]
                for key in known:
                    self.walk(tree.on[key], (*place, key), node[key], node)
                is_understood = bool(known or not node or any(key in node for key in _VALUES))
            else:
                is_understood = bool(tree.names) or node in (None, "", [])
            if not is_understood:
                for below in tree.below:
                    self._not_understood(below, place)

    def _read(self, row: FieldName, name: Name, tree: _NameTree, path: Path, value: Any, unit: str | None) -> None:
        if row.type == "lines" and isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            self._add(row, name, path, "\n".join(value), unit)
            return
        for place, one in _entries(value, path):
            if isinstance(one, Mapping):
                self._read_object(row, name, tree, place, one, unit)
            elif isinstance(one, list):
                if one:
                    self._not_understood(row.name, place)
            elif one is not None:
                self._add(row, name, place, one, unit)

    def _read_object(
        self, row: FieldName, name: Name, tree: _NameTree, path: Path, value: Mapping[str, Any], unit: str | None
    ) -> None:
        """Reads a value with a unit or language. An object whose members are steps of other names is not a value itself."""
        for key in _VALUES:
            inner = value.get(key)
            if key in tree.on and row.name in tree.on[key].names:
                continue  # the name that continues there reads it
            if isinstance(inner, str | bool | int | float):
                unit = next((value[word] for word in _UNITS if isinstance(value.get(word), str)), unit)
                self._add(row, name, (*path, key), inner, unit, form=value.get("format"))
                return
        if value and not any(key in tree.on for key in value):
            self._not_understood(row.name, path)

    def _not_understood(self, name: str, path: Path) -> None:
        places = self.strange.setdefault(name, {})
        if len(places) < _MOST_STRANGE:
            places[path] = None

    def _add(
        self, row: FieldName, name: Name, path: Path, value: Scalar, unit: str | None, *, form: Any = None
    ) -> None:
        """Adds a value. ``form`` is the form of a date, if the document states it."""
        text = text_of(value)
        if text is None:
            self._not_understood(row.name, path)
        elif text.strip():
            is_sure = row.type != "date" or not isinstance(form, str) or form.upper().startswith(_ISO)
            kept, written = typed(value, text, row.type) if is_sure else (text, None)
            if written and unit and written != unit:  # two units: not certain which one applies
                kept, written = text, None
            entry = Entry(text, kept, written or unit, path, name.vocabulary)
            self.entries.setdefault(row.name, {}).setdefault(path, entry)
            if not name.in_root and name.steps != _TYPE:
                self.vocabularies.add(name.vocabulary)


def _lines(reader: _DocumentReader, known: _Known) -> dict[str, tuple[Mapping[str, tuple[Entry, ...]], ...]]:
    """Returns the lines of each list in the document's order, each with its values for the list's fields."""
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


def _state(row: FieldName, entries: Sequence[Entry], is_strange: bool, complete: bool) -> FieldState:
    if not entries:
        return FieldState.ABSENT if complete and not is_strange else FieldState.UNKNOWN
    if not row.many and (is_strange or len({(folded(one.text), one.unit) for one in entries}) > 1):
        return FieldState.AMBIGUOUS
    return FieldState.PRESENT


def _joined(row: FieldName, facets: Sequence[Field], others: Sequence[Field]) -> Field:
    """Returns the field of a place, whose value is written as a name, as a code or as both.

    If the document only states something else about the place, such as its country, the field is not absent.
    """
    possible = [facet for facet in facets if facet.sayable or facet.entries or facet.strange]
    states = {facet.state for facet in possible or facets}
    state = next(
        one
        for one in (FieldState.AMBIGUOUS, FieldState.PRESENT, FieldState.UNKNOWN, FieldState.ABSENT)
        if one in states
    )
    strange = dict.fromkeys(path for facet in facets for path in facet.strange)
    if state is FieldState.ABSENT and (around := [entry.at for other in others for entry in other.entries]):
        state, strange = FieldState.UNKNOWN, dict.fromkeys(around[:_MOST_STRANGE])
    return Field(
        row.name,
        state,
        tuple(entry for facet in facets for entry in facet.entries),
        all(facet.complete for facet in possible or facets) and not (state is FieldState.UNKNOWN and strange),
        tuple(strange),
        tuple(facets),
        bool(possible),
    )
