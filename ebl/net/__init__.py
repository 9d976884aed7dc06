"""The only code that opens sockets. It implements the protocols of `ebl.model.ports`; applications import it, checks never."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ebl.model.ports import Chain, Clock, NetworkSettings, Resolver, Sources

if TYPE_CHECKING:
    from web3 import Web3

    from ebl.config.networks import Networks


def online(
    settings: NetworkSettings,
    *,
    dns: Resolver | None = None,
    now: datetime | Clock | None = None,
    networks: Networks | None = None,
) -> Sources:
    """Sources over the network: see `ebl.model.ports.Sources.online`."""
    from ebl.net import resolvers as lookup
    from ebl.net.guarded_fetch import SafeFetch
    from ebl.net.nodes import Nodes

    addresses = lookup.system_addresses
    if dns is None:
        ours = lookup.resolver(settings.resolver, mode=settings.dnssec, agree=settings.resolvers_agree)
        addresses, dns = ours.addresses, ours
    return Sources(
        chain=Nodes(settings.nodes, finality=settings.finality, agree=settings.nodes_agree, networks=networks),
        dns=dns,
        fetch=SafeFetch(addresses=addresses),
        now=now,
        prove=settings.prove,
        max_age=settings.max_age,
        networks=networks,
    )


def opened(w3: Web3) -> Chain:
    """The chain of a `Web3` object: see `ebl.model.ports.chain_of`."""
    from ebl.chain.web3_node import Web3Node
    from ebl.net.jsonrpc import JsonRpc, RpcCall
    from ebl.net.node_values import quantity, result
    from ebl.net.nodes import Nodes
    from ebl.net.web3_endpoint import Web3Endpoint

    rpc = JsonRpc(Web3Endpoint(Web3Node(w3)))
    (served,) = rpc.ask(RpcCall("eth_chainId"))
    chain_id = quantity(result(served, rpc, "the chain id"), rpc)
    return replace(Sources.offline(), opens=Nodes({chain_id: (w3,)})).chain(chain_id)
