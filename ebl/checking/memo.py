"""One run of questions: of one time, every chain pinned to one block, and nothing asked twice.

A run is one verification, or a folder of them: a thousand bills of one batch ask the same few questions. What could not be
answered is remembered too, so that a dead node costs one timeout and not a thousand.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, cast

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.ethereum.address import ZERO
from ebl.messages import Message, say
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
    Resolver,
    Sources,
    TxtRecords,
)

_T = TypeVar("_T")

Question = tuple[Hashable, ...]
Ask = Callable[[Sequence[Any]], Sequence[Any]]
Probe = tuple[Hashable, Callable[[], object]]
"""Which source, and a question to it that is harmless: whoever does not answer this is not there."""


class Run:
    """Sources for one run. ``once`` is what the checks are given. Thread-safe: two threads never ask the same.

    The clock is read here and nowhere after: the whole run is as of this time.

    Nothing new is asked after ``until``, a moment of the monotonic clock: that is a `SourceError`, ``source.out_of_time``.
    """

    def __init__(self, sources: Sources, *, until: float = math.inf) -> None:
        self._sources = sources.as_of(sources.now)
        self._memory = _Memory(until)
        self.once = replace(
            self._sources,
            opens=_RememberedChains(self._sources, self._memory),
            dns=_RememberedResolver(sources.dns, self._memory),
            fetch=self._fetch,
        )

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the chains that were asked, by chain id."""
        chains = {chain.id: chain.block for chain in self._memory.known("chain")}
        return tuple(chains[number] for number in sorted(chains))

    @property
    def answers(self) -> tuple[tuple[Question, Any], ...]:
        """Every question that was settled, with its answer or its `Trouble`, in the order of asking.

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

    def _fetch(self, url: str, *, accept: Sequence[str]) -> Page:
        question = "page", url, tuple(accept)
        return self._memory.ask(question, lambda: self._sources.fetch(url, accept=accept))


def of_one_run(sources: Sources) -> Sources:
    """Sources of one time that are asked nothing twice; those that answer nothing need no more than the time."""
    return sources.as_of(sources.now) if sources.answers_nothing else Run(sources).once


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a question has no answer. Kept in place of the exception, which would keep alive whatever it went through."""

    doubt: Doubt
    message: Message

    def error(self) -> SourceError:
        """The exception to raise, a new one each time."""
        return SourceError(self.doubt, self.message)


_AGAIN: Final = object()
"""What becomes of a question that was in a batch with one that failed: whoever waits for it asks it again."""

_SILENCE: Final = frozenset({Doubt.CHAIN_UNREACHABLE, Doubt.CHAIN_TIMEOUT})
"""Trouble that may be the node's own, or the work of one question that is too much for it."""

_FOR_ALL: Final = frozenset({Doubt.OFFLINE, Doubt.OUT_OF_TIME, Doubt.CHAIN_REORGANISED})
"""Trouble that every question of a batch would meet."""

_BROKEN: Final[Mapping[str, Doubt]] = {"txt": Doubt.DNS_BAD_ANSWER, "page": Doubt.WEB_BAD_ANSWER}
_SPARED_SECONDS: Final = 15.0


class _Slot:
    """The place of an answer, which threads can wait for. It is small once the answer is there: a run keeps all of them."""

    __slots__ = ("_answer", "_coming")

    def __init__(self) -> None:
        self._answer: Any = None
        self._coming: threading.Event | None = threading.Event()

    def done(self) -> bool:
        """Whether the answer is there."""
        return self._coming is None

    def result(self) -> Any:
        """The answer, once it is there."""
        if (coming := self._coming) is not None:
            coming.wait()
        return self._answer

    def set_result(self, answer: Any) -> None:
        """Put the answer there, and let those who wait for it go on."""
        self._answer = answer  # before it is said to be there
        coming, self._coming = self._coming, None
        if coming is not None:
            coming.set()


def _out_of_time() -> SourceError:
    return SourceError(Doubt.OUT_OF_TIME, "not_asked")


