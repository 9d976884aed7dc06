"""Runs: each has one verification time, pins each chain to one block, and caches every response.

A run is one verification, or a folder of them: a thousand bills of one batch need the same few queries. Failed queries are cached
too, so that a dead node costs one timeout and not a thousand.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from ebl.checking.memory import NOT_KNOWN, Memory, Pending, Probe, Question, Trouble, out_of_time
from ebl.checking.rounds import Round, each, probe_of, read_of
from ebl.model.ports import (
    AccountProof,
    Answer,
    Block,
    Chain,
    CodeAt,
    Fresh,
    Log,
    Opener,
    Page,
    Read,
    ReadsMany,
    Sources,
    TxtRecords,
)

_T = TypeVar("_T")


class Run:
    """Sources for one run. The checks get ``once``. Thread-safe: two threads never send the same query.

    The clock is read once, when the run is made: the whole run is as of this time.

    No new query is sent after ``until``, a time of the monotonic clock: that is a `SourceError`, ``source.out_of_time``. A run
    that ``forgets`` does not keep every answer; any other run keeps all of them for `answers`.
    """

    def __init__(self, sources: Sources, *, until: float = math.inf, forgets: bool = False) -> None:
        self._memory = Memory(until, forgets=forgets)
        self.once = View(self._memory, sources.as_of(sources.now)).once

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the chains that were queried, by chain id."""
        settled = self._memory.settled()
        chains = {answer.id: answer.block for q, answer in settled if q[0] == "chain" and type(answer) is not Trouble}
        return tuple(chains[number] for number in sorted(chains))

    @property
    def answers(self) -> tuple[tuple[Question, Any], ...]:
        """Every question that was settled, with its answer or why there was none, in the order of the queries.

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
        return tuple((_as_asked(question), answer) for question, answer in self._memory.settled())


class AnswerNeeded(BaseException):
    """Raised if a check needs an answer that is not known yet, while questions are collected.

    It is not an `Exception`, so that no check handles it as an answer.
    """


class View(Opener):
    """A run as one document sees it: with a deadline of its own (``until``), and the chains that the document asked for.

    While it has a ``round``, a question that is not known is put into it, and `AnswerNeeded` is raised. Without a round the
    question is asked.
    """

    def __init__(self, memory: Memory, sources: Sources, until: float = math.inf) -> None:
        self.memory = memory
        self.until = until
        self.round: Round | None = None
        self.waits: list[Question] = []
        """For what the checks were stopped since the last round."""
        self.alone = False
        """Whether a question has to be asked for this document alone."""
        self.size = 0
        """How many bytes were read for the document."""
        self._sources = sources
        self._opened: dict[int, _RememberedChain] = {}
        self.once = sources.through(self, self, self.fetch)

    @classmethod
    def of(cls, sources: Sources, until: float = math.inf, *, forgets: bool = False) -> View:
        """Another view of the run whose `Run.once` these sources are; a view of a new run for any other sources."""
        view = sources.opens
        if isinstance(view, View) and sources.dns is view and sources.fetch == view.fetch:
            return view.again(sources, until)
        return View(Memory(forgets=forgets), sources.as_of(sources.now), until)

    def again(self, sources: Sources, until: float) -> View:
        """Another view of the same run, with the other settings of these sources."""
        if sources is self.once:
            return View(self.memory, self._sources, until)
        now, bare = sources.as_of(sources.now), self._sources
        return View(self.memory, now.through(bare.opens, bare.dns, bare.fetch), until)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the chains that the document asked for, by chain id."""
        chains = {chain.id: chain for chain in self._opened.values()}
        return tuple(chains[number].block for number in sorted(chains))

    def release(self) -> None:
        """Drop what refers back to this view, which is used no more, so that it is freed without a search for cycles."""
        self._opened.clear()
        self.once = self._sources

    def open(self, chain_id: int | None, *, fresh: Fresh) -> Chain:
        """A chain that is opened once in the run. What is ``fresh`` was settled by the run's sources, at its one time."""
        bare: Chain
        if chain_id is None:
            bare = self.ask(("only",), lambda: self._sources.chain(None))
            chain_id = bare.id
            (bare,) = self.memory.ask_all([("chain", chain_id)], lambda _: [bare])
        elif (known := self._opened.get(chain_id)) is not None:
            return known
        else:
            number = chain_id
            bare = self.ask(("chain", number), lambda: self._sources.chain(number))
        return self._opened.setdefault(chain_id, _RememberedChain(bare.id, bare, self))

    def txt(self, name: str) -> TxtRecords:
        """The TXT records at a name."""
        return self.ask(("txt", name), lambda: self._sources.dns.txt(name))

    def fetch(self, url: str, *, accept: Sequence[str]) -> Page:
        """A page."""
        return self.ask(("page", url, tuple(accept)), lambda: self._sources.fetch(url, accept=accept))

    def ask(self, question: Question, ask: Callable[[], _T], *, probe: Probe | None = None) -> _T:
        """The answer of the first time, or its `SourceError`."""
        found = self.memory.known.get(question, NOT_KNOWN)
        if type(found) is Trouble:
            raise found.error()
        if found is NOT_KNOWN or type(found) is Pending:
            if self.round is not None:
                self._stop(self.round, [question])
                self.round.add(question, ask, probe)
                raise AnswerNeeded
            (found,) = self.memory.ask_all([question], lambda _: [ask()], until=self.until, probe=probe)
        return cast(_T, found)

    def read(self, chain: _RememberedChain, reads: Sequence[Read | CodeAt]) -> tuple[Answer, ...]:
        """The answers of a chain; only what is new is asked, in one round trip."""
        number, known = chain.id, self.memory.known
        questions = _questions(number, reads)
        answers = [known.get(question, NOT_KNOWN) for question in questions]
        if {*map(type, answers)} == {bytes}:  # the usual case, once the answers are there
            return tuple(answers)
        missing = False
        for answer in answers:
            if type(answer) is Trouble:
                raise answer.error()  # one that is known to have no answer spares asking for the others
            missing = missing or answer is NOT_KNOWN or type(answer) is Pending
        if missing:
            if self.round is not None:
                new = [q for q, answer in zip(questions, answers, strict=True) if answer is NOT_KNOWN]
                self._stop(self.round, new)
                self.round.add_reads(chain.chain, new)
                raise AnswerNeeded
            answers = self.memory.ask_all(
                questions,
                lambda new: chain.chain.read(*map(read_of, new)),
                until=self.until,
                probe=probe_of(chain.chain),
            )
        return tuple(answers)

    def read_each(self, chain: _RememberedChain, reads: Sequence[Read | CodeAt]) -> Sequence[Answer | None]:
        """What a chain answers, asking for all that is new in one batch; None for what has to be asked alone."""
        questions = _questions(chain.id, reads)
        self.memory.ask_each(questions, lambda new: each(chain.chain, new), probe=probe_of(chain.chain))
        found = (self.memory.known.get(question) for question in questions)
        return [None if type(answer) in (Trouble, Pending) else answer for answer in found]

    def _stop(self, collected: Round, new: Sequence[Question]) -> None:
        """Prepare to stop for questions; they are not put into a round if one of them was in a round in vain."""
        if time.monotonic() > self.until:
            raise out_of_time()
        if not collected.refused.isdisjoint(new):
            self.alone = True
            raise AnswerNeeded
        self.waits += new


