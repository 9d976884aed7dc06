"""``ebl demo``: the whole process on this system, for readers who have never seen a Merkle tree."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from ebl.checking.memo import Run
from ebl.cli import own_files as files
from ebl.cli.output import Exit, result, say
from ebl.cli.print_reports import EXIT, lines
from ebl.config.documentation import page
from ebl.errors import InvalidInput
from ebl.model.findings import Verdict
from ebl.policy import IssuedBy
from ebl.reports.report import Report
from ebl.sources import Sources, online
from ebl.testing.bills import bill
from ebl.verify import examine

DOMAIN = "carrier.example"
BILLS = 100
_ROLES = ("carrier", "shipper", "bank", "consignee")
_MARK = "ebl-demo.txt"


@click.command()
@click.argument("folder", default="ebl-demo", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--keep", is_flag=True, help="Leave the chain and the DNS running until Ctrl-C, to try commands against them."
)
@click.pass_context
def demo(ctx: click.Context, folder: Path, keep: bool) -> None:
    """A carrier issues a hundred bills, and a bank verifies them. One bill is changed, one revoked, and the node is stopped.

    Everything runs on this system, in this process: a chain, a DNS, keys without value. The files stay in FOLDER.
    """
    started = time.monotonic()
    say(click.style("A carrier issues a hundred bills of lading. A bank verifies them.\n", bold=True))
    with _world(folder) as world:
        _open_store(world)
        _issue_bills(world)
        _verify_all(world)
        _change_one(world)
        _revoke_one(world)
        if keep:
            _wait(world)
        _lose_the_node(world)
    if world.surprises:
        say(click.style("\nUnexpected results: " + "; ".join(world.surprises), fg="red"))
        ctx.exit(Exit.INVALID)
    _farewell(world, time.monotonic() - started)


@dataclass(slots=True)
class _World:
    """The parts of the demonstration, as they are set up."""

    folder: Path
    chain: Any
    dns: Any
    store: Any = None
    node: Any = None
    wrapped: dict[Path, dict[str, Any]] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)

    @property
    def carrier(self) -> Any:
        """The carrier's key: published, and without value."""
        from ebl.chain.signers import LocalKey

        return LocalKey.from_hex(self.chain.account("carrier").key)

    @property
    def sources(self) -> Sources:
        """The sources that the bank queries."""
        return online(rpc={self.chain.chain_id: self.chain.url}, resolver=self.dns.url)

    @property
    def asking(self) -> str:
        """The same sources, as options of the command line."""
        return f"--rpc {self.chain.chain_id}={self.chain.url} --resolver {self.dns.url} --issuer {DOMAIN}"

    def file(self, number: int) -> Path:
        """The path of bill ``number``."""
        return self.folder / "bills" / f"bill-{number:04d}.json"


@contextmanager
def _world(folder: Path) -> Iterator[_World]:
    from ebl.testing.chain import LocalChain
    from ebl.testing.dns import DnsServer

    with LocalChain() as chain, DnsServer() as dns:
        _clear(folder)
        world = _World(folder, chain, dns)
        _step(1, "A chain and a DNS, in this process", f"chain {chain.chain_id}")
        yield world


def _open_store(world: _World) -> None:
    from ebl.net.connect import connect
    from ebl.registry import Store, deploy_store, send

    world.node = connect(world.chain.url)
    call = deploy_store(world.chain.chain_id, name="Blue Heron Lines", owner=world.carrier.address)
    receipt = send(call, signer=world.carrier, node=world.node)
    world.store = Store(world.chain.chain_id, receipt.contract or "")
    record = f"openatts net=ethereum netId={world.chain.chain_id} addr={world.store.address}"
    world.dns.zone.txt(DOMAIN, record)
    _step(2, "The carrier opens a document store on the chain", world.store.address)
    _step(3, f"and names the store in the DNS of {DOMAIN}", record)


def _issue_bills(world: _World) -> None:
    from ebl.registry import issue, send
    from ebl.wrap import wrap_batch

    raws = [
        bill(number, store=world.store.address, domain=DOMAIN, chain_id=world.chain.chain_id)
        for number in range(1, BILLS + 1)
    ]
    for number, raw in enumerate(raws, 1):
        files.save(world.folder / "raw" / world.file(number).name, files.json_text(raw, indent=2))
    batch = wrap_batch(raws)
    for number, document in enumerate(batch.documents, 1):
        world.wrapped[world.file(number)] = document
        files.save(world.file(number), files.json_text(document))
    _step(4, f"It wraps {BILLS} bills under one hash, the root, which covers them all", f"0x{batch.root.hex()}")
    receipt = send(issue(world.store, batch.root), signer=world.carrier, node=world.node)
    _step(5, "It issues that root, once", f"block {receipt.block_number}")


def _verify_all(world: _World) -> None:
    begun = time.monotonic()
    sources = Run(world.sources).once
    reports = [_examine(path, sources) for path in world.wrapped]
    valid = sum(report.verdict is Verdict.VALID for report in reports)
    seconds = time.monotonic() - begun
    _step(6, "The bank verifies every bill", f"{valid} of {len(reports)} valid, in {seconds:.1f} s")
    _show(world, world.file(1), reports[0], Verdict.VALID)
    if valid != len(reports):
        world.surprises.append(f"only {valid} of {len(reports)} bills were valid")


