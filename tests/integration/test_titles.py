"""Titles on real nodes: moved by their parties, read, told in full, and never promised what the contracts refuse."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from ebl import registry as acts
from ebl.chain.contracts.events import Initialized, Nomination, RejectTransferHolder, RejectTransferOwners, read
from ebl.chain.rpc.json_rpc_chain import JsonRpcChain
from ebl.chain.rpc.jsonrpc import JsonRpc
from ebl.chain.rpc.logs import LogReader
from ebl.chain.sending import plan
from ebl.chain.signers import LocalKey
from ebl.chain.titles.endorsements import Replay
from ebl.chain.titles.history import History
from ebl.errors import TransactionError
from ebl.net.endpoint import Endpoint
from ebl.registry import (
    Action,
    Call,
    Journals,
    Move,
    Node,
    Registry,
    State,
    Title,
    capabilities,
    history,
    registry_at,
    registry_status,
    send,
    title,
)
from ebl.testing.chain import LocalNode
from ebl.testing.rpc_server import RpcError, RpcServer, respond

TOKEN = int.from_bytes(b"\7" * 32)
DOCUMENT = "urn:uuid:0195-bill"
ROLES = ("carrier", "shipper", "bank", "consignee", "stranger")


@dataclass
class World:
    """A registry of the carrier's, its title, and whoever acts on it."""

    chain: LocalNode
    node: Node
    journals: Journals
    registry: Registry

    def key(self, who: str) -> LocalKey:
        return LocalKey.from_hex(self.chain.account(who).key)

    def who(self, name: str) -> str:
        return self.chain.account(name).address

    def name(self, address: str | None) -> str | None:
        return next((role for role in ROLES if self.who(role) == address), address)

    def read(self) -> JsonRpcChain:
        return opened(self.chain.url)

    @property
    def title(self) -> Title:
        return title(self.read(), self.registry, TOKEN)

    def do(self, who: str, call: Call) -> None:
        send(call, signer=self.key(who), node=self.node, journals=self.journals)

    def mint(self, holder: str = "shipper", beneficiary: str = "shipper") -> None:
        parties = {"holder": self.who(holder), "beneficiary": self.who(beneficiary)}
        self.do("carrier", acts.mint(self.registry, TOKEN, **parties, remark="ISSUE", document_id=DOCUMENT))


def opened(url: str) -> JsonRpcChain:
    return JsonRpcChain.open(JsonRpc(Endpoint(url), sleep=lambda _: None), 1337, logs=LogReader())


@pytest.fixture
def world(chain: LocalNode, node: Node, journals: Journals) -> World:
    key = LocalKey.from_hex(chain.account("carrier").key)
    factory = send(acts.deploy_factory(1337), signer=key, node=node, journals=journals).contract
    call = acts.deploy_registry(1337, name="Straits Line", symbol="SCL", factory=str(factory))
    address = acts.deployed(send(call, signer=key, node=node, journals=journals))
    return World(chain, node, journals, registry_at(opened(chain.url), address))


def tell(world: World) -> None:
    """Every kind of operation, once at the least."""
    who, do = world.who, world.do
    said = {"document_id": DOCUMENT}
    world.mint()
    do(
        "shipper",
        acts.transfer(world.title, beneficiary=who("bank"), holder=who("bank"), remark="LC 2026-0042", **said),
    )
    do("bank", acts.reject(world.title, remark="单证不符", **said))
    do("shipper", acts.transfer_holder(world.title, who("bank")))
    do("shipper", acts.nominate(world.title, who("consignee")))
    do("bank", acts.endorse(world.title, who("consignee")))
    do("consignee", acts.reject_endorsement(world.title))
    do("shipper", acts.nominate(world.title, who("consignee")))
    do("shipper", acts.nominate(world.title, None))
    do("shipper", acts.nominate(world.title, who("consignee")))
    do(
        "bank",
        acts.transfer(world.title, beneficiary=who("consignee"), holder=who("consignee"), remark="付款放单", **said),
    )
    do("consignee", acts.transfer_holder(world.title, who("bank")))
    do("bank", acts.reject_holder(world.title))
    do("consignee", acts.return_to_issuer(world.title, remark="SREQ", **said))
    do("carrier", acts.reject_return(world.title, remark="SREJ", **said))
    do("consignee", acts.return_to_issuer(world.title))
    do("carrier", acts.accept_return(world.title, remark="SACC", **said))


