"""What every command that moves something on chain shares: who signs, a plan first, and "no" unless told yes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.output import printable, result, result_json, say
from ebl.cli.place import Place, with_place
from ebl.cli.secrets import with_signer
from ebl.errors import OutcomeUnknown, SourceError

if TYPE_CHECKING:
    from ebl.transactions import Call, Finality, Node, Plan, Receipt, TransactionSigner

_COIN = 10**18


def with_sending(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a write. It gets ``sending``, which plans, asks, sends and tells."""
    dry = click.option("--dry-run", is_flag=True, help="Simulate with the real sender and show the plan; send nothing.")
    only = click.option(
        "--calldata", is_flag=True, help="Print the call for a multisig or another wallet; send nothing."
    )
    return dry(only(with_replacing(command)))


def with_replacing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a write that takes the place of another: that one was planned, so there is nothing to show first."""

    @click.option("--yes", is_flag=True, help="Do not ask before sending.")
    @click.option(
        "--finality",
        default="latest",
        metavar="WHAT",
        show_default=True,
        help="Wait until latest, safe, finalized, or N blocks deep.",
    )
    @click.option("--timeout", default=180.0, metavar="SECONDS", show_default=True, help="How long to wait for that.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a transaction.")
    @with_place
    @with_signer
    @wraps(command)
    def run(
        *args: Any,
        place: Place,
        signer: Callable[[], TransactionSigner],
        yes: bool,
        finality: str,
        timeout: float,
        as_json: bool,
        dry_run: bool = False,
        calldata: bool = False,
        **options: Any,
    ) -> Any:
        from ebl.transactions import Finality

        if dry_run and calldata:
            raise click.UsageError("--dry-run and --calldata are two things: give one.")
        until = Finality.parse(finality)
        sending = Sending(place, signer, dry_run, calldata, yes, until, timeout, as_json)
        try:
            return command(*args, sending=sending, **options)
        except SourceError as trouble:  # once a transaction is out, trouble with the node is waited through
            more = "more " if sending.sent else ""
            raise SourceError(trouble.doubt, f"{trouble.detail}; nothing {more}was sent") from trouble

    return run


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@dataclass(slots=True)
class Sending:
    """How one command sends. The key and the node are opened when they are first needed, and then kept."""

    place: Place
    open_key: Callable[[], TransactionSigner]
    dry_run: bool
    calldata: bool
    yes: bool
    until: Finality
    seconds: float
    as_json: bool
    sent: int = 0
    _key: TransactionSigner | None = None
    _node: Node | None = None

    @property
    def chain_id(self) -> int:
        """The chain that the caller named."""
        return self.place.chain_id

    @property
    def key(self) -> TransactionSigner:
        """Who signs."""
        self._key = self._key or self.open_key()
        return self._key

    @property
    def node(self) -> Node:
        """Through which node."""
        self._node = self._node or self.place.connect()
        return self._node

    @property
    def options(self) -> dict[str, Any]:
        """How to send and wait, for `ebl.transactions`."""
        from ebl.transactions import Patience

        patience = Patience(seconds=self.seconds)
        return {"signer": self.key, "node": self.node, "until": self.until, "patience": patience}

    def or_sender(self, address: str | None, option: str) -> str:
        """The address that an option gave, or else the sender's: who that is, is not known where only the call is wanted."""
        if address is None and self.calldata:
            raise click.UsageError(f"--calldata does not say who will send it: name {option} ADDRESS.")
        return address or self.key.address

    def send(
        self, call: Call, *, what: Callable[[Receipt], dict[str, Any]] | None = None, warning: str = ""
    ) -> Receipt | None:
        """Show the plan, ask, send and print the receipt (with ``what`` of it that matters to this command).

        None where nothing was sent, because the caller wants to see it only.
        """
        from ebl.transactions import plan, send, under_way

        if self.calldata:
            result_json(call.to_dict())
            return None
        # What an earlier run sent was planned and agreed to then; simulated again, it would seem to be refused.
        if self.dry_run or not under_way(call, sender=self.key.address, node=self.node):
            planned = plan(call, sender=self.key.address, node=self.node)
            self._show(planned, warning)
            if self.dry_run:
                words = f"would succeed; at most {self._coins(planned)} for gas"
                self.tell({"dry_run": True, **planned.to_dict()}, words)
                return None
            self.ask()
        with self.outcome({"summary": call.summary}):
            receipt = send(call, **self.options)
        self.sent += 1
        self.told(receipt, what(receipt) if what else {})
        return receipt

    @contextmanager
    def outcome(self, known: Mapping[str, str]) -> Iterator[None]:
        """While a transaction is sent: where its outcome is not known in time, print what is, its hash above all."""
        try:
            yield
        except OutcomeUnknown as unknown:
            if self.as_json:
                result_json({"tx_hash": unknown.tx_hash, "state": "unknown", **known})
            raise

    def told(self, receipt: Receipt, extra: dict[str, Any]) -> None:
        """Print a receipt."""
        if receipt.resumed:
            say("An earlier run had sent this already; it was waited for, not sent again.")
        words = "  ".join(f"{name} {_plain(value)}" for name, value in extra.items())
        block = f"in block {receipt.block_number} ({receipt.finality})"
        self.tell({**extra, **receipt.to_dict()}, f"{words or 'done'}  {block}  transaction {receipt.tx_hash}")

    def nothing(self, why: str, row: dict[str, Any]) -> None:
        """Say that there is nothing to send."""
        self.tell({"sent": False, **row}, why)

    def ask(self) -> None:
        """Go on only if the caller said yes."""
        if self.yes:
            return
        if sys.stdin is None or not sys.stdin.isatty():
            raise click.UsageError(
                "Nothing was sent: there is no terminal to ask at. Add --yes to send without asking."
            )
        if not click.confirm("Send it?", default=False, err=True):
            raise click.UsageError("Nothing was sent: you said no.")

    def tell(self, row: dict[str, Any], words: str) -> None:
        """Print the answer, as the caller wants it."""
        if self.as_json:
            result_json(row)
        else:
            result(words)

    def _show(self, planned: Plan, warning: str) -> None:
        say(f"{click.style('Plan', bold=True)}  {printable(planned.call.summary)}")
        say(f"  chain     {self.place.label}")
        say(f"  contract  {planned.call.to or 'a new one'}")
        say(f"  from      {planned.sender}")
        say(f"  at most   {planned.gas:,} gas, {self._coins(planned)}")
        if warning:
            say(f"  {click.style('Note', fg='yellow')}      {warning}")

    def _coins(self, planned: Plan) -> str:
        return f"{planned.cost / _COIN:.6g} {self.place.currency}"