class _Memory:
    """Answers by question. The first who asks gets the answer for all who ask while it is on its way, and after.

    Trouble belongs to the question that met it: where a batch fails, its questions are asked again one by one, so that no
    document can spoil the answers that others wait for. A node that then does not answer a harmless question either (``probe``)
    is spared for some seconds: what is asked meanwhile has its trouble at once.
    """

    def __init__(self, until: float) -> None:
        self._until = until
        self._answers: dict[Question, _Slot] = {}
        self._lock = threading.Lock()
        self._spared: dict[Hashable, tuple[float, Trouble]] = {}

    def ask(self, question: Question, ask: Callable[[], _T], *, probe: Probe | None = None) -> _T:
        """The answer, or the `SourceError`, of the first time."""
        (answer,) = self.ask_all([question], lambda new: [ask()], probe=probe)
        return cast(_T, answer)

    def ask_all(self, questions: Sequence[Question], ask: Ask, *, probe: Probe | None = None) -> list[Any]:
        """The answers in order. ``ask`` is called with what nobody has asked yet, each once, and together if that succeeds.

        Raises `SourceError` if one of them has no answer; whatever else ``ask`` raises becomes one.
        """
        answers = self._answers
        for question in questions:
            if (known := answers.get(question)) is not None and known.done():
                _answer(known)  # one that is known to have none spares asking for the others
        with self._lock:
            new = [question for question in dict.fromkeys(questions) if question not in answers]
            if new and time.monotonic() > self._until:
                raise _out_of_time()
            mine = {question: answers.setdefault(question, _Slot()) for question in new}
        if mine:
            self._together(mine, ask, probe)
        return [self._one(question, ask, probe) for question in questions]

    def _one(self, question: Question, ask: Ask, probe: Probe | None) -> Any:
        """The answer to a question that somebody has asked, asking it again if that came to nothing."""
        while True:
            with self._lock:
                future, mine = self._answers.get(question), None
                if future is None:
                    if time.monotonic() > self._until:
                        raise _out_of_time()
                    future = mine = self._answers[question] = _Slot()
            if mine is not None:
                self._together({question: mine}, ask, probe)
            if (found := _answer(future)) is not _AGAIN:
                return found

    def _together(self, mine: Mapping[Question, _Slot], ask: Ask, probe: Probe | None) -> None:
        questions = list(mine)
        if (trouble := self._on_the_node(probe)) is None:
            try:
                found = self._attempt(questions, ask)
            except BaseException:
                self._release(mine)
                raise
            if not isinstance(found, Trouble):
                for future, answer in zip(mine.values(), found, strict=True):
                    future.set_result(answer)
                return
            trouble = found
            if len(mine) > 1 and trouble.doubt not in _FOR_ALL:
                self._one_by_one(mine, ask, probe)
                return
            if trouble.doubt in _SILENCE:
                self._spare(probe, trouble)
        for future in mine.values():
            future.set_result(trouble)

    def _one_by_one(self, mine: Mapping[Question, _Slot], ask: Ask, probe: Probe | None) -> None:
        """Ask again after a batch has failed. A question that silences the node ends it: the rest is for others to ask."""
        waiting = dict(mine)
        try:
            for question, future in mine.items():
                if time.monotonic() > self._until:
                    raise _out_of_time()
                found = self._attempt([question], ask)
                del waiting[question]
                future.set_result(found if isinstance(found, Trouble) else found[0])
                if isinstance(found, Trouble) and found.doubt in _SILENCE:
                    if self._spare(probe, found):
                        for rest in waiting.values():
                            rest.set_result(found)
                        waiting.clear()
                    return
        finally:
            self._release(waiting)

    def _attempt(self, questions: Sequence[Question], ask: Ask) -> Sequence[Any] | Trouble:
        """The one border: whatever a source raises, or gives in place of answers, is trouble with a code."""
        kind = str(questions[0][0])
        try:
            answers = ask(questions)
        except SourceError as trouble:
            return Trouble(trouble.doubt, trouble.message)
        except Exception as bug:
            log_fault(f"a source of {kind}", bug)
            code = _BROKEN.get(kind, Doubt.CHAIN_BAD_ANSWER)
            return Trouble(code, say(code, "source_failed", fault=type(bug).__name__))
        if len(answers) != len(questions):
            return Trouble(
                Doubt.CHAIN_BAD_ANSWER,
                say(Doubt.CHAIN_BAD_ANSWER, "number_of_answers", expected=len(questions), came=len(answers)),
            )
        return answers

    def _release(self, mine: Mapping[Question, _Slot]) -> None:
        """Forget questions that were not answered; whoever waits for one asks it."""
        with self._lock:
            for question in mine:
                del self._answers[question]
        for future in mine.values():
            future.set_result(_AGAIN)

    def _on_the_node(self, probe: Probe | None) -> Trouble | None:
        """What a node that is spared now had answered."""
        until, trouble = self._spared.get(probe[0], (0.0, None)) if probe else (0.0, None)
        return trouble if time.monotonic() < until else None

    def _spare(self, probe: Probe | None, trouble: Trouble) -> bool:
        """Whether a node is silent about what is harmless too. It is spared then."""
        if probe is None:
            return False
        key, harmless = probe
        found = self._attempt([("probe", key)], lambda _: [harmless()])
        if silent := isinstance(found, Trouble) and found.doubt in _SILENCE:
            self._spared[key] = time.monotonic() + _SPARED_SECONDS, trouble
        return silent

    def known(self, kind: str) -> list[Any]:
        """Every answer so far to questions of a kind."""
        return [answer for q, answer in self.settled() if q[0] == kind and not isinstance(answer, Trouble)]

    def settled(self) -> tuple[tuple[Question, Any], ...]:
        """Every question so far that has an answer, or `Trouble` in its place."""
        with self._lock:
            return tuple((q, a.result()) for q, a in self._answers.items() if a.done())


