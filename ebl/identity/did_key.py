"""did:key: a DID that is a public key, and so is its own document. It says nothing about who has the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebl.codes import Doubt, Failure
from ebl.errors import Refuted, Unsupported
from ebl.identity.did_document import key_document
from ebl.primitives.multikey import Kind, UnknownKind, parse_public
from ebl.sources import Sources


def document(did: str, sources: Sources) -> Mapping[str, Any]:
    """The document that the key stands for; nothing is asked.

    Raises `Refuted` if it is no key, and `Unsupported` if it is one of a kind that is not in use here.
    """
    try:
        return key_document(parse_public(did.removeprefix("did:key:")))
    except UnknownKind as other:
        raise unsupported_key(did, str(other)) from other
    except ValueError as bad:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"{did[:100]} is no key: {bad}") from bad


def unsupported_key(whose: str, what: str) -> Unsupported:
    """The error for a key that is not in use here. ``what`` names its kind."""
    return Unsupported(
        Doubt.UNSUPPORTED_KEY,
        f"{whose[:100]}: {what} is not supported; {' and '.join(Kind)} are, so the signature cannot be checked.",
        "Ask the issuer to sign with one of these.",
    )
