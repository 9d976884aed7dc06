"""In one run no question is asked twice, and a chain stays at one block."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import permutations
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.checking.memo import Run
from ebl.codes import Doubt
from ebl.config.networks import pace
from ebl.errors import SourceError
from ebl.messages import own_words
from ebl.model.ports import Answer, Block, Read, Sources, TxtRecords
from ebl.sources import offline

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class World:
    asked: Counter[object] = field(default_factory=Counter)
    id: int = 1337

    @property
    def block(self) -> Block:
        return Block(1337, 7, "0x" + "00" * 32, NOW)

    def read(self, *reads: Read) -> tuple[Answer, ...]:
        self.asked.update(reads)
        return tuple(read.data * 2 for read in reads)

    def txt(self, name: str) -> TxtRecords:
        self.asked[name] += 1
        if name == "dead.example":
            raise SourceError(Doubt.DNS_TIMEOUT, own_words(name))
        return TxtRecords(name, ())

    def open(self, chain_id: int | None) -> World:
        self.asked["open"] += 1
        if chain_id == 404:
            raise SourceError(Doubt.CHAIN_NOT_CONFIGURED, own_words("404"))
        return self

    def sources(self) -> Sources:
        return Sources(pace=pace, chain=self.open, dns=self, fetch=offline().fetch, now=NOW)  # type: ignore[arg-type,return-value]


def test_reads_are_asked_once_and_answered_in_order() -> None:
    world = World()
    chain = Run(world.sources()).once.chain(1337)
    a, b, c = (Read("0x", bytes([n])) for n in range(3))
    assert chain.read(a, b, a) == (b"\0\0", b"\1\1", b"\0\0")
    assert chain.read(c, b) == (b"\2\2", b"\1\1")
    assert {world.asked[read] for read in (a, b, c)} == {1}


def test_the_only_chain_and_the_same_chain_by_number_are_one() -> None:
    world = World()
    run = Run(world.sources())
    assert run.once.chain(None) is run.once.chain(1337)
    assert run.blocks == (world.block,)


def test_nothing_new_is_asked_when_the_time_is_over() -> None:
    world = World()
    once = Run(world.sources(), until=-1.0).once
    for ask in (lambda: once.dns.txt("carrier.example"), lambda: once.chain(1337), lambda: once.chain(None)):
        with pytest.raises(SourceError) as trouble:
            ask()
        assert trouble.value.doubt is Doubt.OUT_OF_TIME
    assert not world.asked


def test_trouble_is_remembered_too() -> None:
    world = World()
    run = Run(world.sources())
    for _ in range(3):
        with pytest.raises(SourceError):
            run.once.dns.txt("dead.example")
        with pytest.raises(SourceError):
            run.once.chain(404)
    assert world.asked["dead.example"] == world.asked["open"] == 1
    assert run.blocks == ()


def test_threads_ask_one_question_once() -> None:
    world = World()
    once = Run(world.sources()).once
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: once.dns.txt("a.example"), range(64)))
    assert world.asked["a.example"] == 1


@dataclass
class Fragile(World):
    """A node that fails a whole batch if one call of it is ``bad``; ``silent`` after that, where it is said to be."""

    bad: frozenset[bytes] = frozenset()
    doubt: Doubt = Doubt.CHAIN_BAD_ANSWER
    silent: bool = False
    requests: int = 0

    def read(self, *reads: Read) -> tuple[Answer, ...]:
        self.requests += 1
        if self.silent or any(read.data in self.bad for read in reads):
            raise SourceError(self.doubt, own_words("no answer"))
        return super().read(*reads)

    def code(self, address: str) -> bytes:
        self.requests += 1
        if self.silent:
            raise SourceError(self.doubt, own_words("no answer"))
        return b""


A, B, C, D = (Read("0x", bytes([n])) for n in range(4))


@pytest.mark.parametrize("doubt", [Doubt.CHAIN_BAD_ANSWER, Doubt.CHAIN_TIMEOUT, Doubt.CHAIN_DISAGREEMENT])
@pytest.mark.parametrize("order", list(permutations((A, B, C))))
def test_a_question_that_fails_spoils_no_other_of_its_batch(doubt: Doubt, order: tuple[Read, ...]) -> None:
    world = Fragile(bad=frozenset({B.data}), doubt=doubt)
    chain = Run(world.sources()).once.chain(1337)
    with pytest.raises(SourceError) as trouble:
        chain.read(*order)
    assert trouble.value.doubt is doubt
    assert chain.read(A, C, D) == (b"\0\0", b"\2\2", b"\3\3")
    before = world.requests
    with pytest.raises(SourceError):
        chain.read(D, B)
    assert world.requests == before, "what failed by itself is known"


@given(st.lists(st.tuples(st.sets(st.integers(0, 5), min_size=1), st.booleans()), min_size=1, max_size=8))
def test_whatever_is_asked_beside_a_hostile_question_is_answered(asked: list[tuple[set[int], bool]]) -> None:
    world = Fragile(bad=frozenset({bytes([9])}), doubt=Doubt.CHAIN_TIMEOUT)
    chain = Run(world.sources()).once.chain(1337)

    def ask(numbers: set[int], hostile: bool) -> tuple[Answer, ...] | None:
        try:
            return chain.read(*(Read("0x", bytes([n])) for n in [*numbers, *([9] if hostile else [])]))
        except SourceError:
            return None

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: ask(*one), asked))
    for (numbers, hostile), answers in zip(asked, found, strict=True):
        assert answers == (None if hostile else tuple(bytes([n]) * 2 for n in numbers))


def test_a_node_that_went_away_is_spared_for_some_seconds_and_then_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Fragile(silent=True, doubt=Doubt.CHAIN_UNREACHABLE)
    chain = Run(world.sources()).once.chain(1337)
    for number in range(100):
        with pytest.raises(SourceError) as trouble:
            chain.read(Read("0x", bytes([number])), Read("0x", bytes([number, number])))
        assert trouble.value.doubt is Doubt.CHAIN_UNREACHABLE
    assert world.requests <= 3
    world.silent = False
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 60)
    assert chain.read(Read("0x", b"xyz")) == (b"xyzxyz",)


FOREIGN: list[Exception] = [ValueError("x"), OSError("x"), KeyError("x"), TypeError("x"), RuntimeError("x"), EOFError()]
FOREIGN += [RecursionError(), MemoryError(), UnicodeError("x"), AssertionError("x"), TimeoutError(), StopIteration()]


@pytest.mark.parametrize("bug", FOREIGN, ids=lambda bug: type(bug).__name__)
def test_whatever_a_source_raises_becomes_trouble_with_a_code(bug: Exception) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise bug

    world = World()
    for name in ("read", "code", "logs", "proof", "txt"):
        setattr(world, name, fail)
    once = Run(replace(world.sources(), fetch=fail)).once
    chain = once.chain(1337)
    ports: dict[Callable[[], object], Doubt] = {
        lambda: chain.read(A, B): Doubt.CHAIN_BAD_ANSWER,
        lambda: chain.code("0x"): Doubt.CHAIN_BAD_ANSWER,
        lambda: chain.logs(["0x"], start=0): Doubt.CHAIN_BAD_ANSWER,
        lambda: chain.proof("0x", []): Doubt.CHAIN_BAD_ANSWER,
        lambda: Run(replace(world.sources(), chain=fail)).once.chain(1): Doubt.CHAIN_BAD_ANSWER,
        lambda: Run(replace(world.sources(), chain=fail)).once.chain(None): Doubt.CHAIN_BAD_ANSWER,
        lambda: once.dns.txt("carrier.example"): Doubt.DNS_BAD_ANSWER,
        lambda: once.fetch("https://carrier.example/", accept=("a/b",)): Doubt.WEB_BAD_ANSWER,
    }
    for ask, doubt in ports.items():
        with pytest.raises(SourceError) as trouble:
            ask()
        assert trouble.value.doubt is doubt and type(bug).__name__ in trouble.value.detail


def test_an_interrupt_is_no_answer_and_the_question_can_be_asked_again() -> None:
    world, calls = World(), iter((KeyboardInterrupt(), TxtRecords("a.example", ())))

    def txt(name: str) -> TxtRecords:
        if isinstance(found := next(calls), BaseException):
            raise found
        return found

    world.txt = txt  # type: ignore[method-assign]
    once = Run(world.sources()).once
    with pytest.raises(KeyboardInterrupt):
        once.dns.txt("a.example")
    assert once.dns.txt("a.example").name == "a.example"


def test_what_is_remembered_of_trouble_does_not_grow_with_those_who_meet_it() -> None:
    once = Run(World().sources()).once
    kept: list[int] = []
    for _ in range(1_000):
        with pytest.raises(SourceError) as trouble:
            once.dns.txt("dead.example")
        kept.append(len(list(traceback.walk_tb(trouble.value.__traceback__))))
        assert trouble.value.__context__ is None
    assert max(kept[1:]) == min(kept[1:])


def test_what_failed_together_is_not_asked_one_by_one_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Fragile(bad=frozenset(bytes([n]) for n in range(15)))
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + world.requests)  # each request takes a second
    chain = Run(world.sources(), until=now + 3.5).once.chain(1337)
    with pytest.raises(SourceError):
        chain.read(*(Read("0x", bytes([n])) for n in range(15)))
    assert world.requests <= 4
