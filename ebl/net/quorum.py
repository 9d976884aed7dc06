"""One chain over several nodes of which a quorum must return the same, so that no single node is trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ebl.chain.rpc.json_rpc_chain import JsonRpcChain
from ebl.chain.rpc.jsonrpc import JsonRpc, RpcCall
from ebl.chain.rpc.logs import LogReader
from ebl.chain.rpc.node_values import block as read_block
from ebl.chain.rpc.node_values import result
from ebl.codes import Doubt, Remark
from ebl.config.settings import BlockTag
from ebl.errors import SourceError
from ebl.messages import say
from ebl.model.pace import Pace
from ebl.model.ports import AccountProof, Answer, Block, Chain, CodeAt, Log, Read, ReadsMany
from ebl.net.dissent import Dissent, Topic
from ebl.net.proving import checked, first_that_holds

_T = TypeVar("_T")
_U = TypeVar("_U")
_TAGS = {
    "latest": ("its newest block", "the newest blocks"),
    "safe": ("its safe block", "the safe blocks"),
    "finalized": ("its final block", "the final blocks"),
}
_NAMED = 6


@dataclass(frozen=True, slots=True)
class AgreeingChain(ReadsMany):
    """Implements `ebl.model.ports.Chain` over nodes that agree on the block. Each request goes to all of them.

    ``needed`` of them must return the same. If another response is as frequent, or none is frequent enough, it raises
    `SourceError` (``chain.disagreement``). A proof needs no quorum: each is checked against the block's header, and the first
    valid one is used.

    A node that returns another response, or none, is named in the ``dissent`` of the block, even if the quorum is reached.
    ``names`` are the hosts.
    """

    members: tuple[Chain, ...]
    needed: int
    names: tuple[str, ...] = ()
    dissent: Dissent = field(default_factory=Dissent, repr=False)

    @property
    def id(self) -> int:
        """The chain id that all of them returned."""
        return self.block.chain_id

    @property
    def block(self) -> Block:
        """The block that they agree on and that all reads are pinned to, with the dissent so far."""
        blocks = [member.block for member in self.members]
        # They are equal except for the header, and any header serves, because it has the block's hash.
        block = next((block for block in blocks if block.header), blocks[0])
        return replace(block, agreed=self.needed, dissent=self.dissent.so_far)

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        """Calls contracts, and compares the responses."""
        return self._agreed(lambda chain: chain.read(*reads), "the calls")

    @property
    def batch(self) -> int:
        """How many reads go into one request to every node."""
        return min((chain.batch if isinstance(chain, ReadsMany) else 1) for chain in self.members)

    def read_each(self, *reads: Read | CodeAt) -> Sequence[Answer | None]:
        """Calls contracts, and compares the responses to each call by itself.

        Returns None for a call if the quorum was not reached, or if a node requires it in a request of its own: `read` then
        raises the reason.
        """
        given = _from_all(
            self.members, lambda chain: chain.read_each(*reads) if isinstance(chain, ReadsMany) else chain.read(*reads)
        )
        silent = [one for one in given if isinstance(one, SourceError)]
        if len(given) - len(silent) < self.needed:
            raise _too_few(given, self.needed, "the calls")
        for name, one in zip(self.names, given, strict=False):
            if isinstance(one, SourceError):
                self.dissent.note(name, one, None, "the calls")
        rows = zip(*(one for one in given if not isinstance(one, SourceError)), strict=True)
        names = [name for name, one in zip(self.names, given, strict=False) if not isinstance(one, SourceError)]
        return [self._most_or_none(row, names) for row in rows]

    def _most_or_none(self, answers: Sequence[Answer | None], names: Sequence[str]) -> Answer | None:
        """Returns the quorum's response to one call, or None; other responses are noted."""
        first = answers[0]
        if all(answer == first for answer in answers):
            return first
        if None in answers:
            return None
        try:
            agreed = _most(answers, self.needed, "the calls")
        except SourceError:
            return None
        for name, answer in zip(names, answers, strict=False):
            self.dissent.note(name, answer, agreed, "the calls")
        return agreed

    def code(self, address: str) -> bytes:
        """Returns the runtime code at an address."""
        return self._agreed(lambda chain: chain.code(address), "the code")

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        """Returns events; a node that leaves one out differs from the others."""
        return self._agreed(lambda chain: _bare(chain.logs(addresses, start=start, end=end)), "the events")

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        """Returns the first valid proof. All nodes are queried, so that their order does not matter."""
        block, names = self.block, self.names or ("a node",) * len(self.members)
        given = _from_all(
            list(zip(self.members, names, strict=True)),
            lambda node: checked(node[0], block, node[1], address, slots),
        )
        return first_that_holds(zip(names, given, strict=True), self.dissent)

    def _agreed(self, ask: Callable[[Chain], _T], what: Topic) -> _T:
        answers = _from_all(self.members, ask)
        agreed = _most(answers, self.needed, what)
        for name, answer in zip(self.names, answers, strict=False):
            self.dissent.note(name, answer, agreed, what)
        return agreed