STORY = [
    (Action.ISSUED, None, "shipper", "shipper", "ISSUE"),
    (Action.TRANSFERRED, "shipper", "bank", "bank", "LC 2026-0042"),
    (Action.TRANSFER_REJECTED, "bank", "shipper", "shipper", "单证不符"),
    (Action.HOLDER_TRANSFERRED, "shipper", "bank", "shipper", ""),
    (Action.NOMINATED, "shipper", "bank", "shipper", ""),
    (Action.ENDORSED, "bank", "bank", "consignee", ""),
    (Action.ENDORSEMENT_REJECTED, "consignee", "bank", "shipper", ""),
    (Action.NOMINATED, "shipper", "bank", "shipper", ""),
    (Action.NOMINATION_WITHDRAWN, "shipper", "bank", "shipper", ""),
    (Action.NOMINATED, "shipper", "bank", "shipper", ""),
    (Action.TRANSFERRED, "bank", "consignee", "consignee", "付款放单"),
    (Action.HOLDER_TRANSFERRED, "consignee", "bank", "consignee", ""),
    (Action.HOLDER_TRANSFER_REJECTED, "bank", "consignee", "consignee", ""),
    (Action.RETURNED, "consignee", "consignee", "consignee", "SREQ"),
    (Action.RETURN_REJECTED, None, "consignee", "consignee", "SREJ"),
    (Action.RETURNED, "consignee", "consignee", "consignee", ""),
    (Action.RETURN_ACCEPTED, None, None, None, "SACC"),
]


def told(world: World, found: Any) -> list[Any]:
    name = world.name
    return [
        (done.action, name(done.by), name(done.after.holder), name(done.after.beneficiary), done.text)
        for done in found.endorsements
    ]


def test_every_operation_is_told_by_its_name_with_parties_remark_and_time(world: World) -> None:
    tell(world)
    found = history(world.read(), world.registry, TOKEN, document_id=DOCUMENT)
    assert found.complete, found.gaps
    assert told(world, found) == STORY
    assert found.title.state is State.TAKEN_OUT
    assert all(done.time is not None for done in found.endorsements)
    again = Replay(5)
    logs = world.read().logs([found.title.escrow], start=0)
    together = [replace(log, tx_hash="0x" + "11" * 32) for log in logs]  # as if one contract had done it all at once
    again.follow(together, registry=world.registry.address, token_id=TOKEN)
    assert [done.action for done in again.done] == [row[0] for row in STORY]
    assert again.gaps == []


class Between:
    """A node in front of the node, whose answers a test may change, and which counts HTTP requests."""

    def __init__(self, chain: LocalNode, answer: Callable[[str, list[Any], Any], Any] | None = None) -> None:
        self.requests = 0

        def body(raw: bytes) -> bytes:
            self.requests += 1
            return respond(raw, lambda method, params: (answer or passed_on)(method, params, chain.rpc))

        self.server = RpcServer(body)


def passed_on(method: str, params: list[Any], ask: Any) -> Any:
    return ask(method, *params)


@pytest.fixture
def between(chain: LocalNode) -> Iterator[Callable[..., Between]]:
    started: list[Between] = []

    def start(answer: Any = None) -> Between:
        started.append(Between(chain, answer))
        return started[-1]

    yield start
    for one in started:
        one.server.stop()


