"""The schedule of a verification's checks: threads and deadlines, which do not affect the findings."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from ebl.checking.claims import Planned, established
from ebl.checking.memo import AnswerNeeded
from ebl.checking.threads import result, workers
from ebl.codes import Doubt
from ebl.messages import say
from ebl.model.findings import Claim, Finding, Unknown
from ebl.model.ports import Sources

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
Steps = Generator[None, None, T]
"""An examination that yields if it is stopped for questions (`AnswerNeeded`), and returns its result."""
_AT_ONCE = 16


class Deadline(Protocol):
    """The time of the monotonic clock until which queries are sent; it may be moved to a later time."""

    until: float


def establish(
    plan: Sequence[Planned], sources: Sources, deadline: Deadline, *, overlap: bool
) -> Steps[list[list[Finding]]]:
    """The findings of each claim, in the order of the plan, however the checks overlap.

    What is not answered by the deadline is unknown. Without ``overlap`` the checks run one after another, and a request in
    flight at the deadline is still awaited. A check that is stopped, as questions are collected (`AnswerNeeded`), is run again
    after the others: whenever this is resumed after it has yielded.
    """
    if overlap:
        return [*_overlapping(plan, sources, deadline.until)]
    found: list[list[Finding]] = [[]] * len(plan)
    waiting: Sequence[int] = range(len(plan))
    while True:
        stopped: list[int] = []
        for at in waiting:
            claim = plan[at]
            if not isinstance(claim, Claim):
                found[at] = [claim]
            elif not claim.is_offline and time.monotonic() > deadline.until:
                found[at] = [_late(claim)]
            else:
                try:
                    found[at] = established(claim, sources)
                except AnswerNeeded:
                    stopped.append(at)
        if not stopped:
            return found
        waiting = stopped
        yield


def _overlapping(plan: Sequence[Planned], sources: Sources, until: float) -> Iterator[list[Finding]]:
    asking = [at for at, claim in enumerate(plan) if isinstance(claim, Claim) and not claim.is_offline]
    with workers(min(len(asking), _AT_ONCE), name="ebl check") as submit:
        waiting = {at: submit(partial(established, cast("Claim", plan[at]), sources)) for at in asking}
        for at, claim in enumerate(plan):
            if not isinstance(claim, Claim):
                yield [claim]
            elif at in waiting:
                yield result(waiting[at], deadline=until) or [_late(claim)]
            else:
                yield established(claim, sources)


def _late(claim: Claim) -> Unknown:
    return Unknown(claim.group, claim.name, Doubt.OUT_OF_TIME, say(Doubt.OUT_OF_TIME), claim)


def in_order(tasks: Iterable[Callable[[], T]], *, at_once: int) -> Iterator[T]:
    """The results of many tasks in their order, of which several run at a time. Few are taken ahead of the results."""
    if at_once == 1:
        for task in tasks:
            yield task()
        return
    with workers(at_once, name="ebl document") as submit:
        ahead: deque[Future[T]] = deque()
        for task in tasks:
            ahead.append(submit(task))
            if len(ahead) > 2 * at_once:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
