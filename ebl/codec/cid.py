"""Content ids (CIDv1): the name of some bytes in content-addressed storage such as IPFS."""

from __future__ import annotations

import hashlib


def of_bytes(content: bytes) -> str:
    """Returns the CIDv1 of some bytes as one block: codec ``raw``, multihash ``sha2-256``, Base32 (``bafkrei…``).

    Storage that splits large files into a tree of blocks gives the tree another id. Up to 256 KiB, one block is usual.
    """
    return of_sha256(hashlib.sha256(content).digest())


def of_sha256(digest: bytes) -> str:
    """Returns the CIDv1 of the bytes with this SHA-256 (32 bytes), as `of_bytes` does."""
    from multiformats_cid.cid import CIDv1

    return str(CIDv1("raw", b"\x12\x20" + digest))
