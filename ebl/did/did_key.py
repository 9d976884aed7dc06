"""did:key: a DID that is a public key, and so is its own document. It says nothing about who has the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebl.codes import Doubt, Failure
from ebl.crypto.multikey import KeyType, PublicKey, UnknownEncoding, UnknownKind, parse_public
from ebl.did.did_document import key_document
from ebl.errors import Refuted, Unsupported
from ebl.model.ports import Sources


def document(did: str, sources: Sources) -> Mapping[str, Any]:
    """The document that the key stands for; nothing is asked.

    Raises `Refuted` if it is no key, and `Unsupported` if it is one of a kind that is not in use here.
    """
    return key_document(multikey(did.removeprefix("did:key:"), did))


def multikey(text: str, whose: str) -> PublicKey:
    """The key in a ``publicKeyMultibase``, which is found at ``whose``. Raises as `document` does."""
    try:
        return parse_public(text)
    except UnknownEncoding as other:
        raise unsupported_key(whose, "spelling", letter=other.letter) from other
    except UnknownKind as other:
        raise unsupported_key(whose, "kind", kind=other.kind) from other
    except ValueError as bad:
        raise Refuted(Failure.KEY_NOT_OF_DID, "not_multikey", key=whose, got=text) from bad


def unsupported_key(whose: str, variant: str, **what: str) -> Unsupported:
    """The error for a key of another type than those of `KeyType`. ``what`` fills the message's variant."""
    return Unsupported(Doubt.UNSUPPORTED_KEY, variant, key=whose, supported=[*KeyType], **what)
