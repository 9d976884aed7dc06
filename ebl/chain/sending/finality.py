"""How final a block is: by tag or by depth, queried and never assumed.

Some chains have no ``safe`` or ``finalized`` block, and some nodes return block 0 or a very old block for these tags. Such a
response is refused, and ``latest`` is never used instead without notice.
"""

from __future__ import annotations

from dataclasses import dataclass

from ebl.chain.sending.node import Head, Node, NodeRefused
from ebl.config.settings import BlockTag
from ebl.errors import InvalidInput

_ABSURD_AGE = 24 * 3600
_YOUNG = 256


@dataclass(frozen=True, slots=True)
class Finality:
    """The finality to wait for: the block tag ``tag``, or ``depth`` later blocks (if a depth is given)."""

    tag: BlockTag = "latest"
    depth: int | None = None

    def __str__(self) -> str:
        return self.tag if self.depth is None else f"confirmations={self.depth}"

    @classmethod
    def parse(cls, text: str) -> Finality:
        """Reads ``latest``, ``safe``, ``finalized`` or a number of confirmations. Raises `InvalidInput`."""
        match text:
            case "latest" | "safe" | "finalized":
                return cls(text)
            case _ if text.isascii() and text.isdigit() and 0 < int(text) <= 10_000:
                return cls(depth=int(text))
        raise InvalidInput(f"Expected latest, safe, finalized, or a number of confirmations; found {text[:40]!r}.")


LATEST = Finality()


def final_block(node: Node, finality: Finality) -> int:
    """Returns the highest block with the required finality.

    Raises `InvalidInput` if the node returns no such block, or an implausible one: ahead of the newest block, a day behind
    it, or block 0 of a chain that has grown.
    """
    latest = node.head()
    if latest is None:
        return -1
    if finality.depth is not None:
        return latest.number - finality.depth
    if finality.tag == "latest":
        return latest.number
    tagged = _tagged(node, finality.tag)
    if tagged is None or not _plausible(tagged, latest):
        raise InvalidInput(
            f"Chain {node.chain_id} has no {finality.tag} block that can be relied on.",
            fix="Wait for a number of confirmations instead (`--finality 12`).",
        )
    return tagged.number


def _tagged(node: Node, tag: BlockTag) -> Head | None:
    try:
        return node.head(tag)
    except NodeRefused:
        return None


def _plausible(tagged: Head, latest: Head) -> bool:
    if tagged.number == 0:  # correct for a chain so young that nothing is final, and what a faulty node always returns
        return latest.number < _YOUNG
    return tagged.number <= latest.number and latest.time - tagged.time <= _ABSURD_AGE
