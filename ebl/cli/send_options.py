"""What every command that moves something on chain shares: who signs, a plan first, and "no" unless told yes.

What is signed is the plan that was shown: what cannot be sent as shown is planned, shown and asked about again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.output import printable, result, result_json, say
from ebl.cli.place import Place, Whereabouts, with_whereabouts
from ebl.cli.secrets import with_signer
from ebl.errors import InvalidInput, OutcomeUnknown, PlanOutdated, SourceError

if TYPE_CHECKING:
    from ebl.chain.sending import Call, Finality, Node, Plan, Receipt, TransactionSigner
    from ebl.config.networks import Gas

# With --yes no person sees how often it is planned again, so this bounds it.
_PLANS = 3
RESTS_ON = "rests on"
"""The label of a condition among the lines of a bill."""


def with_sending(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a write. It gets ``sending``, which plans, asks, sends and tells."""
    only = click.option(
        "--calldata", is_flag=True, help="Print the call for a multisig or another wallet; send nothing."
    )
    return only(with_replacing(command))


def with_replacing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a write that takes the place of another: all but ``--calldata``, as only its key has its nonce."""

    @click.option("--dry-run", is_flag=True, help="Simulate with the real sender and show the plan; send nothing.")
    @click.option("--yes", is_flag=True, help="Do not ask before sending.")
    @click.option(
        "--max-cost", metavar="AMOUNT", help="Sign nothing that may cost more, in the chain's coin, such as 0.05."
    )
    @click.option(
        "--gas-ceiling", metavar="GWEI", help="Sign nothing that may cost more for a unit of gas.  [the network's]"
    )
    @click.option(
        "--finality",
        default="latest",
        metavar="WHAT",
        show_default=True,
        help="Wait until latest, safe, finalized, or N blocks deep.",
    )
    @click.option("--timeout", default=180.0, metavar="SECONDS", show_default=True, help="How long to wait for that.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a transaction.")
    @with_whereabouts
    @with_signer
    @wraps(command)
    def run(
        *args: Any,
        where: Whereabouts,
        signer: Callable[[], TransactionSigner],
        dry_run: bool,
        yes: bool,
        max_cost: str | None,
        gas_ceiling: str | None,
        finality: str,
        timeout: float,
        as_json: bool,
        calldata: bool = False,
        **options: Any,
    ) -> Any:
        from ebl.chain.sending import Finality
        from ebl.chain.sending.amounts import parse_amount, parse_gwei

        if dry_run and calldata:
            raise click.UsageError("--dry-run and --calldata are two things: give one.")
        until = Finality.parse(finality)
        most = _number("--max-cost", max_cost, parse_amount)
        ceiling = _number("--gas-ceiling", gas_ceiling, parse_gwei)
        sending = Sending(where, signer, dry_run, calldata, yes, until, timeout, as_json, ceiling, most)
        try:
            return command(*args, sending=sending, **options)
        except SourceError as trouble:  # once a transaction is out, trouble with the node is waited through
            if sending.sent:
                raise SourceError(trouble.doubt, "nothing_more_sent", because=trouble.message) from trouble
            raise SourceError(trouble.doubt, "nothing_sent", because=trouble.message) from trouble

    return run


def _words(extra: Mapping[str, Any]) -> Iterator[str]:
    """What a receipt is about; an address that is not confirmed never without that."""
    unconfirmed = "" if extra.get("confirmed", True) else "not confirmed: "
    for name, value in extra.items():
        if name not in ("confirmed", "doubts"):
            yield f"{name} {unconfirmed}{_plain(value) if value is not None else 'none'}"


def _number(option: str, text: str | None, parse: Callable[[str], int]) -> int | None:
    try:
        return None if text is None else parse(text)
    except InvalidInput as bad:
        raise click.BadParameter(bad.message, param_hint=option) from bad


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@dataclass(slots=True)
class Sending:
    """How one command sends. The place, the key and the node are found when they are first needed, and then kept.

    A command whose file names the chain says so with `on` before anything else.
    """

    where: Whereabouts
    open_key: Callable[[], TransactionSigner]
    dry_run: bool
    calldata: bool
    yes: bool
    until: Finality
    seconds: float
    as_json: bool
    gas_ceiling: int | None = None
    max_cost: int | None = None
    sent: int = 0
    _place: Place | None = None
    _key: TransactionSigner | None = None
    _node: Node | None = None

    @property
    def place(self) -> Place:
        """The chain, and its nodes. Raises click's usage error as `on`, and if nothing names a chain."""
        if self._place is None:
            self.on(self.where.place())
            assert self._place is not None
        return self._place

    def on(self, place: Place) -> None:
        """Send there, as a file or the options have it. Raises click's usage error for ``--yes`` where no price is bounded."""
        self._place = place
        self._require_bound(place)

    @property
    def gas(self) -> Gas:
        """How the chain prices gas, and what the caller bounds."""
        return self.place.gas(self.gas_ceiling)

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
        self._node = self._node or self.place.connect(self.gas)
        return self._node

    @property
    def waiting(self) -> dict[str, Any]:
        """Through which node and how long to wait, for `ebl.chain.sending`."""
        from ebl.chain.sending import Patience

        return {"node": self.node, "until": self.until, "patience": Patience(seconds=self.seconds)}

    def _require_bound(self, place: Place) -> None:
        """Refuse ``--yes`` where nothing bounds the price: without a question the node alone would set it."""
        gas = place.gas(self.gas_ceiling)
        bounded = self.max_cost is not None or gas.ceiling is not None or gas.kind == "zero"
        if self.yes and place.is_public and not (bounded or self.dry_run or self.calldata):
            raise click.UsageError(
                f"Nothing was sent: chain {place.label} has no ceiling for the price of gas, so --yes needs one."
                " Add --max-cost AMOUNT (in the chain's coin) or --gas-ceiling GWEI."
            )

    def or_sender(self, address: str | None, option: str) -> str:
        """The address that an option gave, or else the sender's: who that is, is not known where only the call is wanted."""
        if address is None and self.calldata:
            raise click.UsageError(f"--calldata does not say who will send it: name {option} ADDRESS.")
        return address or self.key.address

    def send(
        self,
        call: Call,
        *,
        what: Callable[[Receipt], dict[str, Any]] | None = None,
        warning: str = "",
        bill: Sequence[tuple[str, str]] = (),
        doubts: Sequence[str] = (),
    ) -> Receipt | None:
        """Show the plan, ask, send and print the receipt (with ``what`` of it that matters to this command).

        ``bill`` is what the plan shows of the bill, safe to print; ``doubts`` what the act rests on unestablished.

        None where nothing was sent, because the caller wants to see it only.
        """
        from ebl.chain.sending import plan

        if self.calldata:
            _show_bill(bill, doubts)
            result_json({**call.to_dict(), **_about(bill, doubts)})
            return None
        # What an earlier run sent was planned and agreed to then; simulated again, it would seem to be refused.
        if not self.dry_run and (receipt := self.resume(call, what=what)) is not None:
            return receipt

        def make() -> Plan:
            return plan(call, sender=self.key.address, node=self.node, max_cost=self.max_cost)

        return self.carry_out(make, {"summary": call.summary}, what=what, warning=warning, bill=bill, doubts=doubts)

    def resume(self, call: Call, *, what: Callable[[Receipt], dict[str, Any]] | None = None) -> Receipt | None:
        """Wait for a move that an earlier run sent, and print its receipt; None if none did, or if it was undone since."""
        from ebl.chain.sending import resume

        with self.outcome({"summary": call.summary}):
            receipt = resume(call, sender=self.key.address, **self.waiting)
        if receipt is not None:
            self.sent += 1
            self.told(receipt, what(receipt) if what else {})
        return receipt

    def carry_out(
        self,
        make: Callable[[], Plan],
        known: Mapping[str, str],
        *,
        what: Callable[[Receipt], dict[str, Any]] | None = None,
        warning: str = "",
        bill: Sequence[tuple[str, str]] = (),
        doubts: Sequence[str] = (),
    ) -> Receipt | None:
        """Show the plan that ``make`` makes, ask, send exactly that, and print the receipt.

        If it cannot be sent as it was shown, make, show and ask about another. None if nothing was to be sent.
        """
        from ebl.chain.sending import planning, send

        begun = planning.now()
        for left in reversed(range(_PLANS)):
            planned = make()
            self._show(planned, warning, bill, doubts)
            if self.dry_run:
                words = f"would succeed; at most {printable(planned.price)} for gas"
                self.tell({"dry_run": True, **planned.to_dict(), **_about(bill, doubts)}, words)
                return None
            self.ask("Send it, with this in doubt?" if doubts else "Send it?")
            try:
                with self.outcome(known):
                    receipt = send(planned, signer=self.key, **self.waiting)
                break
            except PlanOutdated as outdated:
                if bill and (planning.now() - begun).total_seconds() > planning.GOOD_FOR:
                    # A plan can be made anew here; what was found of the file, and of its title, cannot.
                    fix = "Run it again: what is shown of the file was found out when it was begun."
                    raise PlanOutdated(outdated.message, tx_hash=outdated.tx_hash, fix=fix) from outdated
                if not left:
                    raise
                say(f"{printable(outdated.message)} It is planned again.")
        self.sent += 1
        self.told(receipt, what(receipt) if what else {}, about=_about(bill, doubts))
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

    def told(self, receipt: Receipt, extra: dict[str, Any], *, about: Mapping[str, Any] | None = None) -> None:
        """Print a receipt; ``about`` is what the JSON has besides, of the bill and of what was in doubt."""
        if receipt.resumed:
            say("An earlier run had sent this already; it was waited for, not sent again.")
        words = "  ".join(_words(extra))
        block = f"in block {receipt.block_number} ({receipt.finality})"
        self.tell(
            {**extra, **receipt.to_dict(), **(about or {})},
            f"{words or 'done'}  {block}  transaction {receipt.tx_hash}",
        )

    def nothing(self, why: str, row: dict[str, Any]) -> None:
        """Say that there is nothing to send."""
        self.tell({"sent": False, **row}, why)

    def ask(self, question: str = "Send it?") -> None:
        """Go on only if the caller said yes."""
        if self.yes:
            return
        if not _at_terminal():
            raise click.UsageError(
                "Nothing was sent: there is no terminal to ask at. Add --yes to send without asking."
            )
        _forget_what_was_typed()
        if not click.confirm(question, default=False, err=True):
            raise click.UsageError("Nothing was sent: you said no.")

    def tell(self, row: dict[str, Any], words: str) -> None:
        """Print the answer, as the caller wants it."""
        if self.as_json:
            result_json(row)
        else:
            result(words)

    def _show(self, planned: Plan, warning: str, bill: Sequence[tuple[str, str]], doubts: Sequence[str]) -> None:
        say(f"{click.style('Plan', bold=True)}  {printable(planned.call.summary)}")
        _show_bill(bill, doubts)
        say(f"  chain     {self.place.label}")
        itself = planned.call.to == planned.sender
        say(f"  contract  {'none: it goes to its own sender' if itself else planned.call.to or 'a new one'}")
        say(f"  from      {planned.sender}")
        say(f"  data      {_data(planned.call.data)}")
        say(f"  gas       at most {planned.gas:,}, {_fees(planned)}")
        say(f"  at most   {printable(planned.price)}")
        if planned.replaces is not None:
            say(f"  instead   of {planned.replaces.tx_hash} (nonce {planned.replaces.nonce}): one of both is included")
        if warning:
            say(f"  {click.style('Note', fg='yellow')}      {warning}")


