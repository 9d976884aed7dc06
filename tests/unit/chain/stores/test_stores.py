"""Moves on document stores are composed byte for byte, and wrong input is refused before anything is sent."""

from __future__ import annotations

import json

import pytest

from ebl.chain.contracts import artifact
from ebl.errors import InvalidInput
from ebl.registry import Store, StoreKind, deploy_store, issue, revoke, revoke_under

ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
OLD, NEW = Store(1337, ADDRESS), Store(1337, ADDRESS, StoreKind.BATCHABLE)
A, B, C = (bytes([n]) * 32 for n in (1, 2, 3))


def abi_encoded(signature: str, *values: object) -> bytes:
    from eth_abi import encode
    from eth_utils import function_signature_to_4byte_selector

    inside = signature.partition("(")[2].rstrip(")")
    return bytes(function_signature_to_4byte_selector(signature)) + encode(inside.split(","), values)


def test_one_root_is_issued_and_several_are_issued_together() -> None:
    assert issue(OLD, A).data == abi_encoded("issue(bytes32)", A)
    assert issue(OLD, A, B).data == abi_encoded("bulkIssue(bytes32[])", [A, B])
    assert issue(NEW, A).data == abi_encoded("issue(bytes32)", A)
    several = [abi_encoded("issue(bytes32)", A), abi_encoded("issue(bytes32)", B)]
    assert issue(NEW, A, B).data == abi_encoded("multicall(bytes[])", several)


def test_hashes_are_revoked_one_or_several_and_a_document_under_its_root() -> None:
    assert revoke(OLD, A).data == abi_encoded("revoke(bytes32)", A)
    assert revoke(OLD, A, B).data == abi_encoded("bulkRevoke(bytes32[])", [A, B])
    several = [abi_encoded("revoke(bytes32)", A), abi_encoded("revoke(bytes32)", B)]
    assert revoke(NEW, A, B).data == abi_encoded("multicall(bytes[])", several)
    assert revoke_under(NEW, A, B, [C]).data == abi_encoded("revoke(bytes32,bytes32,bytes32[])", A, B, [C])
    assert revoke_under(OLD, A, B, [C]).data == abi_encoded("revoke(bytes32)", B)


def test_a_call_says_in_words_what_it_does_and_names_its_chain() -> None:
    call = issue(OLD, A)
    assert (call.chain_id, call.to) == (1337, ADDRESS)
    assert call.summary == f"issue 0x{A.hex()} in the store {ADDRESS}"
    assert call.to_dict()["data"] == f"0x{call.data.hex()}"


def test_deploying_appends_the_name_and_the_owner_to_the_creation_code() -> None:
    from eth_abi import encode

    call = deploy_store(1337, name="太平洋航运 Pacific", owner=ADDRESS)
    assert call.to is None
    assert call.data.endswith(encode(["string", "address"], ["太平洋航运 Pacific", ADDRESS]))
    assert call.data.startswith(artifact.ours("DocumentStore").creation)


@pytest.mark.parametrize("roots", [(), (bytes(32),), (b"short",), (A, A), tuple(n.to_bytes(32) for n in range(1, 202))])
def test_roots_that_cannot_be_meant_are_refused(roots: tuple[bytes, ...]) -> None:
    with pytest.raises(InvalidInput):
        issue(OLD, *roots)


def test_an_address_with_a_wrong_digit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="checksum"):
        Store(1337, ADDRESS.replace("5F", "6F"))


@pytest.mark.parametrize(
    "shape",
    [
        lambda code: {"bytecode": code},
        lambda code: {"bytecode": {"object": code}},
        lambda code: {"evm": {"bytecode": {"object": code.removeprefix("0x")}}},
    ],
)
def test_artefacts_of_the_usual_compilers_are_read(shape: object) -> None:
    abi = [{"type": "constructor", "inputs": [{"type": "string", "name": "n"}, {"type": "address", "name": "o"}]}]
    raw = json.dumps({"abi": abi, **shape("0x6001")}).encode()  # type: ignore[operator]
    assert artifact.read(raw).creation == b"\x60\x01"
    assert deploy_store(1, name="n", owner=ADDRESS, artifact=artifact.read(raw)).data[:2] == b"\x60\x01"


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b"[" * 90_000, b'{"abi":[],"bytecode":"0x"}', b'{"abi":[],"bytecode":"0x6__$ab$__"}']
)
def test_what_is_no_artefact_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        artifact.read(raw)


def test_an_artefact_with_another_constructor_is_refused() -> None:
    raw = json.dumps({"abi": [], "bytecode": "0x6001", "contractName": "Other"}).encode()
    with pytest.raises(InvalidInput, match="Other"):
        deploy_store(1, name="n", owner=ADDRESS, artifact=artifact.read(raw))
