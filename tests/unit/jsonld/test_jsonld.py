from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.codes import Doubt, Failure
from ebl.credentials.data_integrity import to_protect
from ebl.credentials.linked_data import show, to_statements
from ebl.errors import InvalidInput, Malformed, Unsupported
from ebl.jsonld import rdfc
from ebl.jsonld.contexts import Contexts, known
from ebl.jsonld.faults import NotThere
from ebl.jsonld.nquads import XSD, literal
from tests.jsonld_reference import INDEX, SHARED, Dropped, NoContext, general_quads, with_test_contexts

V2 = "https://www.w3.org/ns/credentials/v2"
BILL = [
    V2,
    "https://trustvc.io/context/transferable-records-context.json",
    "https://trustvc.io/context/render-method-context-v2.json",
    "https://trustvc.io/context/qrcode-context.json",
    "https://trustvc.io/context/attachments-context.json",
    "https://trustvc.io/context/bill-of-lading.json",
]
needs_published = pytest.mark.skipif(not INDEX, reason="the published contexts are not beside this repository")


def bill(**subject: Any) -> dict[str, Any]:
    return {
        "@context": BILL,
        "id": "urn:uuid:01a2036d-3856-7bb2-bcb2-8d399d5b84bd",
        "type": ["VerifiableCredential"],
        "issuer": "did:web:carrier.example",
        "credentialSubject": {"type": ["BillOfLading"], **subject},
    }


def examples() -> list[Any]:
    """Every credential beside this repository whose contexts we have, without and with its proof, and its proof alone."""
    known_urls = {V2, "https://www.w3.org/2018/credentials/v1", *INDEX}
    found = []
    for path in sorted(
        [*(SHARED / "vectors" / "trustvc").glob("ecdsa*.json"), *(SHARED / "vectors" / "w3c").rglob("*.json")]
    ):
        parsed = json.loads(path.read_text())
        documents = [parsed, parsed.get("signed"), parsed.get("derived")] if isinstance(parsed, dict) else []
        for number, document in enumerate(documents):
            urls = document.get("@context") if isinstance(document, dict) else None
            if (
                isinstance(urls, list)
                and "credentialSubject" in document
                and all(u in known_urls for u in map(str, urls))
            ):
                found.append(pytest.param(document, id=f"{path.stem}-{number}"))
    return found


@pytest.mark.slow
@needs_published
@pytest.mark.parametrize("document", examples())
def test_published_credentials_mean_what_a_general_processor_finds(document: dict[str, Any]) -> None:
    contexts = with_test_contexts()
    proof = document.get("proof")
    versions = [document, {key: value for key, value in document.items() if key != "proof"}]
    if isinstance(proof, dict):
        if "@context" in proof:
            versions = versions[1:]
        else:
            versions.append({"@context": document["@context"], **proof})
    for version in versions:
        ours = to_statements(version, contexts)
        alike = rdfc.canonicalise(ours.quads).lines == rdfc.canonicalise(general_quads(version)).lines
        # a number that JavaScript and the standard read differently
        assert alike is (": 1e-07" not in json.dumps(version))
        assert alike is not bool(ours.ambiguous)


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
VALUE = st.one_of(
    TEXT,
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(1e-6, 1e9, allow_nan=False).map(lambda number: float(f"{number:.12g}")),
)
PACKAGE = st.dictionaries(
    st.sampled_from(["packagesDescription", "packagesWeight", "packagesMeasurement"]), VALUE, min_size=1, max_size=3
)
SUBJECT = st.fixed_dictionaries(
    {},
    optional={
        "blNumber": VALUE,
        "scac": st.lists(VALUE, min_size=1, max_size=3, unique_by=repr),
        "packages": st.one_of(PACKAGE, st.lists(PACKAGE, min_size=1, max_size=4)),
        "attachments": st.lists(st.fixed_dictionaries({"data": TEXT, "filename": TEXT}), min_size=1, max_size=2),
        "links": st.fixed_dictionaries({"name": TEXT}),
        "id": st.sampled_from(["urn:x:1", "https://example.com/ü?q=1#f"]),
        "name": TEXT,
    },
)
STATUS = st.fixed_dictionaries(
    {"type": st.just("TransferableRecords"), "tokenRegistry": TEXT},
    optional={"tokenNetwork": st.fixed_dictionaries({"chain": TEXT, "chainId": st.one_of(TEXT, st.integers(0, 99))})},
)
CREDENTIAL = st.builds(
    lambda subject, more: {**bill(**subject), **more},
    SUBJECT,
    st.fixed_dictionaries(
        {},
        optional={
            "credentialStatus": STATUS,
            "validUntil": TEXT,
            "qrCode": st.fixed_dictionaries({"type": st.just("TrustVCQRCode"), "uri": TEXT}),
            "renderMethod": st.lists(
                st.fixed_dictionaries(
                    {"type": st.just("EMBEDDED_RENDERER"), "templateName": TEXT}, optional={"id": st.just("urn:r:1")}
                ),
                min_size=1,
                max_size=2,
                unique_by=repr,
            ),
            "issuer": st.fixed_dictionaries({"id": st.just("did:web:a.example"), "name": TEXT}),
        },
    ),
)


