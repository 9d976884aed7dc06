"""Content ids (CIDv1): the name under which a content-addressed storage such as IPFS keeps some bytes."""

from __future__ import annotations

import hashlib


def of_bytes(content: bytes) -> str:
    """The CIDv1 of some bytes as one block: codec ``raw``, multihash ``sha2-256``, Base32 (``bafkrei…``).

    A storage that cuts large files into a tree of blocks names the tree by another id; one block is the rule up to 256 KiB.
    """
    return of_sha256(hashlib.sha256(content).digest())


def of_sha256(digest: bytes) -> str:
    """The CIDv1 of the bytes that have this SHA-256 (32 bytes), as `of_bytes` gives it."""
    from multiformats_cid.cid import CIDv1

    return str(CIDv1("raw", b"\x12\x20" + digest))
