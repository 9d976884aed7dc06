"""What is wrapped here verifies there and the reverse; random documents digest alike; the schemas agree."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fuzz import differences

from ebl.checking.formats import read
from ebl.config import schemas as schema
from ebl.errors import InvalidInput
from ebl.model.findings import Group, Passed
from ebl.openattestation import issuer_checks as refused
from ebl.openattestation import v2 as oa2
from ebl.openattestation import v3 as oa3
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import offline
from ebl.testing.bills import bill
from ebl.verify import examine
from ebl.wrap import Options, to_json, unwrap, wrap, wrap_batch

Js = Callable[[str, Any], Any]
STORE = "0x" + "11" * 20
V1 = "https://www.w3.org/2018/credentials/v1"
SHARED = Path(__file__).parents[2].parent / "shared" / "contexts"


def official(js: Js, *calls: dict[str, Any]) -> Any:
    contexts = {V1: json.loads((SHARED / "credentials-v1.json").read_text("utf-8"))} if SHARED.exists() else {}
    return js("openattestation.cjs", {"contexts": contexts, "calls": calls})


def intact(document: dict[str, Any]) -> bool:
    report = examine(read(to_json(document)), UnsafeAnyIssuer(), sources=offline())
    found = [finding for finding in report.findings if finding.group is Group.INTEGRITY]
    return any(isinstance(finding, Passed) for finding in found)


def data(number: int) -> dict[str, Any]:
    return bill(number, store=STORE, domain="carrier.example", chain_id=1337)


def credential(number: int, **members: Any) -> dict[str, Any]:
    return {
        "@context": [V1, {"@vocab": "https://carrier.example/terms#"}],
        "type": ["VerifiableCredential", "OpenAttestationCredential"],
        "issuanceDate": "2026-01-31T09:00:00Z",
        "issuer": {"id": "https://carrier.example", "name": "Blue Heron Lines 蓝鹭航运"},
        "openAttestationMetadata": {
            "proof": {"type": "OpenAttestationProofMethod", "method": "DOCUMENT_STORE", "value": STORE},
            "identityProof": {"type": "DNS-TXT", "identifier": "carrier.example"},
        },
        "credentialSubject": {
            "blNumber": f"BL-{number}",
            "weight": number + 0.5,
            "tiny": 1e-7,
            "packages": [{"n": 1}, {}],
        },
        **members,
    }


def test_random_documents_digest_alike(js: Js) -> None:
    assert differences(3000, seed=20260101) == 0


@pytest.mark.parametrize("count", [1, 2, 7])
def test_documents_wrapped_here_verify_there(js: Js, count: int) -> None:
    documents = [
        *wrap_batch([data(number) for number in range(count)]).documents,
        *wrap_batch([credential(number) for number in range(count)]).documents,
    ]
    altered = copy.deepcopy(documents)
    for document in altered:
        (document.get("data") or document)["extra"] = "x"
    verdicts, refusals, contents = official(
        js,
        {"op": "verify", "documents": documents},
        {"op": "verify", "documents": altered},
        {"op": "data", "documents": documents[:count]},
    )
    assert verdicts == [[True, True]] * (2 * count)
    assert refusals == [[False, False]] * (2 * count)
    assert contents == [unwrap(document) for document in documents[:count]]


def test_each_dialect_of_v3_verifies_with_its_own_library(js: Js) -> None:
    falsy = credential(1, credentialSubject={"paid": False, "count": 0, "note": "", "none": None, "bl": "BL-1"})
    documents = [
        wrap(falsy, Options(allow_unprotected=True)),
        wrap(falsy, Options(dialect="govtech")),
    ]
    [verdicts] = official(js, {"op": "verify", "documents": documents})
    assert verdicts == [[True, False], [False, True]]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_documents_wrapped_there_verify_here(js: Js, count: int) -> None:
    if not SHARED.exists():
        pytest.skip("the published contexts are not here")
    raws = {"oa2": [data(number) for number in range(count)], "oa3": [credential(number) for number in range(count)]}
    for format_, documents in raws.items():
        [wrapped] = official(js, {"op": "wrap", "format": format_, "documents": documents})
        assert "error" not in wrapped, wrapped
        assert all(intact(document) for document in wrapped)


# --- the schemas ---------------------------------------------------------------------------------------------------------


ODD = (
    "x",
    "",
    5,
    1.5,
    True,
    None,
    [],
    {},
    ["x"],
    {"a": "b"},
    STORE,
    "DNS-TXT",
    "DNS-DID",
    "DID",
    "NONE",
    "EMBEDDED_RENDERER",
)
ODD += (
    "https://a.example",
    "2026-01-31T09:00:00Z",
    "2026-13-01T09:00:00Z",
    "VerifiableCredential",
    ["VerifiableCredential"],
)
NAMES_2 = ("id", "name", "identityProof", "type", "location", "key", "revocation", "documentStore", "$template", "url")
NAMES_2 += (
    "network",
    "chain",
    "chainId",
    "attachments",
    "filename",
    "data",
    "recipient",
    "documentUrl",
    "certificateStore",
)
NAMES_3 = (
    "id",
    "name",
    "type",
    "reference",
    "expirationDate",
    "validFrom",
    "credentialStatus",
    "attachments",
    "network",
)
NAMES_3 += ("chain", "template", "url", "revocation", "location", "method", "value", "identifier", "fileName")


def mutated(random: Random, raw: Any, names: tuple[str, ...]) -> Any:
    """The data with a few members changed, dropped or added, anywhere."""
    raw = copy.deepcopy(raw)
    for _ in range(random.randint(1, 3)):
        places: list[Any] = []
        stack = [raw]
        while stack:
            node = stack.pop()
            if isinstance(node, dict | list):
                places.append(node)
                stack += node.values() if isinstance(node, dict) else node
        node = random.choice(places)
        if isinstance(node, list):
            node[random.randrange(len(node) + 1) :] = [random.choice(ODD)] if random.random() < 0.7 else []
        elif node and random.random() < 0.4:
            del node[random.choice(list(node))]
        else:
            node[random.choice([*node, *names])] = copy.deepcopy(random.choice(ODD))
    return raw


def full_2() -> dict[str, Any]:
    did = {
        "id": "did:ethr:0x1",
        "name": "B",
        "revocation": {"type": "NONE"},
        "identityProof": {"type": "DID", "key": "k"},
    }
    title = {"name": "C", "tokenRegistry": STORE, "identityProof": {"type": "DNS-DID", "key": "k", "location": "l"}}
    old = {"name": "D", "certificateStore": STORE}
    small = {"$template": {"name": "a", "type": "EMBEDDED_RENDERER"}, "network": {"chain": "ETH", "chainId": "1"}}
    files = [{"filename": "a", "type": "b", "data": "c"}]
    return {**small, "id": "x", "attachments": files, "issuers": [data(1)["issuers"][0], did, title, old]}


def full_3() -> dict[str, Any]:
    found = credential(1, id="urn:x", network={"chain": "ETH"}, expirationDate="2030-01-01T00:00:00Z")
    found["attachments"] = [{"fileName": "a", "mimeType": "b", "data": "c"}]
    found["openAttestationMetadata"]["template"] = {
        "name": "a",
        "type": "EMBEDDED_RENDERER",
        "url": "https://a.example",
    }
    return found


def several_stores(raw: dict[str, Any]) -> bool:
    """An issuer with two contracts: always refused here, there only where both are well-formed."""
    stores = ("documentStore", "tokenRegistry", "certificateStore")
    issuers = raw.get("issuers")
    return isinstance(issuers, list) and any(
        isinstance(issuer, dict) and sum(store in issuer for store in stores) > 1 for issuer in issuers
    )


def test_the_fast_validator_and_the_one_that_explains_agree() -> None:
    random, seen = Random(1), set()
    for _ in range(3000):
        name, raw = random.choice(
            [(oa2.SCHEMA, mutated(random, full_2(), NAMES_2)), (oa3.SCHEMA, mutated(random, full_3(), NAMES_3))]
        )
        fast, slow = bool(schema._judge(name).is_valid(raw)), bool(schema._explainer(name).is_valid(raw))
        assert fast is slow, raw
        assert bool(schema.problems(name, raw)) is not fast
        seen.add((name, fast))
    assert len(seen) == 4


def test_the_schema_of_v2_judges_as_the_official_one_does(js: Js) -> None:
    random = Random(2)
    raws = [mutated(random, full_2(), NAMES_2) for _ in range(1500)]
    verdicts = official(js, *({"op": "wrap", "format": "oa2", "documents": [raw]} for raw in raws))
    agreed = {True: 0, False: 0}
    for raw, verdict in zip(raws, verdicts, strict=True):
        fits = "error" not in verdict
        if several_stores(raw):
            assert schema.problems(oa2.SCHEMA, raw)
            continue
        assert bool(schema.problems(oa2.SCHEMA, raw)) is not fits, (raw, verdict)
        agreed[fits] += 1
    assert min(agreed.values()) > 100


def wraps(raw: Any) -> bool:
    try:
        wrap(raw, Options(version="oa3", allow_unprotected=True))
    except InvalidInput:
        return False
    return True


def test_v3_is_refused_here_where_it_is_refused_there(js: Js) -> None:
    if not SHARED.exists():
        pytest.skip("the published contexts are not here")
    random = Random(3)
    raws = [mutated(random, full_3(), NAMES_3) for _ in range(1000)]
    verdicts = official(js, *({"op": "wrap", "format": "oa3", "documents": [raw]} for raw in raws))
    agreed, stricter = {True: 0, False: 0}, 0
    for raw, verdict in zip(raws, verdicts, strict=True):
        fits = "error" not in verdict
        if not fits and any(word in verdict["error"] for word in ("URL", "JSON-LD")):
            continue  # of contexts that are not at hand, or that JSON-LD cannot read, we say nothing
        if fits and refused.problems(raw, "v3"):
            stricter += not wraps(raw)  # wrapped there, though no verifier would accept its issuer
            continue
        assert wraps(raw) is fits, (raw, verdict)
        agreed[fits] += 1
    assert min(agreed.values()) > 100 and stricter > 0
