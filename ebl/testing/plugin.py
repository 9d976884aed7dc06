"""The pytest plugin: a chain, a DNS, accounts and a document store for the tests of programs that use `ebl`.

It costs nothing until a test uses a fixture. The chain runs in this process, or in anvil with ``--ebl-node anvil`` (or
``ebl_node = anvil`` in the ini file). Each test starts with the chain in its initial state::

    def test_a_bill_that_we_issued_is_valid(ebl_store, ebl_dns, ebl_accounts, ebl_sources): ...

A failing test shows why the reports in its variables have their verdicts, and the conditions of these.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from ebl.chain.signers import LocalKey
    from ebl.registry import Journals, Registry, Store
    from ebl.reports.report import Report
    from ebl.sources import Sources
    from ebl.testing.chain import LocalNode
    from ebl.testing.clock import Clock
    from ebl.testing.dns import DnsServer

_SHOWN = 5


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--ebl-node embedded|anvil``."""
    text = "the chain of the ebl fixtures: embedded (default) or anvil"
    parser.getgroup("ebl").addoption("--ebl-node", choices=("embedded", "anvil"), default=None, help=text)
    parser.addini("ebl_node", text, default="embedded")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds to a failing test why the reports in its variables have their verdicts, and their conditions."""
    told = yield
    if call.excinfo is not None and told.failed and "ebl.reports.report" in sys.modules:
        from ebl.testing.verdicts import explained

        for name, report in _reports(call.excinfo):
            told.sections.append((f"ebl: {name}", "\n".join(explained(report))))
    return told


def _reports(failure: pytest.ExceptionInfo[BaseException]) -> list[tuple[str, Report]]:
    """The reports in the variables of the functions that failed, innermost first, or of an uncaught `NotVerified`."""
    from ebl.reports.report import Report
    from ebl.verify import NotVerified

    held = [failure.value.report] if isinstance(failure.value, NotVerified) else []
    found: list[tuple[str, Report]] = [("NotVerified", report) for report in held]
    for entry in reversed(failure.traceback):
        for name, value in entry.frame.f_locals.items():
            several = value if type(value) in (list, tuple) else [value]
            for at, one in enumerate(several[:_SHOWN]):
                if type(one) is Report and not any(one is other for _, other in found):
                    found.append((name if one is value else f"{name}[{at}]", one))
    return found[:_SHOWN]


@pytest.fixture(scope="session")
def ebl_node(request: pytest.FixtureRequest) -> Iterator[LocalNode]:
    """A local node for the whole session. Use `ebl_chain`, which is in its initial state for every test."""
    from ebl.testing.anvil import Anvil, find_anvil
    from ebl.testing.chain import LocalChain
    from ebl.testing.clock import Clock

    kind = request.config.getoption("--ebl-node") or request.config.getini("ebl_node")
    if kind == "anvil":
        binary = find_anvil(request.config.rootpath)
        if binary is None:
            pytest.fail("anvil was not found: npm install @foundry-rs/anvil, or put it on PATH", pytrace=False)
        with Anvil(binary) as anvil:
            yield anvil
        return
    with LocalChain(clock=Clock().seconds) as chain:
        yield chain


@pytest.fixture
def ebl_chain(ebl_node: LocalNode) -> Iterator[LocalNode]:
    """The local chain: ``url``, ``chain_id``, ``accounts``, ``mine()``, ``fund()``. The changes of a test are undone."""
    snapshot = ebl_node.snapshot()
    yield ebl_node
    ebl_node.rpc("evm_setAutomine", True)
    ebl_node.revert(snapshot)


@pytest.fixture(scope="session")
def ebl_accounts(ebl_node: LocalNode) -> dict[str, LocalKey]:
    """Signers with funds on the chain, by role: ``carrier``, ``shipper``, ``bank``, ``consignee``, ``agent``, ``stranger`` …"""
    from ebl.chain.signers import LocalKey

    return _Accounts({account.name: LocalKey.from_hex(account.key) for account in ebl_node.accounts})


class _Accounts(dict[str, "LocalKey"]):
    """The signers by role. The error for an unknown role lists the known ones."""

    def __missing__(self, role: str) -> LocalKey:
        raise KeyError(f"{role!r} has no account; the roles are {', '.join(self)}")


@pytest.fixture(scope="session")
def _ebl_dns_server() -> Iterator[DnsServer]:
    from ebl.testing.dns import DnsServer

    with DnsServer() as server:
        yield server


@pytest.fixture
def ebl_dns(_ebl_dns_server: DnsServer) -> DnsServer:
    """A DNS server with one empty zone: ``ebl_dns.zone.txt(name, text)`` publishes, ``ebl_dns.fail(name, fault)`` breaks."""
    from ebl.testing.zones import LocalZone

    _ebl_dns_server.zones[:] = [LocalZone()]
    _ebl_dns_server.queries.clear()
    _ebl_dns_server.heal()
    return _ebl_dns_server


@pytest.fixture
def ebl_clock() -> Clock:
    """A clock fixed at the start of the embedded chain's time: ``now``, ``advance(days=1)``."""
    from ebl.testing.clock import Clock

    return Clock()


@pytest.fixture
def ebl_sources(ebl_chain: LocalNode, ebl_dns: DnsServer, ebl_clock: Clock) -> Sources:
    """Sources over the chain and the DNS, at the time of the clock, also after a test has advanced it.

    The chain mines no blocks in between, so these sources accept a block of any age. To test the age of blocks, make
    `ebl.sources.online` of your own.
    """
    from ebl.sources import online

    return online(
        rpc={ebl_chain.chain_id: ebl_chain.url},
        resolver=ebl_dns.url,
        now=lambda: ebl_clock.now,
        max_age=timedelta(days=36500),
    )


@pytest.fixture
def ebl_transactions(ebl_chain: LocalNode, tmp_path: Path) -> dict[str, Any]:
    """The arguments of `ebl.registry.send` except a call and a signer: ``send(call, signer=…, **ebl_transactions)``."""
    from ebl.net.connect import connect
    from ebl.registry import Journals

    journals: Journals = Journals(tmp_path / "ebl-journals")
    return {"node": connect(ebl_chain.url, chain_id=ebl_chain.chain_id), "journals": journals}


@pytest.fixture
def ebl_store(ebl_chain: LocalNode, ebl_accounts: dict[str, LocalKey], ebl_transactions: dict[str, Any]) -> Store:
    """A new document store of the carrier."""
    from ebl.registry import Store, deploy_store, deployed, send

    carrier = ebl_accounts["carrier"]
    call = deploy_store(ebl_chain.chain_id, name="Test Line", owner=carrier.address)
    return Store(ebl_chain.chain_id, deployed(send(call, signer=carrier, **ebl_transactions)))


@pytest.fixture
def ebl_registry(ebl_chain: LocalNode, ebl_accounts: dict[str, LocalKey], ebl_transactions: dict[str, Any]) -> Registry:
    """A new token registry (version 5) of the carrier, with a factory of its own and no titles."""
    from ebl.registry import Registry, deploy_factory, deploy_registry, deployed, send

    carrier = ebl_accounts["carrier"]
    factory = deployed(send(deploy_factory(ebl_chain.chain_id), signer=carrier, **ebl_transactions))
    call = deploy_registry(ebl_chain.chain_id, name="Test Line", symbol="TEST", factory=factory)
    return Registry(ebl_chain.chain_id, deployed(send(call, signer=carrier, **ebl_transactions)))
