"""Our document store and the released one of the older kind leave the same trace; the newer kinds are read as they are.

The same steps run on both stores, from the same accounts at the same nonces. What each step returned, refused or logged must
be the same bytes, and at the end all of their storage.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from people import ZERO, Ledger, Refused, supports
from traces import Outcome, Step, Twins, storage, take

from ebl.chain.contracts import builds, erc165, transferable_store
from ebl.chain.contracts import document_store_abi as store
from ebl.chain.contracts import role_names as roles
from ebl.ethereum import abi
from ebl.ethereum.keccak import keccak256
from ebl.ethereum.merkle import path
from ebl.testing.anvil import Anvil

A, B, C = (bytes([n]) * 32 for n in (1, 2, 3))
Some = st.SearchStrategy[Any]


def step(by: Some, function: Any, *arguments: Some) -> Some:
    return st.builds(Step, by, st.just("store"), st.just(function), st.tuples(*arguments))


people = st.sampled_from(("carrier", "carrier", "carrier", "agent", "stranger", "nobody"))
issuer = st.sampled_from(("carrier", "carrier", "agent", "stranger"))
hashes = st.sampled_from((A, B, C, bytes(32)))
several = st.lists(hashes, max_size=3)
role = st.sampled_from((*roles.OF_STORES, roles.MINTER))
heights = st.sampled_from((0, 3, 5, 2**256 - 1))
steps = st.one_of(
    step(issuer, store.ISSUE, hashes),
    step(issuer, store.REVOKE, hashes),
    step(issuer, store.BULK_ISSUE, several),
    step(issuer, store.BULK_REVOKE, several),
    step(issuer, store.IS_ISSUED, hashes),
    step(issuer, store.IS_REVOKED, hashes),
    step(issuer, store.GET_ISSUED_BLOCK, hashes),
    step(issuer, store.DOCUMENT_ISSUED, hashes),
    step(issuer, store.DOCUMENT_REVOKED, hashes),
    step(issuer, store.IS_ISSUED_BEFORE, hashes, heights),
    step(issuer, store.IS_REVOKED_BEFORE, hashes, heights),
    step(issuer, roles.GRANT_ROLE, role, people),
    step(issuer, roles.REVOKE_ROLE, role, people),
    step(issuer, roles.RENOUNCE_ROLE, role, people),
    step(issuer, roles.HAS_ROLE, role, people),
    step(issuer, roles.ROLE_ADMIN, role),
)
USUAL = [
    Step("carrier", "store", function, arguments)
    for function, arguments in (
        (store.ISSUE, (A,)),
        (store.BULK_ISSUE, ([B, C],)),
        (store.REVOKE, (A,)),
        (store.BULK_REVOKE, ([B, bytes(32)],)),
        (store.NAME, ()),
        (store.VERSION, ()),
        (roles.GRANT_ROLE, (roles.ISSUER, "agent")),
        (roles.RENOUNCE_ROLE, (roles.DEFAULT_ADMIN, "carrier")),
        (roles.GRANT_ROLE, (roles.ISSUER, "stranger")),
    )
]


@pytest.fixture(scope="module")
def twins(anvil: Anvil, released: dict[str, Any]) -> Twins:
    anvil.rpc("anvil_autoImpersonateAccount", True)
    return Twins(Ledger(anvil), released)


@pytest.fixture
def ledger(twins: Twins) -> Iterator[Ledger]:
    snapshot = twins.ledger.node.snapshot()
    yield twins.ledger
    twins.ledger.node.revert(snapshot)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@example(script=USUAL, name="Pacific Line " * 5)
@given(script=st.lists(steps, min_size=4, max_size=14), name=st.text(max_size=40))
def test_any_steps_leave_the_same_trace(twins: Twins, script: list[Step], name: str) -> None:
    assert run("ours", twins, script, name) == run("old", twins, script, name)


def test_a_store_needs_an_owner(twins: Twins) -> None:
    for make in ("ours", "old"):
        with pytest.raises(Refused, match=r"^Owner is zero$"):
            twins.ledger.deploy(creation(make, twins) + abi.encode(("string", "address"), ("x", ZERO)))


def test_the_stores_of_the_older_kind_say_the_same_of_themselves(twins: Twins, ledger: Ledger) -> None:
    known = [value for value in vars(erc165).values() if isinstance(value, bytes)]
    ours, old = (deployed(make, twins, ("string", "address"), "x") for make in ("ours", "old"))
    for place in (ours, old):
        yes = [interface for interface in (*known, bytes(4), b"\xff" * 4) if supports(ledger, place, interface)]
        assert yes == [erc165.ERC165, erc165.ACCESS_CONTROL]


def test_what_a_proof_of_issuance_looks_at_is_at_slots_3_and_4(twins: Twins, ledger: Ledger) -> None:
    for make in ("ours", "old"):
        place = deployed(make, twins, ("string", "address"), "x")
        ledger.send(place, store.issue([A]), by="carrier")
        ledger.send(place, store.revoke([A]), by="carrier")
        head = int(ledger.node.rpc("eth_blockNumber"), 16)
        at = [int.from_bytes(keccak256(A + slot.to_bytes(32, "big")), "big") for slot in (3, 4)]
        assert [int.from_bytes(ledger.slot(place, number), "big") for number in at] == [head - 1, head]


def test_the_batchable_store_is_asked_for_a_document_under_its_root(twins: Twins, ledger: Ledger) -> None:
    place = deployed("new", twins, ("string", "address"), "Batchable")
    leaf, sibling = A, B
    root = path(leaf, (sibling,))[-1]

    def said(data: bytes) -> bool:
        return store.IS_ISSUED.decode(ledger.call(place, data))

    assert not said(store.is_issued(root))
    with pytest.raises(Refused, match="DocumentNotIssued"):
        said(store.is_revoked(root))
    ledger.send(place, store.issue_batchable([root, C]), by="carrier")
    assert said(store.is_issued(root))
    assert said(store.is_issued(root, leaf, [sibling]))
    assert not said(store.is_revoked(root, leaf, [sibling]))
    assert said(store.IS_ACTIVE_UNDER(root, leaf, [sibling]))
    ledger.send(place, store.revoke_batchable([(root, leaf, [sibling]), (C, C, [])]), by="carrier")
    assert [said(store.is_revoked(root, one, [other])) for one, other in ((leaf, sibling), (sibling, leaf))] == [
        True,
        False,
    ]
    assert said(store.is_revoked(C))
    assert not said(store.IS_ACTIVE(C))
    for interface, has in ((erc165.BATCHABLE_STORE, True), (erc165.DOCUMENT_STORE, True), (erc165.ERC721, False)):
        assert supports(ledger, place, interface) is has


def test_the_transferable_store_owns_locks_and_revokes(twins: Twins, ledger: Ledger) -> None:
    code = bytes.fromhex(twins.released["TransferableDocumentStore_new"]["creation"][2:])
    types, carrier = ("string", "string", "address"), ledger.who("carrier")
    place = ledger.deploy(code + abi.encode(types, ("Transferable", "TDS", carrier)))

    def ask(function: Any, value: Any) -> Any:
        return function.decode(ledger.call(place, function(value)))

    shipper = ledger.who("shipper")
    ledger.send(place, transferable_store.issue(owner=shipper, document=A, locked=True), by="carrier")
    number = int.from_bytes(A, "big")
    assert ask(transferable_store.OWNER_OF, number) == shipper
    assert ask(transferable_store.LOCKED, number) is True
    assert ask(transferable_store.IS_ISSUED, A) is True
    assert ask(transferable_store.IS_ACTIVE, A) is True
    ledger.send(place, transferable_store.revoke(document=A), by="carrier")
    assert ask(transferable_store.IS_REVOKED, A) is True
    with pytest.raises(Refused, match="ERC721NonexistentToken"):
        ask(transferable_store.IS_REVOKED, B)
    for interface, has in ((erc165.BATCHABLE_STORE, False), (erc165.DOCUMENT_STORE, True), (erc165.ERC721, True)):
        assert supports(ledger, place, interface) is has
    assert supports(ledger, place, erc165.LOCKABLE)


def creation(make: str, twins: Twins) -> bytes:
    if make == "ours":
        return builds.load("DocumentStore").creation
    return bytes.fromhex(twins.released[f"DocumentStore_{make}"]["creation"][2:])


def deployed(make: str, twins: Twins, types: tuple[str, ...], name: str) -> str:
    owner = twins.ledger.who("carrier")
    return twins.ledger.deploy(creation(make, twins) + abi.encode(types, (name, owner)))


def run(make: str, twins: Twins, script: list[Step], name: str) -> tuple[list[Outcome], list[dict[int, str]]]:
    ledger = twins.ledger
    snapshot = ledger.node.snapshot()
    try:
        names = {account.name: account.address for account in ledger.node.accounts} | {"nobody": ZERO}
        names["store"] = deployed(make, twins, ("string", "address"), name)
        outcomes = [take(step, names, ledger) for step in script]
        return outcomes, storage(ledger, names["store"])
    finally:
        ledger.node.revert(snapshot)
