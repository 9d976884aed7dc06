"""did:key: a DID that is a public key, and so is its own document. It says nothing about who has the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebl.codes import Failure
from ebl.errors import Refuted
from ebl.identity.did_document import key_document
from ebl.primitives.multikey import parse_public
from ebl.sources import Sources


def document(did: str, sources: Sources) -> Mapping[str, Any]:
    """The document that the key stands for; nothing is asked. Raises `Refuted` where it is no key that we know."""
    try:
        return key_document(parse_public(did.removeprefix("did:key:")))
    except ValueError as bad:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"{did[:100]} is no key: {bad}") from bad
