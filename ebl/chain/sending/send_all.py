"""Sending of many calls: nonces in a pipeline, one loop that confirms all, and a run that resumes from the journal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ebl.chain.sending import fees as gas
from ebl.chain.sending.call import Call
from ebl.chain.sending.finality import LATEST, Finality, final_block
from ebl.chain.sending.given_node import AnyNode, node_of
from ebl.chain.sending.journal import Journal, JournalEntry, Journals, Outcome, Purpose, fingerprint
from ebl.chain.sending.node import Node, NodeRefused, Receipt
from ebl.chain.sending.plan_of_many import PlanOfMany, plan_all, require_good, together
from ebl.chain.sending.planning import simulate, why_reverted
from ebl.chain.sending.send_result import SendProgress, SendResult, SendState
from ebl.chain.sending.submission import ATTEMPTS, Draft, post_all, post_instead, remind
from ebl.chain.sending.transaction import Fees, TransactionSigner, Unsigned
from ebl.chain.sending.waiting import DEFAULT_WAIT, WaitOptions, Watch, may_fail, settle
from ebl.errors import Error, InvalidInput, PlanOutdated, SourceError, TooExpensive, TransactionError

WINDOW = 64
"""How many may be pending: nodes limit the number for one sender."""
# Signed and sent under one lock, so that another process can send between two groups.
_GROUP = 16
# A simulation older than this, in seconds, is repeated before the signature.
_SIMULATED_WITHIN = 15.0
_STUCK_BLOCKS = 3
_REFUSALS = 3


def send_all(
    moves: Sequence[Call] | PlanOfMany,
    *,
    signer: TransactionSigner,
    node: AnyNode,
    journals: Journals | None = None,
    until: Finality = LATEST,
    wait_options: WaitOptions = DEFAULT_WAIT,
    max_cost: int | None = None,
    window: int = WINDOW,
    progress: Callable[[SendProgress], None] | None = None,
) -> tuple[SendResult, ...]:
    """Signs and sends many calls, and waits until their blocks have the finality ``until``; returns the results in order.

    A plan (`plan_all`) is signed exactly: to, data, value, chain and gas limit of each. The fees are those of the plan, or more
    up to its cap if nothing is included for a while (`WaitOptions.outbid_after`). Calls are planned and sent without a question;
    ``max_cost`` is the most that all of them together may cost, in wei. At most ``window`` are pending at a time.

    A call that fails does not affect the others, and has its own result. Each transaction is in its journal in ``journals``
    before it is sent. After a kill, the same calls in the same order resume, and each is sent exactly once. Threads and processes
    may send from one key at the same time if they use the same journals. It ends if none makes progress for
    ``wait_options.seconds``: those still pending are then unknown, never failed. ``progress`` is called after each round.

    Raises the errors of `plan_all`, `PlanOutdated` if the plan is older than ten minutes or its cap is below the base fee,
    `TooExpensive` if a limit forbids it, and `InvalidInput` if the chain has no block with the required finality, or the plan is
    another sender's. After the first signature a node that does not respond raises nothing.
    """
    node = node_of(node)
    if isinstance(moves, PlanOfMany):
        planned = moves
    else:
        planned = plan_all(moves, sender=signer.address, node=node, journals=journals, max_cost=max_cost)
        planned = replace(planned, made_at=wait_options.now())
    require_good(planned, signer=signer.address, node=node, at=wait_options.now(), max_cost=max_cost)
    final_block(node, until)  # refuses an unsupported finality before anything is sent
    journal = (journals or Journals.at_home()).journal(node.chain_id, node.genesis, signer.address).followed()
    sending = _Sending(planned, signer, node, journal, until, wait_options, max(1, window), progress)
    return sending.carry_out()


@dataclass(slots=True)
class _Sending:
    """The state of one run. Numbers are those of the calls.

    A call is in ``queue`` until it is signed, then among the ``watches`` until its outcome is final; then it has a result.
    ``known`` has the hashes that were in the journal at the start of the run or that it signed itself: any other is of another
    thread or process, which made the same move first. ``moved`` is the time of the last progress.
    """

    planned: PlanOfMany
    signer: TransactionSigner
    node: Node
    journal: Journal
    until: Finality
    wait_options: WaitOptions
    window: int
    progress: Callable[[SendProgress], None] | None
    fees: Fees = field(init=False)
    queue: deque[int] = field(init=False)
    watches: dict[int, Watch] = field(default_factory=dict)
    resumed: set[int] = field(default_factory=set)
    results: dict[int, SendResult] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    stopped: Error | None = None
    moved: float = field(init=False)
    free_nonce: int = 0
    troubles: int = 0
    used: int = -1
    stuck_since: tuple[float, int] | None = None

    def __post_init__(self) -> None:
        self.fees, self.queue, self.moved = self.planned.fees, deque(self.planned.gas), self.wait_options.clock()

    def carry_out(self) -> tuple[SendResult, ...]:
        """Sends and waits; returns the results in order."""
        self._begin()
        pause = 0.02
        while self.queue or self.watches:
            before = self.moved
            # The node may recover; what is sent stays sent, even if nothing can be read meanwhile.
            with suppress(SourceError, NodeRefused):
                self._look()
                self._fill()
                self._outbid()
            self._tell()
            over = not self.watches and (self.stopped is not None or not self.queue)
            if over or self.wait_options.clock() - self.moved >= self.wait_options.seconds:
                break
            pause = 0.02 if self.moved != before else min(pause * 1.5, self.wait_options.longest_pause)
            self.wait_options.sleep(pause)
        return self._end()

    def _begin(self) -> None:
        for number, no in self.planned.refused.items():
            self._result(number, SendState.NOT_SENT, error=no)
        entries = self.journal.entries()
        self.known = {entry.tx_hash for entry in entries}
        latest = {entry.tx_hash: entry for entry in entries}
        before = {number: latest.get(one.tx_hash, one) for number, one in self.planned.sent_before.items()}
        # Another process may have sent the same move since it was planned.
        open_calls = {entry.call: entry for entry in entries if entry.open}
        for number in list(self.queue):
            if (entry := open_calls.get(self._call_id(number))) is not None:
                self.queue.remove(number)
                before[number] = entry
        for number, entry in before.items():
            self.resumed.add(number)
            self._watch(number, entry)
            try:
                if entry.open:
                    self._remind(entry)
            except TransactionError as no:
                del self.watches[number]
                self._result(number, SendState.UNKNOWN, error=no)

    def _remind(self, entry: JournalEntry) -> None:
        with suppress(SourceError, NodeRefused):
            sender, now = self.planned.sender, self.wait_options.now()
            remind(entry, sender=sender, node=self.node, journal=self.journal, now=now)

    def _fill(self) -> None:
        """Signs and sends as many as may be pending, one group at a time."""
        while self.queue and self.stopped is None:
            waiting = sum(watch.included is None for watch in self.watches.values())
            if not (room := min(self.window - waiting, _GROUP)) > 0:
                return
            group = list(self.queue)[:room]
            if (self.wait_options.now() - self.planned.made_at).total_seconds() > _SIMULATED_WITHIN:
                group = self._still_accepted(group)
            try:
                with self.journal.locked():
                    self._post(group)
            except (SourceError, NodeRefused):
                raise
            except (
                Error,
                OSError,
            ) as no:  # of the signer, of the journal, or because an old transaction blocks the nonce
                self.stopped = no if isinstance(no, Error) else InvalidInput(f"The journal cannot be written: {no}.")

    def _still_accepted(self, numbers: list[int]) -> list[int]:
        """Returns those that the contract still accepts: others would be included as failed, and be paid for."""

        def refusal(number: int) -> TransactionError | None:
            try:
                simulate(self.planned.calls[number], sender=self.planned.sender, node=self.node)
            except TransactionError as no:
                return no
            return None

        for number, no in zip(numbers, together(refusal, numbers), strict=True):
            if no is not None:
                self.queue.remove(number)
                self._result(number, SendState.NOT_SENT, error=no)
        return [number for number in numbers if number in self.queue]

    def _post(self, numbers: list[int]) -> None:
        """Sends one group. Requires the lock."""
        # Another thread or process was faster: the move may even be done, after the simulation.
        others = {
            entry.call: entry
            for entry in self.journal.entries()
            if entry.tx_hash not in self.known and entry.outcome is not Outcome.REFUSED
        }
        for number in list(numbers):
            if (entry := others.get(self._call_id(number))) is not None:
                numbers.remove(number)
                self.queue.remove(number)
                self.resumed.add(number)
                self._watch(number, entry)
        if not numbers:
            return
        posted = post_all(
            [self._draft(number) for number in numbers],
            signer=self.signer,
            node=self.node,
            journal=self.journal,
            now=self.wait_options.now(),
            free_nonce=self.free_nonce,
            reminded={watch.entry.tx_hash for watch in self.watches.values()},
        )
        self.known |= {entry.tx_hash for entry in posted.entries}
        for number, entry in zip(numbers, posted.entries, strict=False):
            self.queue.remove(number)
            self._watch(number, entry)
            self.troubles = 0
        if posted.error is not None:
            self._refused(numbers[len(posted.entries)], posted.error, posted.free_nonce)

    def _refused(self, number: int, no: TransactionError, free_nonce: int | None) -> None:
        """Handles one that the node refused; those after it are still in the queue."""
        self.troubles += 1
        if free_nonce is not None:
            self.free_nonce = free_nonce
            if self.troubles >= ATTEMPTS:
                self.stopped = PlanOutdated(
                    f"The node reports that another program sends from {self.planned.sender} at the same time.",
                    fix="Let one program use the key at a time, or share the journal's folder among them.",
                )
        elif isinstance(no, PlanOutdated):
            raised = self._raised(self.fees)
            self.stopped = no if raised is None or self.troubles >= ATTEMPTS else None
            self.fees = raised or self.fees
        else:
            self.queue.remove(number)
            self._result(number, SendState.NOT_SENT, error=no)
            self.stopped = no if self.troubles >= _REFUSALS else None

    def _look(self) -> None:
        """Checks which of the sent ones are in a block with the required finality."""
        if not self.watches:
            return
        used = self.node.nonce(self.planned.sender, at="latest")
        if used > self.used:
            self.used, self.stuck_since = used, None
            self.moved = self.wait_options.clock()
        final: int | None = None
        done: dict[int, Watch] = {}
        for number, watch in list(self.watches.items()):
            was = watch.included
            if was is not None and final is not None and final < was.block_number:
                continue
            try:
                watch.look(used)
            except (SourceError, NodeRefused):
                continue
            except TransactionError as no:
                del self.watches[number]
                self._result(number, SendState.FAILED, error=no)
                continue
            if watch.included is None:
                watch.remind()
                continue
            with suppress(InvalidInput):
                final = final_block(self.node, self.until) if final is None else final
                if final >= watch.included.block_number:
                    done[number] = watch
        if done:
            with may_fail():
                settle([(w.included, w.entry) for w in done.values() if w.included and w.entry.open], self.journal)
            for number, watch in done.items():
                self._included(number, watch)

    def _included(self, number: int, watch: Watch) -> None:
        del self.watches[number]
        call = self.planned.calls[number]
        try:
            receipt = watch.receipt(self.until)
        except TransactionError as no:  # the node returns another contract than the transaction can have created
            self._result(number, SendState.UNKNOWN, error=no)
            return
        if receipt.succeeded:
            receipt = replace(receipt, resumed=number in self.resumed, call=call)
            self._result(number, SendState.INCLUDED, receipt=receipt)
            return
        message = f"{why_reverted(call, receipt, self.node)} The move was: {call.summary}."
        self._result(number, SendState.FAILED, error=TransactionError(message, tx_hash=receipt.tx_hash))

    def _outbid(self) -> None:
        """Replaces pending ones, at a higher price within the cap, if nothing was included for some time and blocks."""
        clock = self.wait_options.clock()
        # What another process sent meanwhile does not belong to this plan.
        ours = [number not in self.resumed or number in self.planned.sent_before for number in self.watches]
        waiting = [w for w, of_plan in zip(self.watches.values(), ours, strict=True) if of_plan and w.included is None]
        if not waiting or self.planned.cap <= self.fees.limit:
            return
        if self.stuck_since is None:
            head = self.node.head()
            self.stuck_since = clock, head.number if head else 0
            return
        since, block = self.stuck_since
        if clock - since < self.wait_options.outbid_after:
            return
        head = self.node.head()
        if head is None or head.number - block < _STUCK_BLOCKS:
            return
        self.stuck_since = None
        raised = self._raised(self.fees)
        if raised is None or (head.base_fee is not None and raised.limit < head.base_fee):
            return
        self.fees = raised
        for watch in sorted(waiting, key=lambda watch: watch.entry.nonce):
            self._replace(watch)

    def _replace(self, watch: Watch) -> None:
        entry = watch.entry
        sent = Unsigned.of(bytes.fromhex(entry.raw[2:]))
        if sent.fees.limit >= self.fees.limit:
            return
        draft = Draft(
            replace(sent, fees=self.fees),
            self.planned.sender,
            entry.call,
            entry.summary,
            Purpose.SPEED_UP,
            self.planned.run,
        )
        with suppress(TransactionError), self.journal.locked():
            if self.node.nonce(self.planned.sender, at="latest") <= entry.nonce:
                now = self.wait_options.now()
                watch.entry = post_instead(
                    entry, draft, signer=self.signer, node=self.node, journal=self.journal, now=now
                )
                self.known.add(watch.entry.tx_hash)

    def _raised(self, fees: Fees) -> Fees | None:
        """Returns fees that replace these, within the cap; None if the cap is below the increase that nodes require."""
        try:
            wanted = gas.outbid(fees, gas.suggest(self.node), self.node.gas)
            least = gas.outbid(fees, fees, self.node.gas)
        except TooExpensive:
            return None
        if least.limit > self.planned.cap:
            return None
        limit = min(wanted.limit, self.planned.cap)
        return Fees(limit, None if wanted.tip is None else min(wanted.tip, limit))

    def _end(self) -> tuple[SendResult, ...]:
        for number, watch in self.watches.items():
            self._result(number, SendState.UNKNOWN, error=watch.unknown(self.until))
        for number in self.queue:
            why = self.stopped or TransactionError(
                f"Not sent: {len(self.watches)} earlier ones were not included in time.",
                fix="Run the same again: it waits for those, and sends the rest.",
            )
            self._result(number, SendState.NOT_SENT, error=why)
        ordered = tuple(self.results[number] for number in range(len(self.planned.calls)))
        if ordered and all(result.state is SendState.INCLUDED for result in ordered):
            with may_fail(), self.journal.locked():
                self.journal.finish(self.planned.run)
        return ordered

    def _tell(self) -> None:
        if self.progress is None:
            return
        included = sum(result.state is SendState.INCLUDED for result in self.results.values())
        self.progress(
            SendProgress(
                total=len(self.planned.calls),
                included=included,
                failed=len(self.results) - included,
                waiting=len(self.watches),
                left=len(self.queue),
                fee_limit=self.fees.limit,
            )
        )

    def _watch(self, number: int, entry: JournalEntry) -> None:
        self.watches[number] = Watch(entry, self.planned.sender, self.node, self.journal, self.wait_options)
        self.moved = self.wait_options.clock()

    def _result(
        self, number: int, state: SendState, *, receipt: Receipt | None = None, error: Error | None = None
    ) -> None:
        self.results[number] = SendResult(self.planned.calls[number], state, receipt, error)
        self.moved = self.wait_options.clock()

    def _draft(self, number: int) -> Draft:
        unsigned = replace(self.planned.plan(number).unsigned, fees=self.fees)
        call = self.planned.calls[number]
        return Draft(unsigned, self.planned.sender, self._call_id(number), call.summary, run=self.planned.run)

    def _call_id(self, number: int) -> str:
        return fingerprint(self.planned.calls[number])