def _questions(number: int, reads: Sequence[Read | CodeAt]) -> list[Question]:
    """Questions in a form whose hash takes no code of ours: they are looked up some twenty times a document."""
    return [("read", number, read.to, read.data if type(read) is Read else None) for read in reads]


def _as_asked(question: Question) -> Question:
    return ("read", question[1], read_of(question)) if question[0] == "read" else question


def of_one_run(sources: Sources) -> Sources:
    """Sources of one time that are asked nothing twice; those that answer nothing need no more than the time."""
    return sources.as_of(sources.now) if sources.answers_nothing else View.of(sources).once


@dataclass(frozen=True, slots=True)
class _RememberedChain(ReadsMany):
    """A chain whose answers are kept."""

    id: int
    chain: Chain
    view: View

    @property
    def block(self) -> Block:
        return self.chain.block

    @property
    def batch(self) -> int:
        return self.chain.batch if isinstance(self.chain, ReadsMany) else 1

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        return self.view.read(self, reads)

    def read_each(self, *reads: Read | CodeAt) -> Sequence[Answer | None]:
        return self.view.read_each(self, reads)

    def code(self, address: str) -> bytes:
        chain = self.chain
        return self.view.ask(("code", self.id, address), lambda: chain.code(address), probe=probe_of(chain))

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        chain = self.chain
        question = "logs", self.id, tuple(addresses), start, end
        return self.view.ask(question, lambda: chain.logs(addresses, start=start, end=end), probe=probe_of(chain))

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        chain = self.chain
        question = "proof", self.id, address, tuple(slots)
        return self.view.ask(question, lambda: chain.proof(address, slots), probe=probe_of(chain))