@needs_published
@settings(max_examples=40)
@given(CREDENTIAL)
def test_any_bill_means_what_a_general_processor_finds(credential: dict[str, Any]) -> None:
    try:
        ours = to_statements(credential).quads
    except Malformed as refused:
        assert refused.code in (Failure.AMBIGUOUS_NUMBER, Failure.UNSIGNED_JSON)
        return
    assert rdfc.canonicalise(ours).lines == rdfc.canonicalise(general_quads(credential)).lines


class Wild:
    """Contexts and documents with every feature that meets another: scopes within scopes, coercions, containers, protected
    and redefined terms, vocabularies, prefixes; and now and then a key or a value that looks like something else."""

    NAMES = "abcTU"
    ODD_NAMES = (
        "id",
        "type",
        "ex",
        "ex:a",
        "a:b",
        "https://e.example/a",
        "@id",
        "@type",
        "@value",
        "@context",
        "@graph",
        "",
    )
    IRIS = (
        *[f"https://e.example/{name}" for name in NAMES],
        *[f"ex:{name}" for name in NAMES],
        "ex",
        "a",
        "@id",
        "@type",
    )
    TYPES = (
        "@id",
        "@vocab",
        "@none",
        "@json",
        *[f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "double")],
        "ex:t",
    )
    TEXTS = (
        "x",
        "1",
        "0.5",
        "true",
        "a",
        "T",
        "ex:a",
        "urn:x:1",
        "https://e.example/a",
        "_:b0",
        "@id",
        "@type",
        "é😀",
        "",
    )
    VALUES = (
        0,
        -7,
        2**53,
        0.5,
        1e20,
        True,
        False,
        None,
        [],
        {},
        {"id": "urn:x:1"},
        {"@value": "x"},
        {"en": "x", "FR": ["y"]},
        {"\ue000": [1, None, {}, -0.5], "😀": {"b": [], "a": "\n"}},
    )

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        a = {"id": "@id", "type": "@type", "ex": "https://e.example/#"} | {name: f"ex:{name}" for name in self.NAMES}
        self.contexts = {"https://a.example/": a | self.context(0), "https://b.example/": self.context(0)}
        self.document = self.node(0) | {"@context": list(self.contexts)}

    def often(self, share: float) -> bool:
        return self.rng.random() < share

    def name(self) -> str:
        return self.rng.choice(self.ODD_NAMES if self.often(0.03) else self.NAMES)

    def context(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"@protected": self.often(0.5)} if self.often(0.1) else {}
        made |= {"@vocab": "https://v.example/"} if self.often(0.1) else {}
        made |= {"@language": "de-AT"} if self.often(0.1) else {}
        return made | {self.name(): self.term(depth) for _ in range(self.rng.randint(0, 3))}

    def term(self, depth: int) -> Any:
        made: dict[str, Any] = {"@id": self.rng.choice(self.IRIS[: None if self.often(0.03) else 10])}
        if self.often(0.4):
            made["@type"] = self.rng.choice(self.TYPES)
        elif self.often(0.1):
            made["@language"] = self.rng.choice(["en", "FR-ca", None])
        if self.often(0.3):
            made["@container"] = self.rng.choice(["@set", "@list", "@graph", ["@graph", "@set"], "@language", "@index"])
        if self.often(0.4) and depth < 3:
            made["@context"] = self.context(depth + 1) if self.often(0.9) else None
        made |= {"@protected": self.often(0.7)} if self.often(0.1) else {}
        made |= {"@prefix": True} if self.often(0.1) else {}
        return made

    def node(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {self.name(): self.value(depth) for _ in range(self.rng.randint(1, 3))}
        made |= {"type": self.rng.choice(["T", ["U", "T"], "https://e.example/Z", "ex:T"])} if self.often(0.5) else {}
        return made | ({"id": self.rng.choice(["urn:x:1", "urn:x:2", "ex:a"])} if self.often(0.2) else {})

    def value(self, depth: int) -> Any:
        if self.often(0.3) and depth < 4:
            return self.node(depth + 1)
        if self.often(0.2):
            return [self.value(depth + 1) for _ in range(self.rng.randint(1, 3))]
        return self.rng.choice(self.VALUES if self.often(0.3) else self.TEXTS)


@pytest.mark.slow
def test_whatever_is_taken_means_what_a_general_processor_finds_under_any_contexts() -> None:
    met = Counter[str]()
    for seed in range(4000):
        wild, contexts = Wild(seed), known()
        for url, body in wild.contexts.items():
            raw = json.dumps({"@context": body}).encode()
            contexts = contexts.adding(url, raw, sha256=hashlib.sha256(raw).hexdigest())
        try:
            ours = to_statements(wild.document, contexts)
        except Malformed as refused:
            met[str(refused.code)] += 1
            continue
        except Unsupported as unknown:
            met[str(unknown.doubt)] += 1
            continue
        try:
            general = general_quads(wild.document, wild.contexts)
        except NoContext:  # it looks at every scope of a context, also where the document does not go
            continue
        except Dropped as dropped:
            pytest.fail(f"{seed}: {dropped} would be lost")
        assert ours.ambiguous or rdfc.canonicalise(ours.quads).lines == rdfc.canonicalise(general).lines, seed
        met["taken"] += 1
    assert met["taken"] > 400
    assert min(met[Failure.CONTEXT], met[Failure.UNSIGNED_JSON]) > 400


@given(CREDENTIAL, st.data())
def test_selecting_by_place_is_selecting_json_and_reading_that(credential: dict[str, Any], data: st.DataObject) -> None:
    try:
        whole = to_statements(credential)
    except Malformed:
        return
    pointers = data.draw(st.lists(st.sampled_from(sorted({"", *pointers_of(credential)})), min_size=1, max_size=4))
    shown = to_statements(show(credential, pointers)).quads
    assert rdfc.canonicalise(whole.select(pointers)).lines == rdfc.canonicalise(shown).lines


def pointers_of(value: Any, way: str = "") -> list[str]:
    found = [way] if way else []
    if way.endswith(("/id", "/type", "/@context")):
        return [] if way.endswith("@context") else found
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        found += pointers_of(inner, f"{way}/{key}")
    return found


ORDERED = b"""{"@context": {"@protected": true, "Goods": {"@id": "https://example.com/Goods", "@context": {"@protected": true,
 "lines": {"@id": "https://example.com/lines", "@container": "@list", "@context": {"note": "https://example.com/note"}},
 "names": {"@id": "https://example.com/names", "@container": "@language"}}}}}"""


def with_ordered() -> Contexts:
    return known().adding("https://example.com/ordered", ORDERED, sha256=hashlib.sha256(ORDERED).hexdigest())


def goods(**subject: Any) -> dict[str, Any]:
    base = bill()
    return {**base, "@context": [V2, "https://example.com/ordered"], "credentialSubject": {"type": "Goods", **subject}}


def test_the_order_of_a_list_is_part_of_what_is_said_and_that_of_a_set_is_not() -> None:
    lines = [{"note": "one"}, {"note": "two"}]
    canonical = [
        rdfc.canonicalise(to_statements(goods(lines=order), with_ordered()).quads).lines
        for order in (lines, lines[::-1])
    ]
    assert canonical[0] != canonical[1]
    assert to_statements(goods(lines=lines), with_ordered()).unordered == ()
    packages = [{"packagesWeight": "1"}, {"packagesWeight": "2"}]
    one, other = (to_statements(bill(packages=order)) for order in (packages, packages[::-1]))
    assert rdfc.canonicalise(one.quads).lines == rdfc.canonicalise(other.quads).lines
    assert one.unordered == ("/credentialSubject/packages",)


def test_a_list_is_shown_whole_or_not_at_all() -> None:
    statements = to_statements(goods(lines=[{"note": "one"}, {"note": "two"}]), with_ordered())
    with pytest.raises(NotThere, match="disclosed whole"):
        statements.check("/credentialSubject/lines/1", by_others=False)
    statements.check("/credentialSubject/lines", by_others=True)
    assert len(statements.select(["/credentialSubject/lines"])) == 1 + 1 + 1 + 1 + 6


JSON_URL = "https://example.com/json"


def with_json(term: dict[str, Any]) -> Contexts:
    raw = json.dumps(
        {"@context": {"schema": {"@id": "https://example.com/#schema", "@type": "@json", **term}}}
    ).encode()
    return known().adding(JSON_URL, raw, sha256=hashlib.sha256(raw).hexdigest())


def schema(value: Any) -> dict[str, Any]:
    base = bill()
    return {**base, "@context": [*base["@context"], JSON_URL], "schema": value}


def test_json_is_one_value_in_its_canonical_form() -> None:
    value = {"😀": 10.50, "\ue000": [None, [], {}], "@id": "x", "type": False}
    statements = to_statements(schema(value), with_json({}))
    (said,) = (quad[2] for quad in statements.quads if quad[1] == "<https://example.com/#schema>")
    datatype = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>"
    assert said == literal('{"@id":"x","type":false,"😀":10.5,"\ue000":[null,[],{}]}', datatype[1:-1])
    assert said.endswith(datatype)
    statements.check("/schema", by_others=True)
    with pytest.raises(NotThere, match="disclosed whole"):
        statements.check("/schema/type", by_others=False)
    assert statements.ambiguous == ()
    assert to_statements(schema({"deep": [{"n": 2**53 + 1}]}), with_json({})).ambiguous == ("/schema",)


@pytest.mark.parametrize(
    ("term", "value", "code"),
    [
        ({}, [{"a": 1}], Failure.UNSIGNED_JSON),
        ({}, None, Failure.UNSIGNED_JSON),
        ({}, {"a": "\ud800"}, Failure.UNSIGNED_JSON),
        ({}, {"a": [10**400]}, Failure.UNSIGNED_JSON),
        ({}, {"a": [float("nan")]}, Failure.UNSIGNED_JSON),
        ({"@container": "@set"}, {"a": 1}, Failure.CONTEXT),
        ({"@container": "@list"}, {"a": 1}, Failure.CONTEXT),
        ({"@context": {}}, {"a": 1}, Failure.CONTEXT),
    ],
)
def test_json_that_not_every_reader_reads_alike_is_refused(term: dict[str, Any], value: Any, code: Failure) -> None:
    with pytest.raises(Malformed) as refused:
        to_statements(schema(value), with_json(term))
    assert refused.value.code is code


def test_texts_by_language_keep_their_language() -> None:
    quads = to_statements(goods(names={"en": "Ship", "fr-CA": ["Navire", "Bateau"]}), with_ordered()).quads
    assert {quad[2] for quad in quads if "names" in quad[1]} == {'"Ship"@en', '"Navire"@fr-ca', '"Bateau"@fr-ca'}


def test_texts_of_one_language_are_a_set_of_which_each_has_a_place() -> None:
    names = "/credentialSubject/names"
    document = goods(names={"en": "Ship", "fr": ["Navire", "Bateau"], "de": ["Schiff"]})
    statements = to_statements(document, with_ordered())
    assert statements.unordered == (f"{names}/fr",)
    shown = to_statements(show(document, [f"{names}/fr/1"]), with_ordered()).quads
    assert rdfc.canonicalise(statements.select([f"{names}/fr/1"])).lines == rdfc.canonicalise(shown).lines
    statements.check(f"{names}/fr/1", by_others=True)
    with pytest.raises(NotThere, match="other software"):
        statements.check(f"{names}/de/0", by_others=True)
    with pytest.raises(NotThere, match="other software"):
        to_statements(goods(names={"EN": "Ship"}), with_ordered()).check(f"{names}/EN", by_others=True)


def under(context: dict[str, Any], **members: Any) -> set[tuple[str, str]]:
    """The predicates and values of a document under one context of the caller's, in which ``ex`` is a prefix."""
    contexts = known()
    for url, body in (("https://a.example/", {"ex": "https://ex.example/#"}), ("https://b.example/", context)):
        raw = json.dumps({"@context": body}).encode()
        contexts = contexts.adding(url, raw, sha256=hashlib.sha256(raw).hexdigest())
    document = {"@context": ["https://a.example/", "https://b.example/"], **members}
    return {(quad[1], quad[2]) for quad in to_statements(document, contexts).quads}


@pytest.mark.parametrize(
    "term",
    [
        {"@type": "https://t.example/t", "@context": None},
        {"@type": "https://t.example/t", "@context": {"name": "https://n.example/n"}},
        {"@context": {"@language": "en"}},
        {"@context": {"name": "@type", "type": "@type"}},
    ],
)
def test_a_plain_value_of_a_key_that_means_something_else_below_itself_is_refused(term: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refused:
        under({"name": {"@id": "https://n.example/n", **term}}, name="x")
    assert refused.value.code is Failure.CONTEXT


def test_a_key_that_is_given_another_context_below_itself_is_refused() -> None:
    name = {"@id": "https://n.example/n", "@context": {"name": {"@id": "https://n.example/m", "@context": {}}}}
    with pytest.raises(Malformed, match="/name: the context inside this key") as refused:
        under({"name": name, "a": "ex:a"}, name={"a": "x"})
    assert refused.value.code is Failure.CONTEXT


def test_a_text_that_other_software_makes_a_number_of_is_refused() -> None:
    context = {"name": {"@id": "https://n.example/n", "@type": f"{XSD}double"}}
    assert under(context, name=0.5) == {("<https://n.example/n>", f'"5.0E-1"^^<{XSD}double>')}
    with pytest.raises(
        Malformed, match="/name: programs could read a text of the type xsd:double differently"
    ) as refused:
        under(context, name="0.5")
    assert refused.value.code is Failure.CONTEXT


def test_a_key_of_no_type_in_particular_has_the_language_of_its_context() -> None:
    term = {"@id": "https://n.example/n", "@type": "@none"}
    assert under({"@language": "en", "name": term}, name="x") == {("<https://n.example/n>", '"x"@en')}


def test_a_vocabulary_that_could_be_a_shortened_iri_is_refused() -> None:
    assert under({"@vocab": "https://v.example/"}, name="x") == {("<https://v.example/name>", '"x"')}
    with pytest.raises(Malformed) as refused:
        under({"@vocab": "ex:"}, name="x")
    assert refused.value.code is Failure.CONTEXT


def test_an_id_that_is_described_in_one_place_and_used_in_another_is_reported() -> None:
    assert to_statements(bill(id="did:web:carrier.example", name="Carrier")).shared == ("did:web:carrier.example",)
    assert to_statements(bill(id="did:web:shipper.example", name="Shipper")).shared == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"blNumber": None}, Failure.UNSIGNED_JSON),
        ({"blNumber": []}, Failure.UNSIGNED_JSON),
        ({"blNumber": [None]}, Failure.UNSIGNED_JSON),
        ({"blNumber": [["a"]]}, Failure.UNSIGNED_JSON),
        ({"blNumber": ["a", "a"]}, Failure.UNSIGNED_JSON),
        ({"blNumber": {"@value": "a"}}, Failure.UNSIGNED_JSON),
        ({"@id": "urn:x"}, Failure.UNSIGNED_JSON),
        ({"@type": "Person"}, Failure.UNSIGNED_JSON),
        ({"@context": V2}, Failure.UNSIGNED_JSON),
        ({"id": "_:b0"}, Failure.UNSIGNED_JSON),
        ({"id": "relative"}, Failure.UNSIGNED_JSON),
        ({"id": "urn:x y"}, Failure.UNSIGNED_JSON),
        ({"id": ""}, Failure.UNSIGNED_JSON),
        ({"id": None}, Failure.UNSIGNED_JSON),
        ({"id": ["urn:x"]}, Failure.UNSIGNED_JSON),
        ({"type": []}, Failure.UNSIGNED_JSON),
        ({"type": ["BillOfLading", None]}, Failure.UNSIGNED_JSON),
        ({"type": ["BillOfLading", "BillOfLading"]}, Failure.UNSIGNED_JSON),
        ({"blNumber": "\ud800"}, Failure.UNSIGNED_JSON),
        ({"colour": "red"}, Failure.CONTEXT),
        ({"https://example.com/terms#blNumber": "1"}, Failure.CONTEXT),
        ({"type": ["BillOfLading", "Colour"]}, Failure.CONTEXT),
        ({"type": ["BillOfLading", "https://example.com/terms#BillOfLading"]}, Failure.CONTEXT),
        ({"id": "xsd:string"}, Failure.CONTEXT),
        ({"blNumber": 10**400}, Failure.UNSIGNED_JSON),
        ({"blNumber": float("inf")}, Failure.UNSIGNED_JSON),
        ({"blNumber": float("nan")}, Failure.UNSIGNED_JSON),
    ],
)
def test_what_a_signature_could_not_protect_is_refused(change: dict[str, Any], code: Failure) -> None:
    with pytest.raises(Malformed) as refused:
        to_statements(bill(**change))
    assert refused.value.code is code