@pytest.mark.parametrize("chain", ["anvil"], indirect=True)
@pytest.mark.parametrize("moves", [1, 11, 16, 17])
def test_a_title_costs_three_requests_in_every_state_and_its_history_five(
    world: World, between: Callable[..., Between], moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = 0
    original = world.do

    def until(who: str, call: Call) -> None:
        nonlocal done
        done += 1
        if done <= moves:
            original(who, call)

    monkeypatch.setattr(world, "do", until)
    tell(world)
    node = between()
    title(opened(node.server.url), world.registry, TOKEN)
    assert node.requests <= 3
    node.requests = 0
    found = history(opened(node.server.url), world.registry, TOKEN, document_id=DOCUMENT)
    assert found.complete and len(found.endorsements) == moves
    assert node.requests <= 5


@pytest.mark.parametrize("chain", ["anvil"], indirect=True)
def test_a_history_is_whole_from_a_node_that_allows_ten_blocks_and_fails_at_random(
    world: World, between: Callable[..., Between]
) -> None:
    tell(world)
    world.chain.mine(25)
    luck = random.Random(7)

    def answer(method: str, params: list[Any], ask: Any) -> Any:
        if method == "eth_getLogs":
            if int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) >= 10:
                raise RpcError(-32005, "query exceeds 10 blocks")
            if luck.random() < 0.3:
                raise RpcError(-32603, "internal error")
        return ask(method, *params)

    found = history(opened(between(answer).server.url), world.registry, TOKEN, document_id=DOCUMENT)
    assert found.complete
    assert told(world, found) == STORY


def test_a_history_that_is_read_in_ranges_is_the_same_and_states_how_far_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ebl.chain.titles.history._FIRST_BLOCKS", 4)
    tell(world)
    shown: list[tuple[int, int]] = []
    chain = world.read()
    found = history(chain, world.registry, TOKEN, document_id=DOCUMENT, progress=lambda *now: shown.append(now))
    assert found == history(chain, world.registry, TOKEN, document_id=DOCUMENT)
    done, totals = [now for now, _ in shown], {total for _, total in shown}
    assert done == sorted(set(done)) and len(done) > 2
    assert totals == {done[-1]}


def test_an_event_that_is_left_out_makes_the_history_incomplete_and_the_holder_stays_right(
    world: World, between: Callable[..., Between]
) -> None:
    world.mint()
    world.do("shipper", acts.transfer_holder(world.title, world.who("bank")))
    world.do("bank", acts.transfer_holder(world.title, world.who("consignee")))
    seen = list(without_each_event(world, between))
    assert len(seen) == 5
    for event, found in seen:
        assert not found.complete, f"{event} was not missed"
        assert found.title.holder == world.who("consignee")


def test_of_a_long_story_only_what_says_nothing_of_its_own_can_be_left_out(
    world: World, between: Callable[..., Between]
) -> None:
    """That is a nomination that an endorsement used up; and what tells a rejection from handing the title back."""
    tell(world)
    whole = told(world, history(world.read(), world.registry, TOKEN, document_id=DOCUMENT))
    for event, found in without_each_event(world, between):
        assert found.title.state is State.TAKEN_OUT
        if found.complete and isinstance(event, RejectTransferHolder | RejectTransferOwners):
            assert [row[1:] for row in told(world, found)] == [row[1:] for row in whole]
        elif found.complete:
            assert isinstance(event, Nomination), f"{event} was not missed"
            assert told(world, found) == whole


def without_each_event(world: World, between: Callable[..., Between]) -> Iterator[tuple[Any, History]]:
    """Each event about the title, and the history from a node that leaves it out."""
    logs = world.read().logs([world.title.escrow], start=0)
    for missing, log in enumerate(logs):
        event = read(log.topics, log.data)
        if not isinstance(event, Initialized):

            def answer(method: str, params: list[Any], ask: Any, missing: int = missing) -> Any:
                found = ask(method, *params)
                return found[:missing] + found[missing + 1 :] if method == "eth_getLogs" else found

            node = opened(between(answer).server.url)
            yield event, history(node, world.registry, TOKEN, document_id=DOCUMENT)


