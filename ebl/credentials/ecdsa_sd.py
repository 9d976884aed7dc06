"""The cryptosuite ecdsa-sd-2023: each statement has its own signature, so that the holder can show some of them.

*Data Integrity ECDSA Cryptosuites* 1.0, "ecdsa-sd-2023"; section numbers below refer to it. A *base* proof goes from issuer
to holder. It has a signature for each statement, by a proof-scoped key made for the one document. The issuer's signature
covers that key, the proof's own hash and the mandatory statements. A *derived* proof goes from holder to verifier, with the
statements that the holder selected.
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

from ebl.codec import cbor
from ebl.codec.multibase import decode_base64url, encode_base64url
from ebl.codes import Failure
from ebl.credentials import data_integrity as di
from ebl.credentials import disclosure, shown
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto import p256
from ebl.crypto.multikey import KeyType, PublicKey, public_from_multikey
from ebl.errors import InvalidInput, Malformed, Refuted
from ebl.jsonld import rdfc
from ebl.jsonld.contexts import Contexts, known
from ebl.model.ports import Sources
from ebl.model.wholeness import Extent, Wholeness

SUITE: Final = "ecdsa-sd-2023"
_BASE, _DERIVED = b"\xd9\x5d\x00", b"\xd9\x5d\x01"
_KEY_LENGTH, _MAC_LENGTH = 35, 32


@dataclass(frozen=True, slots=True)
class EcdsaBaseProof:
    """A base proof's value (3.5.2). ``proof_scoped_key`` is the Multikey (35 bytes) of the key that signed each statement."""

    signature: bytes
    proof_scoped_key: bytes
    hmac_key: bytes
    signatures: Sequence[bytes]
    mandatory: Sequence[str]

    def __str__(self) -> str:
        parts = [self.signature, self.proof_scoped_key, self.hmac_key, list(self.signatures), list(self.mandatory)]
        return encode_base64url(_BASE + cbor.dumps(parts))


@dataclass(frozen=True, slots=True)
class EcdsaDerivedProof:
    """A derived proof's value (3.5.7). ``label_map`` has the HMAC labels by canonical number; ``mandatory``, line numbers."""

    signature: bytes
    proof_scoped_key: bytes
    signatures: Sequence[bytes]
    label_map: Mapping[int, bytes]
    mandatory: Sequence[int]

    def __str__(self) -> str:
        parts = [
            self.signature,
            self.proof_scoped_key,
            list(self.signatures),
            dict(self.label_map),
            list(self.mandatory),
        ]
        return encode_base64url(_DERIVED + cbor.dumps(parts))


def is_derived(text: str) -> bool:
    """Whether a ``proofValue`` is of a document whose holder chose what to show. Raises the errors of `parse_value`."""
    return isinstance(parse_value(text), EcdsaDerivedProof)


def parse_value(text: str) -> EcdsaBaseProof | EcdsaDerivedProof:
    """Does parseBaseProofValue and parseDerivedProofValue (3.5.3, 3.5.8), by the header. Raises `Malformed` (``proof.shape``)."""
    try:
        octets = decode_base64url(text)
        parts: Any = cbor.loads(octets[3:])
    except ValueError as bad:
        raise Malformed(Failure.PROOF_SHAPE, "value_encoding") from bad
    match octets[:3], parts:
        case (head, [bytes(signature), bytes(proof_scoped_key), bytes(key), list(signatures), list(pointers)]) if (
            head == _BASE
        ):
            texts = all(isinstance(pointer, str) for pointer in pointers)
            if texts and len(key) == _MAC_LENGTH and _fit(signature, proof_scoped_key, signatures):
                return EcdsaBaseProof(signature, proof_scoped_key, key, tuple(signatures), tuple(pointers))
        case (head, [bytes(signature), bytes(proof_scoped_key), list(signatures), dict(label_map), list(indexes)]) if (
            head == _DERIVED
        ):
            macs = all(isinstance(mac, bytes) and len(mac) == _MAC_LENGTH for mac in label_map.values())
            if macs and _fit(signature, proof_scoped_key, signatures):
                return EcdsaDerivedProof(signature, proof_scoped_key, tuple(signatures), label_map, indexes)
    raise Malformed(Failure.PROOF_SHAPE, "value", suite=SUITE)


def _fit(signature: bytes, proof_scoped_key: bytes, signatures: list[Any]) -> bool:
    whole = all(isinstance(one, bytes) and len(one) == p256.LENGTH for one in [signature, *signatures])
    return whole and len(proof_scoped_key) == _KEY_LENGTH


@dataclass(frozen=True, slots=True)
class EcdsaSdSigned(di.Signed):
    """The holder of a P-256 key signed the statements, one by one."""

    suite: ClassVar[str] = SUITE

    def check(self, sources: Sources) -> di.Authentic:
        """Finds the key and verifies the proof, base or derived; raises `Refuted`, `Malformed`, `ebl.errors.Undetermined`.

        In a base proof every statement of the document must have its signature. Not checked: that no statement was removed,
        which no proof of this suite shows (see `ebl.credentials.shown`). Not checked either: whose key it is, and whether it is
        the issuer's; `ebl.identity` does that.
        """
        return di.established(self, sources, verify)


