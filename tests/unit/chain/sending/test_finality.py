"""A block counts as final only where the chain really says so."""

from __future__ import annotations

from typing import Any

import pytest

from ebl.chain.sending import Finality
from ebl.chain.sending.finality import final_block
from ebl.chain.sending.node import NodeRefused
from ebl.errors import InvalidInput
from tests.unit.chain.sending.fake import block, told

DAY = 24 * 3600
NOW = 1_790_000_000


def chain(**tagged: Any) -> Any:
    def answer(tag: str, full: bool) -> Any:
        found = tagged[tag]
        if isinstance(found, Exception):
            raise found
        return found

    return told(eth_getBlockByNumber=answer)


def test_a_tag_gives_the_block_that_the_chain_calls_so() -> None:
    node = chain(latest=block(1000, time=NOW), finalized=block(936, time=NOW - 780))
    assert final_block(node, Finality("finalized")) == 936
    assert final_block(node, Finality()) == 1000
    assert final_block(node, Finality(depth=12)) == 988


@pytest.mark.parametrize(
    "finalized",
    [
        None,
        NodeRefused(-32000, "finalized block not found"),
        block(0),
        block(1001, time=NOW),
        block(900, time=NOW - DAY - 1),
    ],
)
def test_a_tag_that_is_missing_or_cannot_be_meant_is_refused_and_never_taken_for_latest(finalized: Any) -> None:
    node = chain(latest=block(1000, time=NOW), finalized=finalized)
    with pytest.raises(InvalidInput, match="no finalized block"):
        final_block(node, Finality("finalized"))


def test_nothing_is_final_yet_on_a_young_chain() -> None:
    node = chain(latest=block(20, time=NOW), finalized=block(0, time=NOW - 100))
    assert final_block(node, Finality("finalized")) == 0


@pytest.mark.parametrize(("text", "said"), [("safe", "safe"), ("finalized", "finalized"), ("12", "confirmations=12")])
def test_finality_is_read_and_named(text: str, said: str) -> None:
    assert str(Finality.parse(text)) == said


@pytest.mark.parametrize("text", ["", "0", "-1", "soon", "1.5", "99999"])
def test_what_is_no_finality_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Finality.parse(text)
