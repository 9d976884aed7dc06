"""One run of questions: of one time, every chain pinned to one block, and nothing asked twice.

A run is one verification, or a folder of them: a thousand bills of one batch ask the same few questions. What could not be
answered is remembered too, so that a dead node costs one timeout and not a thousand.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.sources import AccountProof, Answer, Block, Chain, CodeAt, Log, Page, Read, Resolver, Sources, TxtRecords

_T = TypeVar("_T")
Question = tuple[Hashable, ...]


class Run:
    """Sources for one run. ``once`` is what the checks are given. Thread-safe: two threads never ask the same.

    The clock is read here and nowhere after: the whole run is as of this time.

    Nothing new is asked after ``until``, a moment of the monotonic clock: that is a `SourceError`, ``source.out_of_time``.
    """

    def __init__(self, sources: Sources, *, until: float = math.inf) -> None:
        self._sources = sources.as_of(sources.now)
        self._memory = _Memory(until)
        self.once = replace(
            self._sources, opens=self._chain, dns=_RememberedResolver(sources.dns, self._memory), fetch=self._fetch
        )

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the chains that were asked, by chain id."""
        chains = {chain.id: chain.block for chain in self._memory.known("chain")}
        return tuple(chains[number] for number in sorted(chains))

    @property
    def answers(self) -> tuple[tuple[Question, Any], ...]:
        """Every question that was settled, with its answer or the `SourceError`, in the order of asking.

        ======= ============================ ======================================
        kind    and what about               answer
        ======= ============================ ======================================
        only                                 `Chain`: the only one that is configured
        chain   chain id                     `Chain`
        read    chain id, `Read` | `CodeAt`  bytes | `Reverted`
        code    chain id, address            bytes
        logs    chain id, addresses, start,  tuple of `Log`
                end
        proof   chain id, address, slots     `AccountProof`
        txt     name                         `TxtRecords`
        page    URL, content types           `Page`
        ======= ============================ ======================================
        """
        return self._memory.settled()

    def _chain(self, chain_id: int | None) -> Chain:
        if chain_id is not None:
            return self._memory.ask(("chain", chain_id), lambda: self._opened(chain_id))
        only = self._memory.ask(("only",), lambda: self._opened(None))
        return self._memory.ask(("chain", only.id), lambda: only)

    def _opened(self, chain_id: int | None) -> Chain:
        return _RememberedChain(self._sources.chain(chain_id), self._memory)

    def _fetch(self, url: str, *, accept: Sequence[str]) -> Page:
        question = "page", url, tuple(accept)
        return self._memory.ask(question, lambda: self._sources.fetch(url, accept=accept))


class _Memory:
    """Answers by question. The first who asks gets the answer for all who ask while it is on its way, and after."""

    def __init__(self, until: float) -> None:
        self._until = until
        self._answers: dict[Question, Future[Any]] = {}
        self._lock = threading.Lock()

    def ask(self, question: Question, ask: Callable[[], _T]) -> _T:
        """The answer, or the `SourceError`, of the first time."""
        (answer,) = self.ask_all([question], lambda new: [ask()])
        return cast(_T, answer)

    def ask_all(self, questions: Sequence[Question], ask: Callable[[Sequence[Any]], Sequence[Any]]) -> list[Any]:
        """The answers in order. ``ask`` is called once, with what nobody has asked yet, each once."""
        with self._lock:
            new = [question for question in dict.fromkeys(questions) if question not in self._answers]
            if new and time.monotonic() > self._until:
                raise SourceError(Doubt.OUT_OF_TIME, "not asked within the time given")
            mine = {question: self._answers.setdefault(question, Future()) for question in new}
            all_ = [self._answers[question] for question in questions]
        if mine:
            self._settle(mine, ask)
        return [answer.result() for answer in all_]

    def _settle(self, mine: dict[Question, Future[Any]], ask: Callable[[Sequence[Any]], Sequence[Any]]) -> None:
        try:
            answers = ask(list(mine))
            for future, answer in zip(mine.values(), answers, strict=True):
                future.set_result(answer)
        except BaseException as trouble:
            with self._lock:
                if not isinstance(trouble, SourceError):  # a bug is not an answer to remember
                    for question in mine:
                        del self._answers[question]
            for future in mine.values():
                if not future.done():
                    future.set_exception(trouble)

    def known(self, kind: str) -> list[Any]:
        """Every answer so far to questions of a kind."""
        return [answer for q, answer in self.settled() if q[0] == kind and not isinstance(answer, SourceError)]

    def settled(self) -> tuple[tuple[Question, Any], ...]:
        """Every question so far that has an answer, or a `SourceError` in its place."""
        with self._lock:
            found = [(q, a) for q, a in self._answers.items() if a.done()]
        return tuple((q, a.exception() or a.result()) for q, a in found)


@dataclass(frozen=True, slots=True)
class _RememberedResolver:
    resolver: Resolver
    memory: _Memory

    def txt(self, name: str) -> TxtRecords:
        return self.memory.ask(("txt", name), lambda: self.resolver.txt(name))


@dataclass(frozen=True, slots=True)
class _RememberedChain:
    """A chain whose answers are kept; only what is new is asked, in one round trip."""

    chain: Chain
    memory: _Memory

    @property
    def id(self) -> int:
        return self.chain.id

    @property
    def block(self) -> Block:
        return self.chain.block

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        def ask(new: Sequence[Any]) -> Sequence[Answer]:
            return self.chain.read(*(read for _, _, read in new))

        return tuple(self.memory.ask_all([("read", self.id, read) for read in reads], ask))

    def code(self, address: str) -> bytes:
        return self.memory.ask(("code", self.id, address), lambda: self.chain.code(address))

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        question = "logs", self.id, tuple(addresses), start, end
        return self.memory.ask(question, lambda: self.chain.logs(addresses, start=start, end=end))

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        question = "proof", self.id, address, tuple(slots)
        return self.memory.ask(question, lambda: self.chain.proof(address, slots))
