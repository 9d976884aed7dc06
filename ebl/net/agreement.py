"""One chain over several nodes that must say the same: no one of them is trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.net.jsonrpc import Call, JsonRpc
from ebl.net.logs import LogReader
from ebl.net.rpc import JsonRpcChain
from ebl.net.values import block as read_block
from ebl.net.values import result
from ebl.sources import AccountProof, Answer, Block, BlockTag, Chain, CodeAt, Log, Read

_T = TypeVar("_T")
_U = TypeVar("_U")


@dataclass(frozen=True, slots=True)
class AgreeingChain:
    """Implements `ebl.sources.Chain` over nodes that agree on the block. Each question goes to all of them.

    ``needed`` of them must give the same answer; another answer given as often, or none given often enough, raises
    `SourceError` (``chain.disagreement``). A proof needs no agreement: it is checked against the block's hash.
    """

    members: tuple[Chain, ...]
    needed: int

    @property
    def id(self) -> int:
        """The chain id that all of them reported."""
        return self.block.chain_id

    @property
    def block(self) -> Block:
        """The block that they agree on, and that all reads are pinned to."""
        blocks = [member.block for member in self.members]
        # they are the same, but for the header: that of any will do, since it has the block's hash
        return replace(next((block for block in blocks if block.header), blocks[0]), agreed=self.needed)

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        """Call contracts, and compare the answers."""
        return self._agreed(lambda chain: chain.read(*reads), "the calls")

    def code(self, address: str) -> bytes:
        """The runtime code at an address."""
        return self._agreed(lambda chain: chain.code(address), "the code")

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        """Events; a node that leaves one out disagrees with the others."""
        return self._agreed(lambda chain: _bare(chain.logs(addresses, start=start, end=end)), "the events")

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        """The first proof that any of them gives."""
        trouble: SourceError | None = None
        for member in self.members:
            try:
                return member.proof(address, slots)
            except SourceError as failed:
                trouble = trouble or failed
        assert trouble is not None
        raise trouble

    def _agreed(self, ask: Callable[[Chain], _T], what: str) -> _T:
        answers = _from_all(self.members, ask)
        return _most(answers, self.needed, what)


def open_agreed(
    nodes: Sequence[tuple[JsonRpc, LogReader]], chain_id: int, *, needed: int, finality: BlockTag = "latest"
) -> Chain:
    """Open a chain at the newest block that ``needed`` of the nodes have, if they say the same of it.

    1. Every node is asked for its newest (or final) block; those of another chain, or that do not answer, drop out.
    2. The highest block that enough of them have reached is asked of these by its number.
    3. What enough of them say of it (hash, number and time) is agreed; who said otherwise drops out.

    Raises `SourceError`: ``chain.wrong_id`` where a node is of another chain, ``chain.disagreement`` where too few agree,
    or why too few answered.
    """
    opened = _from_all(nodes, lambda node: JsonRpcChain.open(node[0], chain_id, finality=finality, logs=node[1]))
    for found in opened:
        if isinstance(found, SourceError) and found.doubt is Doubt.CHAIN_WRONG_ID:
            raise found
    heights = sorted((found.block.number for found in opened if not isinstance(found, SourceError)), reverse=True)
    if len(heights) < needed:
        raise _too_few(opened, needed, "the newest block")
    height = heights[needed - 1]
    able = [
        (node, chain)
        for node, chain in zip(nodes, opened, strict=True)
        if not isinstance(chain, SourceError) and chain.block.number >= height
    ]
    blocks = _from_all(able, lambda pair: _at(pair[0][0], pair[1], height))
    agreed = _most([b if isinstance(b, SourceError) else _bare_block(b) for b in blocks], needed, f"block {height}")
    members = tuple(
        JsonRpcChain(rpc, block, logs)
        for ((rpc, logs), _), block in zip(able, blocks, strict=True)
        if not isinstance(block, SourceError) and _bare_block(block) == agreed
    )
    return AgreeingChain(members, needed)


def _at(rpc: JsonRpc, chain: JsonRpcChain, height: int) -> Block:
    """What a node says of the block at a height that it has reached."""
    if chain.block.number == height:
        return chain.block
    (found,) = rpc.ask(Call("eth_getBlockByNumber", (hex(height), False)))
    return read_block(result(found, rpc, "a block"), rpc, chain_id=chain.id, finality=chain.block.finality)


def _from_all(members: Sequence[_U], ask: Callable[[_U], _T]) -> list[_T | SourceError]:
    """Ask all at once; trouble with one is an entry in the list."""

    def attempt(member: _U) -> _T | SourceError:
        try:
            return ask(member)
        except SourceError as trouble:
            return trouble

    with ThreadPoolExecutor(len(members)) as pool:
        return list(pool.map(attempt, members))


def _most(answers: Sequence[_T | SourceError], needed: int, what: str) -> _T:
    """The answer that at least ``needed`` gave, and more than gave any other."""
    counts = Counter(answer for answer in answers if not isinstance(answer, SourceError))
    ranked = counts.most_common(2)
    if not ranked or sum(counts.values()) < needed:
        raise _too_few(answers, needed, what)
    if ranked[0][1] < needed or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        said = " and ".join(str(count) for _, count in counts.most_common(4))
        raise SourceError(
            Doubt.CHAIN_DISAGREEMENT,
            f"of {len(answers)} nodes {said} say different things of {what}; {needed} must agree",
        )
    return ranked[0][0]


def _too_few(answers: Sequence[object], needed: int, what: str) -> SourceError:
    troubles = [answer for answer in answers if isinstance(answer, SourceError)]
    detail = "; ".join(trouble.detail for trouble in troubles)
    return SourceError(
        troubles[0].doubt, f"fewer than {needed} of {len(answers)} nodes answered about {what}: {detail}"
    )


def _bare_block(block: Block) -> Block:
    """A block without its header, which some nodes give in a form of their own."""
    return replace(block, header=b"")


def _bare(logs: tuple[Log, ...]) -> tuple[Log, ...]:
    """Events without the time, which some nodes give and others do not."""
    return tuple(replace(log, time=None) for log in logs)
