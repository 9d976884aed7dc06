"""The types of a credential's subject that make it a document of title, according to the known contexts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from ebl.jsonld.contexts import known
from ebl.jsonld.nquads import RDF_TYPE, Quad

_BROUGHT: Final = {"<https://example.com/terms#BillOfExchange>": "bill of exchange"}
"""Types whose context is not included in the library, so that the caller supplies it."""


def kind_of(quads: Iterable[Quad]) -> str | None:
    """Returns the kind of a document of title, for example warehouse receipt; None if no statement gives it such a type."""
    types = types_of_titles()
    return next((types[value] for _, predicate, value, _ in quads if predicate == RDF_TYPE and value in types), None)


@cache
def types_of_titles() -> Mapping[str, str]:
    """Returns the types (as RDF terms) of documents of title, each with its everyday name."""
    found = {
        f"<{term['@id']}>": context.title
        for context in known().by_url.values()
        if context.title is not None
        for term in context.body.values()
        if isinstance(term, dict) and "@context" in term
    }
    return MappingProxyType({**found, **_BROUGHT})
