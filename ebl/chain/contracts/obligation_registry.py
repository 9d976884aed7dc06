"""Detection of an obligation registry: it responds to every query of a version 5 token registry, and to one of its own.

Its titles have states that a token registry's do not have (accepted, rejected, discharged). They are not supported.
"""

from __future__ import annotations

from ebl.chain.contracts.abi_types import Function

OBLIGATION_ESCROW_FACTORY = Function[str]("obligationEscrowFactory()", "address")
"""The same as its ``titleEscrowFactory()``; a token registry has no such function."""