def _about(bill: Sequence[tuple[str, str]], doubts: Sequence[str]) -> dict[str, Any]:
    """The same as JSON data: there may be several conditions."""
    if not bill and not doubts:
        return {}
    lines = {label: text for label, text in bill if label != RESTS_ON}
    conditions = [text for label, text in bill if label == RESTS_ON]
    return {"bill": lines, "conditions": conditions, "doubts": list(doubts)}


def _show_bill(bill: Sequence[tuple[str, str]], doubts: Sequence[str]) -> None:
    for label, text in bill:
        say(f"  {label:<9} {text}")
    for doubt in doubts:
        say(f"  {click.style('Doubt', fg='yellow')}     {printable(doubt)}")


def _forget_what_was_typed() -> None:
    """An answer counts if it is given after the question: one that was typed before was to something else."""
    try:
        import termios
    except ImportError:  # Windows
        return
    with suppress(OSError, ValueError, termios.error):
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def _at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _data(data: bytes) -> str:
    """What is called with, so that it can be compared with what a wallet or ``--calldata`` shows."""
    from ebl.ethereum.keccak import keccak256

    if len(data) <= 36:
        return f"0x{data.hex()}" if data else "none"
    return f"0x{data[:4].hex()}… ({len(data):,} bytes, Keccak-256 {keccak256(data).hex()})"


def _fees(planned: Plan) -> str:
    from ebl.chain.sending.amounts import gwei

    tip = planned.fees.tip
    return f"each at most {gwei(planned.fees.limit)}" + ("" if tip is None else f" (tip {gwei(tip)})")
