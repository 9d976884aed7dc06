"""Conversion of compact JSON-LD to RDF statements in one pass, each with the JSON pointer that it came from.

Every member of a document must make a statement, and there must be one way to write it. What JSON-LD would drop silently, or
what could be written in two ways, is refused, because a signature over the statements would not protect it. In short: the
contexts are known URLs; every key is a term of theirs; there are no ``@`` keywords, nulls, empty arrays or repeated
statements; ids are absolute IRIs. `Statements` reports what a set does not order, where one id is described at several
places, and numbers that are not exact.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ebl.codec import jcs
from ebl.codec.json_pointer import escape
from ebl.jsonld.active_context import Context, compile_urls
from ebl.jsonld.contexts import ENVELOPE_DATES, Contexts, known
from ebl.jsonld.expansion_plan import (
    ExpansionPlan,
    absolute,
    is_ambiguous,
    meaningless,
    named,
    numbers,
    plan,
    require_finite,
    scalar,
    texts,
    unsigned,
)
from ebl.jsonld.faults import BadContext, DeepGraph, LargeGraph, UnknownContext, UnsignedJson
from ebl.jsonld.nquads import RDF, RDF_TYPE, Quad, literal
from ebl.jsonld.statements import Statements

MAX_DEPTH = 32
"""How deep nodes may be nested."""
MAX_STATEMENTS = 50_000
"""How many statements a document may make."""

_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_I18N = "https://www.w3.org/ns/i18n#"
_FIRST, _REST, _NIL = f"<{RDF}first>", f"<{RDF}rest>", f"<{RDF}nil>"


def to_statements(document: Mapping[str, Any], contexts: Contexts | None = None) -> Statements:
    """Returns the statements of a document whose ``@context`` lists known URLs.

    Raises `BadContext`, `UnsignedJson`, `DeepGraph` or `LargeGraph` if the document breaks a rule, and `UnknownContext` if a
    context is unknown or uses an unsupported feature.
    """
    contexts = contexts or known()
    walk = _Walk(contexts)
    body = {key: value for key, value in document.items() if key != "@context"}
    walk.node(body, context_of(document.get("@context"), contexts), "", 0)
    return walk.done()


def context_of(value: Any, contexts: Contexts) -> Context:
    """Returns the compiled context of a document's ``@context``. Raises the errors of `to_statements`.

    An inline context is unsupported, except for one constant (`ENVELOPE_DATES`): with a context of their own, authors could
    give a known term another meaning.
    """
    entries = value if isinstance(value, list) else [value]
    if not entries or not all(isinstance(entry, str | dict) for entry in entries):
        raise BadContext("list")
    names = [None if entry == ENVELOPE_DATES else entry for entry in entries]
    if any(isinstance(name, dict) for name in names):
        raise UnknownContext("inline")
    return compile_urls(names, contexts)


@dataclass(slots=True)
class _Walk:
    """One pass over a document (JSON-LD-API 5.1.2 and 7.1.2 together, for the documents that are accepted)."""

    contexts: Contexts
    quads: list[Quad] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    unordered: list[str] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    reshaped: set[str] = field(default_factory=set)
    ambiguous: list[str] = field(default_factory=list)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)  # ids with their graphs
    described: set[tuple[str, str]] = field(default_factory=set)
    blanks: int = 0
    graph: str = ""

    def done(self) -> Statements:
        met: set[Quad] = set()
        for quad, place in zip(self.quads, self.places, strict=True):
            if quad in met:
                raise unsigned(place, "repeated")
            met.add(quad)
        try:
            "".join([term for quad in self.quads for term in quad]).encode()
        except UnicodeEncodeError as half:
            raise UnsignedJson("half_surrogate") from half
        shared = tuple(sorted({iri[1:-1] for graph, iri in self.described if self.seen[graph, iri] > 1}))
        return Statements(
            tuple(self.quads),
            tuple(self.places),
            tuple(self.unordered),
            shared,
            frozenset(self.whole),
            frozenset(self.reshaped),
            tuple(self.ambiguous),
        )

    def emit(self, subject: str, predicate: str, value: str, place: str) -> None:
        self.quads.append((subject, predicate, value, self.graph))
        self.places.append(place)
        if len(self.quads) > MAX_STATEMENTS:
            raise LargeGraph("statements", limit=MAX_STATEMENTS)

    def blank(self) -> str:
        self.blanks += 1
        return f"_:b{self.blanks - 1}"

    def node(self, members: Mapping[str, Any], active: Context, place: str, depth: int) -> str:
        """Emits the statements of a node and everything below it, and returns its term (JSON-LD-API 5.1.2 steps 11 to 13)."""
        if depth > MAX_DEPTH:
            raise DeepGraph("node", at=place or "/", limit=MAX_DEPTH)
        outside = active
        types, active = _types_of(members, active, place)
        subject, rows = "", []
        for key, value in members.items():
            step = active.plans.get(key) or plan(key, active, place)
            if value is None or value == []:
                raise unsigned(f"{place}/{step.step}", "null")
            if step.kind == "id":
                subject = absolute(value, active, f"{place}/id")
            elif (step.kind == "type") is not bool(types) and key == "type":
                raise meaningless(f"{place}/type", "type")
            elif step.kind == "property":
                rows.append((step, value))
        subject, many = subject or self.blank(), len(self.quads)
        for name in types:
            self.emit(subject, RDF_TYPE, named(name, outside, f"{place}/type"), f"{place}/type")
        for step, value in rows:
            self.property(subject, step, value, active, f"{place}/{step.step}", depth)
        if subject[0] == "<":
            self.seen[self.graph, subject] += 1
            if len(self.quads) > many:
                self.described.add((self.graph, subject))
        return subject

    def property(self, subject: str, step: ExpansionPlan, value: Any, active: Context, place: str, depth: int) -> None:
        """Emits the values of one property (JSON-LD-API 5.1.2 step 13)."""
        if step.datatype == "@json":
            self.whole.add(place)
            self.emit(subject, step.predicate, self.json(value, place), place)
            return
        values = value if isinstance(value, list) else [value]
        match step.container:
            case "@list":
                self.whole.add(place)
                self.emit(subject, step.predicate, self.list(step, values, active, place, depth), place)
                return
            case "@language":
                self.languages(subject, step, value, place)
                return
        whole = step.step in ("id", "type")  # disclosed whole even if they are not keywords, as keywords are
        if len(values) > 1 and not whole:
            self.unordered.append(place)
        if isinstance(value, list) is not (len(values) > 1 or step.container == "@set"):
            self.reshaped.add(place)
        for number, item in enumerate(values):
            where = place if whole or not isinstance(value, list) else f"{place}/{number}"
            if step.container == "@graph":
                self.graph_of(subject, step, item, active, where, depth)
            else:
                self.emit(subject, step.predicate, self.value(step, item, active, where, depth), where)

    def value(self, step: ExpansionPlan, value: Any, active: Context, place: str, depth: int) -> str:
        """Emits the statements below a value and returns its term."""
        if isinstance(value, dict):
            if "@value" in value:
                return self.tagged(step, value, place)
            if step.datatype is not None and step.datatype[0] != "@":
                raise unsigned(place, "typed", type=step.datatype)
            inner = self.inside(step, value, active, place)
            if step.datatype == "@id" and _only_id(value, inner):
                self.reshaped.add(place)
            return self.node(value, inner, place, depth + 1)
        if value is None or isinstance(value, list):
            raise unsigned(place, "nested")
        term = scalar(value, step, active, place)
        if term[0] == "<":
            self.seen[self.graph, term] += 1
        elif not isinstance(value, str) and is_ambiguous(value):
            self.ambiguous.append(place)
        return term

    def tagged(self, step: ExpansionPlan, value: Mapping[str, Any], place: str) -> str:
        """Returns a text with its language, its direction, or both, as one value (VCDM 2.0 11.1, JSON-LD-API 8.6)."""
        text, tag, direction = value["@value"], value.get("@language"), value.get("@direction")
        if value.keys() - {"@value", "@language", "@direction"} or len(value) < 2:
            raise unsigned(place, "value_object")
        if not isinstance(text, str) or step.datatype is not None or step.container == "@language":
            raise unsigned(place, "other_type")
        if "@language" in value and not (isinstance(tag, str) and _TAG.fullmatch(tag)):
            raise unsigned(f"{place}/@language", "language")
        if "@direction" in value and direction not in ("ltr", "rtl"):
            raise unsigned(f"{place}/@direction", "direction")
        self.whole.add(place)
        language = tag.lower() if isinstance(tag, str) else ""
        if language != (tag or ""):
            self.reshaped.add(place)
        if direction is not None:
            return literal(text, f"{_I18N}{language}_{direction}")
        if f"@{language}" == step.tag:  # the text alone has the same meaning
            raise unsigned(place, "own_language")
        return f"{literal(text)}@{language}"

    def json(self, value: Any, place: str) -> str:
        """Returns any JSON as one value, in its canonical form (JSON-LD-API 8.2, RFC 8785)."""
        if isinstance(value, list):  # on compaction, other software turns its entries into separate values
            raise unsigned(place, "json_array")
        found = [*numbers(value)]
        for number in found:
            require_finite(number, place)
        if any(map(is_ambiguous, found)):
            self.ambiguous.append(place)
        try:
            return literal(jcs.canonical(value).decode(), RDF + "JSON")
        except ValueError as half:
            raise unsigned(place, "surrogate") from half

    def inside(self, step: ExpansionPlan, value: Mapping[str, Any], active: Context, place: str) -> Context:
        """Returns the context of a node below a property (JSON-LD-API 5.1.2 steps 7 and 8)."""
        if active.previous is not None and not _only_id(value, active):
            active = active.previous
        if not step.scoped:
            return active
        below = active.of_property(step.term)
        again = below.terms.get(step.key, step.term)  # other software looks the key up again in the context below it
        if again.scope != step.term.scope:
            raise meaningless(place, "own_context")
        return below

    def list(self, step: ExpansionPlan, values: list[Any], active: Context, place: str, depth: int) -> str:
        """Emits the cells of an ordered list, last first, and returns its head."""
        head = _NIL
        for number in range(len(values) - 1, -1, -1):
            where, cell = f"{place}/{number}", self.blank()
            self.emit(cell, _FIRST, self.value(step, values[number], active, where, depth), where)
            self.emit(cell, _REST, head, where)
            head = cell
        return head

    def graph_of(self, subject: str, step: ExpansionPlan, value: Any, active: Context, place: str, depth: int) -> None:
        """Emits a value as a graph of its own: a proof, or a credential within a presentation."""
        if not isinstance(value, dict):
            raise unsigned(place, "object")
        inner = self.inside(step, value, active, place)
        if step.cleared and "@context" in value:  # a whole document within the document
            inner = context_of(value["@context"], self.contexts)
            value = {key: item for key, item in value.items() if key != "@context"}
        outer, self.graph = self.graph, self.blank()
        many = len(self.quads)
        self.node(value, inner, place, depth + 1)
        graph, self.graph = self.graph, outer
        if len(self.quads) == many:
            raise unsigned(place, "empty_graph")
        self.emit(subject, step.predicate, graph, place)

    def languages(self, subject: str, step: ExpansionPlan, value: Any, place: str) -> None:
        """Emits an object of texts by language."""
        if not isinstance(value, dict) or not value:
            raise unsigned(place, "languages")
        for tag, said in value.items():
            if not _TAG.fullmatch(tag):
                raise unsigned(f"{place}/{escape(tag)}", "language")
            where, listed, found = f"{place}/{tag}", isinstance(said, list), texts(said, place)
            if len(found) > 1:
                self.unordered.append(where)
            if listed is not (len(found) > 1 or "@set" in step.term.container):
                self.reshaped.add(where)
            if tag != tag.lower():
                self.reshaped.add(place)
            for number, text in enumerate(found):
                at = f"{where}/{number}" if listed else where
                self.emit(subject, step.predicate, f"{literal(text)}@{tag.lower()}", at)


def _types_of(members: Mapping[str, Any], active: Context, place: str) -> tuple[list[str], Context]:
    """Returns the types of a node, and the context within it, to which each type may add terms (JSON-LD-API 5.1.2 step 11)."""
    kind = active.terms.get("type")
    if kind is None or kind.iri != "@type" or "type" not in members:
        return [], active
    types, inside = texts(members["type"], f"{place}/type"), active
    for name in sorted(types):
        if (term := active.terms.get(name)) is not None:
            inside = inside.of_type(term)
    return types, inside


def _only_id(value: Mapping[str, Any], active: Context) -> bool:
    return len(value) == 1 and "id" in value and (term := active.terms.get("id")) is not None and term.iri == "@id"
