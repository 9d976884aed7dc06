"""Sources of a plan: every chain at the block of the plan, and the answers of DNS and the web that the run has kept.

The workers of a run, on any machine, share the answers through files of the run's folder: the worker that asks first keeps the
answer, and the others read it. What could not be answered is not kept, and is asked again for another part.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from ebl import sources
from ebl.checking.memory import Question, Trouble
from ebl.config import durable_files, files
from ebl.config.settings import NetworkSettings
from ebl.errors import SourceError
from ebl.evidence import entry_of, read_entry
from ebl.model.pace import Pace
from ebl.model.ports import Block, Chain, Fetch, Fresh, Opener, Page, Resolver, Sources, TxtRecords
from ebl.net.nodes import Nodes

T = TypeVar("T")
Pinned = Mapping[int, Block | Trouble]
"""The block of each chain that has nodes, or why there is none."""

_MAX_ANSWER = 4 << 20


def pin(settings: NetworkSettings, now: datetime, *, pace: Callable[[int], Pace]) -> dict[int, Block | Trouble]:
    """Query every chain that has nodes for the block to pin. It must be as fresh as for a single verification."""
    live = replace(sources.online(settings, now=now), pace=pace)
    found: dict[int, Block | Trouble] = {}
    for chain_id in settings.nodes:
        try:
            found[chain_id] = replace(live.chain(chain_id).block, dissent=())
        except SourceError as trouble:
            found[chain_id] = Trouble(trouble.doubt, trouble.message)
    return found


def pinned_sources(settings: NetworkSettings | None, now: datetime, pinned: Pinned, kept: Path) -> Sources:
    """Sources as of the plan's time (None: such as answer nothing). Answers are kept in the folder ``kept``."""
    if settings is None:
        return sources.offline(now=now)
    live = sources.online(settings, now=now)
    assert isinstance(live.opens, Nodes)
    answers = _KeptAnswers(kept)
    return replace(
        live,
        opens=_PinnedChains(live.opens, pinned),
        dns=_KeptResolver(live.dns, answers),
        fetch=_KeptPages(live.fetch, answers),
    )


@dataclass(frozen=True, slots=True)
class _PinnedChains(Opener):
    """Opens chains at the blocks of the plan. Whether these are fresh was settled when the plan was made, or gone on with."""

    nodes: Nodes
    pinned: Pinned

    def open(self, chain_id: int | None, *, fresh: Fresh) -> Chain:
        found = self.pinned[self.nodes.which(chain_id)]
        if isinstance(found, Trouble):
            raise found.error()
        return self.nodes.at(found)


@dataclass(frozen=True, slots=True)
class _KeptAnswers:
    """Answers in a folder, a file each."""

    folder: Path

    def ask(self, question: Question, ask: Callable[[], T]) -> T:
        """The answer that was kept, or else the one that ``ask`` returns, kept."""
        path = self.folder / f"{hashlib.sha256(repr(question).encode()).hexdigest()[:40]}.json"
        found: T | None = self._read(path, question)
        if found is not None:
            return found
        answer = ask()
        durable_files.make_folder(self.folder)
        with suppress(FileExistsError):  # another worker was first: its answer is that of the run
            durable_files.write_new(path, json.dumps(entry_of(question, answer)).encode())
            return answer
        again: T | None = self._read(path, question)
        return answer if again is None else again

    def _read(self, path: Path, question: Question) -> Any:
        try:
            kept, answer = read_entry(json.loads(files.load(path, limit=_MAX_ANSWER)))
        except (FileNotFoundError, KeyError, TypeError, ValueError):
            return None
        return answer if kept == question else None


@dataclass(frozen=True, slots=True)
class _KeptResolver:
    resolver: Resolver
    answers: _KeptAnswers

    def txt(self, name: str) -> TxtRecords:
        return self.answers.ask(("txt", name), lambda: self.resolver.txt(name))


@dataclass(frozen=True, slots=True)
class _KeptPages:
    live: Fetch
    answers: _KeptAnswers

    def __call__(self, url: str, *, accept: Sequence[str]) -> Page:
        return self.answers.ask(("page", url, tuple(accept)), lambda: self.live(url, accept=accept))
