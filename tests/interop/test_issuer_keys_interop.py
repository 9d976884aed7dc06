"""Keys and status lists go to and fro between us and the official packages."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from ebl.codec.bitstring import MIN_BITS, Bitstring
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import KeyType

Js = Callable[[str, Any], Any]
DID = "did:web:carrier.example"
KINDS = {"ecdsa-sd-2023": KeyType.P256, "bbs-2023": KeyType.BLS12_381}


def test_keys_made_by_the_official_packages_are_read(js: Js) -> None:
    made = js("credentials.cjs", {"calls": [{"op": "key", "suite": suite} for suite in KINDS]})
    for kind, pair in zip(KINDS.values(), made, strict=True):
        named = {**pair, "id": f"{DID}#keys-1", "controller": DID}
        key = IssuerKey.from_json(json.dumps(named).encode())
        assert (key.public.kind, key.did) == (kind, DID)


@pytest.mark.parametrize("length", [MIN_BITS, 2 * MIN_BITS])
def test_both_read_the_same_bits_in_each_others_lists(js: Js, length: int) -> None:
    chosen = sorted(random.Random(length).sample(range(length), 500))
    asked = sorted({*chosen, *range(0, length, 97)})
    ours = Bitstring.zeros(length).with_bits(dict.fromkeys(chosen, True))
    spelt = {
        "url": "https://carrier.example/1",
        "subject": "BitstringStatusList",
        "type": "BitstringStatusListCredential",
    }
    make = {
        "op": "list",
        "length": length,
        "set": chosen,
        "purpose": "revocation",
        "keyPair": {"controller": DID},
        **spelt,
    }
    read = {"op": "read", "encodedList": ours.encode(), "indexes": asked}
    answer, theirs = js("credentials.cjs", {"calls": [read, make]})
    assert answer == {"length": length, "set": chosen}
    assert Bitstring.decode(theirs["credentialSubject"]["encodedList"]) == ours
