"""Signatures and keys as standards define them. Nothing here depends on documents."""
