"""JSON-LD 1.1 context processing (JSON-LD-API sections 4 and 5.2), for contexts that are available locally.

A compiled `Context` holds the meaning of each term at one point of a document, and caches the contexts below it.
Unsupported features are recorded in `Term.unsupported` or refused: contexts that name other contexts by URL, ``@import``,
``@reverse``, ``@nest``, text direction, and containers by index, id or type.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ebl.codec.strict_json import describe_value
from ebl.jsonld.contexts import ENVELOPE_DATES, Contexts, Raw
from ebl.jsonld.faults import BadContext, UnknownContext

_KEYWORD = re.compile(r"@[A-Za-z]+")
_ABSOLUTE = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`\x00-\x20]*')
_BODY_KEYS = {"@version", "@protected", "@vocab", "@language"}
_TERM_KEYS = {"@id", "@type", "@container", "@context", "@protected", "@prefix", "@language"}
_CONTAINERS = {
    frozenset(names.split()) for names in ("", "@set", "@list", "@graph", "@language", "@set @graph", "@set @language")
}
_CACHE = 4000
"""The most contexts cached below other contexts for one list of URLs, so that a document's nesting cannot fill memory."""


class Unset:
    """Marks a setting that a term leaves out; null is a value of its own."""


UNSET: Final = Unset()


@dataclass(frozen=True, slots=True)
class Term:
    """The definition of one term. ``iri`` is an IRI, a keyword such as ``@id``, or None if the term has no meaning.

    ``scope`` is the body of the context below it (None: every term is cleared there). ``unsupported`` names its first
    feature that is not supported.
    """

    iri: str | None
    type: str | None = None
    container: frozenset[str] = frozenset()
    scope: Raw | Unset | None = UNSET
    language: str | Unset | None = UNSET
    prefix: bool = False
    protected: bool = False
    unsupported: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """The meaning of every term at one point of a document. ``previous`` applies again in the next node below."""

    terms: dict[str, Term]
    vocab: str | None = None
    language: str | None = None
    previous: Context | None = None
    plans: dict[str, Any] = field(default_factory=dict, repr=False)
    below: dict[tuple[int, bool], tuple[Any, Context]] = field(default_factory=dict, repr=False)
    remembered: list[int] = field(default_factory=lambda: [0], repr=False)

    def of_property(self, term: Term) -> Context:
        """Returns the context below a property (JSON-LD-API 5.1.2 step 8). Protected terms may be redefined there."""
        return self._below(term, propagate=True)

    def of_type(self, term: Term) -> Context:
        """Returns the context of a node of a type (5.1.2 step 11). It does not apply to the nodes below."""
        return self._below(term, propagate=False)

    def _below(self, term: Term, *, propagate: bool) -> Context:
        scope = term.scope
        if isinstance(scope, Unset):
            return self
        if (known := self.below.get((id(scope), propagate))) is not None:
            return known[1]
        made = process(self, scope, override_protected=propagate, propagate=propagate)
        if self.remembered[0] < _CACHE:
            self.remembered[0] += 1
            self.below[id(scope), propagate] = (scope, made)  # the body is kept too, so that its id is not reused
        return made


def compile_urls(urls: Sequence[str | None], contexts: Contexts) -> Context:
    """Compiles the context of a document's list of URLs; None means `ENVELOPE_DATES`.

    Raises `BadContext` if the contexts contradict each other, and `UnknownContext` if one is unknown or unsupported.
    """
    key = tuple(urls)
    if (found := contexts.compiled.get(key)) is None:
        found = Context({})
        for url in urls:
            found = process(found, ENVELOPE_DATES if url is None else contexts.get(url))
        if len(contexts.compiled) >= 128:
            contexts.compiled.clear()
        contexts.compiled[key] = found
    assert isinstance(found, Context)
    return found


def process(active: Context, body: Raw | None, *, override_protected: bool = False, propagate: bool = True) -> Context:
    """Returns the context that ``body`` makes of the active one (JSON-LD-API section 4.1).

    Raises `BadContext` if the body is wrong, and `UnknownContext` if it uses an unsupported feature.
    """
    remembered = active.remembered
    if body is None:
        if not override_protected and any(term.protected for term in active.terms.values()):
            raise bad("forgotten")
        return Context({}, previous=None if propagate else active, remembered=remembered)
    for key in body:
        if key[:1] == "@" and _KEYWORD.fullmatch(key) and key not in _BODY_KEYS:
            raise UnknownContext("keyword", keyword=key)
    if body.get("@version", 1.1) != 1.1:
        raise UnknownContext("version", version=str(body["@version"]))
    made = _ContextBuilder(dict(active.terms), body, active.vocab, active.language, override_protected)
    made.run()
    previous = active.previous if propagate else (active.previous or active)
    return Context(made.terms, made.vocab, made.language, previous, remembered=remembered)


