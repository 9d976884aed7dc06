"""The only code that opens sockets. It implements the protocols of `ebl.sources`; applications import it, checks never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ebl.sources import Resolver, Sources


def online(
    *,
    rpc: Mapping[int, str | Sequence[str]],
    resolver: str | Sequence[str] | Resolver = "system",
    now: datetime | None = None,
) -> Sources:
    """Sources over the network."""
    raise NotImplementedError
