"""A did:ethr is what the registry says of its account at the pinned block."""

from __future__ import annotations

import pytest

from ebl.codes import Doubt, Failure
from ebl.config.networks import pace
from ebl.did import did_ethr
from ebl.did import ethr_registry as did_registry
from ebl.did.verification_method import find_account
from ebl.errors import Refuted, SourceError, Undetermined
from ebl.messages import own_words
from ebl.model.ports import Sources
from ebl.sources import offline
from tests.unit.did.ethr_registry import ALICE, BOB, FOREVER, NOW, Registry

DID = f"did:ethr:{ALICE}"
CARL = "0x" + "33" * 20


def sources(*registries: Registry) -> Sources:
    chains = {registry.id: registry for registry in registries}

    def chain(chain_id: int | None) -> Registry:
        if chain_id not in chains:
            raise SourceError(Doubt.CHAIN_NOT_CONFIGURED, own_words(f"chain {chain_id}"))
        return chains[chain_id]

    nowhere = offline(now=NOW)
    return Sources(pace=pace, chain=chain, dns=nowhere.dns, fetch=nowhere.fetch, now=NOW)  # type: ignore[arg-type]


def account(registry: Registry, fragment: str, did: str = DID) -> str:
    return find_account(f"{did}#{fragment}", did, sources(registry))


def test_an_account_that_was_never_changed_is_its_own_controller_and_costs_one_round_trip() -> None:
    registry = Registry()
    document = did_ethr.document(DID, sources(registry))
    assert document["id"] == DID
    assert document["verificationMethod"] == [
        {
            "id": f"{DID}#controller",
            "type": "EcdsaSecp256k1RecoveryMethod2020",
            "controller": DID,
            "blockchainAccountId": f"eip155:1:{ALICE}",
        }
    ]
    assert document["assertionMethod"] == [f"{DID}#controller"]
    assert registry.asked == ["owner", "changed"]


def test_the_controller_is_who_owns_the_identity_now() -> None:
    registry = Registry()
    registry.own(ALICE, BOB, block=10)
    assert account(registry, "controller") == BOB
    registry.own(ALICE, CARL, block=20)
    assert account(registry, "controller") == CARL


def test_an_identity_that_was_given_up_has_no_key() -> None:
    registry = Registry()
    registry.own(ALICE, "0x" + "0" * 40, block=10)
    with pytest.raises(Refuted, match="deactivated") as no:
        account(registry, "controller")
    assert no.value.failure is Failure.KEY_NOT_OF_DID


def test_delegates_are_counted_over_all_that_were_ever_added_and_listed_while_they_are_valid() -> None:
    registry = Registry()
    registry.delegate(ALICE, b"veriKey", BOB, FOREVER, block=10)
    registry.attribute(ALICE, b"did/pub/Ed25519/veriKey/hex", b"\1" * 32, FOREVER, block=11)
    registry.attribute(ALICE, b"did/svc/Hub", b"https://hub.example", FOREVER, block=11)
    registry.delegate(ALICE, b"sigAuth", CARL, FOREVER, block=12)
    registry.delegate(ALICE, b"other", CARL, FOREVER, block=12)
    registry.delegate(ALICE, b"veriKey", "0x" + "44" * 20, int(NOW.timestamp()) - 1, block=13)
    assert account(registry, "delegate-1") == BOB
    assert account(registry, "delegate-3") == CARL
    for unlisted in ("delegate-2", "delegate-4", "delegate-5", "delegate-6", "delegate-0", "nobody"):
        with pytest.raises(Refuted) as no:
            account(registry, unlisted)
        assert no.value.failure is Failure.KEY_NOT_OF_DID
    registry.delegate(ALICE, b"veriKey", BOB, int(NOW.timestamp()) - 5, block=14)  # revoked: its time was ended
    with pytest.raises(Refuted):
        account(registry, "delegate-1")
    assert account(registry, "delegate-3") == CARL


def test_an_attribute_makes_no_delegate_and_a_delegate_that_is_nobody_gives_nothing_up() -> None:
    registry = Registry()
    registry.attribute(ALICE, b"veriKey", bytes.fromhex(BOB[2:]), FOREVER, block=10)
    assert len(did_ethr.document(DID, sources(registry))["verificationMethod"]) == 1
    registry.delegate(ALICE, b"veriKey", "0x" + "0" * 40, FOREVER, block=11)
    assert account(registry, "controller") == ALICE


def test_changes_of_others_in_the_same_blocks_are_theirs() -> None:
    registry = Registry()
    registry.delegate(BOB, b"veriKey", CARL, FOREVER, block=10)
    registry.delegate(ALICE, b"veriKey", BOB, FOREVER, block=10)
    registry.own(CARL, BOB, block=10)
    assert account(registry, "delegate-1") == BOB
    assert account(registry, "controller") == ALICE


