"""Encrypted documents of the type ``OPEN-ATTESTATION-TYPE-1``, so that a storage can hold a bill and cannot read it.

AES-256-GCM with an IV of 12 bytes, a tag of 16 bytes and no additional data, over the Base64 of the UTF-8 text. The key is
sent apart from the file: in a link or its QR code (`ebl.sharing.links`), or out of band.
"""

from __future__ import annotations

import binascii
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from ebl.codec.strict_json import describe_value
from ebl.codes import Failure
from ebl.errors import InvalidInput, Unreadable
from ebl.model.broken_input import read_json

TYPE = "OPEN-ATTESTATION-TYPE-1"
MAX_BYTES = 64 * 1024 * 1024
"""Limit for an encrypted file that is read or made, in bytes."""

_KEY_BYTES, _IV_BYTES, _TAG_BYTES = 32, 12, 16


@dataclass(frozen=True, slots=True)
class Encrypted:
    """The content of the storage. ``iv`` is 12 bytes, ``tag`` 16; ``cipher_text`` is as long as the Base64 of the text."""

    cipher_text: bytes
    iv: bytes
    tag: bytes

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Reads the JSON of an encrypted document, also if a storage returned it as ``{"document": …}``.

        Raises `Unreadable` with ``encryption.unsupported_type`` if it is of another type, with ``document.too_large`` if it has
        more than ``MAX_BYTES``, and with ``encryption.malformed`` otherwise. A ``key`` next to the cipher text is not used.
        """
        if len(raw) > MAX_BYTES:
            raise Unreadable(Failure.TOO_LARGE, "encrypted", limit=MAX_BYTES >> 20)
        try:
            parsed = read_json(raw, max_bytes=MAX_BYTES, any_number=True)
        except Unreadable:
            raise Unreadable(Failure.ENCRYPTION_MALFORMED, "not_json") from None
        if isinstance(parsed, dict) and isinstance(parsed.get("document"), dict) and "cipherText" not in parsed:
            parsed = parsed["document"]
        if not isinstance(parsed, dict):
            raise Unreadable(Failure.ENCRYPTION_MALFORMED, "not_object")
        if (kind := parsed.get("type")) != TYPE:
            raise Unreadable(Failure.ENCRYPTION_TYPE, expected=TYPE, came=describe_value(kind))
        return cls(
            _base64(parsed, "cipherText", None), _base64(parsed, "iv", _IV_BYTES), _base64(parsed, "tag", _TAG_BYTES)
        )

    def to_json(self) -> bytes:
        """Returns the file to store: one JSON object, without the key."""
        members = {
            "cipherText": b64encode(self.cipher_text).decode(),
            "iv": b64encode(self.iv).decode(),
            "tag": b64encode(self.tag).decode(),
            "type": TYPE,
        }
        return json.dumps(members, separators=(",", ":")).encode()


def new_key(random: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """Makes a new key of 32 bytes."""
    return random(_KEY_BYTES)


def key_from_hex(text: str) -> bytes:
    """Reads a key of 64 hex digits. Raises `InvalidInput`, which never repeats the text."""
    text = text.strip()
    try:
        key = bytes.fromhex(text) if len(text) == 2 * _KEY_BYTES else b""
    except ValueError:
        key = b""
    return _checked(key)


def encrypt(text: str, key: bytes, *, random: Callable[[int], bytes] = secrets.token_bytes) -> Encrypted:
    """Encrypts a document's text with a key of 32 bytes and a random IV.

    Raises `InvalidInput` if the key has another length, if UTF-8 cannot encode the text, or if the file would be too large.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        plain = b64encode(text.encode())
    except UnicodeEncodeError as bad:
        raise InvalidInput(
            f"The text has a lone surrogate at character {bad.start}, which UTF-8 cannot encode."
        ) from None
    if 4 * len(plain) // 3 + 1024 > MAX_BYTES:
        raise InvalidInput(
            f"The encrypted file would be larger than {MAX_BYTES >> 20} MiB.", fix="Shrink its attachments."
        )
    iv = random(_IV_BYTES)
    sealed = AESGCM(_checked(key)).encrypt(iv, plain, None)
    return Encrypted(sealed[:-_TAG_BYTES], iv, sealed[-_TAG_BYTES:])


def decrypt(encrypted: Encrypted, key: bytes) -> str:
    """Decrypts a text with a key of 32 bytes.

    Raises `Unreadable` with ``encryption.not_opened`` if the key is wrong or the file was changed (these two cannot be
    distinguished), and with ``encryption.malformed`` if the decrypted content is not Base64 of UTF-8 text.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        plain = AESGCM(_checked(key)).decrypt(encrypted.iv, encrypted.cipher_text + encrypted.tag, None)
    except InvalidTag:
        raise Unreadable(Failure.ENCRYPTION_NOT_OPENED) from None
    try:
        return b64decode(plain, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Unreadable(Failure.ENCRYPTION_MALFORMED, "not_text") from None


def _checked(key: bytes) -> bytes:
    if len(key) != _KEY_BYTES:
        raise InvalidInput("An encryption key is 32 bytes, written as 64 hex digits.")
    return key


def _base64(members: dict[str, Any], name: str, size: int | None) -> bytes:
    value = members.get(name)
    if not isinstance(value, str):
        raise Unreadable(Failure.ENCRYPTION_MALFORMED, "no_member", name=name)
    try:
        decoded = b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(Failure.ENCRYPTION_MALFORMED, "not_base64", name=name) from None
    if size is not None and len(decoded) != size:
        raise Unreadable(Failure.ENCRYPTION_MALFORMED, "size", name=name, size=len(decoded), expected=size)
    return decoded
