"""The only code that opens sockets. It implements the protocols of `ebl.sources`; applications import it, checks never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ebl.sources import BlockTag, Clock, Resolver, Sources

if TYPE_CHECKING:
    from ebl.networks import Networks


def online(
    *,
    rpc: Mapping[int, str | Sequence[str]],
    resolver: str | Sequence[str] | Resolver = "system",
    dnssec: str = "prefer",
    agree: int = 1,
    nodes_agree: int = 1,
    finality: BlockTag = "latest",
    now: datetime | Clock | None = None,
    max_age: timedelta | None = None,
    networks: Networks | None = None,
) -> Sources:
    """Sources over the network: the nodes of each chain id, and a resolver.

    Nodes are tried in order, or ``nodes_agree`` of them must say the same; what they are asked for is the newest block, or
    the newest that is ``safe`` or ``finalized``. How old that may be, and how far nodes may be apart, is in ``networks`` (None:
    the table in the package); ``max_age`` says it for every chain. There is no way to accept any age but to name a long one.
    ``resolver`` is one or several of ``system``, ``udp://IP``, ``tls://HOST``, ``https://…``, or a named set (``public``,
    ``china``; see `ebl.net.lookup.SETS`): tried in order, or ``agree`` of them must say the same. ``dnssec`` is ``require``,
    ``prefer`` or ``off``. ``now`` is a clock, or a time at which it stands still (None: this machine's clock).

    Threads may share what this returns, for as long as the process lives: the clock is read for every verification, the
    block is each one's own, and connections are kept. Nothing is asked yet. Raises `ebl.errors.InvalidInput` for what cannot
    be a URL or a resolver.
    """
    from ebl.net import lookup
    from ebl.net.http import SafeFetch
    from ebl.net.nodes import Nodes

    named = {number: (urls,) if isinstance(urls, str) else tuple(urls) for number, urls in rpc.items()}
    if isinstance(resolver, (str, Sequence)):
        ours = lookup.resolver(resolver, mode=dnssec, agree=agree)
        addresses, resolver = ours.addresses, ours
    else:
        addresses = lookup.system_addresses
    return Sources(
        chain=Nodes(named, finality=finality, agree=nodes_agree, networks=networks),
        dns=resolver,
        fetch=SafeFetch(addresses=addresses),
        now=now,
        max_age=max_age,
        networks=networks,
    )
