from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from ebl.codes import Doubt, Failure
from ebl.errors import Malformed, Unsupported
from ebl.jsonld import active_context as jsonld_context
from ebl.jsonld.active_context import Context
from ebl.jsonld.contexts import known, parse, publish
from ebl.jsonld.faults import NotAContext
from ebl.model.broken_input import as_ours
from tests.jsonld_reference import INDEX, published

V2 = "https://www.w3.org/ns/credentials/v2"
OUR_OWN = "urn:ebl:contexts:sea-bill-of-lading:1"
needs_published = pytest.mark.skipif(not INDEX, reason="the published contexts are not beside this repository")


def plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


class General:
    """PyLD's context processing, which is not part of its public interface."""

    def __init__(self) -> None:
        from pyld.jsonld import ContextResolver, JsonLdProcessor, LRUCache

        self.processor = JsonLdProcessor()
        self.resolver = lambda: ContextResolver(LRUCache(maxsize=100), None)

    def start(self) -> Any:
        return self.processor._get_initial_context({"base": "", "processingMode": "json-ld-1.1"})

    def process(self, active: Any, body: Any) -> Any:
        options = {"base": "", "processingMode": "json-ld-1.1", "contextResolver": self.resolver()}
        return self.processor._process_context(active, body, options, override_protected=True)

    @staticmethod
    def terms(active: Any) -> dict[str, Any]:
        return {
            name: (
                d["@id"],
                d.get("@type"),
                sorted(d.get("@container", [])),
                d.get("_prefix", False),
                d.get("protected", False),
            )
            for name, d in plain(active["mappings"]).items()
        }


def our_terms(active: Context) -> dict[str, Any]:
    return {
        name: (term.iri, term.type, sorted(term.container), term.prefix, term.protected)
        for name, term in active.terms.items()
    }


def compare(general: General, theirs: Any, ours: Any, active: tuple[Any, Any, Context], path: str) -> None:
    one = general.process(active[0], theirs)
    other = general.process(active[1], ours)
    own = jsonld_context.process(active[2], ours, override_protected=True)
    assert General.terms(one) == General.terms(other) == our_terms(own), path
    for name, entry in theirs.items():
        if isinstance(entry, dict) and "@context" in entry:
            if entry["@context"] is None:
                assert ours[name]["@context"] is None
            else:
                compare(general, entry["@context"], ours[name]["@context"], (one, other, own), f"{path}/{name}")


@needs_published
@pytest.mark.parametrize("url", sorted(set(known().by_url) - {OUR_OWN}))
def test_our_table_means_what_the_published_context_means(url: str) -> None:
    raw, sha256 = published(url)
    ours = known().by_url[url]
    assert hashlib.sha256(raw).hexdigest() == sha256 == ours.sha256
    general = General()
    compare(general, json.loads(raw)["@context"], ours.body, (general.start(), general.start(), Context({})), url)


def test_our_own_context_can_be_published_and_means_the_same_to_a_general_processor() -> None:
    ours = known().by_url[OUR_OWN]
    raw = publish(ours.body)
    assert hashlib.sha256(raw).hexdigest() == ours.sha256
    general = General()
    compare(general, json.loads(raw)["@context"], ours.body, (general.start(), general.start(), Context({})), OUR_OWN)


@needs_published
@pytest.mark.parametrize("url", ["https://w3id.org/citizenship/v4rc1", "https://www.w3.org/ns/credentials/examples/v2"])
def test_a_context_that_the_caller_adds_is_read_as_a_general_processor_reads_it(url: str) -> None:
    raw, sha256 = published(url)
    body = known().adding(url, raw, sha256=sha256).get(url)
    general = General()
    compare(general, json.loads(raw)["@context"], body, (general.start(), general.start(), Context({})), url)


