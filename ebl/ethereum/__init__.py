"""Ethereum's own specifications: ABI, RLP, keccak, addresses, state proofs."""
