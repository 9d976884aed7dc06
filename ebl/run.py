"""One run of questions: every chain pinned to one block, and nothing asked twice.

A run is one verification, or a folder of them: a thousand bills of one batch ask the same few questions. What could not be
answered is remembered too, so that a dead node costs one timeout and not a thousand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from ebl.errors import SourceError
from ebl.sources import AccountProof, Answer, Block, Chain, CodeAt, Log, Read, Resolver, Sources, TxtRecords

_T = TypeVar("_T")


class Run:
    """Sources for one run. ``once`` is what the checks are given."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._memory = _Memory()
        self.once = Sources(
            chain=self._chain,
            dns=_RememberedResolver(sources.dns, self._memory),
            fetch=sources.fetch,
            now=sources.now,
        )

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the chains that were asked, by chain id."""
        known = self._memory.known("chain")
        chains = {chain.id: chain.block for chain in known}
        return tuple(chains[number] for number in sorted(chains))

    def _chain(self, chain_id: int | None) -> Chain:
        def open_once() -> Chain:
            chain = self._sources.chain(chain_id)
            return self._memory.ask(("chain", chain.id), lambda: _RememberedChain(chain, self._memory))

        return self._memory.ask(("chain", chain_id), open_once)


@dataclass(slots=True)
class _Memory:
    """Answers by question; one lock a question, so that two threads never ask the same."""

    _answers: dict[Hashable, object] = field(default_factory=dict)
    _locks: dict[Hashable, threading.RLock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, question: Hashable, ask: Callable[[], _T]) -> _T:
        """The answer, or the `SourceError`, of the first time."""
        with self._lock:
            lock = self._locks.setdefault(question, threading.RLock())
        with lock:
            if question not in self._answers:
                try:
                    self._answers[question] = ask()
                except SourceError as trouble:
                    self._answers[question] = trouble
            answer = self._answers[question]
        if isinstance(answer, SourceError):
            raise answer
        return cast(_T, answer)

    def missing(self, questions: Sequence[Hashable]) -> list[Hashable]:
        """Those of the questions that were not asked yet, each once."""
        return [question for question in dict.fromkeys(questions) if question not in self._answers]

    def learn(self, answers: dict[Hashable, object]) -> None:
        """Remember several answers at once."""
        with self._lock:
            self._answers.update(answers)

    def recall(self, question: Hashable) -> Any:
        """An answer that is known."""
        return self._answers[question]

    def known(self, kind: str) -> list[Any]:
        """Every answer to questions of a kind."""
        with self._lock:
            answers = list(self._answers.items())
        found = [a for q, a in answers if isinstance(q, tuple) and q[0] == kind and not isinstance(a, SourceError)]
        return list({id(answer): answer for answer in found}.values())


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
        questions: dict[Hashable, Read | CodeAt] = {("read", self.id, read): read for read in reads}
        new = self.memory.missing(list(questions))
        if new:
            answers = self.chain.read(*(questions[question] for question in new))
            self.memory.learn(dict(zip(new, answers, strict=True)))
        return tuple(self.memory.recall(("read", self.id, read)) for read in reads)

    def code(self, address: str) -> bytes:
        return self.memory.ask(("code", self.id, address), lambda: self.chain.code(address))

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        return self.chain.logs(addresses, start=start, end=end)

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        return self.chain.proof(address, slots)