def log_fault(what: str, bug: Exception) -> None:
    """Write down where a program failed, and not what it said: that may hold a URL's key, or a document's content."""
    import logging
    from traceback import extract_tb

    log = logging.getLogger("ebl")
    if not log.handlers:
        log.addHandler(logging.NullHandler())  # a library prints nothing by itself
    frames = extract_tb(bug.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    log.error("%s failed with %s at %s", what, type(bug).__name__, where)


def _answer(future: _Slot) -> Any:
    found = future.result()
    if isinstance(found, Trouble):
        raise found.error()
    return found


@dataclass(frozen=True, slots=True)
class _RememberedResolver:
    resolver: Resolver
    memory: _Memory

    def txt(self, name: str) -> TxtRecords:
        return self.memory.ask(("txt", name), lambda: self.resolver.txt(name))


@dataclass(frozen=True, slots=True)
class _RememberedChains(Opener):
    """Chains that are opened once. What is fresh was settled by the sources, at the one time of the run."""

    sources: Sources
    memory: _Memory

    def open(self, chain_id: int | None, *, fresh: Fresh) -> Chain:
        if chain_id is not None:
            return self.memory.ask(("chain", chain_id), lambda: self._opened(chain_id))
        only = self.memory.ask(("only",), lambda: self._opened(None))
        return self.memory.ask(("chain", only.id), lambda: only)

    def _opened(self, chain_id: int | None) -> Chain:
        return _RememberedChain(self.sources.chain(chain_id), self.memory)


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

    @property
    def _probe(self) -> Probe:
        return self.id, lambda: self.chain.code(ZERO)

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        def ask(new: Sequence[Any]) -> Sequence[Answer]:
            return self.chain.read(*(read for _, _, read in new))

        questions = [("read", self.id, read) for read in reads]
        return tuple(self.memory.ask_all(questions, ask, probe=self._probe))

    def code(self, address: str) -> bytes:
        return self.memory.ask(("code", self.id, address), lambda: self.chain.code(address), probe=self._probe)

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        question = "logs", self.id, tuple(addresses), start, end
        return self.memory.ask(question, lambda: self.chain.logs(addresses, start=start, end=end), probe=self._probe)

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        question = "proof", self.id, address, tuple(slots)
        return self.memory.ask(question, lambda: self.chain.proof(address, slots), probe=self._probe)
