"""The options and steps of every command that sends a transaction: the signer, the plan, and the question before sending.

The command signs exactly the plan that it showed. If that cannot be sent, it makes, shows and asks about another plan.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.output import printable, result, result_json, say
from ebl.cli.place import Place, Whereabouts, with_whereabouts
from ebl.cli.progress import Progress
from ebl.cli.secrets import with_signer
from ebl.errors import InvalidInput, OutcomeUnknown, PlanOutdated, SourceError, TransactionError

if TYPE_CHECKING:
    from ebl.chain.sending import (
        Call,
        Finality,
        Node,
        Plan,
        PlanOfMany,
        Receipt,
        SendProgress,
        SendResult,
        TransactionSigner,
    )
    from ebl.chain.sending.transaction import Fees
    from ebl.config.networks import Gas

# With --yes no person sees how often a plan is made again, so this limits it.
_PLANS = 3
RESTS_ON = "depends on"
"""The label of a condition among the lines of a bill."""


_KEPT = "The journal has what was sent: run the same command again to wait for it; nothing is sent twice."
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Part:
    """One transaction of several: its ``call``, the additional members of its row, and what the plan shows of its bills."""

    call: Call
    row: Mapping[str, Any]
    bill: Sequence[tuple[str, str]] = ()


def with_sending(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of a write. The command gets ``sending``, which plans, asks, sends and prints."""
    only = click.option(
        "--calldata", is_flag=True, help="Print the call for a multisig or another wallet; send nothing."
    )
    return only(with_replacing(command))