SIGNED: Final = EcdsaSdSigned


def verify(claim: EcdsaSdSigned, key: PublicKey) -> di.Authentic:
    """Verifies the proof with a key that was found already. Raises the errors of `check`. Not checked: numbers."""
    if key.kind is not KeyType.P256:
        raise di.wrong_kind(claim, KeyType.P256, key.kind)
    value = parse_value(claim.value)
    quads = claim.statements.quads
    if isinstance(value, EcdsaDerivedProof):
        bound, order = di.in_some_order(quads, partial(_verify_derived, claim, value, key))
        whole = _whole(claim, value, bound)
        return di.Authentic(claim, derived=True, whole=whole, notes=di.remarks(claim, order))
    bound, order = di.in_some_order(quads, partial(_verify_base, claim, value, key))
    notes = (*di.remarks(claim, order), *disclosure.withheld(claim.document, value.mandatory))
    return di.Authentic(claim, derived=False, whole=_whole(claim, value, bound), notes=notes)


def _verify_base(claim: EcdsaSdSigned, value: EcdsaBaseProof, key: PublicKey, order: rdfc.Order) -> set[int]:
    """Verifies the statements of the document. Returns the indexes of the mandatory ones."""
    label_map = disclosure.hmac_id_label_map(value.hmac_key)
    canonical = disclosure.label_replacement_canonicalize(claim.statements.quads, label_map, order=order)
    disclosure.require_mandatory(claim, value.mandatory)
    mandatory = canonical.matching(claim.statements.select(value.mandatory))
    rest = _signed_alone(canonical, mandatory, value, Failure.BASE_INCOMPLETE)
    _verify_signatures(claim, value, key, canonical.pick(mandatory), canonical.pick(rest))
    return canonical.indexes_of(claim.statements.quads, mandatory)


def whole_as_read(claim: EcdsaSdSigned) -> Wholeness:
    """Returns how whole the document is by its proof, which is not verified."""
    return _whole(claim, parse_value(claim.value), None)


def _whole(claim: EcdsaSdSigned, value: EcdsaBaseProof | EcdsaDerivedProof, bound: set[int] | None) -> Wholeness:
    """Returns the wholeness. Neither form counts the signed statements, so even a base proof does not show if some are gone."""
    extent = Extent.DERIVED if isinstance(value, EcdsaDerivedProof) else Extent.UNKNOWN
    return shown.of_chosen(extent, claim.document, claim.at, claim.statements, bound)


def _verify_derived(claim: EcdsaSdSigned, value: EcdsaDerivedProof, key: PublicKey, order: rdfc.Order) -> set[int]:
    """Does Verify Derived Proof (3.6.7) with createVerifyData (3.5.9). Returns the indexes of the mandatory statements."""
    labels = {number: "_:" + encode_base64url(mac) for number, mac in value.label_map.items()}
    label_map = disclosure.label_map_function(labels)
    canonical = disclosure.label_replacement_canonicalize(claim.statements.quads, label_map, order=order)
    mandatory = disclosure.require_ascending(value.mandatory, len(canonical.nquads), Failure.PROOF_INDEXES)
    rest = _signed_alone(canonical, mandatory, value, Failure.PROOF_INDEXES)
    _verify_signatures(claim, value, key, canonical.pick(mandatory), canonical.pick(rest))
    return canonical.indexes_of(claim.statements.quads, mandatory)


def _signed_alone(
    canonical: disclosure.CanonicalNQuads,
    mandatory: Sequence[int],
    value: EcdsaBaseProof | EcdsaDerivedProof,
    code: Failure,
) -> list[int]:
    """Returns the lines signed one by one, in the order of their signatures. Raises `Refuted` if their counts differ."""
    rest = sorted(set(range(len(canonical.nquads))) - set(mandatory))
    if len(rest) != len(value.signatures):
        raise Refuted(code, "signatures", expected=len(rest), came=len(value.signatures))
    return rest


def _verify_signatures(
    claim: EcdsaSdSigned,
    value: EcdsaBaseProof | EcdsaDerivedProof,
    key: PublicKey,
    mandatory: Sequence[str],
    rest: Sequence[str],
) -> None:
    try:
        by_issuer, by_proof_scoped_key = p256.verifier(key.octets), _proof_scoped_verifier(value)
    except ValueError as bad:
        raise Refuted(Failure.PROOF_SIGNATURE, "not_p256") from bad
    signed = claim.hash_of_proof() + value.proof_scoped_key + di.sha256("".join(mandatory))
    if not by_issuer(value.signature, signed):
        raise Refuted(Failure.PROOF_SIGNATURE, "not_of_document", key=claim.proof.key_id)
    for statement, signature in zip(rest, value.signatures, strict=True):
        if not by_proof_scoped_key(signature, statement.encode()):
            raise Refuted(Failure.PROOF_SIGNATURE, "statement", statement=_shown(statement))