@dataclass(slots=True)
class _ContextBuilder:
    """Builds one context from a body (JSON-LD-API sections 4.2 and 5.2)."""

    terms: dict[str, Term]
    body: Raw
    vocab: str | None
    language: str | None
    override_protected: bool
    defined: dict[str, bool] = field(default_factory=dict)

    def run(self) -> None:
        if "@vocab" in self.body:
            vocab = self.body["@vocab"]
            if vocab is not None and not (isinstance(vocab, str) and _ABSOLUTE.fullmatch(vocab)):
                raise bad("vocab")
            if vocab is not None and vocab.partition(":")[0] in self.terms:
                raise bad("short_vocab", iri=vocab)
            self.vocab = vocab
        if "@language" in self.body:
            self.language = _language(self.body["@language"])
        for name in self.body:
            if not _KEYWORD.fullmatch(name):
                self.define(name)

    def define(self, name: str) -> None:
        if name in self.defined:
            if not self.defined[name]:
                raise bad("circular", term=name)
            return
        if not name:
            raise bad("empty_term")
        self.defined[name] = False
        previous = self.terms.pop(name, None)
        term = self.make(name, self.body[name])
        if previous is not None and previous.protected and not self.override_protected:
            if replace(term, protected=True) != previous:
                raise bad("redefined", term=name)
            term = previous
        self.terms[name] = term
        self.defined[name] = True

    def make(self, name: str, value: Any) -> Term:
        if value is None or isinstance(value, str):
            value, simple = {"@id": value}, True
        else:
            simple = False
        if not isinstance(value, dict):
            raise bad("term_value", term=name)
        protected = value.get("@protected", self.body.get("@protected", False))
        if not isinstance(protected, bool):
            raise bad("protected")
        unsupported = next((key for key in value if key not in _TERM_KEYS), "")
        iri = None if unsupported == "@reverse" else self.iri_of(name, value)
        container = _container(value.get("@container"))
        if container not in _CONTAINERS:
            unsupported = unsupported or f"@container {', '.join(sorted(container))}"
        prefix = value.get(
            "@prefix", simple and iri is not None and iri[-1:] in ":/?#[]@" and not re.search("[:/]", name)
        )
        return Term(
            iri=iri,
            type=self.type_of(value["@type"]) if "@type" in value else None,
            container=container,
            scope=_scope(value["@context"]) if "@context" in value else UNSET,
            language=_language(value["@language"]) if "@language" in value and "@type" not in value else UNSET,
            prefix=bool(prefix),
            protected=protected,
            unsupported=unsupported,
        )

    def iri_of(self, name: str, value: dict[str, Any]) -> str | None:
        if "@id" in value and value["@id"] != name:
            if value["@id"] is None:
                return None
            iri = self.expand(value["@id"])
            if not (iri in ("@id", "@type") or _ABSOLUTE.fullmatch(iri)):
                raise bad("term_iri", term=name, iri=iri)
            return iri
        if ":" in name[1:]:
            iri = self.expand_compact(name)
            if not _ABSOLUTE.fullmatch(iri):
                raise bad("compact_term", term=name)
            return iri
        if self.vocab is None:
            raise bad("no_iri", term=name)
        return self.vocab + name

    def type_of(self, value: Any) -> str:
        iri = self.expand(value)
        if not (iri in ("@id", "@vocab", "@json", "@none") or _ABSOLUTE.fullmatch(iri)):
            raise bad("term_type", iri=iri)
        return iri

    def expand(self, value: Any) -> str:
        """Expands the value of ``@id`` or ``@type`` of a term to an IRI, within the body (5.2)."""
        if not isinstance(value, str):
            raise bad("iri", came=describe_value(value))
        if _KEYWORD.fullmatch(value):
            return value
        if value in self.body and not self.defined.get(value):
            self.define(value)
        if (term := self.terms.get(value)) is not None and term.iri is not None:
            return term.iri
        if ":" in value[1:]:
            return self.expand_compact(value)
        return self.vocab + value if self.vocab is not None else value

    def expand_compact(self, value: str) -> str:
        prefix, _, rest = value.partition(":")
        if prefix == "_" or rest.startswith("//"):
            return value
        if prefix in self.body and not self.defined.get(prefix):
            self.define(prefix)
        term = self.terms.get(prefix)
        return term.iri + rest if term is not None and term.iri is not None and term.prefix else value


def _container(value: Any) -> frozenset[str]:
    names = [value] if isinstance(value, str) else value if value is not None else []
    if not isinstance(names, list) or not all(isinstance(name, str) and name[:1] == "@" for name in names):
        raise bad("container")
    return frozenset(names)


def _scope(value: Any) -> Raw | None:
    if value is not None and not isinstance(value, dict):
        raise bad("scope")
    return value


def _language(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", value)):
        raise bad("language")
    return value.lower() if value else None


def bad(why: str, **params: object) -> BadContext:
    """Returns the error for contexts that cannot be used together."""
    return BadContext(why, **params)
