"""Contract storage read with proof (EIP-1186): trust in the block's hash replaces trust in the node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.ethereum import state_proof as eth_proof
from ebl.model.ports import AccountProof, Block, Chain


@dataclass(frozen=True, slots=True)
class Proved:
    """An account and some of its slots (32 bytes each, as requested), at a block; ``proof`` shows them again offline."""

    block: Block
    account: eth_proof.AccountState
    values: tuple[bytes, ...]
    proof: AccountProof


def storage(chain: Chain, address: str, slots: Sequence[bytes]) -> Proved:
    """Reads slots (keys of 32 bytes) of a contract at the chain's block, and checks the proof of each.

    Raises `SourceError` (``chain.unproved``) if the block's header could not be checked against its hash, or if the proof
    does not hold. The caller must know what a slot means: compare the account's code hash with that of known code. Not
    checked: that the block's hash is the chain's.
    """
    block = chain.block
    if not block.header:
        raise SourceError(Doubt.CHAIN_UNPROVED, "header", block=block.number, chain=block.chain_id)
    proof = chain.proof(address, slots)
    try:
        account, values = recheck(block, address, slots, proof)
    except eth_proof.StateProofError as bad:
        raise SourceError(Doubt.CHAIN_UNPROVED, "proof", account=address, because=bad.reason) from bad
    return Proved(block, account, values, proof)


def recheck(
    block: Block, address: str, slots: Sequence[bytes], proof: AccountProof
) -> tuple[eth_proof.AccountState, tuple[bytes, ...]]:
    """Returns the account and the slots' values from the nodes of a proof alone; its other members are not used.

    The block's hash is trusted, and everything else in the block is checked against it. Raises
    `ebl.ethereum.state_proof.StateProofError` if the proof, or the block's header, does not hold.
    """
    header = eth_proof.header(block.header, block.hash)
    if (header.number, header.timestamp) != (block.number, block.time.timestamp()):
        raise eth_proof.StateProofError("block")
    account = eth_proof.account(header.state_root, bytes.fromhex(address[2:]), proof.account_proof)
    if len(proof.storage) != len(slots):
        raise eth_proof.StateProofError("slots", expected=len(slots), came=len(proof.storage))
    values = tuple(
        eth_proof.slot(account.storage_root, key, nodes)
        for key, (_, _, nodes) in zip(slots, proof.storage, strict=True)
    )
    return account, values
