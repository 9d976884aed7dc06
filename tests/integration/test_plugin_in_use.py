"""The pytest plugin gives each test a world of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ebl.testing.anvil import find_anvil
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
            assert IS_ISSUED.told(answer) is True
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


def _program(number: int) -> str:
    """A program of the testing guide."""
    page = (ROOT / "docs" / "integrator" / "testing.md").read_text(encoding="utf-8")
    return page.split("```python\n")[number].split("```")[0]
