"""The answers of one run, by question: each question is asked once, and a failed batch spoils no other question."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.messages import Message, say

Question = tuple[Hashable, ...]
"""A request to a chain, a resolver or a web server, by its kind and its parameters."""

Ask = Callable[[Sequence[Any]], Sequence[Any]]
Probe = tuple[Hashable, Callable[[], object]]
"""The key of a source, and a harmless question to it: a source that does not answer this one is not there."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a question has no answer. Kept in place of the exception, which would keep alive whatever it went through."""

    doubt: Doubt
    message: Message

    def error(self) -> SourceError:
        """The exception to raise, a new one each time."""
        return SourceError(self.doubt, self.message)


NOT_KNOWN: Final = object()
"""In place of the answer to a question that has not been asked."""

_SILENCE: Final = frozenset({Doubt.CHAIN_UNREACHABLE, Doubt.CHAIN_TIMEOUT})
"""Trouble that may be the node's own, or the work of one question that is too much for it."""

_FOR_ALL: Final = frozenset({Doubt.OFFLINE, Doubt.OUT_OF_TIME, Doubt.CHAIN_REORGANISED})
"""Trouble that every question of a batch would meet."""

_BROKEN: Final[Mapping[str, Doubt]] = {"txt": Doubt.DNS_BAD_ANSWER, "page": Doubt.WEB_BAD_ANSWER}
_SPARED_SECONDS: Final = 15.0
_OF_DOCUMENTS: Final = frozenset({"read", "logs", "proof"})
"""The kinds of question that most documents have of their own."""
_CHAINS: Final = frozenset({"only", "chain"})
MOST: Final = 40_000
MOST_PAGE_BYTES: Final = 32 * 1024 * 1024
"""From how many answers on, or bytes of pages, a memory that forgets drops the older half."""


class Pending(threading.Event):
    """In place of answers that were asked for and are not there yet. Once it is set, a thread that waits looks again."""


def out_of_time() -> SourceError:
    """The error of a question that was not asked because the deadline had passed."""
    return SourceError(Doubt.OUT_OF_TIME, "not_asked")