COMPOSE: dict[Move, Callable[[World, Title], Call]] = {
    Move.TRANSFER_HOLDER: lambda w, t: acts.transfer_holder(t, w.who("stranger")),
    Move.NOMINATE: lambda w, t: acts.nominate(t, w.who("stranger")),
    Move.RETURN: lambda _, t: acts.return_to_issuer(t),
    Move.REJECT_HOLDER: lambda _, t: acts.reject_holder(t),
    Move.REJECT_ENDORSEMENT: lambda _, t: acts.reject_endorsement(t),
    Move.REJECT: lambda _, t: acts.reject(t),
    Move.ACCEPT_RETURN: lambda _, t: acts.accept_return(t),
    Move.REJECT_RETURN: lambda _, t: acts.reject_return(t),
    Move.PAUSE: lambda w, _: acts.pause(w.registry),
    Move.UNPAUSE: lambda w, _: acts.unpause(w.registry),
}


def allowed(world: World, who: str, found: Title, move: Move) -> bool:
    """Whether the contracts would take the move, on trial."""
    if move in (Move.ENDORSE, Move.TRANSFER):
        to = found.nominee or world.who("stranger")
        call = acts.endorse(found, to) if move is Move.ENDORSE else acts.transfer(found, beneficiary=to, holder=to)
    elif move is Move.MINT:
        call = acts.mint(world.registry, TOKEN, beneficiary=world.who("bank"), holder=world.who("bank"))
    else:
        call = COMPOSE[move](world, found)
    try:
        plan(call, sender=world.who(who), node=world.node)
    except TransactionError:
        return False
    return True


def check_capabilities(world: World) -> None:
    reader = world.read()
    found = title(reader, world.registry, TOKEN)
    for who in ROLES:
        said = capabilities(found, world.who(who), chain=reader)
        for capability in said.moves:
            truth = allowed(world, who, found, capability.move)
            assert capability.can == truth, (found.state, who, capability)
            assert capability.can or capability.why


@pytest.mark.parametrize("chain", ["anvil"], indirect=True)
def test_what_somebody_can_do_is_exactly_what_the_contracts_take(world: World) -> None:
    check_capabilities(world)
    original = world.do

    def step(who: str, call: Call) -> None:
        original(who, call)
        check_capabilities(world)

    world.do = step  # type: ignore[method-assign]
    tell(world)


@pytest.mark.parametrize("chain", ["anvil"], indirect=True)
def test_a_paused_registry_lets_nobody_move_and_says_why(world: World) -> None:
    world.mint()
    world.do("carrier", acts.pause(world.registry, remark="court order"))
    check_capabilities(world)
    with pytest.raises(TransactionError, match="paused"):
        world.do("shipper", acts.transfer_holder(world.title, world.who("bank")))
    assert registry_status(world.read(), world.registry).paused
    world.do("carrier", acts.unpause(world.registry))
    check_capabilities(world)


@pytest.mark.parametrize("chain", ["embedded"], indirect=True)
def test_a_registry_says_what_it_is_and_roles_are_given_passed_on_and_taken(world: World) -> None:
    reader = world.read()
    found = registry_status(reader, world.registry)
    assert (found.name, found.symbol, found.code, found.registry.version) == ("Straits Line", "SCL", "ebl", 5)
    carrier, agent = world.who("carrier"), world.who("bank")
    assert acts.appointments(reader, world.registry, [carrier, agent]).held == (
        (carrier, ("admin", "minter", "accepter", "restorer")),
        (agent, ()),
    )
    for call in acts.transfer_role(world.registry, "minter", owner=carrier, to=agent):
        world.do("carrier", call)
    world.do("carrier", acts.grant(world.registry, "restorer", agent))
    world.do("carrier", acts.revoke_role(world.registry, "restorer", agent))
    assert acts.appointments(world.read(), world.registry, [carrier, agent]).held == (
        (carrier, ("admin", "accepter", "restorer")),
        (agent, ("minter",)),
    )
    with pytest.raises(TransactionError, match="lacks the role minter"):
        world.mint()
