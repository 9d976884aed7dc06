"""The questions of many documents, collected and asked together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain as joined
from typing import Any

from ebl.checking.memory import Memory, Probe, Question
from ebl.checking.threads import workers
from ebl.errors import SourceError
from ebl.ethereum.address import ZERO
from ebl.model.ports import Answer, Chain, CodeAt, Read, ReadsMany

_BATCH = 100
"""How many questions a chain is asked at a time that does not say how many it takes."""


class Round:
    """Questions that are not known yet, each once.

    Calls and code of one chain go out in batches of the size that its node takes; everything else, such as names and pages,
    one by one at the same time. ``took`` has the seconds of each question that was asked by itself. ``refused`` are questions
    that an earlier round has asked together with others, and that have to be asked for their own document.
    """

    def __init__(self, refused: frozenset[Question] = frozenset()) -> None:
        self.refused = refused
        self.took: dict[Question, float] = {}
        self._reads: dict[int, tuple[Chain, dict[Question, None]]] = {}
        self._others: dict[Question, tuple[Callable[[], object], Probe | None]] = {}

    def add(self, question: Question, ask: Callable[[], object], probe: Probe | None) -> None:
        """Add a question that is asked by itself."""
        self._others.setdefault(question, (ask, probe))

    def add_reads(self, chain: Chain, questions: Iterable[Question]) -> None:
        """Add questions about calls and code."""
        _, asked = self._reads.setdefault(chain.id, (chain, {}))
        asked.update(dict.fromkeys(questions))

    def ask(self, memory: Memory, *, at_once: int) -> Round:
        """Ask everything, in so many threads at once, and return the next round. What was answered is in the memory then.

        Raises nothing of a source.
        """
        tasks: list[Callable[[], None]] = [
            partial(self._other, memory, question, ask, probe) for question, (ask, probe) in self._others.items()
        ]
        for chain, asked in self._reads.values():
            size = max(1, chain.batch) if isinstance(chain, ReadsMany) else _BATCH
            questions = list(asked)
            for at in range(0, len(questions), size):
                part = questions[at : at + size]
                tasks.append(partial(memory.ask_each, part, partial(each, chain), probe=probe_of(chain)))
        _do(tasks, min(at_once, len(tasks)))
        asked_for = joined.from_iterable(asked for _, asked in self._reads.values())
        return Round(self.refused.union(question for question in asked_for if question not in memory.known))

    def _other(self, memory: Memory, question: Question, ask: Callable[[], object], probe: Probe | None) -> None:
        begun = time.monotonic()
        with suppress(SourceError):  # the memory has it
            memory.ask_all([question], lambda _: [ask()], probe=probe)
        self.took[question] = time.monotonic() - begun


def _do(tasks: Sequence[Callable[[], None]], threads: int) -> None:
    """Do the tasks; in this thread if there would be one."""
    if threads <= 1:
        for task in tasks:
            task()
        return
    with workers(threads, name="ebl question") as submit:
        for waiting in [submit(task) for task in tasks]:
            waiting.result()


def probe_of(chain: Chain) -> Probe:
    """The harmless question to the node of a chain: whether there is code at the zero address."""
    return chain.id, lambda: chain.code(ZERO)


def each(chain: Chain, questions: Sequence[Any]) -> Sequence[Answer | None]:
    """What a chain answers to questions about calls and code, each by itself if it can."""
    reads = list(map(read_of, questions))
    return chain.read_each(*reads) if isinstance(chain, ReadsMany) else chain.read(*reads)


def read_of(question: Sequence[Any]) -> Read | CodeAt:
    """What a chain is asked for a question of the kind ``read``."""
    _, _, to, data = question
    return CodeAt(to) if data is None else Read(to, data)
