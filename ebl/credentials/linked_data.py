"""JSON-LD and RDF of credentials (`ebl.jsonld`), with errors of this library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ebl.errors import InvalidInput
from ebl.jsonld import expansion, rdfc, statements
from ebl.jsonld.contexts import Contexts
from ebl.jsonld.faults import NotAContext, NotThere
from ebl.jsonld.nquads import Quad
from ebl.jsonld.rdfc import Order, code_points
from ebl.jsonld.statements import Statements
from ebl.model.broken_input import as_ours


def to_statements(document: Mapping[str, Any], contexts: Contexts | None = None) -> Statements:
    """Returns the statements of a document whose ``@context`` lists known URLs.

    Raises `Malformed` with ``document.context``, ``document.unsigned_json``, ``document.too_deep`` or
    ``document.too_large``, and `Unsupported` if a context is not known or uses an unsupported feature.
    """
    with as_ours():
        return expansion.to_statements(document, contexts)


def canonical_text(quads: Sequence[Quad], *, order: Order = code_points) -> str:
    """Returns the canonical form of statements. Raises `Malformed` with ``document.poison_graph``."""
    with as_ours():
        return rdfc.canonicalise(quads, order=order).text


def canonical_labels(quads: Sequence[Quad], *, order: Order = code_points) -> dict[str, str]:
    """Returns the canonical labels of the blank nodes of distinct statements. Raises the errors of `canonical_text`."""
    with as_ours():
        return rdfc.labels(quads, order=order)


def show(document: Mapping[str, Any], pointers: Sequence[str]) -> dict[str, Any]:
    """Returns the part of a document that the pointers show. Raises `InvalidInput` if one finds nothing that can be shown."""
    try:
        return statements.show(document, pointers)
    except ValueError as bad:
        raise InvalidInput(str(bad)) from bad


def require_showable(made: Statements, pointer: str, *, by_others: bool) -> None:
    """Raises `InvalidInput` if a pointer leads into what is shown whole or not at all, or if others would not find its target."""
    try:
        made.check(pointer, by_others=by_others)
    except NotThere as bad:
        raise InvalidInput(str(bad)) from bad


def with_context(contexts: Contexts, url: str, published: bytes, *, sha256: str) -> Contexts:
    """Returns the contexts and one more, whose bytes the caller supplies. Raises `InvalidInput` as `Contexts.adding` does."""
    try:
        return contexts.adding(url, published, sha256=sha256)
    except NotAContext as bad:
        raise InvalidInput(str(bad)) from bad
