"""When the checks of a verification run, and for how long: threads and deadlines, which decide nothing about a document."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from ebl.checking.claims import Planned, established
from ebl.checking.threads import result, workers
from ebl.codes import Doubt
from ebl.messages import say
from ebl.model.findings import Claim, Finding, Unknown
from ebl.model.ports import Sources

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
_AT_ONCE = 16


def establish(plan: Sequence[Planned], sources: Sources, deadline: float, *, overlap: bool) -> Iterator[list[Finding]]:
    """The findings of each claim, in the order of the plan, however the checks overlap.

    What is not answered by ``deadline``, a moment of the monotonic clock, is unknown. Without ``overlap`` the checks run one
    after another, and one that is on its way at the deadline is waited for.
    """
    asking = [at for at, claim in enumerate(plan) if isinstance(claim, Claim) and not claim.asks_nobody]
    checks = {at: partial(established, claim, sources) for at, claim in enumerate(plan) if isinstance(claim, Claim)}
    threads = min(len(asking), _AT_ONCE) if overlap else 0
    with workers(threads, name="ebl check") as submit:
        waiting = {at: submit(checks[at]) for at in asking} if overlap else {}
        for at, claim in enumerate(plan):
            if not isinstance(claim, Claim):
                yield [claim]
            elif at in waiting:
                yield result(waiting[at], deadline=deadline) or [_late(claim)]
            elif at in asking and time.monotonic() > deadline:
                yield [_late(claim)]
            else:
                yield checks[at]()


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