@pytest.mark.parametrize(
    ("number", "said", "kind"),
    [
        (2**53 + 2, "9007199254740994", "integer"),
        (12345678901234567000, "12345678901234567168", "integer"),
        (1e20, "100000000000000000000", "integer"),
        (1e21, "1.0E21", "double"),
        (1e-7, "0", "integer"),
        (-1e-7, "-0", "integer"),
        (5e-324, "0", "integer"),
        (1.5e-7, "1.5E-7", "double"),
        (0.1 + 0.2, "3.0E-1", "double"),
        (1234567890123456.5, "1.234567890123457E15", "double"),
        (-1234567890123456.5, "-1.234567890123457E15", "double"),
        (1.7976931348623157e308, "1.797693134862316E308", "double"),
    ],
)
def test_a_number_that_its_statement_does_not_hold_is_written_as_javascript_does_and_reported(
    number: float, said: str, kind: str
) -> None:
    statements = to_statements(bill(blNumber=["x", number]))
    assert f'"{said}"^^<http://www.w3.org/2001/XMLSchema#{kind}>' in {quad[2] for quad in statements.quads}
    assert statements.ambiguous == ("/credentialSubject/blNumber/1",)
    with pytest.raises(Malformed, match="/credentialSubject/blNumber/1") as refused:
        to_protect(bill(blNumber=["x", number]), known())
    assert refused.value.code is Failure.AMBIGUOUS_NUMBER


