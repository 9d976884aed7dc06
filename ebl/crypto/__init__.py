"""Signatures and keys by standard: they know nothing of documents."""
