"""Another engine for bulk runs: Dask. An engine does pieces, and reports those whose worker ended; the ledger does the rest.

    python examples/bulk_on_dask.py bills.jsonl results

It needs the package ``distributed``, which `ebl` does not name as an extra.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from ebl.bulk import Piece, Work, verify
from ebl.policy import IssuedBy


class DaskEngine:
    """A Dask cluster at an address (None: processes on this machine)."""

    def __init__(self, address: str | None = None) -> None:
        self.address = address

    def run(self, work: Work, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, bool]]:
        from distributed import Client, KilledWorker, as_completed

        with Client(self.address) as client:
            shared = client.scatter(work, broadcast=True)
            tasks = {client.submit(do, shared, piece, pure=False, retries=0): piece for piece in pieces}
            for task in as_completed(tasks):
                try:
                    task.result()
                except KilledWorker:
                    yield tasks[task], False
                else:
                    yield tasks[task], True


def do(work: Work, piece: Piece) -> None:
    work.do(piece)


if __name__ == "__main__":
    _, source, out = sys.argv
    print(verify(source, out, IssuedBy("carrier.example"), engine=DaskEngine()).counts.verdicts)
