"""What happened to a title, from the events of its escrow: operations in the trade's words, in order.

An operation emits one to four events. Two operations may share a transaction (for example a multisig's), so events are
grouped by their order and not by their transaction. Each is compared with the state after the previous ones: an event that
was left out shows as a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from ebl.chain.contracts import events
from ebl.chain.contracts.events import (
    BeneficiaryTransfer,
    HolderTransfer,
    Nomination,
    RejectTransferBeneficiary,
    RejectTransferHolder,
    RejectTransferOwners,
    ReturnToIssuer,
    Shred,
    TokenReceived,
)
from ebl.chain.titles.title_state import State
from ebl.codec.timestamp import format_timestamp
from ebl.ethereum.address import ZERO, unless_zero
from ebl.messages import Message, say
from ebl.model.ports import Log


class Action(StrEnum):
    """The operations, in the trade's words. `TRANSFERRED` is endorsing and transferring possession in one."""

    ISSUED = "issued"
    NOMINATED = "nominated"
    NOMINATION_WITHDRAWN = "nomination_withdrawn"
    ENDORSED = "endorsed"
    HOLDER_TRANSFERRED = "holder_transferred"
    TRANSFERRED = "transferred"
    ENDORSEMENT_REJECTED = "endorsement_rejected"
    HOLDER_TRANSFER_REJECTED = "holder_transfer_rejected"
    TRANSFER_REJECTED = "transfer_rejected"
    RETURNED = "returned"
    RETURN_REJECTED = "return_rejected"
    RETURN_ACCEPTED = "return_accepted"


@dataclass(frozen=True, slots=True)
class Position:
    """The state of a title between two operations."""

    state: State = State.NOT_MINTED
    holder: str | None = None
    beneficiary: str | None = None
    nominee: str | None = None
    previous_holder: str | None = None
    previous_beneficiary: str | None = None
    remark: bytes = b""


@dataclass(frozen=True, slots=True)
class Endorsement:
    """One operation on a title.

    ``by`` is who did it, if the title's rules allow one party only (None: the issuer's side). ``after`` is the resulting
    state. ``remark`` is as on chain, ``text`` its text if it could be read. ``time`` is the block's.
    """

    action: Action
    by: str | None
    before: Position
    after: Position
    remark: bytes
    tx_hash: str
    block_number: int
    log_index: int
    time: datetime | None
    text: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "action": str(self.action),
            "by": self.by,
            "holder": self.after.holder,
            "beneficiary": self.after.beneficiary,
            "nominee": self.after.nominee,
            "holder_before": self.before.holder,
            "beneficiary_before": self.before.beneficiary,
            "remark": self.text,
            "remark_bytes": f"0x{self.remark.hex()}",
            "time": format_timestamp(self.time, to="auto") if self.time else None,
            "tx_hash": self.tx_hash,
            "block_number": self.block_number,
            "log_index": self.log_index,
        }


