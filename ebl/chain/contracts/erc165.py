"""ERC-165: the interfaces that a contract supports, and the ids that distinguish stores, registries and escrows.

A response of ``false``, a revert and a response that is not a boolean all mean: not this interface. Title escrows return
false for ERC-165's own id, so the standard's two-step detection fails on them: query the id itself.
"""

from __future__ import annotations

from ebl.chain.contracts.abi_types import Function
from ebl.model.ports import Answer

ERC165 = bytes.fromhex("01ffc9a7")
ACCESS_CONTROL = bytes.fromhex("7965db0b")
ERC721 = bytes.fromhex("80ac58cd")
ERC721_METADATA = bytes.fromhex("5b5e139f")
LOCKABLE = bytes.fromhex("b45a3c0e")
"""ERC-5192, of the transferable document store."""

DOCUMENT_STORE = bytes.fromhex("b9391097")
"""The newer document stores, batchable and transferable; the older kind returns false."""
BATCHABLE_STORE = bytes.fromhex("dcfd0745")

TITLE_ESCROW_V4 = bytes.fromhex("079dff60")
TITLE_ESCROW_V5 = bytes.fromhex("3e143f7b")
MINTABLE_V4 = bytes.fromhex("c6c3bbe6")
MINTABLE_V5 = bytes.fromhex("6010a5e7")
BURNABLE_V4 = bytes.fromhex("42966c68")
BURNABLE_V5 = bytes.fromhex("fe9d9303")
RESTORABLE_V4 = bytes.fromhex("9bea62ad")
RESTORABLE_V5 = bytes.fromhex("5e089da7")
SOUL_BOUND_V4 = bytes.fromhex("304ad1f2")
SOUL_BOUND_V5 = bytes.fromhex("b8950977")
TRADETRUST_SOUL_BOUND = bytes.fromhex("95a63a27")

SUPPORTS_INTERFACE = Function[bool]("supportsInterface(bytes4)", "bool")


def has(answer: Answer) -> bool:
    """Whether a contract returned that it supports the queried interface."""
    return SUPPORTS_INTERFACE.decode_answer(answer) is True