def with_replacing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of a write that replaces another: all but ``--calldata``, because only the same key has its nonce."""

    @click.option("--dry-run", is_flag=True, help="Simulate with the real sender and show the plan; send nothing.")
    @click.option("--yes", is_flag=True, help="Do not ask before sending.")
    @click.option(
        "--max-cost", metavar="AMOUNT", help="Sign nothing that may cost more, in the chain's currency, such as 0.05."
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
    @click.option("--json", "as_json", is_flag=True, help="One JSON object for each transaction.")
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
            raise click.UsageError("Give --dry-run or --calldata, not both.")
        until = Finality.parse(finality)
        most = _number("--max-cost", max_cost, parse_amount)
        ceiling = _number("--gas-ceiling", gas_ceiling, parse_gwei)
        sending = Sending(where, signer, dry_run, calldata, yes, until, timeout, as_json, ceiling, most)
        try:
            return command(*args, sending=sending, **options)
        except SourceError as trouble:  # after a transaction is sent, errors of the node are retried
            if sending.sent:
                raise SourceError(trouble.doubt, "nothing_more_sent", because=trouble.message) from trouble
            raise SourceError(trouble.doubt, "nothing_sent", because=trouble.message) from trouble

    return run


def _words(extra: Mapping[str, Any]) -> Iterator[str]:
    """The subject of a receipt in words. An unconfirmed address is always marked as such."""
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

    A command whose file names the chain calls `on` before anything else.
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
        """Sets the place to send to. Raises click's usage error for ``--yes`` if nothing limits the price."""
        self._place = place
        self._require_bound(place)

    @property
    def gas(self) -> Gas:
        """How the chain prices gas, with the caller's limits."""
        return self.place.gas(self.gas_ceiling)

    @property
    def chain_id(self) -> int:
        """The chain that the caller named."""
        return self.place.chain_id

    @property
    def key(self) -> TransactionSigner:
        """The key that signs."""
        self._key = self._key or self.open_key()
        return self._key

    @property
    def node(self) -> Node:
        """The node to send through."""
        self._node = self._node or self.place.connect(self.gas)
        return self._node

    @property
    def waiting(self) -> dict[str, Any]:
        """The node and the waiting time, as arguments for `ebl.chain.sending`."""
        from ebl.chain.sending import WaitOptions

        return {"node": self.node, "until": self.until, "wait_options": WaitOptions(seconds=self.seconds)}

    def _require_bound(self, place: Place) -> None:
        """Raises click's usage error for ``--yes`` if nothing limits the price: otherwise the node alone would set it."""
        gas = place.gas(self.gas_ceiling)
        bounded = self.max_cost is not None or gas.ceiling is not None or gas.kind == "zero"
        if self.yes and place.is_public and not (bounded or self.dry_run or self.calldata):
            raise click.UsageError(
                f"Nothing was sent: chain {place.label} has no fee cap, so --yes needs one."
                " Add --max-cost AMOUNT (in the chain's currency) or --gas-ceiling GWEI."
            )

    def or_sender(self, address: str | None, option: str) -> str:
        """The address of an option, else the sender's. Raises click's usage error if the sender is unknown (``--calldata``)."""
        if address is None and self.calldata:
            raise click.UsageError(f"The sender is unknown with --calldata: name {option} ADDRESS.")
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
        """Shows the plan, asks, sends and prints the receipt (with ``what`` matters to this command).

        ``bill`` is what the plan shows of the bill, safe to print; ``doubts`` is what the move depends on without proof.

        Returns None if nothing was sent, because the caller only wants to see it.
        """
        from ebl.chain.sending import plan

        if self.calldata:
            _show_bill(bill, doubts)
            result_json({**call.to_dict(), **_about(bill, doubts)})
            return None
        # A move that an earlier run sent was planned and approved then; a new simulation would seem to be refused.
        if not self.dry_run and (receipt := self.resume(call, what=what)) is not None:
            return receipt

        def make() -> Plan:
            return plan(call, sender=self.key.address, node=self.node, max_cost=self.max_cost)

        return self.carry_out(make, {"summary": call.summary}, what=what, warning=warning, bill=bill, doubts=doubts)

    def resume(self, call: Call, *, what: Callable[[Receipt], dict[str, Any]] | None = None) -> Receipt | None:
        """Waits for a move that an earlier run sent, and prints its receipt. None if there is none, or it was undone since."""
        from ebl.chain.sending import resume

        with self.outcome({"summary": call.summary}), _wait_for(1):
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
        """Shows the plan that ``make`` makes, asks, sends exactly that, and prints the receipt.

        If it cannot be sent as shown, makes, shows and asks about another. Returns None if nothing was to be sent.
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
            self.ask("Send it, despite the doubt?" if doubts else "Send it?")
            try:
                with self.outcome(known), _wait_for(1):
                    receipt = send(planned, signer=self.key, **self.waiting)
                break
            except PlanOutdated as outdated:
                _plan_again(outdated, begun, bill, left)
        self.sent += 1
        self.told(receipt, what(receipt) if what else {}, about=_about(bill, doubts))
        return receipt

    def send_many(
        self,
        parts: Sequence[Part],
        *,
        warning: str = "",
        bill: Sequence[tuple[str, str]] = (),
        doubts: Sequence[str] = (),
    ) -> None:
        """Shows one plan of all parts, asks once, sends them, and prints the outcome of each, in order.

        ``bill`` is what the plan shows of all their bills. Raises `TransactionError` if a part failed, and `OutcomeUnknown` if
        the outcome of one is unknown; the outcomes of all are printed before.
        """
        if len(parts) == 1:
            (part,) = parts
            self.send(part.call, what=lambda _: dict(part.row), warning=warning, bill=bill, doubts=doubts)
            return
        if self.calldata:
            _show_bill(bill, doubts)
            for part in parts:
                result_json({**part.call.to_dict(), **_about(part.bill, doubts)})
            return
        results = self._carry_out_many(parts, warning, bill, doubts)
        if results is None:
            return
        for part, one in zip(parts, results, strict=True):
            self._tell_part(part, one, doubts)
        _require_all(results)

    def _carry_out_many(
        self, parts: Sequence[Part], warning: str, bill: Sequence[tuple[str, str]], doubts: Sequence[str]
    ) -> tuple[SendResult, ...] | None:
        from ebl.chain.sending import plan_all, planning, send_all

        calls, begun = [part.call for part in parts], planning.now()
        for left in reversed(range(_PLANS)):
            with Progress("plan", len(calls), unit="transactions", kept="Nothing was sent."):
                planned = plan_all(calls, sender=self.key.address, node=self.node, max_cost=self.max_cost)
            if planned.gas or self.dry_run:
                self._show_many(planned, warning, bill, doubts)
            if self.dry_run:
                words = f"would succeed; at most {printable(planned.max_price)} for gas"
                self.tell({"dry_run": True, **planned.to_dict(), **_about(bill, doubts)}, words)
                return None
            if planned.gas:  # the rest was agreed to when it was sent
                self.ask("Send them, with this in doubt?" if doubts else "Send them?")
            try:
                with _wait_for(len(calls)) as bar:
                    results = send_all(
                        planned,
                        signer=self.key,
                        **self.waiting,
                        progress=lambda now: bar.tally(now.total - now.left - now.waiting, _counts(now)),
                    )
            except PlanOutdated as outdated:
                _plan_again(outdated, begun, bill, left)
                continue
            self.sent += sum(one.tx_hash is not None for one in results)
            return results
        raise AssertionError("the last plan is sent, or its error raised")

    def _tell_part(self, part: Part, one: SendResult, doubts: Sequence[str]) -> None:
        about = _about(part.bill, doubts)
        if one.receipt is not None:
            self.told(one.receipt, dict(part.row), about=about)
            return
        word = one.state.replace("_", " ").upper()
        self.tell(
            {**part.row, **one.to_dict(), **about},
            f"{word}  {printable(one.call.summary)}: {printable(str(one.error))}",
        )

    @contextmanager
    def outcome(self, known: Mapping[str, str]) -> Iterator[None]:
        """A context for sending: if the outcome is not known in time, prints what is known, above all the hash."""
        try:
            yield
        except OutcomeUnknown as unknown:
            if self.as_json:
                result_json({"tx_hash": unknown.tx_hash, "state": "unknown", **known})
            raise

    def told(self, receipt: Receipt, extra: dict[str, Any], *, about: Mapping[str, Any] | None = None) -> None:
        """Prints a receipt; ``about`` is what the JSON has in addition, about the bill and the doubts."""
        if receipt.resumed:
            say("An earlier run had sent this already; it was waited for, not sent again.")
        words = "  ".join(_words(extra))
        block = f"in block {receipt.block_number} ({receipt.finality})"
        self.tell(
            {**extra, **receipt.to_dict(), **(about or {})},
            f"{words or 'done'}  {block}  transaction {receipt.tx_hash}",
        )

    def nothing(self, why: str, row: dict[str, Any]) -> None:
        """Prints that there is nothing to send."""
        self.tell({"sent": False, **row}, why)

    def ask(self, question: str = "Send it?") -> None:
        """Asks the user. Raises click's usage error unless the answer is yes."""
        if self.yes:
            return
        if not _at_terminal():
            raise click.UsageError(
                "Nothing was sent: there is no terminal for the question. Add --yes to send without asking."
            )
        _forget_what_was_typed()
        if not click.confirm(question, default=False, err=True):
            raise click.UsageError("Nothing was sent: you answered no.")

    def tell(self, row: dict[str, Any], words: str) -> None:
        """Prints the result, as JSON or in words."""
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
        say(f"  gas       at most {planned.gas:,}, {_price(planned.fees)}")
        say(f"  at most   {printable(planned.price)}")
        if planned.replaces is not None:
            say(f"  instead   of {planned.replaces.tx_hash} (nonce {planned.replaces.nonce}): one of both is included")
        if warning:
            say(f"  {click.style('Note', fg='yellow')}      {warning}")

    def _show_many(
        self, planned: PlanOfMany, warning: str, bill: Sequence[tuple[str, str]], doubts: Sequence[str]
    ) -> None:
        plans = planned.plans
        say(
            f"{click.style('Plan', bold=True)}  {len(plans)} transactions, of which the first: {printable(plans[0].call.summary)}"
            if plans
            else f"{click.style('Plan', bold=True)}  nothing is left to sign"
        )
        _show_bill(bill, doubts)
        say(f"  chain     {self.place.label}")
        contracts = list(dict.fromkeys(one.call.to or "a new one" for one in plans))
        more = f" and {len(contracts) - _NAMED} more" if len(contracts) > _NAMED else ""
        say(f"  contract  {', '.join(contracts[:_NAMED]) or 'none'}{more}")
        say(f"  from      {planned.sender}")
        say(f"  data      {_data_of(plans)}")
        if planned.sent_before:
            say(f"  before    {len(planned.sent_before)} more were sent by an earlier run, and are waited for")
        for number, no in list(planned.refused.items())[:_NAMED]:
            say(
                f"  {click.style('refused', fg='red')}   {printable(planned.calls[number].summary)}: {printable(no.message)}"
            )
        if len(planned.refused) > _NAMED:
            say(f"  {click.style('refused', fg='red')}   and {len(planned.refused) - _NAMED} more")
        say(f"  gas       at most {sum(planned.gas.values()):,} in all, {_price(planned.fees)}")
        say(f"  at most   {printable(planned.price)} in all")
        if planned.cap > planned.fees.limit:
            from ebl.chain.sending.amounts import gwei

            most = f"at most {printable(planned.max_price)} in all"
            say(f"  cap       what is not included is sent again for up to {gwei(planned.cap)}: {most}")
        if warning:
            say(f"  {click.style('Note', fg='yellow')}      {warning}")