def _proof_scoped_verifier(value: EcdsaBaseProof | EcdsaDerivedProof) -> Callable[[bytes, bytes], bool]:
    key = public_from_multikey(value.proof_scoped_key)
    if key.kind is not KeyType.P256:
        raise ValueError(f"the statements were signed with a key of {key.kind}")
    return p256.verifier(key.octets)


def _shown(statement: str) -> str:
    return statement.strip().split(" ", 1)[1][:160]


def sign(
    document: Mapping[str, Any],
    key: IssuerKey,
    *,
    mandatory: Sequence[str],
    created: str,
    contexts: Contexts | None = None,
    randomness: Callable[[int], bytes] = secrets.token_bytes,
) -> dict[str, Any]:
    """Returns the document with a base proof, for its holder, who should not send it whole (it lists what else was signed).

    ``mandatory`` are JSON pointers to what every derived document must show; ``created`` is a date and time with an offset.
    Raises `InvalidInput`, and `Malformed` if a signature could not protect all of the document.
    """
    if key.public.kind is not KeyType.P256:
        raise InvalidInput(f"{SUITE} signs with {KeyType.P256} keys; {key.id} is of {key.public.kind}.")
    contexts = contexts or known()
    statements = disclosure.to_sign(document, mandatory, contexts)
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": created,
        "verificationMethod": key.id,
        "proofPurpose": "assertionMethod",
    }
    hmac_key, proof_scoped_key = randomness(_MAC_LENGTH), IssuerKey.generate(KeyType.P256, randomness=randomness)
    label_map = disclosure.hmac_id_label_map(hmac_key)
    canonical = disclosure.label_replacement_canonicalize(statements.quads, label_map)
    always = canonical.matching(statements.select(mandatory))
    with proof_scoped_key:
        sign_one = p256.signer(proof_scoped_key.secret)
        rest = [line for number, line in enumerate(canonical.nquads) if number not in set(always)]
        signatures = [sign_one(line.encode()) for line in rest]
    signed = di.proof_hash(document["@context"], options, contexts) + proof_scoped_key.public.multikey
    signature = p256.signer(key.secret)(signed + di.sha256("".join(canonical.pick(always))))
    value = EcdsaBaseProof(signature, proof_scoped_key.public.multikey, hmac_key, signatures, mandatory)
    return {**copy.deepcopy(dict(document)), "proof": {**options, "proofValue": str(value)}}


def derive(claim: EcdsaSdSigned, pointers: Sequence[str]) -> dict[str, Any]:
    """Returns the document with a derived proof; it shows the mandatory parts and what the pointers select.

    ``claim`` is of a base proof. Raises `InvalidInput` if a pointer finds nothing, if it leads into an ordered list (which is
    shown whole or not at all), or if nothing would be shown. Raises `Refuted` if a statement's signature does not verify. Not
    checked: the issuer's own signature.
    """
    value = parse_value(claim.value)
    if not isinstance(value, EcdsaBaseProof):
        raise disclosure.derived_already()
    chosen, shown = disclosure.reveal(claim, value.mandatory, pointers)
    derived, _ = di.in_some_order(claim.statements.quads, partial(_derive, claim, value, chosen))
    return {**copy.deepcopy(shown), "proof": {**claim.proof.raw, "proofValue": str(derived)}}


def _derive(claim: EcdsaSdSigned, value: EcdsaBaseProof, chosen: Sequence[str], order: rdfc.Order) -> EcdsaDerivedProof:
    """Does createDisclosureData (3.5.4), after the signatures of what is shown were verified."""
    statements = claim.statements
    label_map = disclosure.hmac_id_label_map(value.hmac_key)
    canonical = disclosure.label_replacement_canonicalize(statements.quads, label_map, order=order)
    mandatory = canonical.matching(statements.select(value.mandatory))
    selected = statements.select(chosen)
    shown = canonical.matching(selected)
    rest = _signed_alone(canonical, mandatory, value, Failure.BASE_INCOMPLETE)
    signatures = dict(zip(rest, value.signatures, strict=True))
    try:
        by_proof_scoped_key = _proof_scoped_verifier(value)
    except ValueError as bad:
        raise Refuted(Failure.PROOF_SIGNATURE, "not_p256") from bad
    for number in shown:
        if number in signatures and not by_proof_scoped_key(signatures[number], canonical.nquads[number].encode()):
            raise Refuted(Failure.PROOF_SIGNATURE, "statement", statement=_shown(canonical.nquads[number]))
    verifier_label_map = disclosure.verifier_label_map(selected, canonical.label_map, order=order)
    return EcdsaDerivedProof(
        value.signature,
        value.proof_scoped_key,
        [signatures[number] for number in shown if number in signatures],
        {number: decode_base64url(label[2:]) for number, label in verifier_label_map.items()},
        [place for place, number in enumerate(shown) if number not in signatures],
    )
