"""The door to the outside: what a verification, or the reading of a title, may ask, and of whom.

::

    from ebl.sources import online

    sources = online(rpc={1: "https://node.example"})
    examine(Path("bill.json"), policy, sources=sources)

Make sources once and keep them. Sources of your own parts are others with these put in their place:
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

if TYPE_CHECKING:  # a table that only whoever asks a chain waits for
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
    """Sources over the network, as `NetworkSettings` say, or keyword arguments that are settings by ``name``; these win.

    ``dns`` takes the place of the resolvers. ``now`` is a clock, or a time at which it stands still (None: this machine's
    clock). ``networks`` says how old blocks may be, and how far nodes may be apart (None: the table in the package).

    Threads may share what this returns, for as long as the process lives: the clock is read for every verification, the
    block is each one's own, and connections are kept. Nothing is asked yet. Raises `ebl.errors.InvalidInput` for what cannot
    be a URL or a resolver, for fewer of them than must agree, and as `NetworkSettings` does.
    """
    from ebl.net import resolvers as lookup
    from ebl.net.guarded_fetch import SafeFetch
    from ebl.net.nodes import Nodes  # whoever is offline does not pay for sockets

    asked = NetworkSettings(**named) if settings is None else replace(settings, **named)
    pace = _pace if networks is None else networks.pace
    addresses = lookup.system_addresses
    if dns is None:
        ours = lookup.resolver(asked.resolver, mode=asked.dnssec, agree=asked.resolvers_agree)
        addresses, dns = ours.addresses, ours
    return Sources(
        chain=Nodes(asked.nodes, finality=asked.finality, agree=asked.nodes_agree, pace=pace),
        dns=dns,
        fetch=SafeFetch(addresses=addresses),
        now=now,
        prove=asked.prove,
        max_age=asked.max_age,
        pace=pace,
    )


def offline(*, now: datetime | Clock | None = None) -> Sources:
    """Sources that answer nothing: every outside question becomes an Unknown with the code ``source.offline``.

    ``now`` is as for `online`. Put what can answer in the place of a part with `dataclasses.replace`: chains that are opened
    then are held to the table in the package.
    """
    return ports.offline(now=now, pace=_pace)


def networks(own: Path | None = None) -> Networks:
    """The table of networks in the package, with those of a file of your ``own`` added or put in their place.

    Raises `ebl.errors.InvalidInput` for a file that is not as it should be.
    """
    from ebl.config.networks import load

    return load(own)


def _pace(chain_id: int) -> Pace:
    return networks().pace(chain_id)
