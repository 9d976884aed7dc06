"""Ethereum by its own papers: ABI, RLP, keccak, addresses, proofs of state."""