@pytest.mark.parametrize("number", [0, -7, 2**53, 0.1, -0.5, 1e-6, 10.5, 3.141592653589793])
def test_a_number_that_every_reader_reads_alike_is_signed(number: float) -> None:
    assert not to_protect(bill(blNumber=number), known()).ambiguous


@pytest.mark.parametrize("context", [None, [], 5, [None]])
def test_what_is_no_context_is_refused(context: Any) -> None:
    with pytest.raises(Malformed) as refused:
        to_statements({**bill(), "@context": context})
    assert refused.value.code is Failure.CONTEXT


@pytest.mark.parametrize("context", [[V2, {"x": "https://example.com/x"}], {}])
def test_contexts_written_into_the_document_are_not_supported(context: Any) -> None:
    with pytest.raises(Unsupported) as unknown:
        to_statements({**bill(), "@context": context})
    assert unknown.value.doubt is Doubt.UNSUPPORTED_CONTEXT


def test_a_type_that_no_context_names_may_be_a_full_iri() -> None:
    quads = to_statements(bill(type=["BillOfLading", "https://example.com/Other"])).quads
    assert any(quad[2] == "<https://example.com/Other>" for quad in quads)


def test_deep_and_large_documents_are_refused() -> None:
    deep: Any = {"name": "x"}
    for _ in range(40):
        deep = {"links": deep}
    with pytest.raises(Malformed) as refused:
        to_statements(bill(links={"type": "BillOfLading", **deep}))
    assert refused.value.code in (Failure.TOO_DEEP, Failure.CONTEXT)
    with pytest.raises(Malformed) as refused:
        to_statements(bill(blNumber=[str(number) for number in range(50_001)]))
    assert refused.value.code is Failure.TOO_LARGE


