"""Remarks on titles, in the form of the tools in use: scrambled with a key that every holder of the document has.

This is obfuscation only. The key is made from the document's id, or is a public constant if there is none. One key serves
for every remark of a document, and nothing shows whether a remark was altered. Never put a secret in a remark.
"""

from __future__ import annotations

import hashlib

from ebl.chain.contracts.token_registry_v5 import REMARK_LIMIT
from ebl.errors import InvalidInput

# The value that the tools in use take if there is no document id. Public, like everything about these remarks.
_WITHOUT_ID = "4d5a4e3f2f6d2b0a1f2e9b8f8a3c7a0b8d4f5c2e7b1a1c3f2e7b8c2d5a4f7e3e"


def seal(text: str, document_id: str = "") -> bytes:
    """Returns the bytes of a remark as they are stored on chain.

    Raises `InvalidInput` if the remark takes more than 120 bytes of UTF-8: 120 ASCII letters, 40 Chinese characters.
    """
    try:
        plain = text.encode()
    except UnicodeEncodeError as bad:
        raise InvalidInput("The remark contains half a character (a lone surrogate).", fix="Type it again.") from bad
    if len(plain) > REMARK_LIMIT:
        raise InvalidInput(
            f"The remark takes {len(plain)} bytes; at most {REMARK_LIMIT} fit on chain.",
            fix="Shorten it: a Chinese character takes 3 bytes.",
        )
    return _scrambled(plain, document_id)


def unseal(remark: bytes, document_id: str = "") -> str | None:
    """Returns the text of a remark on chain; None if it was written with another id, or is not text."""
    try:
        text = _scrambled(remark, document_id).decode()
    except UnicodeDecodeError:
        return None
    return text if all(c.isprintable() or c in "\n\t" for c in text) else None


def _scrambled(data: bytes, document_id: str) -> bytes:
    """Applies ChaCha20 (RFC 8439) from counter 0; key and nonce are hex digits used as letters. It is its own inverse."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

    key = hashlib.shake_256((document_id or _WITHOUT_ID).encode("utf-8", "surrogatepass")).hexdigest(16).encode()
    nonce = hashlib.shake_256(b"").hexdigest(6).encode()
    return Cipher(ChaCha20(key, bytes(4) + nonce), mode=None).encryptor().update(data)
