"""The pytest plugin gives each test a world of its own."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from ebl.chain.signers import LocalKey
from ebl.policy import UnsafeAnyIssuer
from ebl.registry import Store, issue, revoke, send
from ebl.sources import Sources
from ebl.testing import DnsServer, bill
from ebl.testing.anvil import find_anvil
from ebl.testing.verdicts import explained
from ebl.verify import examine
from ebl.wrap import to_json, wrap
from tests.manual import blocks, page
from tests.needs import ANVIL, need

ROOT = Path(__file__).parents[2]


def test_each_test_finds_the_world_as_new(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(
        """
        from ebl.registry import issue, send
        from ebl.model.ports import Read
        from ebl.chain.contracts.document_store_abi import IS_ISSUED, is_issued

        ROOT = bytes(31) + b"\\1"
        heights = []

        def test_one(ebl_chain, ebl_store, ebl_accounts, ebl_transactions, ebl_dns, ebl_sources, ebl_clock):
            send(issue(ebl_store, ROOT), signer=ebl_accounts["carrier"], **ebl_transactions)
            ebl_dns.zone.txt("carrier.example", "here")
            assert ebl_sources.dns.txt("carrier.example").texts == ("here",)
            chain = ebl_sources.chain(ebl_chain.chain_id)
            (answer,) = chain.read(Read(ebl_store.address, is_issued(ROOT)))
            assert IS_ISSUED.decode_answer(answer) is True
            assert ebl_sources.now == ebl_clock.now
            assert 0 <= (chain.block.time - ebl_clock.now).total_seconds() < 3600
            heights.append(chain.block.number)

        def test_two(ebl_chain, ebl_dns, ebl_sources):
            assert ebl_sources.dns.txt("carrier.example").texts == ()
            assert ebl_sources.chain(None).block.number < heights[0]
        """
    )
    result = pytester.runpytest_subprocess("-q", "-p", "ebl.testing.plugin", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("node", ["embedded", "anvil"])
def test_the_tests_in_the_documentation_pass(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, node: str
) -> None:
    binary = find_anvil(ROOT)
    need(node == "embedded" or binary, ANVIL)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PATH", str(Path(binary or "").parent), prepend=os.pathsep)
    pytester.makepyfile(_program(1))
    result = pytester.runpytest_subprocess(
        "-q", "-p", "ebl.testing.plugin", "-p", "no:cacheprovider", "--ebl-node", node
    )
    result.assert_outcomes(passed=2)


def test_the_test_over_eth_tester_in_the_documentation_passes(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(_program(2))
    result = pytester.runpytest_subprocess("-q", "-p", "ebl.testing.plugin", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


def test_the_page_shows_what_a_failing_test_shows(
    ebl_store: Store,
    ebl_accounts: dict[str, LocalKey],
    ebl_transactions: dict[str, Any],
    ebl_sources: Sources,
    ebl_dns: DnsServer,
) -> None:
    ebl_dns.zone.txt("a.example", f"openatts net=ethereum netId=1337 addr={ebl_store.address}")
    document = wrap(bill(1, store=ebl_store.address, domain="a.example", chain_id=1337))
    root = bytes.fromhex(document["signature"]["merkleRoot"])
    for call in (issue(ebl_store, root), revoke(ebl_store, root)):
        send(call, signer=ebl_accounts["carrier"], **ebl_transactions)
    shown = "\n".join(explained(examine(to_json(document), UnsafeAnyIssuer(), sources=ebl_sources))) + "\n"
    (expected,) = [block.text for block in blocks(page("docs/integrator/testing.md")) if block.language == "text"]
    assert re.fullmatch(".*".join(map(re.escape, expected.split("…"))), shown), shown


def _program(number: int) -> str:
    """A program of the testing guide."""
    return [block.text for block in blocks(page("docs/integrator/testing.md")) if block.language == "python"][
        number - 1
    ]
