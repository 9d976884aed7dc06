"""What every command that moves something on chain shares: where, who signs, a plan first, and "no" unless told yes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.output import printable, result, result_json, say
from ebl.cli.secrets import with_signer

if TYPE_CHECKING:
    from ebl.signers import LocalKey
    from ebl.sources import Chain
    from ebl.transactions import Call, Node, Receipt

_COIN = 10**18
_LOCAL = 1337


def chain_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--rpc ID=URL``; it gets ``rpc``, a pair of both. There is no default: a network is always named."""
    return click.option(
        "--rpc",
        required=True,
        metavar="ID=URL",
        callback=lambda _ctx, _param, word: numbered(word),
        help="The chain and a node of it, e.g. 1337=http://127.0.0.1:8545.",
    )(command)


def numbered(word: str) -> tuple[int, str]:
    """Read ``ID=URL``. Raises `click.BadParameter`."""
    number, equals, url = word.partition("=")
    if not (
        equals
        and number.isascii()
        and number.isdigit()
        and len(number) < 20
        and url.startswith(("http://", "https://"))
    ):
        raise click.BadParameter("expected ID=URL, e.g. 1337=http://127.0.0.1:8545", param_hint="--rpc")
    return int(number), url


def reading(rpc: tuple[int, str]) -> Chain:
    """The chain, read at one block."""
    from ebl.sources import Sources

    return Sources.online(rpc={rpc[0]: rpc[1]}).chain(rpc[0])


def with_sending(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a write. It gets ``rpc`` and ``sending``, which plans, asks, sends and tells."""

    @click.option("--dry-run", is_flag=True, help="Simulate with the real sender and show the plan; send nothing.")
    @click.option("--calldata", is_flag=True, help="Print the call for a multisig or another wallet; send nothing.")
    @click.option("--yes", is_flag=True, help="Do not ask before sending.")
    @click.option(
        "--finality", default="latest", metavar="WHAT", help="Wait until latest, safe, finalized, or N blocks deep."
    )
    @click.option("--json", "as_json", is_flag=True, help="One JSON object.")
    @chain_option
    @with_signer
    @wraps(command)
    def run(
        *args: Any,
        rpc: tuple[int, str],
        signer: Callable[[], LocalKey],
        dry_run: bool,
        calldata: bool,
        yes: bool,
        finality: str,
        as_json: bool,
        **options: Any,
    ) -> Any:
        if dry_run and calldata:
            raise click.UsageError("--dry-run and --calldata are two things: give one.")
        sending = Sending(rpc, signer, dry_run, calldata, yes, finality, as_json)
        return command(*args, rpc=rpc, sending=sending, **options)

    return run


@dataclass(slots=True)
class Sending:
    """How one command sends. The key and the node are opened when they are first needed, and then kept."""

    rpc: tuple[int, str]
    open_key: Callable[[], LocalKey]
    dry_run: bool
    calldata: bool
    yes: bool
    finality: str
    as_json: bool
    _key: LocalKey | None = None
    _node: Node | None = None

    @property
    def chain_id(self) -> int:
        """The chain that the caller named."""
        return self.rpc[0]

    @property
    def key(self) -> LocalKey:
        """Who signs."""
        self._key = self._key or self.open_key()
        return self._key

    @property
    def node(self) -> Node:
        """Through which node."""
        from ebl.net.node import connect

        self._node = self._node or connect(self.rpc[1], chain_id=self.chain_id)
        return self._node

    def send(self, call: Call, *, what: Callable[[Receipt], dict[str, Any]] | None = None, warning: str = "") -> None:
        """Show the plan, ask, send and print the receipt (with ``what`` of it that matters to this command)."""
        from ebl.transactions import Finality, plan, send

        if self.calldata:
            result_json(call.to_dict())
            return
        planned = plan(call, sender=self.key.address, node=self.node)
        self._show(planned, warning)
        if self.dry_run:
            self._tell({"dry_run": True, **planned.to_dict()}, f"would succeed; at most {_coins(planned.cost)} for gas")
            return
        self._ask()
        receipt = send(call, signer=self.key, node=self.node, until=Finality.parse(self.finality))
        extra = what(receipt) if what else {}
        if receipt.resumed:
            say("An earlier run had sent this already; it was waited for, not sent again.")
        words = "  ".join(f"{name} {value}" for name, value in extra.items())
        block = f"in block {receipt.block_number} ({receipt.finality})"
        self._tell({**extra, **receipt.to_dict()}, f"{words or 'done'}  {block}  transaction {receipt.tx_hash}")

    def nothing(self, why: str, row: dict[str, Any]) -> None:
        """Say that there is nothing to send."""
        self._tell({"sent": False, **row}, why)

    def _show(self, planned: Any, warning: str) -> None:
        say(f"{click.style('Plan', bold=True)}  {printable(planned.call.summary)}")
        say(f"  chain     {self.chain_id}{_label(self.chain_id)}")
        say(f"  from      {planned.sender}")
        say(f"  at most   {planned.gas:,} gas, {_coins(planned.cost)}")
        if warning:
            say(f"  {click.style('Note', fg='yellow')}      {warning}")

    def _ask(self) -> None:
        if self.yes:
            return
        if not sys.stdin.isatty():
            raise click.UsageError(
                "Nothing was sent: there is no terminal to ask at. Add --yes to send without asking."
            )
        if not click.confirm("Send it?", default=False, err=True):
            raise click.UsageError("Nothing was sent: you said no.")

    def _tell(self, row: dict[str, Any], words: str) -> None:
        if self.as_json:
            result_json(row)
        else:
            result(words)


def is_public(chain_id: int) -> bool:
    """Whether a chain is one that others share: any but the local one and those that the table calls test networks."""
    from ebl.networks import load

    network = load().by_id(chain_id)
    return chain_id != _LOCAL and not (network and network.testnet)


def _label(chain_id: int) -> str:
    from ebl.networks import load

    network = load().by_id(chain_id)
    return f" ({network.label})" if network else ""


def _coins(wei: int) -> str:
    return f"{wei / _COIN:.6g} coins"
