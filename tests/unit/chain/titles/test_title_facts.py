"""The fact of a title says who has it, in every state, and whether that is proved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ebl.chain.titles.title_proof import _PARTIES
from ebl.registry import Registry, State, title
from ebl.status.token_registry import Titled, TokenRegistry
from tests.messages import faults
from tests.unit.chain.titles.registry_chain import ALICE, BOB, REGISTRY, TOKEN, titled

ROOT = TOKEN.to_bytes(32)


@pytest.mark.parametrize("proved", [False, True])
@pytest.mark.parametrize(
    ("owner", "parties", "said"),
    [
        ("escrow", (ALICE, BOB), f"held by {ALICE}; the beneficiary is {BOB}"),
        ("escrow", (ALICE, ALICE), f"{ALICE} is holder and beneficiary"),
        ("registry", (ALICE, BOB), f"surrendered to its issuer by {ALICE}"),
        ("dead", (None, None), "accomplished (taken out of circulation by its issuer)"),
    ],
)
def test_the_fact_of_a_title_says_who_has_it_and_whether_that_is_proved(
    owner: str, parties: Any, said: str, proved: bool
) -> None:
    found = title(titled(owner=owner), Registry(1337, REGISTRY), TOKEN)
    assert found.state is not State.NOT_MINTED
    found = replace(found, holder=parties[0], beneficiary=parties[1])
    fact = Titled(TokenRegistry(1, REGISTRY, ROOT, ROOT, ()), found, proved)
    assert not [*faults(fact.message)]
    assert f"; {said}, {'verified with storage proofs ' if proved else ''}as of block {found.block.number}" in str(fact)


def test_what_a_proof_is_compared_in_has_words() -> None:
    from ebl.messages.catalogue import ENGLISH, templates

    assert set(_PARTIES) <= templates(ENGLISH)["word"].keys()
