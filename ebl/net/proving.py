"""Proofs of state from several nodes: the first valid proof is used, from any node.

A proof is checked against the header of the pinned block, so no quorum is needed, and it does not matter which node returned
it. If a node returns no valid proof, the next node's is checked, and the node is noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ebl.chain.proved_storage import recheck
from ebl.codes import Doubt, Remark
from ebl.errors import SourceError
from ebl.ethereum.state_proof import StateProofError
from ebl.messages import say
from ebl.model.ports import AccountProof, Block, Chain
from ebl.net.dissent import Dissent


def checked(chain: Chain, block: Block, name: str, address: str, slots: Sequence[bytes]) -> AccountProof:
    """Returns a node's proof after checking it against the block's header. ``name`` is the node's host.

    Raises `SourceError` with ``chain.unproved`` if the proof does not hold, or the error if the node returned none. Not checked
    if the block has no header: nothing can be proved at it, which the caller must report.
    """
    proof = chain.proof(address, slots)
    if block.header:
        try:
            recheck(block, address, slots, proof)
        except StateProofError as bad:
            raise SourceError(
                Doubt.CHAIN_UNPROVED, "proof_of_node", host=name, account=address, because=bad.reason
            ) from bad
    return proof


def first_that_holds(found: Iterable[tuple[str, AccountProof | SourceError]], dissent: Dissent) -> AccountProof:
    """Returns the first valid proof of what the nodes returned, each with its host; others are noted in ``dissent``.

    Raises `SourceError` if there is none: ``chain.unproved`` if one of them does not hold, or the error of the first node.
    """
    taken: AccountProof | None = None
    trouble: list[SourceError] = []
    for name, given in found:
        if not isinstance(given, SourceError):
            taken = taken or given
            continue
        trouble.append(given)
        if given.doubt is Doubt.CHAIN_UNPROVED:
            dissent.add(say(Remark.NODE_DISSENT, "wrong_proof", host=name))
        else:
            dissent.add(say(Remark.NODE_DISSENT, "no_proof", host=name, doubt=given.doubt))
    if taken is not None:
        return taken
    if len(trouble) == 1:
        raise trouble[0]
    doubts = [one.doubt for one in trouble]
    doubt = Doubt.CHAIN_UNPROVED if Doubt.CHAIN_UNPROVED in doubts else doubts[0]
    raise SourceError(doubt, "several", all=[one.message for one in trouble])
