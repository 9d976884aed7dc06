"""Chains for the integration tests: embedded and anvil, started and stopped here, on loopback and free ports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ebl.chain.sending import Journals, Node
from ebl.chain.signers import LocalKey
from ebl.net.connect import connect
from ebl.testing.anvil import Anvil, find_anvil
from ebl.testing.chain import LocalChain, LocalNode
from tests.needs import ANVIL, need

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def anvil() -> Iterator[LocalNode]:
    binary = find_anvil(ROOT)
    need(binary, ANVIL)
    with Anvil(binary) as started:
        yield started


@pytest.fixture(scope="session")
def embedded() -> Iterator[LocalNode]:
    with LocalChain() as started:
        yield started


@pytest.fixture(params=["embedded", "anvil"])
def chain(request: pytest.FixtureRequest) -> Iterator[LocalNode]:
    """Both chains in turn, put back afterwards as they were."""
    local: LocalNode = request.getfixturevalue(request.param)
    snapshot = local.snapshot()
    yield local
    local.rpc("evm_setAutomine", True)
    local.revert(snapshot)


@pytest.fixture
def node(chain: LocalNode) -> Node:
    return connect(chain.url, chain_id=1337)


@pytest.fixture
def journals(tmp_path: Path) -> Journals:
    return Journals(tmp_path / "journals")


@pytest.fixture
def carrier(chain: LocalNode) -> LocalKey:
    return LocalKey.from_hex(chain.account("carrier").key)


@pytest.fixture
def stranger(chain: LocalNode) -> LocalKey:
    return LocalKey.from_hex(chain.account("stranger").key)
