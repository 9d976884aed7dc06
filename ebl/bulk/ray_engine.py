"""Ray as an engine: the same work on several machines. By the extra ``ray``.

Every machine needs the same Python version and `ebl`, and sees the source and the folder of the run under the same paths. Usage
reports to the makers of Ray are switched off.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from typing import Any

from ebl.bulk.engines import Work, collect_less
from ebl.bulk.ledger import Piece
from ebl.errors import MissingExtra

_AHEAD = 4


@dataclass(frozen=True, slots=True)
class RayEngine:
    """A Ray cluster at an ``address`` (such as ``auto`` or ``ray://HOST:10001``; None: one on this machine, with ``workers``).

    A piece takes one processor. Whatever ends its worker (a kill, a lack of memory, a machine that is removed) counts as one end.
    """

    address: str | None = None
    workers: int | None = None

    def run(self, work: Work, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, bool]]:
        """See `Engine.run`. Raises `MissingExtra` if Ray is not installed, and `ConnectionError` if there is no cluster."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            ray: Any = import_module("ray")
        except ImportError:
            raise MissingExtra("ray") from None
        was_there = ray.is_initialized()
        if not was_there:
            local = {} if self.address else {"num_cpus": self.workers, "include_dashboard": False}
            ray.init(address=self.address or "local", log_to_driver=False, **local)
        # The ledger decides what is done again, so that Ray retries nothing by itself.
        task, sent = ray.remote(max_retries=0)(_done), ray.put(work)
        ahead = _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
        coming = iter(pieces)
        waiting: dict[Any, Piece] = {}
        try:
            while True:
                waiting |= {task.remote(sent, piece): piece for piece in islice(coming, ahead - len(waiting))}
                if not waiting:
                    return
                for done in ray.wait([*waiting])[0]:
                    yield waiting.pop(done), _ended_well(ray, done)
        finally:
            if not was_there:
                ray.shutdown()


def _ended_well(ray: Any, done: Any) -> bool:
    """Whether a task was done. What the work raised is raised; anything else is an end of its worker."""
    try:
        ray.get(done)
    except ray.exceptions.RayTaskError as raised:
        raise raised.cause from None
    except ray.exceptions.RayError:
        return False
    return True


def _done(work: Work, piece: Piece) -> None:
    collect_less()
    work.do(piece)
