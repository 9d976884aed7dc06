"""Whatever is done, in whatever order, our title contracts and the released version 5 leave the same trace.

The same steps run on both, from the same accounts at the same nonces, so that every address is the same too. What each step
returned, refused or logged must then be the same bytes, and at the end all of their storage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from people import ZERO, Ledger, Title, Titles, deploy, supports
from traces import Outcome, Step, Twins, storage, take

from ebl.chain.contracts import erc165, title_escrow_factory
from ebl.chain.contracts import role_names as roles
from ebl.chain.contracts import title_escrow_v5 as escrow
from ebl.chain.contracts import token_registry_v5 as registry
from ebl.ethereum import abi
from ebl.ethereum.keccak import keccak256
from ebl.testing.anvil import Anvil

FACTORY_SLOT, GENESIS_SLOT = 52, 53

Some = st.SearchStrategy[Any]


def to(contract: str, by: Some, function: Any, *arguments: Some) -> Some:
    return st.builds(Step, by, st.just(contract), st.just(function), st.tuples(*arguments))


party = st.sampled_from(("shipper", "bank"))
people = st.sampled_from(("shipper", "bank") * 5 + ("nobody",))
holder = st.sampled_from(("the holder",) * 5 + ("the beneficiary",))
beneficiary = st.sampled_from(("the beneficiary",) * 5 + ("the holder",))
issuer = st.sampled_from(("carrier",) * 5 + ("shipper",))
remarks = st.sampled_from((b"", b"seen", bytes(range(31)), bytes(range(32)), b"\xff" * 120, b"x" * 121))
ids = st.sampled_from((7,) * 5 + (8,))
role = st.sampled_from(roles.OF_REGISTRIES)
contracts = st.sampled_from(("escrow", "registry"))
moves = (
    to("escrow", beneficiary, escrow.NOMINATE, people, remarks),
    to("escrow", holder, escrow.TRANSFER_BENEFICIARY, people, remarks),
    to("escrow", holder, escrow.TRANSFER_HOLDER, people, remarks),
    to("escrow", holder, escrow.TRANSFER_OWNERS, people, people, remarks),
    to("escrow", beneficiary, escrow.REJECT_TRANSFER_BENEFICIARY, remarks),
    to("escrow", holder, escrow.REJECT_TRANSFER_HOLDER, remarks),
    to("escrow", holder, escrow.REJECT_TRANSFER_OWNERS, remarks),
    to("escrow", holder, escrow.RETURN_TO_ISSUER, remarks),
    to("registry", issuer, registry.RESTORE, ids, remarks),
)
between_contracts = (
    to(
        "registry",
        st.one_of(contracts, contracts, party),
        registry.TRANSFER_FROM,
        contracts,
        st.one_of(contracts, st.sampled_from(("shipper", "nobody", "the end"))),
        ids,
        remarks,
    ),
    to("escrow", st.one_of(contracts, party), escrow.SHRED, remarks),
    to("escrow", party, escrow.INITIALIZE, contracts, ids),
)
of_the_issuer = (
    to("registry", issuer, registry.MINT, people, people, ids, remarks),
    to("registry", issuer, registry.BURN, ids, remarks),
    to("registry", issuer, registry.PAUSE, remarks),
    to("registry", issuer, registry.UNPAUSE, remarks),
    to("registry", issuer, registry.UNPAUSE, remarks),
    to("registry", issuer, registry.SET_BASE_URI, st.sampled_from(("", "https://pacific.example/" + "long" * 10))),
    to("registry", issuer, roles.GRANT_ROLE, role, people),
    to("registry", issuer, roles.REVOKE_ROLE, role, people),
    to("registry", issuer, roles.RENOUNCE_ROLE, role, people),
    to("registry", issuer, roles.SET_ROLE_ADMIN, role, role),
)
scripts = st.lists(st.one_of(*moves, *moves, *between_contracts, st.one_of(*of_the_issuer)), min_size=10, max_size=40)
MINTED = Step("carrier", "registry", registry.MINT, ("shipper", "shipper", 7, b"first"))

VOYAGE = [
    MINTED,
    Step("shipper", "escrow", escrow.NOMINATE, ("consignee", b"draft")),
    Step("shipper", "escrow", escrow.TRANSFER_OWNERS, ("consignee", "bank", b"x" * 120)),
    Step("bank", "escrow", escrow.REJECT_TRANSFER_HOLDER, (b"",)),
    Step("consignee", "escrow", escrow.REJECT_TRANSFER_BENEFICIARY, (b"no",)),
    Step("shipper", "escrow", escrow.TRANSFER_OWNERS, ("bank", "bank", b"")),
    Step("bank", "escrow", escrow.REJECT_TRANSFER_OWNERS, (b"no",)),
    Step("shipper", "escrow", escrow.NOMINATE, ("bank", b"")),
    Step("shipper", "escrow", escrow.TRANSFER_HOLDER, ("bank", b"")),
    Step("bank", "escrow", escrow.TRANSFER_BENEFICIARY, ("bank", b"")),
    Step("bank", "escrow", escrow.RETURN_TO_ISSUER, (b"",)),
    Step("carrier", "registry", registry.RESTORE, (7, b"not yet")),
    Step("bank", "escrow", escrow.RETURN_TO_ISSUER, (b"now",)),
    Step("carrier", "registry", registry.BURN, (7, b"delivered")),
    Step("carrier", "registry", registry.PAUSE, (b"storm",)),
]


@pytest.fixture(scope="module")
def twins(anvil: Anvil, released: dict[str, Any]) -> Twins:
    anvil.rpc("anvil_autoImpersonateAccount", True)
    return Twins(Ledger(anvil), released)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@example(script=VOYAGE[1:])
@given(script=scripts)
def test_any_steps_leave_the_same_trace(twins: Twins, script: list[Step]) -> None:
    steps = [MINTED, *script]
    ours, theirs = (run(make, twins, steps) for make in ("ours", "v5"))
    for number, (one, other) in enumerate(zip(ours.outcomes, theirs.outcomes, strict=True)):
        assert one == other or is_meant(steps[number], one, other), [str(step) for step in steps[: number + 1]]
    # The released registry has these two built into its code.
    del ours.registry[FACTORY_SLOT], ours.registry[GENESIS_SLOT]
    assert ours.storage == theirs.storage


def test_a_whole_voyage_leaves_the_storage_of_a_registry_made_by_the_released_deployer(twins: Twins) -> None:
    ours, theirs = (run(make, twins, VOYAGE) for make in ("ours", "clone"))
    assert [outcome.refused for outcome in ours.outcomes] == [None] * len(VOYAGE)
    assert ours.outcomes == theirs.outcomes
    assert int(ours.registry[FACTORY_SLOT], 16) == int(ours.titles.factory, 16)
    # The clone comes a block later, since its implementation is made first, and is set up in yet another one.
    assert int(theirs.registry.pop(GENESIS_SLOT), 16) - int(ours.registry.pop(GENESIS_SLOT), 16) == 2
    assert ours.storage == theirs.storage


def test_slots_are_where_whoever_proves_a_title_looks(twins: Twins) -> None:
    ledger, who = twins.ledger, twins.ledger.who
    snapshot = ledger.node.snapshot()
    titles = deploy("ours", ledger, twins.released)
    title = titles.mint("shipper", "shipper", remark=b"r")
    title.move("transfer_owners", by="shipper", nominee="consignee", holder="bank")
    title.move("nominate", by="consignee", nominee="carrier")
    addresses = [f"0x{ledger.slot(title.escrow, number)[12:].hex()}" for number in (0, 2, 3, 4, 5, 6)]
    expected = (titles.registry, who("consignee"), who("bank"), ZERO, who("shipper"), who("carrier"))
    assert addresses == [address.lower() for address in expected]
    assert int.from_bytes(ledger.slot(title.escrow, 1), "big") == 7
    assert ledger.slot(title.escrow, 6)[11] == 1  # active
    owner_of_7 = keccak256((7).to_bytes(32, "big") + (3).to_bytes(32, "big"))
    assert f"0x{ledger.slot(titles.registry, int.from_bytes(owner_of_7, 'big'))[12:].hex()}" == title.escrow.lower()
    ledger.node.revert(snapshot)


def test_the_difference_that_is_meant_when_taking_out_what_was_never_minted(twins: Twins) -> None:
    """Ours says that there is no such title; the released registry refuses without a word."""
    nothing = Step("carrier", "registry", registry.BURN, (8, b""))
    ours, theirs = (run(make, twins, [nothing]).outcomes[0] for make in ("ours", "v5"))
    assert ours != theirs
    assert is_meant(nothing, ours, theirs)


def test_erc165_answers_are_the_same_but_for_the_id_of_nothing(twins: Twins) -> None:
    """Asked for 0x00000000, the id of an interface without functions, ours says no."""
    ledger = twins.ledger
    known = [value for value in vars(erc165).values() if isinstance(value, bytes)]
    answers = {}
    for make in ("ours", "v5"):
        snapshot = ledger.node.snapshot()
        titles = deploy(make, ledger, twins.released)
        places = (titles.registry, titles.mint("shipper", "bank").escrow, titles.implementation)
        answers[make] = {
            (number, interface.hex()): supports(ledger, contract, interface)
            for number, contract in enumerate(places)
            for interface in (*known, b"\xff" * 4, bytes(4), bytes.fromhex("150b7a02"))
        }
        ledger.node.revert(snapshot)
    assert answers["ours"] == answers["v5"] | {(0, "00000000"): False}
    assert answers["v5"][0, "00000000"] is True


def is_meant(step: Step, ours: Outcome, theirs: Outcome) -> bool:
    named = Outcome(refused=abi.selector("InvalidTokenId()"))
    return step.function is registry.BURN and (ours, theirs) == (named, Outcome(refused=b""))


@dataclass(frozen=True)
class Trace:
    """What a script came to; and the storage that it left of registry, escrow, implementation and factory."""

    titles: Titles
    outcomes: list[Outcome]
    storage: list[dict[int, str]]

    @property
    def registry(self) -> dict[int, str]:
        return self.storage[0]


def run(make: str, twins: Twins, steps: list[Step]) -> Trace:
    ledger = twins.ledger
    snapshot = ledger.node.snapshot()
    try:
        titles = clone(twins) if make == "clone" else deploy(make, ledger, twins.released)
        names = {account.name: account.address for account in ledger.node.accounts}
        names |= {"escrow": Title(titles, 7).escrow, "registry": titles.registry}
        names |= {"nobody": ZERO, "the end": registry.BURNT}
        for contract in ("escrow", "registry"):
            ledger.node.fund(names[contract])  # so that it can pay for gas where a step lets it send
        outcomes = [take(step, names, ledger) for step in steps]
        places = (titles.registry, names["escrow"], titles.implementation, titles.factory)
        return Trace(titles, outcomes, storage(ledger, *places))
    finally:
        ledger.node.revert(snapshot)


def clone(twins: Twins) -> Titles:
    """A released registry as the released deployer makes it: a minimal proxy that is set up once."""
    ledger, released = twins.ledger, twins.released
    standard = ledger.deploy(bytes.fromhex(released["TradeTrustTokenStandard_v5"]["creation"][2:]), by="agent")
    factory = ledger.deploy(bytes.fromhex(released["TitleEscrowFactory_v5"]["creation"][2:]))
    place = ledger.deploy(bytes.fromhex("3d602d80600a3d3981f3") + title_escrow_factory.clone(standard))
    named = abi.encode(("string", "string", "address"), ("Pacific Line", "PLB", ledger.who("carrier")))
    ledger.send(place, abi.call("initialize(bytes)", abi.encode(("bytes", "address"), (named, factory))), by="agent")
    implementation = title_escrow_factory.IMPLEMENTATION
    return Titles("v5", ledger, factory, implementation.decode(ledger.call(factory, implementation())), place)