class Memory:
    """Answers by question. Thread-safe: two threads never ask the same question.

    Trouble belongs to the question that met it: if a batch fails, its questions are asked again one by one, so that no
    document can spoil the answers of others. If a node then does not answer a harmless question either (``probe``), it is
    spared for some seconds: what is asked meanwhile has its trouble at once.

    ``known`` has the answer or the `Trouble` of every question that was settled, in the order of asking, and `Pending` for
    those in flight. A memory that ``forgets`` drops the oldest answers when `forget` is called, and not in between.
    """

    def __init__(self, until: float = math.inf, *, forgets: bool = False) -> None:
        self._until = until
        self._forgets = forgets
        self.known: dict[Question, Any] = {}
        self._page_bytes = 0
        self._lock = threading.Lock()
        self._spared: dict[Hashable, tuple[float, Trouble]] = {}

    def ask_all(
        self, questions: Sequence[Question], ask: Ask, *, until: float = math.inf, probe: Probe | None = None
    ) -> list[Any]:
        """The answers in order. ``ask`` is called with what has not been asked yet, each once, and together if that succeeds.

        Raises `SourceError` if one of them has no answer; whatever else ``ask`` raises becomes one. Nothing is asked after
        ``until``, a time of the monotonic clock: that is ``source.out_of_time``.
        """
        known = self.known
        until = min(until, self._until)
        for question in questions:
            _unless_trouble(known.get(question))  # one that is known to have no answer spares asking for the others
        with self._lock:
            new = [question for question in dict.fromkeys(questions) if question not in known]
            if new and time.monotonic() > until:
                raise out_of_time()
            pending = Pending() if new else None
            known.update(dict.fromkeys(new, pending))
        if pending is not None:
            self._together(new, pending, ask, until, probe)
        return [self._one(question, ask, until, probe) for question in questions]

    def ask_each(self, questions: Iterable[Question], ask: Ask, *, probe: Probe | None = None) -> None:
        """Ask for what has not been asked yet, in one batch. Nothing is raised: what was answered is in ``known`` then.

        ``ask`` may give None for a question that has to be asked alone. Such a question, and every one of a batch that failed,
        stays unknown, unless the whole source does not answer.
        """
        with self._lock:
            mine = [question for question in dict.fromkeys(questions) if question not in self.known]
            if not mine:
                return
            pending = Pending()
            self.known.update(dict.fromkeys(mine, pending))
        left: Sequence[Question] = mine
        found: Sequence[Any] | Trouble | None = self._on_the_node(probe)
        try:
            if found is None:
                found = self._attempt(mine, ask)
                if isinstance(found, Trouble) and not (
                    found.doubt in _FOR_ALL or (found.doubt in _SILENCE and self._spare(probe, found))
                ):
                    return
            answers = [found] * len(mine) if isinstance(found, Trouble) else found
            self._settle(*((q, answer) for q, answer in zip(mine, answers, strict=True) if answer is not None))
            left = [question for question, answer in zip(mine, answers, strict=True) if answer is None]
        finally:
            self._release(left, pending)

    def settled(self) -> tuple[tuple[Question, Any], ...]:
        """Every question so far that has an answer, or `Trouble` in its place."""
        with self._lock:
            return tuple((q, answer) for q, answer in self.known.items() if type(answer) is not Pending)

    def forget(self) -> None:
        """Drop the older answers if there are very many; none in a memory that does not forget.

        Chains are kept, so that all documents of a run are of the same blocks. DNS records, pages and code are kept longer than
        what concerns few documents. What is dropped is asked again if another document asks for it.
        """
        if not self._forgets or (len(self.known) <= MOST and self._page_bytes <= MOST_PAGE_BYTES):
            return
        with self._lock:
            room = {True: MOST // 2, False: MOST // 2}
            pages = 0
            kept: list[tuple[Question, Any]] = []
            for question, answer in reversed(self.known.items()):
                room[question[0] in _OF_DOCUMENTS] -= 1
                size = _bytes_of(question, answer)
                if question[0] in _CHAINS or type(answer) is Pending:
                    kept.append((question, answer))
                elif room[question[0] in _OF_DOCUMENTS] >= 0 and pages + size <= MOST_PAGE_BYTES // 2:
                    pages += size
                    kept.append((question, answer))
            self._page_bytes = pages
            self.known.clear()
            self.known.update(reversed(kept))

    def _one(self, question: Question, ask: Ask, until: float, probe: Probe | None) -> Any:
        """The answer to a question that was asked, asking it again if that came to nothing."""
        while True:
            mine = None
            with self._lock:
                found = self.known.get(question, NOT_KNOWN)
                if found is NOT_KNOWN:
                    if time.monotonic() > until:
                        raise out_of_time()
                    mine = self.known[question] = Pending()
            if mine is not None:
                self._together([question], mine, ask, until, probe)
            elif type(found) is Pending:
                found.wait()
            else:
                _unless_trouble(found)
                return found

    def _together(
        self, mine: Sequence[Question], pending: Pending, ask: Ask, until: float, probe: Probe | None
    ) -> None:
        if (trouble := self._on_the_node(probe)) is None:
            try:
                found = self._attempt(mine, ask)
            except BaseException:
                self._release(mine, pending)
                raise
            if not isinstance(found, Trouble):
                self._settle(*zip(mine, found, strict=True))
                pending.set()
                return
            trouble = found
            if len(mine) > 1 and trouble.doubt not in _FOR_ALL:
                self._one_by_one(mine, pending, ask, until, probe)
                return
            if trouble.doubt in _SILENCE:
                self._spare(probe, trouble)
        self._settle(*((question, trouble) for question in mine))
        pending.set()

    def _one_by_one(
        self, mine: Sequence[Question], pending: Pending, ask: Ask, until: float, probe: Probe | None
    ) -> None:
        """Ask again after a batch has failed. A question that silences the node ends it: the rest is for others to ask."""
        places = {question: Pending() for question in mine}  # so that nothing waits for more than its own answer
        self._settle(*places.items())
        pending.set()
        try:
            for question in mine:
                if time.monotonic() > until:
                    raise out_of_time()
                found = self._attempt([question], ask)
                self._settle((question, found if isinstance(found, Trouble) else found[0]))
                places.pop(question).set()
                if isinstance(found, Trouble) and found.doubt in _SILENCE:
                    if self._spare(probe, found):
                        self._settle(*((rest, found) for rest in places))
                        for place in places.values():
                            place.set()
                        places.clear()
                    return
        finally:
            for question, place in places.items():
                self._release([question], place)

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

    def _settle(self, *answers: tuple[Question, Any]) -> None:
        with self._lock:
            for question, answer in answers:
                self.known[question] = answer
                if question[0] == "page":
                    self._page_bytes += _bytes_of(question, answer)

    def _release(self, mine: Sequence[Question], pending: Pending) -> None:
        """Forget questions that were not answered; a thread that waits for one asks it."""
        with self._lock:
            for question in mine:
                del self.known[question]
        pending.set()

    def _on_the_node(self, probe: Probe | None) -> Trouble | None:
        """The trouble of a node that is spared now."""
        until, trouble = self._spared.get(probe[0], (0.0, None)) if probe else (0.0, None)
        return trouble if time.monotonic() < until else None

    def _spare(self, probe: Probe | None, trouble: Trouble) -> bool:
        """Whether a node does not answer the harmless question either. It is spared then."""
        if probe is None:
            return False
        key, harmless = probe
        found = self._attempt([("probe", key)], lambda _: [harmless()])
        if silent := isinstance(found, Trouble) and found.doubt in _SILENCE:
            self._spared[key] = time.monotonic() + _SPARED_SECONDS, trouble
        return silent


def log_fault(what: str, bug: Exception) -> None:
    """Log where a program failed, and not its message: that may hold a URL's key, or a document's content."""
    import logging
    from traceback import extract_tb

    log = logging.getLogger("ebl")
    if not log.handlers:
        log.addHandler(logging.NullHandler())  # a library prints nothing by itself
    frames = extract_tb(bug.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    log.error("%s failed with %s at %s", what, type(bug).__name__, where)


def _bytes_of(question: Question, answer: Any) -> int:
    return len(answer.body) if question[0] == "page" and type(answer) not in (Trouble, Pending) else 0


def _unless_trouble(found: Any) -> None:
    if type(found) is Trouble:
        raise found.error()