def _change_one(world: _World) -> None:
    path = world.folder / "tampered.json"
    text = world.file(7).read_text("utf-8")
    changed = text.replace(":number:", ":number:9", 1)
    files.save(path, changed.encode())
    _step(7, "An attacker adds a digit to the weight or count of one bill", str(path))
    _show(world, path, _examine(path, world.sources), Verdict.INVALID)


def _revoke_one(world: _World) -> None:
    from ebl.registry import revoke, send

    path = world.file(42)
    target = bytes.fromhex(world.wrapped[path]["signature"]["targetHash"])
    send(revoke(world.store, target), signer=world.carrier, node=world.node)
    _step(8, "The carrier revokes one bill", str(path))
    _show(world, path, _examine(path, world.sources), Verdict.INVALID)


def _lose_the_node(world: _World) -> None:
    """Stops the node: an outage is not an answer."""
    world.chain.stop()
    _step(9, "The bank's node stops responding, so the verdict is neither VALID nor NOT VALID", str(world.file(1)))
    _show(world, world.file(1), _examine(world.file(1), world.sources), Verdict.INDETERMINATE)


def _examine(path: Path, sources: Sources) -> Report:
    return examine(files.load(str(path)), IssuedBy(DOMAIN), sources=sources)


def _show(world: _World, path: Path, report: Report, expected: Verdict) -> None:
    """Prints the same lines as ``ebl verify``, and its exit code."""
    for line in lines(str(path), report, brief=report.verdict is not Verdict.VALID):
        result(f"     {line}")
    result(click.style(f"     exit code {int(EXIT[report.verdict])}", dim=True))
    if report.verdict is not expected:
        world.surprises.append(f"{path} is {report.verdict}, not {expected}")


def _step(number: int, what: str, detail: str) -> None:
    say(f"{click.style(f'{number:>2}', fg='cyan', bold=True)}  {what}  {click.style(detail, dim=True)}")


def _wait(world: _World) -> None:
    ebl, keys, rpc = _program(), world.folder / "keys", f"--rpc {world.chain.chain_id}={world.chain.url}"
    for role in _ROLES:
        files.save(keys / f"{role}.key", f"{world.chain.account(role).key}\n".encode(), private=True)
    registry = _registry(world)
    say("\nThe chain and the DNS keep running until Ctrl-C. In another terminal:\n")
    say(f"  {ebl} verify {world.asking} {world.file(1)}")
    say(f"  {ebl} verify {world.asking} {world.folder / 'bills'}\n")
    say(f"Or act as the carrier; the keys of {', '.join(_ROLES)} are in {keys}, and have no value elsewhere:\n")
    say(f"  {ebl} wrap {world.folder / 'raw'} -o {world.folder / 'mine'}")
    issuing = f"{rpc} --resolver {world.dns.url} --key-file {keys / 'carrier.key'}"
    say(f"  {ebl} store issue {world.store.address} {world.folder / 'mine'} {issuing}")
    say(f"  {ebl} verify {world.asking} {world.folder / 'mine'}\n")
    pages = f"{page('shipper')} and {page('bank')}"
    say(f"The commands and programs in {pages} can be typed as they are in {world.folder}, after\n")
    say(f"  export NODE={world.chain.chain_id}={world.chain.url} RESOLVER={world.dns.url}")
    say(f"  export CHAIN={world.chain.chain_id} STORE={world.store.address} REGISTRY={registry}")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("\nStopped.")


def _registry(world: _World) -> str:
    """Deploys a token registry for the carrier, and names it in the carrier's DNS."""
    from ebl.registry import deploy_factory, deploy_registry, send

    sending = {"signer": world.carrier, "node": world.node}
    factory = send(deploy_factory(world.chain.chain_id), **sending).contract or ""
    call = deploy_registry(world.chain.chain_id, name="Blue Heron Lines", symbol="BHL", factory=factory)
    address = send(call, **sending).contract or ""
    world.dns.zone.txt(DOMAIN, f"openatts net=ethereum netId={world.chain.chain_id} addr={address}")
    return address


def _farewell(world: _World, seconds: float) -> None:
    first, ebl = world.file(1), _program()
    say(f"\nDone in {seconds:.1f} s; the files are in {world.folder}. Try next:\n")
    say(f"  {ebl} inspect {first}")
    say(f"  {ebl} verify --offline {first}      (queries no source, so it can only show: unaltered)")
    say(f"  {ebl} verify --offline {world.folder / 'tampered.json'}             (detects the change even so)")
    say(f"  {ebl} demo --keep      (the same, but the chain keeps running for your commands)")


def _program() -> str:
    """The name by which this program was called, so that the commands shown work unchanged in the caller's shell."""
    called = Path(sys.argv[0])
    on_path = shutil.which("ebl")
    if called.name != "ebl" or (on_path and Path(on_path).resolve() == called.resolve()):
        return "ebl"
    return str(called.relative_to(Path.cwd()) if called.is_relative_to(Path.cwd()) else called)


def _clear(folder: Path) -> None:
    """Removes the files of an earlier demo. Raises `InvalidInput` if the folder has other files."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise InvalidInput(f"{folder} has files that are not from an earlier demo.", fix="Name another folder.")
        shutil.rmtree(folder)
    files.save(folder / _MARK, b"Made by `ebl demo`, which clears this folder when it is run again.\n")