def _wait_for(count: int) -> Progress:
    return Progress("send", count, unit="transactions", kept=_KEPT)


def _counts(now: SendProgress) -> dict[str, int]:
    counts = {"included": now.included, "not made": now.failed, "waiting": now.waiting}
    return {word: count for word, count in counts.items() if count}


def _plan_again(outdated: PlanOutdated, begun: datetime, bill: Sequence[tuple[str, str]], left: int) -> None:
    """Say that it is planned again. Raises the error if that was done often enough, or what was found of a file is old."""
    from ebl.chain.sending import planning

    if bill and (planning.now() - begun).total_seconds() > planning.GOOD_FOR:
        # A plan can be made again here; what was found of the file, and of its title, cannot.
        fix = "Run the command again: it checked the file when it began."
        raise PlanOutdated(outdated.message, tx_hash=outdated.tx_hash, fix=fix) from outdated
    if not left:
        raise outdated
    say(f"{printable(outdated.message)} It is planned again.")


def _require_all(results: Sequence[SendResult]) -> None:
    """Raise unless all are included: for what failed first, then for what is unknown, then for what was not sent."""
    from ebl.chain.sending import SendState

    def of(state: SendState) -> list[SendResult]:
        return [one for one in results if one.state is state]

    failed, unknown, unsent = of(SendState.FAILED), of(SendState.UNKNOWN), of(SendState.NOT_SENT)
    if not (failed or unknown or unsent):
        return
    total = len(results)
    words = f"{total - len(failed) - len(unknown) - len(unsent)} of {total} are included"
    parts = [(failed, "failed"), (unsent, "were not sent"), (unknown, "are not known yet")]
    words += "".join(f", {len(some)} {how}" for some, how in parts if some) + "."
    again = "Run the same command again: it waits for what was sent, and sends only what is missing."
    if unknown and not failed:
        raise OutcomeUnknown(words, tx_hash=unknown[0].tx_hash, fix=again)
    raise TransactionError(words, fix=f"See above why. {again}")


def _about(bill: Sequence[tuple[str, str]], doubts: Sequence[str]) -> dict[str, Any]:
    """The bill and the doubts of a plan as JSON data; there may be several conditions."""
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
    """Discards what was typed before the question, because it was an answer to something else."""
    try:
        import termios
    except ImportError:  # Windows
        return
    with suppress(OSError, ValueError, termios.error):
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def _at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _data(data: bytes) -> str:
    """The call's data in words, to compare with what a wallet or ``--calldata`` shows."""
    from ebl.ethereum.keccak import keccak256

    if len(data) <= 36:
        return f"0x{data.hex()}" if data else "none"
    return f"0x{data[:4].hex()}… ({len(data):,} bytes, Keccak-256 {keccak256(data).hex()})"


def _data_of(plans: Sequence[Plan]) -> str:
    """What several transactions call with, in order: the same as the data that ``--calldata`` prints, one after the other."""
    return _data(b"".join(one.call.data for one in plans)) if plans else "none"


def _price(fees: Fees) -> str:
    from ebl.chain.sending.amounts import gwei

    return f"each at most {gwei(fees.limit)}" + ("" if fees.tip is None else f" (tip {gwei(fees.tip)})")