def test_no_meaning_has_two_names_in_the_contexts_that_come_with_the_library() -> None:
    names: dict[str, set[str]] = {}

    def collect(body: Mapping[str, Any]) -> None:
        for name, entry in body.items():
            if name[0] != "@":
                names.setdefault(entry["@id"], set()).add(name)
                collect(entry.get("@context") or {})

    for context in known().by_url.values():
        collect(context.body)
    assert {iri: found for iri, found in names.items() if len(found) > 1} == {}


def test_an_unknown_context_is_refused_by_name() -> None:
    with pytest.raises(Unsupported, match=r"https://example\.com/other") as refused, as_ours():
        jsonld_context.compile_urls([V2, "https://example.com/other"], known())
    assert refused.value.doubt is Doubt.UNSUPPORTED_CONTEXT


def test_the_caller_may_add_a_context_by_its_digest_and_only_once() -> None:
    raw = b'{"@context": {"colour": "https://example.com/colour"}}'
    sha256 = hashlib.sha256(raw).hexdigest()
    contexts = known().adding("https://example.com/c", raw, sha256=sha256)
    assert "https://example.com/c" not in known().by_url
    assert (
        jsonld_context.compile_urls(["https://example.com/c"], contexts).terms["colour"].iri
        == "https://example.com/colour"
    )
    with pytest.raises(NotAContext, match="expected 00"):
        known().adding("https://example.com/c", raw, sha256="00")
    assert (
        contexts.adding("https://example.com/c", raw, sha256=sha256) is contexts
    )  # a policy file and an option may agree
    other = raw + b" "
    with pytest.raises(NotAContext, match="already known"):
        contexts.adding("https://example.com/c", other, sha256=hashlib.sha256(other).hexdigest())
    for bad in (b"[]", b"{}", b'{"@context": ["https://example.com/d"]}', b"{", b'{"@context":' * 100_000):
        with pytest.raises(NotAContext):
            known().adding("https://example.com/e", bad, sha256=hashlib.sha256(bad).hexdigest())


@pytest.mark.parametrize(
    "body",
    [
        {"a": "b:c", "b": "a:d"},
        {"a": "relative"},
        {"": "https://example.com/"},
        {"a": 5},
        {"a": {"@id": "https://example.com/a", "@type": "relative"}},
        {"a": {"@id": "https://example.com/a", "@container": 7}},
        {"a": {"@id": "https://example.com/a", "@context": "https://example.com/scoped"}},
        {"@vocab": "relative"},
        {"@language": 3},
        {"id": {"@id": "https://example.com/not-the-id"}},
    ],
)
def test_a_context_that_breaks_the_rules_is_refused_with_a_code(body: dict[str, Any]) -> None:
    active = jsonld_context.process(Context({}), {"@protected": True, "id": "@id"})
    with pytest.raises(Malformed) as refused, as_ours():
        jsonld_context.process(active, body)
    assert refused.value.code is Failure.CONTEXT


@pytest.mark.parametrize(
    "body", [{"@base": "https://example.com/"}, {"@import": "https://example.com/c"}, {"@version": 1.0}]
)
def test_a_feature_of_contexts_that_is_not_supported_is_a_doubt(body: dict[str, Any]) -> None:
    with pytest.raises(Unsupported) as unknown, as_ours():
        jsonld_context.process(Context({}), body)
    assert unknown.value.doubt is Doubt.UNSUPPORTED_CONTEXT


def test_deep_nesting_does_not_fill_the_memory_of_a_context() -> None:
    scope: dict[str, Any] = {}
    scope |= {name: {"@id": f"https://example.com/{name}", "@context": {}} for name in "ab"}
    for name in "ab":
        scope[name]["@context"] |= scope
    active = jsonld_context.process(Context({}), scope)
    contexts = [active]
    for _ in range(13):
        contexts = [below.of_property(below.terms[name]) for below in contexts for name in "ab"]
    assert active.remembered == [jsonld_context._CACHE]


def test_a_table_that_is_not_one_is_refused() -> None:
    for table in ("what\nterms\n", "url u\nterms\na b colour\n", "url u\nterms\na b type\n"):
        with pytest.raises(ValueError, match="not a"):
            parse(table)
