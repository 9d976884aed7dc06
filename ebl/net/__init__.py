"""The only code that opens sockets. It implements the protocols of `ebl.sources`; applications import it, checks never."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ebl.sources import Clock, NetworkSettings, Resolver, Sources

if TYPE_CHECKING:
    from ebl.networks import Networks


def online(
    settings: NetworkSettings,
    *,
    dns: Resolver | None = None,
    now: datetime | Clock | None = None,
    networks: Networks | None = None,
) -> Sources:
    """Sources over the network: see `ebl.sources.Sources.online`."""
    from ebl.net import lookup
    from ebl.net.http import SafeFetch
    from ebl.net.nodes import Nodes

    addresses = lookup.system_addresses
    if dns is None:
        ours = lookup.resolver(settings.resolver, mode=settings.dnssec, agree=settings.resolvers_agree)
        addresses, dns = ours.addresses, ours
    return Sources(
        chain=Nodes(settings.rpc, finality=settings.finality, agree=settings.nodes_agree, networks=networks),
        dns=dns,
        fetch=SafeFetch(addresses=addresses),
        now=now,
        prove=settings.prove,
        max_age=settings.max_age,
        networks=networks,
    )
