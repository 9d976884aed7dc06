"""Integrity of OpenAttestation v2: every leaf counts, and has a path of its own."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ebl.checking.formats import read
from ebl.codec.javascript_json import json_member
from ebl.codec.strict_json import some
from ebl.codes import Failure, Remark
from ebl.errors import Refuted
from ebl.ethereum.keccak import keccak256
from ebl.model.findings import Note
from ebl.openattestation import v2_digest
from ebl.openattestation import v2_integrity as oa2
from ebl.sources import offline
from ebl.wrap import wrap, wrap_batch

STORE = "0x" + "11" * 20
DATA = {
    "issuers": [
        {"name": "A", "documentStore": STORE, "identityProof": {"type": "DNS-TXT", "location": "carrier.example"}}
    ],
    "blNumber": "BL-1",
    "packages": [{"n": 1}, {"n": 2}],
    "clauses": {},
}


def check(wrapped: dict[str, Any]) -> tuple[Note, ...]:
    (claim,) = read(json.dumps(wrapped).encode()).integrity
    assert isinstance(claim, oa2.UnalteredV2)
    return claim.check(offline()).notes


def refused(wrapped: dict[str, Any]) -> Failure:
    with pytest.raises(Refuted) as no:
        check(wrapped)
    return no.value.failure


def resealed(data: Any) -> dict[str, Any]:
    """Data under a hash of their own: only the strict rules can refuse them."""
    target = v2_digest.digest(data).hex()
    return {
        "version": "https://schema.openattestation.com/2.0/schema.json",
        "data": data,
        "signature": {"type": "SHA3MerkleProof", "targetHash": target, "proof": [], "merkleRoot": target},
    }


def test_what_was_wrapped_is_intact_and_nothing_is_remarked() -> None:
    assert check(wrap(DATA)) == ()


def test_any_changed_leaf_is_refused() -> None:
    wrapped = wrap(DATA)
    for change in ("blNumber", "clauses", "packages"):
        altered = copy.deepcopy(wrapped)
        altered["data"][change] = wrapped["data"]["issuers"][0]["name"]
        assert refused(altered) is Failure.HASH_MISMATCH


def test_a_proof_that_leads_elsewhere_is_refused() -> None:
    batch = wrap_batch([DATA, DATA, DATA])
    for wrapped in batch.documents:
        assert check(wrapped) == ()
        wrapped["signature"]["proof"].reverse()
        wrapped["signature"]["proof"].append("00" * 32)
        assert refused(wrapped) is Failure.HASH_MISMATCH


@pytest.mark.parametrize(
    ("member", "failure"),
    [
        ({"": "x"}, Failure.PATH_COLLISION),
        ({"": {"blNumber": "x"}}, Failure.PATH_COLLISION),
        ({"": {}}, Failure.PATH_COLLISION),
        ({"__proto__": "x"}, Failure.RESERVED_KEY),
        ({"constructor": "x"}, Failure.RESERVED_KEY),
        ({"prototype": []}, Failure.RESERVED_KEY),
        ({"a.b": "x"}, Failure.KEY),
        ({"a": [{"b": {"c.d": {}}}]}, Failure.KEY),
    ],
)
def test_a_leaf_without_a_path_of_its_own_is_refused_though_the_hash_fits(
    member: dict[str, Any], failure: Failure
) -> None:
    assert refused(resealed({**wrap(DATA)["data"], **member})) is failure


def test_leaves_without_a_salt_and_salts_used_twice_are_noted() -> None:
    data = wrap(DATA)["data"]
    (note,) = check(resealed({**data, "plain": "BL-9", "n": 5}))
    assert note == Note.of(Remark.WEAK_SALT, "bare", paths=some(["plain", "n"]))
    assert note.detail == "not salted, so a withheld value could be guessed: 'plain', 'n'"
    (note,) = check(resealed({**data, "again": data["blNumber"][:36].upper() + ":string:x"}))
    assert note == Note.of(Remark.WEAK_SALT, "repeated", count=1)


def test_an_object_that_an_array_would_hash_alike_is_noted() -> None:
    notes = check(wrap({**DATA, "seals": {"0": "a", "1": "b"}, "gaps": {"0": "a", "2": "b"}}))
    assert notes == (Note.of(Remark.SHAPE_NOT_BOUND, paths=some(["seals"])),)


def test_a_withheld_leaf_whose_hash_is_listed_is_intact() -> None:
    wrapped = wrap(DATA)
    hidden = keccak256(json_member("blNumber", wrapped["data"].pop("blNumber"))).hex()
    wrapped["privacy"] = {"obfuscatedData": [hidden]}
    assert check(wrapped) == ()
    wrapped["privacy"] = {"obfuscatedData": [hidden, hidden]}
    assert refused(wrapped) is Failure.HASH_MISMATCH
