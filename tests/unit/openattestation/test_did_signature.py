"""A DID signature is of one root and one key."""

from __future__ import annotations

import pytest

from ebl.chain.signers import LocalKey
from ebl.codes import Failure
from ebl.errors import Refuted
from ebl.openattestation.did_signature import DidSigned, confirm, recover

KEY = LocalKey(b"\x01" * 32)
ROOT = bytes(range(32))
DID = f"did:ethr:{KEY.address}"
SIGNATURE = "0x" + KEY.sign_message(ROOT).hex()


def claim(signature: str | None = SIGNATURE, root: bytes = ROOT) -> DidSigned:
    return DidSigned(DID, f"{DID}#controller", signature, root)


def test_the_signature_of_the_key_is_a_fact_that_names_its_address() -> None:
    fact = confirm(claim(), KEY.address.lower())
    assert (fact.address, fact.claim) == (KEY.address, claim())
    assert KEY.address in str(fact)


def test_a_document_without_the_keys_signature_is_unsigned() -> None:
    with pytest.raises(Refuted) as refused:
        confirm(claim(None), KEY.address)
    assert refused.value.failure is Failure.UNSIGNED


@pytest.mark.parametrize(
    ("signature", "root", "address"),
    [
        (SIGNATURE, bytes(32), KEY.address),
        (SIGNATURE, ROOT, LocalKey(b"\x02" * 32).address),
        ("0x" + LocalKey(b"\x02" * 32).sign_message(ROOT).hex(), ROOT, KEY.address),
        (SIGNATURE[2:], ROOT, KEY.address),
        (SIGNATURE + "00", ROOT, KEY.address),
        (SIGNATURE[:-2] + "1d", ROOT, KEY.address),
        ("0x" + "00" * 65, ROOT, KEY.address),
        ("", ROOT, KEY.address),
    ],
)
def test_any_other_signature_root_or_key_is_refused(signature: str, root: bytes, address: str) -> None:
    with pytest.raises(Refuted) as refused:
        confirm(claim(signature, root), address)
    assert refused.value.failure is Failure.WRONG_SIGNATURE


def test_a_v_of_0_or_1_is_read_as_27_or_28() -> None:
    v = int(SIGNATURE[-2:], 16) - 27
    assert recover(ROOT, f"{SIGNATURE[:-2]}{v:02x}") == KEY.address