@pytest.mark.parametrize(
    "pointer",
    [
        "credentialSubject",
        "/nothing",
        "/type/0",
        "/@context",
        "/credentialSubject/packages/2",
        "/id/x",
        "/credentialSubject/packages/-",
    ],
)
def test_a_pointer_that_finds_nothing_is_refused(pointer: str) -> None:
    with pytest.raises(InvalidInput):
        show(bill(packages=[{"packagesWeight": "1"}, {"packagesWeight": "2"}]), [pointer])


@pytest.mark.parametrize(
    ("subject", "pointer"),
    [
        ({"packages": {"packagesWeight": "1"}}, "/credentialSubject/packages/packagesWeight"),
        ({"blNumber": ["1"]}, "/credentialSubject/blNumber/0"),
    ],
)
def test_a_pointer_that_other_software_would_not_find_is_refused(subject: dict[str, Any], pointer: str) -> None:
    with pytest.raises(NotThere, match="other software"):
        to_statements(bill(**subject)).check(pointer, by_others=True)


def test_the_examples_are_there_or_their_folder_is_not() -> None:
    assert bool(examples()) is Path(SHARED / "vectors").exists()


def test_a_statement_that_is_repeated_in_a_large_document_is_found_in_one_pass() -> None:
    numbers = [str(number) for number in range(45_000)]  # comparing each with all before it would take minutes
    with pytest.raises(Malformed, match="/blNumber/45000: this repeats") as no:
        to_statements(bill(blNumber=[*numbers, numbers[-1]]))
    assert no.value.code is Failure.UNSIGNED_JSON
