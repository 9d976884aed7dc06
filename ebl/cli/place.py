"""Which chain a command works on, which nodes it asks, and as of which block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from ebl.errors import InvalidInput

if TYPE_CHECKING:
    from ebl.networks import Gas, Network
    from ebl.sources import BlockTag, Chain
    from ebl.transactions import Node

# None is left for a policy file to fill in, and means what the brackets say.
with_nodes_agree = click.option(
    "--nodes-agree", type=click.IntRange(1, 20), help="How many nodes of a chain must say the same.  [1]"
)
with_finality = click.option(
    "--finality",
    type=click.Choice(["latest", "safe", "finalized"]),
    help="Read chains at their newest block, or their newest that is safe or final.  [latest]",
)
_net = click.option("--net", metavar="NAME|ID", help="The chain, as `ebl net list` knows it.")


@dataclass(frozen=True, slots=True)
class Place:
    """The chain that a command works on, and the nodes to ask. ``network`` is None where no table has the chain."""

    chain_id: int
    urls: tuple[str, ...]
    network: Network | None = None
    nodes_agree: int = 1
    finality: BlockTag = "latest"

    @property
    def is_public(self) -> bool:
        """Whether others share the chain: any but the local one and those that the table calls test networks."""
        return self.network is None or not self.network.testnet

    @property
    def label(self) -> str:
        """The chain in words."""
        return f"{self.chain_id} ({self.network.label})" if self.network else str(self.chain_id)

    def read(self) -> Chain:
        """The chain, read at one block."""
        from ebl.sources import Sources

        try:
            asked = Sources.online(rpc={self.chain_id: self.urls}, nodes_agree=self.nodes_agree, finality=self.finality)
        except InvalidInput as bad:
            raise click.UsageError(str(bad)) from bad
        return asked.chain(self.chain_id)

    def gas(self, ceiling: int | None = None) -> Gas:
        """How the chain prices gas; ``ceiling``, in wei for a unit of gas, takes the place of the network's."""
        from ebl.networks import Gas

        known = self.network.gas if self.network else Gas()
        return known if ceiling is None else replace(known, ceiling=ceiling)

    def connect(self, gas: Gas | None = None) -> Node:
        """The first node, to send through; ``gas`` takes the place of what the table has of the network."""
        from ebl.net.node import connect
        from ebl.sources import Sources

        gas = gas or self.gas()
        fetch = Sources.online(rpc={}).fetch if gas.station else None
        coin = self.network.currency if self.network else None
        return connect(self.urls[0], chain_id=self.chain_id, gas=gas, fetch=fetch, coin=coin)


def with_place(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--net`` and ``--rpc``; it gets ``place``. There is no default: a network is always named."""

    @_net
    @click.option("--rpc", metavar="[ID=]URL", help="A node of it, e.g. 1337=http://127.0.0.1:8545.")
    @wraps(command)
    def run(*args: Any, net: str | None, rpc: str | None, **options: Any) -> Any:
        found = _place(net, () if rpc is None else (rpc,))
        return command(*args, place=Place(found.chain_id, found.urls[:1], found.network), **options)

    return run


def with_reading(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that only reads the options of `with_place`, several nodes, and as of which block; it gets ``place``."""

    @_net
    @click.option(
        "--rpc", multiple=True, metavar="[ID=]URL", help="A node of it, e.g. 1337=http://127.0.0.1:8545. Repeatable."
    )
    @with_nodes_agree
    @with_finality
    @wraps(command)
    def run(
        *args: Any,
        net: str | None,
        rpc: tuple[str, ...],
        nodes_agree: int | None,
        finality: BlockTag | None,
        **options: Any,
    ) -> Any:
        found = _place(net, rpc)
        place = Place(found.chain_id, found.urls, found.network, nodes_agree or 1, finality or "latest")
        return command(*args, place=place, **options)

    return run


def _place(net: str | None, rpc: tuple[str, ...]) -> Place:
    from ebl.cli.net import URL, numbered, table

    named = [(None, word) if word.startswith(URL) else numbered(word) for word in rpc]
    numbers = dict.fromkeys(number for number, _ in named if number is not None)
    if len(numbers) > 1:
        raise click.UsageError(f"--rpc is for one chain here, and names {' and '.join(map(str, numbers))}.")
    urls = tuple(url for _, url in named)
    networks = table()
    if net is not None:
        network = networks.find(net)
        for number in numbers:
            if number != network.chain_id:
                raise click.UsageError(f"--net {net} is chain {network.chain_id}, but --rpc is for chain {number}.")
        if not urls and not network.rpc:
            raise click.UsageError(f"No node of {network.label} is known: name one with --rpc URL.")
        return Place(network.chain_id, urls or network.rpc, network)
    if not numbers:
        raise click.UsageError("Name the chain: --net NAME, or --rpc ID=URL. There is no default.")
    (chain_id,) = numbers
    return Place(chain_id, urls, networks.by_id(chain_id))