@dataclass(slots=True)
class Replay:
    """Follows the events of one escrow. ``gaps`` are the places where an event does not follow from the previous ones."""

    version: int
    at: Position = Position()
    done: list[Endorsement] = field(default_factory=list)
    gaps: list[Message] = field(default_factory=list)

    def follow(self, logs: Sequence[Log], *, registry: str, token_id: int) -> None:
        """Takes in the escrow's events, in order."""
        for _, together in groupby(logs, key=lambda log: log.tx_hash):
            waiting, at = list(self._read(together, registry, token_id)), 0
            while at < len(waiting):
                at += self._operation(waiting[at : at + 4])

    def _read(self, logs: Iterable[Log], registry: str, token_id: int) -> Iterable[tuple[Log, Any]]:
        for log in logs:
            try:
                event = events.read(log.topics, log.data)
            except ValueError:
                event = None
            if event is None or isinstance(event, events.Initialized):
                continue  # not about the title, or an additional event of a contract
            named = (getattr(event, "registry", None), getattr(event, "token_id", None))
            if named != (registry, token_id):
                self.gaps.append(say("gap", "other_title", block=log.block_number))
                continue
            yield log, event

    def _operation(self, waiting: list[tuple[Log, Any]]) -> int:
        """Takes one operation off the front; returns how many events it was."""
        log, first = waiting[0]
        rest = [event for _, event in waiting[1:4]]
        match first, *rest:
            case Nomination(), ReturnToIssuer() as returned, *_:
                return self._returned(log, returned, 2)
            case ReturnToIssuer(), *_:
                return self._returned(log, first, 1)
            case Nomination(), *_:
                return self._nominated(log, first)
            case TokenReceived(is_minting=False), *_:
                return self._restored(log, first)
            case BeneficiaryTransfer(), *_:
                return self._beneficiary(log, first, rest)
            case HolderTransfer(), RejectTransferHolder() as rejected, *_:
                return self._holder(log, first, rejected)
            case HolderTransfer(), *_:
                return self._holder(log, first, None)
        self.gaps.append(say("gap", "no_cause", event=type(first).__name__, block=log.block_number))
        return 1

    def _nominated(self, log: Log, event: Nomination) -> int:
        self._expect(log, "nominee", event.from_nominee, self.at.nominee or ZERO)
        both = self.at.beneficiary == self.at.holder
        after = replace(
            self.at,
            nominee=unless_zero(event.to_nominee),
            previous_beneficiary=None,
            previous_holder=None if both else self.at.previous_holder,
            remark=event.remark or b"",
        )
        action = Action.NOMINATED if after.nominee else Action.NOMINATION_WITHDRAWN
        self._add(action, self.at.beneficiary, after, log, event.remark)
        return 1

    def _beneficiary(self, log: Log, event: BeneficiaryTransfer, rest: Sequence[Any]) -> int:
        """Takes a transfer of the right: issued, endorsed, transferred with possession, rejected, or ended with the title."""
        self._expect(log, "beneficiary", event.from_beneficiary, self.at.beneficiary or ZERO)
        cleared = bool(rest) and isinstance(rest[0], Nomination) and rest[0].to_nominee == ZERO
        rest = rest[cleared:]
        taken = 1 + cleared
        match rest:
            case [HolderTransfer(), TokenReceived(is_minting=True) as got, *_]:
                after = Position(State.HELD, got.holder, got.beneficiary, remark=got.remark or b"")
                self._expect_state(log, State.NOT_MINTED)
                self._add(Action.ISSUED, None, after, log, got.remark)
                return taken + 2
            case [HolderTransfer(to_holder=nobody), Shred() as shred, *_] if nobody == ZERO:
                after = Position(State.TAKEN_OUT, remark=shred.remark or b"")
                self._expect_state(log, State.RETURNED)
                self._add(Action.RETURN_ACCEPTED, None, after, log, shred.remark)
                return taken + 2
            case [RejectTransferBeneficiary() as rejected, *_]:
                after = self._right_moved(event, previous=None, remark=rejected.remark)
                after = replace(after, previous_holder=self.at.previous_holder)
                self._add(Action.ENDORSEMENT_REJECTED, rejected.from_beneficiary, after, log, rejected.remark)
                return taken + 1
            case [HolderTransfer() as handed, RejectTransferOwners() as rejected, *_]:
                self._expect(log, "holder", handed.from_holder, self.at.holder or ZERO)
                after = self._right_moved(event, previous=None, remark=rejected.remark)
                after = replace(after, holder=unless_zero(handed.to_holder))
                self._add(Action.TRANSFER_REJECTED, rejected.from_holder, after, log, rejected.remark)
                return taken + 2
            case [HolderTransfer(), RejectTransferHolder(), *_]:
                pass  # two operations: this one, and then a rejection
            case [HolderTransfer() as handed, *_] if handed.remark == event.remark:
                self._expect(log, "holder", handed.from_holder, self.at.holder or ZERO)
                self._expect_nominated(log, event)
                right = self._right_moved(event, previous=self.at.beneficiary, remark=event.remark)
                after = _handed_over(right, handed)
                self._add(Action.TRANSFERRED, self.at.holder, after, log, event.remark)
                return taken + 1
        self._expect_nominated(log, event)
        after = self._right_moved(event, previous=self.at.beneficiary, remark=event.remark)
        self._add(Action.ENDORSED, self.at.holder, after, log, event.remark)
        return taken

    def _holder(self, log: Log, event: HolderTransfer, rejected: RejectTransferHolder | None) -> int:
        self._expect(log, "holder", event.from_holder, self.at.holder or ZERO)
        if rejected is not None:
            after = replace(
                self.at, holder=unless_zero(event.to_holder), previous_holder=None, remark=rejected.remark or b""
            )
            self._add(Action.HOLDER_TRANSFER_REJECTED, rejected.from_holder, after, log, rejected.remark)
            return 2
        self._add(Action.HOLDER_TRANSFERRED, self.at.holder, _handed_over(self.at, event), log, event.remark)
        return 1

    def _returned(self, log: Log, event: ReturnToIssuer, taken: int) -> int:
        self._expect_state(log, State.HELD)
        after = replace(
            self.at,
            state=State.RETURNED,
            nominee=None,
            previous_holder=None,
            previous_beneficiary=None,
            remark=event.remark or b"",
        )
        self._add(Action.RETURNED, event.caller, after, log, event.remark)
        return taken

    def _restored(self, log: Log, event: TokenReceived) -> int:
        self._expect_state(log, State.RETURNED)
        self._expect(log, "holder", event.holder, self.at.holder or ZERO)
        self._expect(log, "beneficiary", event.beneficiary, self.at.beneficiary or ZERO)
        after = replace(self.at, state=State.HELD, remark=event.remark or b"")
        self._add(Action.RETURN_REJECTED, None, after, log, event.remark)
        return 1

    def _right_moved(self, event: BeneficiaryTransfer, *, previous: str | None, remark: bytes | None) -> Position:
        return replace(
            self.at,
            beneficiary=unless_zero(event.to_beneficiary),
            nominee=None,
            previous_beneficiary=previous if self.version == 5 else None,
            previous_holder=None,
            remark=remark or b"",
        )

    def _expect(self, log: Log, party: str, came: str, expected: str) -> None:
        """Compares a party with the expected one. ``party`` is its name in `Position`."""
        if came != expected:
            block = log.block_number
            self.gaps.append(say("gap", "party", block=block, party=party, expected=expected, came=came))

    def _expect_state(self, log: Log, expected: State) -> None:
        if self.at.state is not expected:
            block = log.block_number
            self.gaps.append(say("gap", "state", block=block, state=self.at.state, expected=expected))

    def _expect_nominated(self, log: Log, event: BeneficiaryTransfer) -> None:
        """Checks that a holder who is not the beneficiary endorsed to the nominee."""
        if self.at.holder != self.at.beneficiary:
            self._expect(log, "nominee", event.to_beneficiary, self.at.nominee or ZERO)

    def _add(self, action: Action, by: str | None, after: Position, log: Log, remark: bytes | None) -> None:
        if self.version == 4:
            after = replace(after, previous_holder=None, previous_beneficiary=None)
        self.done.append(
            Endorsement(
                action=action,
                by=by,
                before=self.at,
                after=after,
                remark=remark or b"",
                tx_hash=log.tx_hash,
                block_number=log.block_number,
                log_index=log.log_index,
                time=log.time,
            )
        )
        self.at = after


def _handed_over(at: Position, event: HolderTransfer) -> Position:
    both = at.beneficiary == at.holder
    return replace(
        at,
        holder=unless_zero(event.to_holder),
        previous_holder=at.holder,
        previous_beneficiary=None if both else at.previous_beneficiary,
        remark=event.remark or b"",
    )
