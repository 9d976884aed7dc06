"""How few transactions very many roots need, and which stores take several at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ebl.chain.contracts import document_store_abi as abi
from ebl.chain.sending.node import NodeRefused
from ebl.errors import InvalidInput
from ebl.registry import Node, Store, StoreKind, issue_all, issues_in_bulk
from tests.unit.chain.sending.fake import told

STORE = Store(1, "0x" + "11" * 20)
SENDER = "0x" + "22" * 20
ROOTS = [number.to_bytes(32) for number in range(1, 251)]


def test_a_hundred_go_into_one_call_and_the_rest_into_a_smaller_one() -> None:
    calls = issue_all(STORE, ROOTS)
    assert [call.data for call in calls] == [abi.issue(ROOTS[at : at + 100]) for at in (0, 100, 200)]
    assert [call.data for call in issue_all(STORE, ROOTS[:3], at_once=1)] == [abi.ISSUE(root) for root in ROOTS[:3]]
    assert issue_all(STORE, ROOTS[:101])[1].data == abi.ISSUE(ROOTS[100])


@pytest.mark.parametrize(
    "wrong", [{"at_once": 0}, {"at_once": 101}, {"roots": [ROOTS[0], ROOTS[0]]}, {"roots": [b"1"]}]
)
def test_what_cannot_be_issued_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        issue_all(STORE, **({"roots": ROOTS[:2]} | wrong))


def node(answers: Callable[[bytes], bytes | None]) -> Node:
    """A node on which a call that has no answer, but data, reverts with that."""

    def call(fields: dict[str, str], _: str) -> str:
        data = answers(bytes.fromhex(fields["data"][2:]))
        if data is None:
            return "0x"
        raise NodeRefused(3, "execution reverted", data)

    return told(None, eth_call=call)


@pytest.mark.parametrize(
    ("together", "alone", "bulk"),
    [
        (None, None, True),
        (b"", None, False),  # it has no such function, and issues one
        (b"", b"", True),  # something else is wrong: the plan explains it
        (b"\x08\xc3\x79\xa0", None, True),  # it has it, and states why not
    ],
)
@pytest.mark.parametrize("kind", [StoreKind.HASHES, StoreKind.BATCHABLE])
def test_a_store_that_knows_no_bulk_issue_is_found_out(
    together: bytes | None, alone: bytes | None, bulk: bool, kind: StoreKind
) -> None:
    store = Store(1, STORE.address, kind)
    through = node(lambda data: alone if data[:4] == abi.ISSUE(ROOTS[0])[:4] else together)
    assert issues_in_bulk(store, ROOTS, sender=SENDER, node=through) is bulk
    assert issues_in_bulk(store, ROOTS[:1], sender=SENDER, node=through)
