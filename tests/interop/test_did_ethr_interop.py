"""A did:ethr's document is what the official resolver makes of the same registry: owners, delegates, times and numbers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ebl.did import did_ethr
from ebl.did import ethr_registry as did_registry
from ebl.errors import Refuted
from ebl.ethereum import abi
from ebl.ethereum.address import checksummed
from ebl.sources import online
from ebl.testing.anvil import Anvil

BUILD = (
    Path(__file__).parent / "node_modules" / "ethr-did-registry" / "build" / "contracts" / "EthereumDIDRegistry.json"
)
NETWORK = "0x539"
YEAR = 365 * 86_400


@pytest.fixture(scope="module")
def registry(anvil: Anvil) -> Callable[..., None]:
    """The released registry at its usual address; call it with a sender, a signature and values."""
    code = json.loads(BUILD.read_text("utf-8"))["deployedBytecode"]
    place = did_registry.address(1337)
    anvil.rpc("anvil_setCode", place, code)
    anvil.rpc("anvil_autoImpersonateAccount", True)

    def act(sender: str, signature: str, *values: Any) -> None:
        data = abi.call(signature, *values)
        sent = anvil.rpc(
            "eth_sendTransaction", {"from": sender, "to": place, "data": "0x" + data.hex(), "gas": "0x7a120"}
        )
        assert anvil.receipt(sent)["status"] == "0x1", signature

    return act


def name(text: str) -> bytes:
    return text.encode().ljust(32, b"\0")


def methods(document: dict[str, Any]) -> set[tuple[str, str]]:
    """(key id, account) of the keys that recover an address, however their account is written."""
    found = set()
    for method in document["verificationMethod"]:
        if method["type"] == did_ethr.RECOVERY:
            account = method["blockchainAccountId"]
            text = account.partition("@")[0] if "@" in account else account.rpartition(":")[2]
            found.add((method["id"], checksummed(text.lower())))
    return found


def test_documents_agree_with_the_official_resolver(
    anvil: Anvil, registry: Callable[..., None], js: Callable[[str, Any], Any]
) -> None:
    people = [checksummed(account.address) for account in anvil.accounts[:6]]
    plain, owned, delegated, mixed, given_up, other = people
    registry(owned, "changeOwner(address,address)", owned, other)
    add = "addDelegate(address,bytes32,address,uint256)"
    registry(delegated, add, delegated, name("veriKey"), other, YEAR)
    registry(delegated, add, delegated, name("sigAuth"), plain, YEAR)
    registry(delegated, add, delegated, name("veriKey"), owned, 1)
    registry(delegated, "revokeDelegate(address,bytes32,address)", delegated, name("veriKey"), other)
    registry(mixed, add, mixed, name("veriKey"), other, YEAR)
    attribute = "setAttribute(address,bytes32,bytes,uint256)"
    registry(mixed, attribute, mixed, name("did/pub/Ed25519/veriKey/hex"), b"\1" * 32, YEAR)
    registry(mixed, attribute, mixed, name("did/svc/HubService"), b"https://hub.example", YEAR)
    registry(mixed, "changeOwner(address,address)", mixed, plain)
    registry(plain, add, mixed, name("sigAuth"), given_up, YEAR)
    registry(given_up, "changeOwner(address,address)", given_up, "0x" + "0" * 40)
    time.sleep(2.1)  # the official resolver goes by the wall clock, and one delegate was given a second
    anvil.rpc("evm_mine")

    dids = [f"did:ethr:{NETWORK}:{person}" for person in people]
    official = js(
        "did_ethr.cjs", {"rpc": anvil.url, "network": NETWORK, "registry": did_registry.address(1337), "dids": dids}
    )
    sources = online(rpc={1337: anvil.url}, resolver="udp://127.0.0.1:1")
    for did, person in zip(dids, people, strict=True):
        theirs = official[did]["didDocument"]
        if person == given_up:
            assert official[did]["didDocumentMetadata"]["deactivated"] is True
            with pytest.raises(Refuted):
                did_ethr.document(did, sources)
            continue
        ours = did_ethr.document(did, sources)
        assert ours["id"] == theirs["id"] == did
        assert methods(ours) == methods(theirs), did
        assert set(ours["assertionMethod"]) == {key for key, _ in methods(theirs)}
    assert len(methods(official[dids[3]]["didDocument"])) == 3
