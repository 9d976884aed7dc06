"""In one run no question is asked twice, and a chain stays at one block."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.run import Run
from ebl.sources import Answer, Block, Read, Sources, TxtRecords

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
            raise SourceError(Doubt.DNS_TIMEOUT, name)
        return TxtRecords(name, ())

    def open(self, chain_id: int | None) -> World:
        self.asked["open"] += 1
        if chain_id == 404:
            raise SourceError(Doubt.CHAIN_NOT_CONFIGURED, "404")
        return self

    def sources(self) -> Sources:
        return Sources(chain=self.open, dns=self, fetch=Sources.offline().fetch, now=NOW)  # type: ignore[arg-type,return-value]


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
