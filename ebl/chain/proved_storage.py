"""Contract storage read with proof: whoever trusts the block's hash need not trust the node (EIP-1186)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.ethereum import state_proof as eth_proof
from ebl.model.ports import AccountProof, Block, Chain


@dataclass(frozen=True, slots=True)
class Proved:
    """An account and some of its slots (32 bytes each, in the order asked), as of a block; ``proof`` shows it again offline."""

    block: Block
    account: eth_proof.AccountState
    values: tuple[bytes, ...]
    proof: AccountProof


def storage(chain: Chain, address: str, slots: Sequence[bytes]) -> Proved:
    """Read slots (keys of 32 bytes) of a contract at the chain's block, and check the proof of each.

    Raises `SourceError` (``chain.unproved``) where the block's header could not be checked against its hash, or the proof
    does not hold. What a slot means is for the caller to know: compare the account's code hash with that of known code.
    Not checked: that the block's hash is the chain's.
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
    """The account and the values of the slots that a proof shows, by its nodes alone: what it claims beside them is not used.

    Of the block its hash is taken on trust, and all else that it says is held to it. Raises
    `ebl.ethereum.state_proof.StateProofError` where the proof, or the block's header, does not hold.
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
