"""The place of a command: its chain, the nodes that it queries, and the block that it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.network_options import layer, with_finality, with_max_age, with_nodes_agree
from ebl.codes import Remark
from ebl.config.settings import Layer, merged
from ebl.errors import InvalidInput

if TYPE_CHECKING:
    from ebl.chain.sending import Node
    from ebl.config.networks import Gas, Network, Networks
    from ebl.model.ports import Chain, Sources

_rpc = click.option(
    "--rpc",
    multiple=True,
    metavar="[ID=]URL",
    help="A node of the chain, for example 1337=http://127.0.0.1:8545. Repeatable.  [the nodes that you gave ebl net add]",
)
_net = click.option("--net", metavar="NAME|ID", help="The chain, by its name or id in `ebl net list`.")


@dataclass(frozen=True, slots=True)
class Place:
    """The chain of a command, the nodes to query, and the network settings that the options give (``asked``).

    ``network`` is None if none of the ``networks`` is the chain.
    """

    chain_id: int
    urls: tuple[str, ...]
    network: Network | None = None
    asked: Layer = field(default_factory=dict)
    networks: Networks | None = None

    def asking(self, said: Layer) -> Place:
        """The same place with the settings of a layer, which override the earlier ones."""
        return replace(self, asked={**self.asked, **said})

    @property
    def is_public(self) -> bool:
        """Whether the chain is public: neither local nor a test network in the table."""
        return self.network is None or not self.network.testnet

    @property
    def label(self) -> str:
        """The chain in words."""
        return f"{self.chain_id} ({self.network.label})" if self.network else str(self.chain_id)

    def sources(self) -> Sources:
        """The nodes of the chain. Raises click's usage error if there are too few for the quorum."""
        from ebl.sources import online

        try:
            return online(merged({"rpc": {self.chain_id: self.urls}}, self.asked), networks=self.networks)
        except InvalidInput as bad:
            raise click.UsageError(str(bad)) from bad

    def read(self) -> Chain:
        """The chain, read at one block of an accepted age. Nodes that dissented are named when the command ends."""
        chain = self.sources().chain(self.chain_id)
        click.get_current_context().call_on_close(lambda: _tell_dissent(chain))
        return chain

    def gas(self, ceiling: int | None = None) -> Gas:
        """How the chain prices gas; ``ceiling``, in wei for a unit of gas, replaces the network's fee cap."""
        from ebl.config.networks import Gas

        known = self.network.gas if self.network else Gas()
        return known if ceiling is None else replace(known, ceiling=ceiling)

    def connect(self, gas: Gas | None = None) -> Node:
        """The first node, to send through; ``gas`` replaces the prices of the network in the table."""
        from ebl.net.connect import connect
        from ebl.sources import online

        gas = gas or self.gas()
        fetch = online().fetch if gas.station else None
        coin = self.network.currency if self.network else None
        return connect(self.urls[0], chain_id=self.chain_id, gas=gas, fetch=fetch, coin=coin)


