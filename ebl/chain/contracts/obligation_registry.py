"""What tells an obligation registry from a token registry: it answers every question of version 5, and one of its own.

Its titles have states that a token registry's have not (accepted, rejected, discharged), which nothing here reads.
"""

from __future__ import annotations

from ebl.chain.contracts.abi_types import Function

OBLIGATION_ESCROW_FACTORY = Function[str]("obligationEscrowFactory()", "address")
"""The same as its ``titleEscrowFactory()``; a token registry has no such function."""
