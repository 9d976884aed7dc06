"""A DID's key signed the root: the key is looked up in the DID's document, and the signature is held to its account."""

from __future__ import annotations

from ebl.did.key_control import require_key_of
from ebl.did.verification_method import find_account
from ebl.model.ports import Sources
from ebl.openattestation.did_signature import DidSigned, SignedByDid, confirm, require_signature


def check(claim: DidSigned, sources: Sources) -> SignedByDid:
    """Raises `Refuted` for a signature that is missing or wrong and for a key that is not the DID's own, and
    `ebl.errors.Undetermined` and `ebl.errors.SourceError` where the DID's document could not be had.

    What the document alone can refute is refuted before anybody is asked.
    """
    require_key_of(claim.key_id, claim.did)
    require_signature(claim)
    return confirm(claim, find_account(claim.key_id, claim.did, sources))
