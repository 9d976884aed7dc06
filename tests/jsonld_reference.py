"""A general JSON-LD processor and the published contexts, to compare our own with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ebl.jsonld import nquads
from ebl.jsonld.contexts import Contexts, known
from ebl.jsonld.nquads import Quad

SHARED = Path(__file__).parents[1].parent / "shared"
CONTEXTS = SHARED / "contexts"
INDEX: dict[str, Any] = json.loads((CONTEXTS / "index.json").read_text()) if CONTEXTS.exists() else {}
TEST_ONLY = ("https://w3id.org/citizenship/v4rc1", "https://www.w3.org/ns/credentials/examples/v2")


def published(url: str) -> tuple[bytes, str]:
    """The published bytes of a context, and their SHA-256 as its publisher or our index gives it."""
    entry = INDEX[url].get("alternate", INDEX[url])
    return (CONTEXTS / entry["file"]).read_bytes(), entry["sha256"]


def with_test_contexts() -> Contexts:
    """The contexts that the library knows, and those that only published examples use."""
    contexts = known()
    for url in TEST_ONLY:
        raw, sha256 = published(url)
        contexts = contexts.adding(url, raw, sha256=sha256)
    return contexts


CONTEXT_ERRORS = (
    "invalid scoped context",
    "cyclic IRI mapping",
    "invalid IRI mapping",
    "invalid container mapping",
    "invalid term definition",
)


class Dropped(Exception):
    """The general processor would drop a property in silence."""


class NoContext(Exception):
    """The general processor does not take a context."""


def general_quads(document: dict[str, Any], contexts: Mapping[str, Any] = MappingProxyType({})) -> list[Quad]:
    """The statements of a document by PyLD, from the published contexts and the ones given (their bodies by URL)."""
    from pyld import jsonld

    def load(url: str, options: Any = None) -> dict[str, Any]:
        return {
            "contextUrl": None,
            "documentUrl": url,
            "document": {"@context": contexts[url]} if url in contexts else json.loads(published(url)[0]),
            "contentType": "application/ld+json",
        }

    def dropped(key: Any) -> None:
        raise Dropped(key)

    options = {"documentLoader": load, "base": None, "rdfDirection": "i18n-datatype"}
    try:
        expanded = jsonld.expand(document, options, on_property_dropped=dropped)
    except jsonld.JsonLdError as no:
        if no.code in CONTEXT_ERRORS:
            raise NoContext from no
        raise
    dataset = jsonld.to_rdf(expanded, options)
    return [
        (_term(quad["subject"]), _term(quad["predicate"]), _term(quad["object"]), _graph(name))
        for name, quads in dataset.items()
        for quad in quads
    ]


def _term(term: dict[str, str]) -> str:
    match term["type"]:
        case "IRI":
            return f"<{term['value']}>"
        case "blank node":
            return term["value"]
    if term.get("language"):
        return f"{nquads.literal(term['value'])}@{term['language']}"
    return nquads.literal(term["value"], term.get("datatype", nquads.XSD_STRING))


def _graph(name: str) -> str:
    return "" if name == "@default" else name if name.startswith("_:") else f"<{name}>"
