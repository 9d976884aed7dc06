"""Keys that sign credentials: P-256 or BLS12-381 key pairs, their DIDs, and the files that hold them.

A key file is a Multikey pair in JSON, in TrustVC's form. Its secret is kept as a ``bytearray`` that `IssuerKey.wipe`
overwrites. Reading or writing a file leaves copies of the text in memory, which Python cannot overwrite.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from ebl.config import files
from ebl.credentials.key_faults import as_input_errors
from ebl.crypto import bbs_signatures as bbs
from ebl.crypto import p256
from ebl.crypto.multikey import MULTIKEY_CONTEXT, KeyType, PublicKey, did_key, format_secret, parse_public, parse_secret
from ebl.did.did_syntax import NotADid, is_did, split_key_id
from ebl.errors import InvalidInput
from ebl.messages import explained
from ebl.model.broken_input import read_json


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A key pair and its key id: ``id`` is the verification method, ``did#fragment``.

    ``secret`` has 32 bytes, big-endian, and is left out of the repr. A context manager: on exit the secret is wiped.
    """

    id: str
    public: PublicKey
    secret: bytearray = field(repr=False)

    def __post_init__(self) -> None:
        try:
            split_key_id(self.id)
        except NotADid as bad:
            raise InvalidInput(f"The key's id is not a DID URL: {explained(bad.reason)}.") from bad
        if public_of(self.public.kind, self.secret) != self.public:
            raise InvalidInput("The secret key and the public key are not a pair.")

    @property
    def did(self) -> str:
        """The DID of the issuer that controls the key."""
        return self.id.partition("#")[0]

    @classmethod
    def generate(
        cls,
        kind: KeyType,
        *,
        did: str | None = None,
        fragment: str = "keys-1",
        randomness: Callable[[int], bytes] = secrets.token_bytes,
    ) -> Self:
        """Makes a new key for ``did``, by default for the did:key of the key itself. Raises `InvalidInput`, `MissingExtra`."""
        with as_input_errors():
            secret = bbs.keygen(randomness(48)) if kind is KeyType.BLS12_381 else p256.keygen(randomness(48))
        public = public_of(kind, secret)
        if did is None:
            did, fragment = did_key(public), str(public)
        if not is_did(did):
            raise InvalidInput(f"{did[:100]!r} is not a DID.", fix="Use a DID, for example did:web:carrier.example.")
        return cls(f"{did}#{fragment}", public, secret)

    @classmethod
    def from_json(cls, raw: bytes) -> Self:
        """Reads a key file. Raises `InvalidInput`, which never repeats the content of the file."""
        pair = _parse(raw)
        secret_text, public_text = _text(pair, "secretKeyMultibase"), _text(pair, "publicKeyMultibase")
        try:
            kind, secret = parse_secret(secret_text)
            public = parse_public(public_text)
        except ValueError as bad:
            raise InvalidInput(f"The key file cannot be used: {bad}.") from None
        key = cls(_text(pair, "id"), public, secret)
        if kind is not public.kind or pair.get("type") != "Multikey" or pair.get("controller", key.did) != key.did:
            raise InvalidInput("The key file is inconsistent: type, controller, id and keys must belong together.")
        return key

    def to_json(self) -> bytes:
        """Returns the key file, with the secret: keep it where only its owner can read it."""
        pair = {**self.to_method(), "secretKeyMultibase": format_secret(self.public.kind, self.secret)}
        return json.dumps({"@context": MULTIKEY_CONTEXT, **pair}, indent=2).encode() + b"\n"

    def to_method(self) -> dict[str, Any]:
        """Returns the verification method for DID documents, which contains nothing secret."""
        return {"id": self.id, "type": "Multikey", "controller": self.did, "publicKeyMultibase": str(self.public)}

    def wipe(self) -> None:
        """Overwrites the secret with zeros; the key cannot sign afterwards."""
        self.secret[:] = bytes(len(self.secret))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *trouble: object) -> None:
        self.wipe()


def public_of(kind: KeyType, secret: bytes | bytearray) -> PublicKey:
    """Returns the public key of a secret key (32 bytes, big-endian). Raises `InvalidInput` or `MissingExtra`."""
    with as_input_errors():
        return PublicKey(kind, bbs.public_key(secret) if kind is KeyType.BLS12_381 else p256.public_key(secret))


def _parse(raw: bytes) -> dict[str, Any]:
    wrong = InvalidInput("The key file is not a Multikey pair in JSON.", fix="Write one with `ebl key new`.")
    if len(raw) > files.MAX_SECRET:
        raise wrong
    try:
        pair = read_json(raw, any_number=True, with_mark=False)
    except ValueError:
        raise wrong from None
    if not isinstance(pair, dict):
        raise wrong
    return pair


def _text(pair: dict[str, Any], name: str) -> str:
    value = pair.get(name)
    if not isinstance(value, str):
        raise InvalidInput(f"The key file has no {name}.", fix="Write a complete one with `ebl key new`.")
    return value