def with_place(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--net`` and ``--rpc``; the command gets ``place``. There is no default: a network is always named."""

    @with_whereabouts
    @wraps(command)
    def run(*args: Any, where: Whereabouts, **options: Any) -> Any:
        return command(*args, place=where.place(), **options)

    return run


def with_whereabouts(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--net`` and ``--rpc``; the command gets ``where``, and finds its place after reading the file that names a chain."""

    @_net
    @_rpc
    @with_max_age
    @wraps(command)
    def run(*args: Any, net: str | None, rpc: tuple[str, ...], **options: Any) -> Any:
        return command(*args, where=Whereabouts(net, rpc, layer(options, "max_age")), **options)

    return run


def with_reading(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of a command that only reads: `with_place`, several nodes, and the block. The command gets ``place``."""

    @with_reading_of_a_file
    @wraps(command)
    def run(*args: Any, where: Whereabouts, **options: Any) -> Any:
        return command(*args, place=where.place(), **options)

    return run


def with_reading_of_a_file(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of `with_reading` for a command whose file may name the chain; it gets ``where``."""

    @_net
    @_rpc
    @with_nodes_agree
    @with_finality
    @with_max_age
    @wraps(command)
    def run(*args: Any, net: str | None, rpc: tuple[str, ...], **options: Any) -> Any:
        asked = layer(options, "nodes_agree", "finality", "max_age")
        return command(*args, where=Whereabouts(net, rpc, asked), **options)

    return run


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The chain and the nodes of the options, before a file is read. ``asked`` are other network settings."""

    net: str | None = None
    rpc: tuple[str, ...] = ()
    asked: Layer = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises click's usage error for options that contradict each other, before any file is read."""
        numbers = [number for number, _ in self._named() if number is not None]
        if self.net is not None and numbers:
            from ebl.cli.net_commands import find

            if (chain_id := find(self.net).chain_id) not in numbers:
                raise click.UsageError(f"--net {self.net} is chain {chain_id}, but --rpc is for chain {numbers[0]}.")

    @property
    def is_enough(self) -> bool:
        """Whether the options alone name the chain, so that no file has to be read for it."""
        numbers = {number for number, _ in self._named()}
        return self.net is not None or (len(numbers) == 1 and None not in numbers)

    def place(self, of_file: int | None = None) -> Place:
        """The chain that the options name, or else that of a file (``of_file``) with the nodes of the user's own list.

        Raises click's usage error if neither names one, or if no node of it is known. Not checked: that both name the same.
        """
        from ebl.cli.net_commands import find, own_nodes, table

        networks, named = table(), self._named()
        numbers = list(dict.fromkeys(number for number, _ in named if number is not None))
        is_bare = any(number is None for number, _ in named)
        if self.net is not None:
            chain_id = find(self.net).chain_id
            for number in numbers:
                if number != chain_id and of_file is None:
                    raise click.UsageError(f"--net {self.net} is chain {chain_id}, but --rpc is for chain {number}.")
        elif of_file is not None and (of_file in numbers or is_bare or not numbers):
            chain_id = of_file
        elif len(numbers) > 1:
            raise click.UsageError(f"--rpc must be for one chain; got {' and '.join(map(str, numbers))}.")
        elif not numbers:
            raise click.UsageError("Name the chain: --net NAME, or --rpc ID=URL. There is no default.")
        else:
            (chain_id,) = numbers
        network = networks.by_id(chain_id)
        urls = tuple(url for number, url in named if number in (None, chain_id))
        if not urls and self.net is not None and network is not None:
            urls = network.rpc
        urls = urls or tuple(own_nodes().get(chain_id, ()))
        if not urls:
            label = network.label if network else f"chain {chain_id}"
            raise click.UsageError(f"No node of {label} is known: name one with --rpc URL, or add it with ebl net add.")
        return Place(chain_id, urls, network, self.asked, networks)

    def nodes(self, place: Place) -> dict[int, tuple[str, ...]]:
        """Every node that may be queried, by chain id: those of the place, and of other chains on which a DID may be stored."""
        from ebl.cli.net_commands import own_nodes

        found = {} if self.rpc else {number: tuple(urls) for number, urls in own_nodes().items()}
        for number, url in self._named():
            if number is not None:
                found[number] = (*found.get(number, ()), url)
        return found | {place.chain_id: place.urls}

    def _named(self) -> list[tuple[int | None, str]]:
        """The nodes that ``--rpc`` names, in order; the chain is None if only a URL was given."""
        from ebl.cli.net_commands import URL, numbered

        return [(None, word) if word.startswith(URL) else numbered(word) for word in self.rpc]


def _tell_dissent(chain: Chain) -> None:
    from ebl.cli.output import printable, say

    if chain.block.dissent:
        say(f"{Remark.NODE_DISSENT}: not all nodes agreed: {printable('; '.join(map(str, chain.block.dissent)))}")
