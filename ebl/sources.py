"""The network sources of a verification, and of reading a title: nodes, resolvers and web pages.

::

    from ebl.sources import online

    sources = online(rpc={1: "https://node.example"})
    examine(Path("bill.json"), policy, sources=sources)

Make sources once and keep them. To use parts of your own, replace those of other sources:
``dataclasses.replace(offline(), chain=…, dns=…, fetch=…)``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebl.config.node_name import NodeName
from ebl.config.settings import BlockTag, DnssecMode, NetworkSettings
from ebl.model import ports
from ebl.model.later import later
from ebl.model.pace import Pace
from ebl.model.ports import (
    AccountProof,
    Answer,
    Block,
    Chain,
    Clock,
    CodeAt,
    Fetch,
    Fresh,
    Log,
    NoPage,
    Opener,
    Page,
    Read,
    ReadsMany,
    Resolver,
    Reverted,
    Sources,
    TxtRecords,
)

if TYPE_CHECKING:  # a table that only queries to a chain need
    from ebl.config.networks import Network, Networks
else:
    __getattr__ = later(__name__, {"ebl.config.networks": "Network Networks"})

__all__ = [
    "AccountProof",
    "Answer",
    "Block",
    "BlockTag",
    "Chain",
    "Clock",
    "CodeAt",
    "DnssecMode",
    "Fetch",
    "Fresh",
    "Log",
    "Network",
    "NetworkSettings",
    "Networks",
    "NoPage",
    "NodeName",
    "Opener",
    "Pace",
    "Page",
    "Read",
    "ReadsMany",
    "Resolver",
    "Reverted",
    "Sources",
    "TxtRecords",
    "networks",
    "offline",
    "online",
]


def online(
    settings: NetworkSettings | None = None,
    *,
    dns: Resolver | None = None,
    now: datetime | Clock | None = None,
    networks: Networks | None = None,
    **named: Any,
) -> Sources:
    """Sources over the network, set by `NetworkSettings` or by keyword arguments with the names of settings, which win.

    ``dns`` replaces the resolvers. ``now`` is a clock, or a fixed time (None: the clock of this system). ``networks`` has the
    accepted age of blocks, and how far nodes may be apart (None: the table in the package).

    Threads may share the result as long as the process lives: each verification reads the clock and chooses its own block, and
    connections are kept. Nothing is queried yet. Raises `ebl.errors.InvalidInput` if a text cannot be a URL or a resolver, if
    there are fewer of them than must agree, and as `NetworkSettings` does.
    """
    from ebl.net import resolvers as lookup
    from ebl.net.guarded_fetch import SafeFetch
    from ebl.net.nodes import Nodes  # offline use does not load sockets

    asked = NetworkSettings(**named) if settings is None else replace(settings, **named)
    pace = _pace if networks is None else networks.pace
    addresses = lookup.system_addresses
    if dns is None:
        ours = lookup.resolver(asked.resolver, mode=asked.dnssec, agree=asked.resolvers_agree)
        addresses, dns = ours.addresses, ours
    return Sources(
        chain=Nodes(
            asked.nodes,
            finality=asked.finality,
            agree=asked.nodes_agree,
            pace=pace,
            batch=asked.batch,
            rps=asked.rps,
            multicall=asked.multicall and not asked.prove,
        ),
        dns=dns,
        fetch=SafeFetch(addresses=addresses),
        now=now,
        prove=asked.prove,
        max_age=asked.max_age,
        pace=pace,
    )


def offline(*, now: datetime | Clock | None = None) -> Sources:
    """Sources without a network: every query becomes an Unknown with the code ``source.offline``.

    ``now`` is as for `online`. To answer some queries, replace a part with `dataclasses.replace`: the table in the package
    applies to chains that are opened then.
    """
    return ports.offline(now=now, pace=_pace)


def networks(own: Path | None = None) -> Networks:
    """The table of networks in the package, with those of your ``own`` file added or replacing them.

    Raises `ebl.errors.InvalidInput` if the file is malformed.
    """
    from ebl.config.networks import load

    return load(own)


def _pace(chain_id: int) -> Pace:
    return networks().pace(chain_id)
