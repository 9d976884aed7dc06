"""The code of Multicall3 that is known here is what its creation code makes, and it calls the official document stores."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from people import Ledger

from ebl.chain.contracts import document_store_abi as store_abi
from ebl.chain.rpc import multicall
from ebl.ethereum import abi
from ebl.ethereum.keccak import keccak256
from ebl.model.ports import Read
from ebl.sources import online
from ebl.testing.anvil import Anvil
from tests.needs import JAVASCRIPT, need

VIEM = Path(__file__).parent / "node_modules" / "viem" / "_cjs" / "constants" / "contracts.js"


@pytest.fixture(scope="module")
def ledger(anvil: Anvil) -> Ledger:
    anvil.rpc("anvil_autoImpersonateAccount", True)
    return Ledger(anvil)


@pytest.fixture(scope="module")
def runtime(ledger: Ledger) -> bytes:
    need(VIEM.exists(), JAVASCRIPT)
    found = re.search(r"multicall3Bytecode = '0x([0-9a-f]+)'", VIEM.read_text("utf-8"))
    assert found
    return ledger.code(ledger.deploy(bytes.fromhex(found[1])))


def test_the_code_that_its_creation_code_makes_is_known(runtime: bytes) -> None:
    assert multicall.CODES[keccak256(runtime).hex()] == "viem's build"


@pytest.mark.parametrize("name", ["DocumentStore_old", "DocumentStore_new"])
def test_stores_answer_through_it_as_they_do_to_single_calls(
    name: str, runtime: bytes, ledger: Ledger, anvil: Anvil, released: dict[str, Any]
) -> None:
    anvil.rpc("anvil_setCode", multicall.ADDRESS, f"0x{runtime.hex()}")
    code = bytes.fromhex(released[name]["creation"][2:]) + abi.encode(
        ("string", "address"), ("x", ledger.who("carrier"))
    )
    store = ledger.deploy(code)
    hashes = [keccak256(bytes([n])) for n in range(30)]
    asked = [Read(store, ask(one)) for one in hashes for ask in (store_abi.is_issued, store_abi.is_revoked)]
    chains = [online(rpc={anvil.chain_id: anvil.url}, multicall=on).chain(None) for on in (True, False)]
    together, single = (chain.read_each(*asked) for chain in chains)  # type: ignore[attr-defined]
    assert list(together) == list(single)
    assert chains[0]._multicall.off is False  # type: ignore[attr-defined]
