"""did:key: a DID that is a public key, and whose document follows from it. It does not show who has the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebl.codes import Doubt, Failure
from ebl.crypto.multikey import KeyType, PublicKey, UnknownEncoding, UnknownKind, parse_public
from ebl.did.document_writer import key_document
from ebl.errors import Refuted, Unsupported
from ebl.model.ports import Sources


def document(did: str, sources: Sources) -> Mapping[str, Any]:
    """Returns the document of the key. Nothing is fetched.

    Raises `Refuted` if the DID does not contain a key, and `Unsupported` if ebl does not use its type of key.
    """
    return key_document(multikey(did.removeprefix("did:key:"), did))


def multikey(text: str, whose: str) -> PublicKey:
    """Returns the key in a ``publicKeyMultibase`` found at ``whose``. Raises the errors of `document`."""
    try:
        return parse_public(text)
    except UnknownEncoding as other:
        raise unsupported_key(whose, "spelling", letter=other.letter) from other
    except UnknownKind as other:
        raise unsupported_key(whose, "kind", kind=other.kind) from other
    except ValueError as bad:
        raise Refuted(Failure.KEY_NOT_OF_DID, "not_multikey", key=whose, got=text) from bad


def unsupported_key(whose: str, variant: str, **what: str) -> Unsupported:
    """Returns the error for a key of a type that is not in `KeyType`. ``what`` fills the message's variant."""
    return Unsupported(Doubt.UNSUPPORTED_KEY, variant, key=whose, supported=[*KeyType], **what)
