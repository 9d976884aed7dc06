"""The cryptosuite ecdsa-rdfc-2019 with P-256: one signature over the whole document, also used to sign presentations.

*Data Integrity ECDSA Cryptosuites* 1.0, "ecdsa-rdfc-2019".
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ebl.codec.multibase import decode_base58btc, encode_base58btc
from ebl.codes import Failure
from ebl.credentials import data_integrity as di
from ebl.credentials import shown
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.linked_data import canonical_text
from ebl.crypto import p256
from ebl.crypto.multikey import KeyType, PublicKey
from ebl.errors import InvalidInput, Refuted
from ebl.jsonld import rdfc
from ebl.jsonld.contexts import Contexts, known
from ebl.model.ports import Sources
from ebl.model.wholeness import Wholeness

SUITE: Final = "ecdsa-rdfc-2019"


@dataclass(frozen=True, slots=True)
class EcdsaRdfcSigned(di.Signed):
    """The holder of a P-256 key signed the document as a whole."""

    suite: ClassVar[str] = SUITE

    def check(self, sources: Sources) -> di.Authentic:
        """Finds the key and verifies the proof; raises `Refuted`, `Malformed`, `ebl.errors.Undetermined`.

        Not checked: whose key it is, and whether it is the issuer's; `ebl.identity` does that.
        """
        return di.established(self, sources, verify)


SIGNED: Final = EcdsaRdfcSigned


def is_derived(value: str) -> bool:
    """Returns False always: the signature is over the whole document."""
    return False


def whole_as_read(claim: EcdsaRdfcSigned) -> Wholeness:
    """Returns how whole the document is by its proof, which is not verified."""
    return shown.of_whole()


def verify(claim: EcdsaRdfcSigned, key: PublicKey) -> di.Authentic:
    """Verifies the proof with a key that was found already. Raises the errors of `check`. Not checked: numbers."""
    if key.kind is not KeyType.P256:
        raise di.wrong_kind(claim, KeyType.P256, key.kind)
    try:
        signature, by_key = decode_base58btc(claim.value), p256.verifier(key.octets)
    except ValueError as bad:
        raise Refuted(Failure.PROOF_SIGNATURE, "unreadable", key=claim.proof.key_id) from bad
    options = claim.hash_of_proof()
    quads = claim.statements.quads

    def attempt(order: rdfc.Order) -> None:
        if not by_key(signature, options + di.sha256(canonical_text(quads, order=order))):
            raise Refuted(Failure.PROOF_SIGNATURE, "not_of_document", key=claim.proof.key_id)

    _, order = di.in_some_order(quads, attempt)
    return di.Authentic(claim, derived=False, whole=shown.of_whole(), notes=di.remarks(claim, order))


def sign(
    document: Mapping[str, Any], key: IssuerKey, *, options: Mapping[str, str], contexts: Contexts | None = None
) -> dict[str, Any]:
    """Returns the document with a proof. ``options`` are the proof's members except type, suite and key: purpose, created …

    Raises `InvalidInput`, and `Malformed` if a signature could not protect all of the document.
    """
    if key.public.kind is not KeyType.P256:
        raise InvalidInput(f"{SUITE} is supported with {KeyType.P256} keys only; {key.id} is of {key.public.kind}.")
    contexts = contexts or known()
    proof = {"type": "DataIntegrityProof", "cryptosuite": SUITE, "verificationMethod": key.id, **options}
    text = canonical_text(di.to_protect(document, contexts).quads)
    hashed = di.proof_hash(document["@context"], proof, contexts) + di.sha256(text)
    value = encode_base58btc(p256.signer(key.secret)(hashed))
    return {**copy.deepcopy(dict(document)), "proof": {**proof, "proofValue": value}}
