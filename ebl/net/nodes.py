"""The nodes that the caller named, by chain; each verification opens the chains that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from ebl.chain.rpc.json_rpc_chain import JsonRpcChain
from ebl.chain.rpc.jsonrpc import MAX_BATCH, JsonRpc
from ebl.chain.rpc.logs import LogReader
from ebl.codes import Doubt
from ebl.config.networks import pace as shipped_pace
from ebl.config.node_name import NodeName
from ebl.config.settings import BlockTag
from ebl.errors import InvalidInput, SourceError
from ebl.ethereum.chain_id import is_chain_id
from ebl.model.pace import Pace
from ebl.model.ports import AccountProof, Answer, Block, Chain, CodeAt, Fresh, Log, Opener, Read, ReadsMany
from ebl.net.dissent import Dissent
from ebl.net.distinct_hosts import DistinctHosts, require_distinct_hosts
from ebl.net.endpoint import Endpoint, proxy_for
from ebl.net.proving import checked, first_that_holds
from ebl.net.quorum import AgreeingChain, open_agreed


class Nodes(Opener):
    """Opens the chain of an id at its newest block, or with None the only chain. Thread-safe.

    ``named`` are the nodes of each chain, by their URLs or as `Web3` objects. They are tried in order, or ``agree`` of them
    (on distinct hosts) must return the same. ``pace`` limits how far apart they may be (by default, the table in the package).
    Only named nodes are queried. Connections are kept from one opening to the next.
    """

    def __init__(
        self,
        named: Mapping[int, Sequence[NodeName]],
        *,
        finality: BlockTag = "latest",
        agree: int = 1,
        pace: Callable[[int], Pace] = shipped_pace,
        batch: int = MAX_BATCH,
        rps: int = 0,
        multicall: bool = False,
    ) -> None:
        self._nodes = {
            number: tuple(_Node.at(name, batch=batch, rps=rps) for name in names) for number, names in named.items()
        }
        for number, nodes in self._nodes.items():
            if not nodes or not is_chain_id(number):
                raise InvalidInput(f"Expected a chain id and at least one node for it; found {number!r}.")
            require_distinct_hosts(agree, [node.place for node in nodes], f"nodes of chain {number}")
        self._finality: BlockTag = finality
        self._agree = agree
        self._pace = pace
        self._multicall = multicall and agree == 1
        self._hosts = DistinctHosts()

    def __call__(self, chain_id: int | None) -> Chain:
        """Opens a chain, however old its newest block is. Raises the errors of `open`."""
        return self.open(chain_id, fresh=lambda block: None)

    def open(self, chain_id: int | None, *, fresh: Fresh) -> Chain:
        """Opens a chain at a block that is ``fresh``; if nodes are tried in order, one that is behind is skipped.

        Raises `SourceError` with ``chain.not_configured``, ``chain.not_named``, or the reason why no node could be used.
        """
        chain_id = self.which(chain_id)
        if self._agree > 1:
            agreed = self._agreed(chain_id)
            fresh(agreed.block)
            return agreed
        return self._first(chain_id, lambda node: self._alone(node, chain_id, fresh))

    def at(self, block: Block) -> Chain:
        """Opens a chain at a block that was pinned before, however old it is.

        Raises `SourceError` with ``chain.not_configured``, ``chain.reorganised``, or the reason why no node could be used.
        """
        chain_id = self.which(block.chain_id)
        if self._agree > 1:
            nodes = [self._nodes[chain_id][at] for at in self._distinct(chain_id)]
            members = tuple(JsonRpcChain(node.rpc, block, node.logs) for node in nodes)
            return AgreeingChain(members, self._agree, tuple(node.rpc.host for node in nodes))
        return self._first(chain_id, lambda node: JsonRpcChain.open_at(node.rpc, block, logs=node.logs))

    @property
    def chain_ids(self) -> tuple[int, ...]:
        """Returns the chains that have nodes."""
        return tuple(self._nodes)

    def which(self, chain_id: int | None) -> int:
        """Returns the id of a chain that has nodes; None means the only one. Raises `SourceError` if there is none."""
        if chain_id is None:
            chain_id = self._only()
        if chain_id not in self._nodes:
            raise SourceError(Doubt.CHAIN_NOT_CONFIGURED, chain=chain_id, option=f"--rpc {chain_id}=URL")
        return chain_id

    def _first(self, chain_id: int, open_: Callable[[_Node], JsonRpcChain]) -> Chain:
        """Returns the chain of the first node that can be opened."""
        trouble: list[SourceError] = []
        for node in self._nodes[chain_id]:
            try:
                chain = open_(node)
                if self._multicall:
                    chain.allow_multicall()
                others = tuple(other.rpc for other in self._nodes[chain_id] if other is not node)
                return _ProvedByAny(chain, node.rpc.host, others) if others else chain
            except SourceError as failed:
                if failed.doubt is Doubt.CHAIN_WRONG_ID:  # a mistake to be fixed, not an outage to skip
                    raise
                trouble.append(failed)
        if len(trouble) == 1:
            raise trouble[0]
        raise SourceError(trouble[0].doubt, "several", all=[one.message for one in trouble])

    def _alone(self, node: _Node, chain_id: int, fresh: Fresh) -> JsonRpcChain:
        return JsonRpcChain.open_fresh(
            node.rpc, chain_id, fresh=fresh, finality=self._finality, logs=node.logs, pace=self._pace(chain_id)
        )

    def _distinct(self, chain_id: int) -> Sequence[int]:
        """Returns which nodes are on distinct hosts. Raises `SourceError` if these are too few for the quorum."""
        nodes = self._nodes[chain_id]
        hosts = self._hosts.distinct([node.place for node in nodes])
        if len(hosts) < self._agree:
            raise SourceError(
                Doubt.CHAIN_TOO_FEW, needed=self._agree, chain=chain_id, hosts=[node.rpc.host for node in nodes]
            )
        return hosts

    def _agreed(self, chain_id: int) -> Chain:
        nodes = self._nodes[chain_id]
        return open_agreed(
            [(nodes[at].rpc, nodes[at].logs) for at in self._distinct(chain_id)],
            chain_id,
            needed=self._agree,
            finality=self._finality,
            pace=self._pace(chain_id),
        )

    def _only(self) -> int:
        if len(self._nodes) == 1:
            return next(iter(self._nodes))
        if not self._nodes:
            raise SourceError(Doubt.CHAIN_NOT_NAMED, "no_node")
        raise SourceError(Doubt.CHAIN_NOT_NAMED, "several_nodes", named=sorted(self._nodes))


@dataclass(frozen=True, slots=True)
class _ProvedByAny(ReadsMany):
    """A chain of one node. If it returns no valid proof, the ``others`` are queried for theirs at the same block."""

    chain: JsonRpcChain
    host: str
    others: tuple[JsonRpc, ...]
    dissent: Dissent = field(default_factory=Dissent, repr=False)

    @property
    def id(self) -> int:
        """The chain id that the node itself returned."""
        return self.chain.id

    @property
    def block(self) -> Block:
        """The block that all reads are pinned to, with the nodes whose proofs were not valid so far."""
        so_far = self.dissent.so_far
        return replace(self.chain.block, dissent=so_far) if so_far else self.chain.block

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        """Calls contracts through the one node."""
        return self.chain.read(*reads)

    @property
    def batch(self) -> int:
        """How many reads go into one request to the node."""
        return self.chain.batch

    def read_each(self, *reads: Read | CodeAt) -> Sequence[Answer | None]:
        """Calls contracts through the one node, each by itself."""
        return self.chain.read_each(*reads)

    def code(self, address: str) -> bytes:
        """Returns the runtime code at an address."""
        return self.chain.code(address)

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        """Returns events from the one node."""
        return self.chain.logs(addresses, start=start, end=end)

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        """Returns the first valid proof, in the order of the nodes."""
        return first_that_holds(self._proofs(address, slots), self.dissent)

    def _proofs(self, address: str, slots: Sequence[bytes]) -> Iterator[tuple[str, AccountProof | SourceError]]:
        """Yields what each node returns, up to the first valid proof."""
        block = self.chain.block
        chains = (self.chain, *(JsonRpcChain(rpc, block) for rpc in self.others))
        for name, chain in zip((self.host, *(rpc.host for rpc in self.others)), chains, strict=True):
            try:
                yield name, checked(chain, block, name, address, slots)
                return
            except SourceError as failed:
                yield name, failed


@dataclass(frozen=True, slots=True)
class _Node:
    """A node with its own cache of events: events that one node leaves out must not be missing from another's."""

    place: str = field(repr=False)  # its URL, or the address of a Web3 object; it may hold a key
    rpc: JsonRpc
    logs: LogReader = field(default_factory=LogReader)

    @classmethod
    def at(cls, name: NodeName, *, batch: int, rps: int) -> Self:
        if isinstance(name, str):
            return cls(name, JsonRpc(Endpoint(name, proxy=proxy_for(name)), batch=batch, rps=rps))
        from ebl.chain.rpc.web3_endpoint import Web3Endpoint
        from ebl.chain.web3_node import Web3Node  # only for callers with such an object

        node = Web3Node(name)
        return cls(node.place, JsonRpc(Web3Endpoint(node), batch=batch, rps=rps))
