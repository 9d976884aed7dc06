"""What composes a move takes a file that was verified or a title that was read, and never one that is hostile unawares."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from ebl import registry
from ebl.chain.titles.title_state import read_title
from ebl.config.networks import pace
from ebl.errors import InvalidInput
from ebl.model.ports import Sources
from ebl.policy import AllOf, TitleIn
from ebl.registry import Call, Registry, State
from ebl.sources import offline
from ebl.verify import NotVerified, examine
from tests.unit.chain.titles.registry_chain import ALICE, BOB, NOW, REGISTRY, TOKEN, titled
from tests.unit.policies.test_title_policies import ANY, Zone, bill

MOVES: dict[str, Any] = {
    "transfer_holder": partial(registry.transfer_holder, holder=BOB),
    "nominate": partial(registry.nominate, nominee=BOB),
    "endorse": partial(registry.endorse, beneficiary=BOB),
    "transfer": partial(registry.transfer, beneficiary=BOB, holder=BOB),
    "reject": registry.reject,
    "reject_holder": registry.reject_holder,
    "reject_endorsement": registry.reject_endorsement,
    "return_to_issuer": registry.return_to_issuer,
    "accept_return": registry.accept_return,
    "reject_return": registry.reject_return,
}
ALL = pytest.mark.parametrize("move", MOVES.values(), ids=MOVES.keys())


def report(policy: Any = ANY, *, id_: str | None = None, **title: Any) -> Any:
    document = replace(bill(), data={} if id_ is None else {"id": id_})
    world: Any = Sources(pace=pace, chain=lambda _: titled(**title), dns=Zone(), fetch=offline().fetch, now=NOW)  # type: ignore[arg-type,return-value]
    return examine(document, policy, sources=world)


def composed(move: Any, what: Any, **options: Any) -> Call:
    call: Call = move(what, **options)
    return call


@ALL
def test_a_valid_file_moves_its_own_title_with_its_own_id(move: Any) -> None:
    title = read_title(titled(), Registry(1337, REGISTRY), TOKEN)  # type: ignore[arg-type]
    of_file = composed(move, report(id_="BL-7"), remark="pledge")
    assert of_file == composed(move, title, remark="pledge", document_id="BL-7")
    assert of_file != composed(move, report(id_="BL-8"), remark="pledge")
    assert composed(move, report(id_="BL-8"), remark="pledge", document_id="BL-7") == of_file


@ALL
def test_a_file_that_is_not_valid_moves_nothing(move: Any) -> None:
    for bad in (
        report(owner="dead"),
        report(AllOf(ANY, TitleIn(State.RETURNED))),
        examine(bill(), ANY, sources=offline()),
    ):
        with pytest.raises(NotVerified):
            composed(move, bad)


@ALL
def test_bytes_and_documents_move_nothing(move: Any) -> None:
    for what in (b"{}", bill(), {"id": "BL-7"}, "0x07"):
        with pytest.raises(InvalidInput, match="report of a VALID file; found"):
            composed(move, what)


@ALL
def test_a_hostile_title_is_moved_only_by_who_knows_that_it_is(move: Any) -> None:
    title = read_title(titled(), Registry(1337, REGISTRY), TOKEN)  # type: ignore[arg-type]
    hostile = replace(title, state=State.HOSTILE, doubts=("the escrow is not a proxy",))
    with pytest.raises(InvalidInput, match="the escrow is not a proxy"):
        composed(move, hostile)
    assert composed(move, hostile, hostile_ok=True).chain_id == 1337


def test_every_function_that_takes_a_title_to_move_it_is_tried_here() -> None:
    import inspect

    takes_title = {
        name
        for name in registry.__all__
        if inspect.isfunction(getattr(registry, name))
        and "hostile_ok" in inspect.signature(getattr(registry, name)).parameters
    }
    assert takes_title == MOVES.keys()
    calls = {
        name
        for name in registry.__all__
        if inspect.isfunction(found := getattr(registry, name))
        and str(inspect.signature(found).return_annotation) == "Call"
        and any("Title" in str(p.annotation) for p in inspect.signature(found).parameters.values())
    }
    assert calls == MOVES.keys()


def test_returned_titles_are_the_issuers_to_accept() -> None:
    returned = report(AllOf(ANY, TitleIn(State.RETURNED)), owner="registry")
    assert registry.accept_return(returned).to == REGISTRY
    assert ALICE in str(returned.facts[0])