def open_agreed(
    nodes: Sequence[tuple[JsonRpc, LogReader]],
    chain_id: int,
    *,
    needed: int,
    finality: BlockTag = "latest",
    pace: Pace | None = None,
) -> Chain:
    """Opens a chain at the newest block that ``needed`` of the nodes have, if they return the same for it.

    1. Every node is queried for its newest (or final) block; those of another chain, or without a response, are left out.
    2. The highest block that enough of them have reached is queried from these by its number. It may be behind the highest
       block of any node only by as much as ``pace`` allows: otherwise one node that is behind could set all of them back.
    3. The hash, number and time that enough of them return are the quorum's; nodes that return others are left out.

    A node whose block is far above the others' raises an error for the same reason: it cannot be determined whether it is ahead
    or they are behind. Only the caller names the nodes, so the caller can leave it out.

    Raises `SourceError` with ``chain.wrong_id`` if a node is of another chain, with ``chain.disagreement`` if the quorum is not
    reached or the nodes are too far apart, or with the reason why too few responded.
    """
    pace = pace or Pace()
    names = [rpc.host for rpc, _ in nodes]
    # 1.
    opened = _from_all(
        nodes, lambda node: JsonRpcChain.open(node[0], chain_id, finality=finality, logs=node[1], pace=pace)
    )
    for found in opened:
        if isinstance(found, SourceError) and found.doubt is Doubt.CHAIN_WRONG_ID:
            raise found
    # 2.
    apart = pace.apart(finality)
    height = _height(opened, names, chain_id, needed=needed, apart=apart, finality=finality)
    able = [
        (node, chain)
        for node, chain in zip(nodes, opened, strict=True)
        if not isinstance(chain, SourceError) and chain.block.number >= height
    ]
    blocks = _from_all(able, lambda pair: _at(pair[0][0], pair[1], height))
    bare = [b if isinstance(b, SourceError) else _bare_block(b) for b in blocks]
    # 3.
    agreed = _most(bare, needed, height)
    dissent = Dissent()
    for name, found in zip(names, opened, strict=True):
        if isinstance(found, SourceError):
            dissent.note(name, found, agreed, _TAGS[finality][0])
        elif (behind := height - found.block.number) > apart:
            dissent.add(say(Remark.NODE_DISSENT, "behind", host=name, blocks=behind))
    for ((rpc, _), _), found_block in zip(able, bare, strict=True):
        dissent.note(rpc.host, found_block, agreed, height)
    members = [
        (JsonRpcChain(rpc, block, logs), rpc.host)
        for ((rpc, logs), _), block in zip(able, blocks, strict=True)
        if not isinstance(block, SourceError) and _bare_block(block) == agreed
    ]
    return AgreeingChain(tuple(chain for chain, _ in members), needed, tuple(name for _, name in members), dissent)


def _height(
    opened: Sequence[JsonRpcChain | SourceError],
    names: Sequence[str],
    chain_id: int,
    *,
    needed: int,
    apart: int,
    finality: BlockTag,
) -> int:
    """Returns the highest block that enough nodes have reached; raises `SourceError` if any node's is too far above."""
    heads = [(c.block.number, name) for name, c in zip(names, opened, strict=True) if not isinstance(c, SourceError)]
    heads.sort(reverse=True)
    if len(heads) < needed:
        raise _too_few(opened, needed, "the newest block")
    height = heads[needed - 1][0]
    if heads[0][0] - height > apart:
        raise SourceError(
            Doubt.CHAIN_DISAGREEMENT,
            "apart",
            what=_TAGS[finality][1],
            chain=chain_id,
            heads=[say(Doubt.CHAIN_DISAGREEMENT, "head", number=number, host=host) for number, host in heads[:_NAMED]],
            needed=needed,
            apart=apart,
        )
    return height


def _at(rpc: JsonRpc, chain: JsonRpcChain, height: int) -> Block:
    """Returns a node's block at a height that it has reached."""
    if chain.block.number == height:
        return chain.block
    (found,) = rpc.ask(RpcCall("eth_getBlockByNumber", (hex(height), False)))
    return read_block(result(found, rpc, "a block"), rpc, chain_id=chain.id, finality=chain.block.finality)


def _from_all(members: Sequence[_U], ask: Callable[[_U], _T]) -> list[_T | SourceError]:
    """Queries all at once; the error of one is an entry in the list."""

    def attempt(member: _U) -> _T | SourceError:
        try:
            return ask(member)
        except SourceError as trouble:
            return trouble

    with ThreadPoolExecutor(len(members)) as pool:
        return list(pool.map(attempt, members))


def _most(answers: Sequence[_T | SourceError], needed: int, what: Topic) -> _T:
    """Returns the response that at least ``needed`` returned, and more than any other."""
    counts = Counter(answer for answer in answers if not isinstance(answer, SourceError))
    ranked = counts.most_common(2)
    if not ranked or sum(counts.values()) < needed:
        raise _too_few(answers, needed, what)
    if ranked[0][1] < needed or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        said, nodes = [count for _, count in counts.most_common(4)], len(answers)
        if isinstance(what, int):
            raise SourceError(
                Doubt.CHAIN_DISAGREEMENT, "different_block", nodes=nodes, said=said, number=what, needed=needed
            )
        raise SourceError(Doubt.CHAIN_DISAGREEMENT, "different", nodes=nodes, said=said, what=what, needed=needed)
    return ranked[0][0]


def _too_few(answers: Sequence[object], needed: int, what: Topic) -> SourceError:
    troubles = [answer for answer in answers if isinstance(answer, SourceError)]
    doubt, nodes, why = troubles[0].doubt, len(answers), [trouble.message for trouble in troubles]
    if isinstance(what, int):
        return SourceError(doubt, "too_few_answers_block", needed=needed, nodes=nodes, number=what, why=why)
    return SourceError(doubt, "too_few_answers", needed=needed, nodes=nodes, what=what, why=why)


def _bare_block(block: Block) -> Block:
    """Returns a block without its header, which some nodes return in another form."""
    return replace(block, header=b"")


def _bare(logs: tuple[Log, ...]) -> tuple[Log, ...]:
    """Returns events without the time, which only some nodes return."""
    return tuple(replace(log, time=None) for log in logs)
