"""Verify many documents while a source does not answer, and say what that costs. Run as a program: see `main`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.messages import own_words
from ebl.model.ports import Answer, Block, Page, Read, Sources, TxtRecords
from ebl.openattestation import v2 as oa2
from ebl.policy import IssuedBy
from ebl.sources import offline
from ebl.testing.bills import bill
from ebl.verify import examine_all
from ebl.wrap import to_json

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Mute:
    """A chain that can be opened, and answers nothing else."""

    id = 1337
    block = Block(1337, 7, "0x" + "00" * 32, NOW)

    def read(self, *reads: Read) -> tuple[Answer, ...]:
        raise SourceError(Doubt.CHAIN_TIMEOUT, own_words("the node of node.example did not respond within 8 s"))

    def code(self, address: str) -> bytes:
        raise SourceError(Doubt.CHAIN_TIMEOUT, own_words("the node of node.example did not respond within 8 s"))


class Picky(Mute):
    """A chain that answers what is harmless, and refuses whatever is asked of a document."""

    def read(self, *reads: Read) -> tuple[Answer, ...]:
        raise SourceError(Doubt.CHAIN_REFUSED, own_words("the node of node.example refused: limit exceeded"))

    def code(self, address: str) -> bytes:
        return b"\x60"


class Dead:
    """DNS that does not answer."""

    def txt(self, name: str) -> TxtRecords:
        raise SourceError(Doubt.DNS_TIMEOUT, own_words(f"no resolver answered about {name}"))


def fetch(url: str, *, accept: Sequence[str]) -> Page:
    raise SourceError(Doubt.WEB_TIMEOUT, own_words(f"{url} did not respond"))


def sources(kind: str) -> Sources:
    """A world with this outage."""
    nowhere = offline(now=NOW)
    chain: dict[str, Any] = {"silent node": Mute(), "node that refuses": Picky()}
    if kind in chain:
        return replace(nowhere, chain=lambda chain_id: chain[kind], dns=Dead(), fetch=fetch)
    return nowhere


def documents(count: int, *, domains: int) -> Iterator[bytes]:
    """As many documents, each of which asks a question of its own (its root), of so many issuers."""
    for number in range(count):
        raw = bill(number, store="0x" + "11" * 20, domain=f"{number % domains}.carrier.example", chain_id=1337)
        document, target = oa2.prepare(raw)
        oa2.seal(document, target, [], target.hex())
        yield to_json(document)


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def measure(kind: str, count: int, at_once: int) -> dict[str, float]:
    """Megabytes and microseconds a document, in the first and the last of three thirds."""
    marks: list[tuple[float, int]] = []
    step = count // 3
    found = examine_all(
        documents(count, domains=5), IssuedBy("carrier.example"), sources=sources(kind), at_once=at_once
    )
    marks.append((time.process_time(), resident()))
    for number, report in enumerate(found, 1):
        assert "unknown" in {row["outcome"] for row in report.to_dict()["findings"]}  # type: ignore[union-attr]
        if number % step == 0:
            marks.append((time.process_time(), resident()))
    spent = [(later[0] - before[0]) / step * 1e6 for before, later in pairwise(marks)]
    return {"first_us": spent[0], "last_us": spent[2], "grown_kb_each": (marks[3][1] - marks[1][1]) / (2 * step) / 1024}


def known_answer() -> float:
    """Microseconds for a question whose answer, or trouble, is known."""
    from ebl.checking.memo import Run

    once = Run(sources("offline")).once
    ask: Callable[[], object] = lambda: once.dns.txt("carrier.example")  # noqa: E731
    best = float("inf")
    for _ in range(20):
        begun = time.perf_counter()
        for _ in range(500):
            try:
                ask()
            except SourceError:
                continue
        best = min(best, (time.perf_counter() - begun) / 500 * 1e6)
    return best


def main(count: int) -> None:
    """Print what it costs, as JSON, for each outage."""
    rows = {
        f"{kind}, {at_once} at once": measure(kind, count, at_once)
        for kind in ("offline", "silent node", "node that refuses")
        for at_once in (1, 8)
    }
    print(json.dumps({"known_us": known_answer(), "rows": rows}, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]))