def test_several_changes_in_one_block_keep_their_order() -> None:
    registry = Registry()
    for number in range(1, 4):
        registry.delegate(ALICE, b"veriKey", f"0x{number:040x}", FOREVER, block=10)
    assert [account(registry, f"delegate-{number}")[-1] for number in range(1, 4)] == ["1", "2", "3"]


def test_a_node_that_leaves_a_change_out_is_noticed() -> None:
    registry = Registry()
    registry.delegate(ALICE, b"veriKey", BOB, FOREVER, block=10)
    registry.delegate(ALICE, b"veriKey", CARL, FOREVER, block=20)
    registry.events.pop()
    with pytest.raises(SourceError) as trouble:
        account(registry, "controller")
    assert trouble.value.doubt is Doubt.CHAIN_BAD_ANSWER


def test_an_endless_history_ends() -> None:
    registry = Registry()
    for block in range(1, 80):
        registry.delegate(ALICE, b"veriKey", BOB, FOREVER, block=block)
    with pytest.raises(SourceError, match="more than 64 blocks"):
        account(registry, "controller")


@pytest.mark.parametrize(
    ("network", "chain_id"),
    (("", 1), ("mainnet:", 1), ("0x1:", 1), ("sepolia:", 11155111), ("0x539:", 1337), ("polygon:", 137)),
)
def test_the_chain_is_the_one_that_the_did_names(network: str, chain_id: int) -> None:
    did = f"did:ethr:{network}{ALICE}"
    other = Registry(id=4242)
    assert account(Registry(id=chain_id), "controller", did) == ALICE
    with pytest.raises(SourceError) as trouble:
        find_account(f"{did}#controller", did, sources(other))
    assert trouble.value.doubt is Doubt.CHAIN_NOT_CONFIGURED


def test_a_chain_that_is_not_known_by_its_name_is_a_doubt() -> None:
    for network in ("nowhere", "0x", "0x01"):
        with pytest.raises(Undetermined):
            did_ethr.read(f"did:ethr:{network}:{ALICE}")


def test_a_public_key_stands_for_its_account() -> None:
    from eth_keys.datatypes import PrivateKey

    public = PrivateKey(b"\x01" * 32).public_key
    did = f"did:ethr:0x{public.to_compressed_bytes().hex()}"
    assert account(Registry(), "controller", did) == public.to_checksum_address()
    for text in ("0x02" + "ff" * 32, "0x05" + "11" * 32):
        with pytest.raises(Refuted):
            did_ethr.read(f"did:ethr:{text}")


@pytest.mark.parametrize(
    "text", ("did:ethr:", "did:ethr:0x12", f"did:ethr:{ALICE}0", f"did:ether:{ALICE}", f"did:ethr:{ALICE}?versionId=1")
)
def test_what_is_no_did_ethr_is_refused(text: str) -> None:
    with pytest.raises(Refuted) as no:
        did_ethr.read(text)
    assert no.value.failure is Failure.KEY_NOT_OF_DID


def test_a_chain_without_the_registry_or_a_node_that_is_down_says_nothing() -> None:
    with pytest.raises(SourceError) as trouble:
        account(Registry(there=False), "controller")
    assert trouble.value.doubt is Doubt.DID_DOCUMENT
    with pytest.raises(SourceError) as trouble:
        account(Registry(down=True), "controller")
    assert trouble.value.doubt is Doubt.CHAIN_UNREACHABLE


def test_the_case_of_an_accounts_digits_does_not_matter_and_nothing_else_is_bent() -> None:
    registry = Registry()
    assert find_account(f"did:ethr:{ALICE.lower()}#controller", DID, sources(registry)) == ALICE
    for same in ("mainnet", "0x1"):  # the names of one chain
        assert find_account(f"did:ethr:{same}:{ALICE}#controller", DID, sources(registry)) == ALICE
    for key in (f"{DID}#Controller", f"did:ethr:sepolia:{ALICE}#controller", f"did:ethr:{BOB}#controller"):
        with pytest.raises(Refuted):
            find_account(key, DID, sources(registry))


def test_the_events_are_told_apart_by_their_published_topics() -> None:
    assert did_registry.OWNER_CHANGED.hex().startswith("38a5a6e6")
    assert did_registry.DELEGATE_CHANGED.hex().startswith("5a5084339536bcab")
    assert did_registry.ATTRIBUTE_CHANGED.hex().startswith("18ab6b2ae3d64306")
    assert did_registry.identity_owner(ALICE)[:4].hex() == "8733d4e8"
    assert did_registry.changed(ALICE)[:4].hex() == "f96d0f9f"
