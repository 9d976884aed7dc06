"""The cryptosuite bbs-2023: one signature over all statements; the holder can prove some of them and hide the others.

*Data Integrity BBS Cryptosuites* 1.0, "bbs-2023", with its baseline feature; section numbers below refer to it. A *base*
proof goes from issuer to holder. A *derived* proof goes from holder to verifier and is new each time, so that two derived
proofs are unlinkable by their bytes. For the handling of keys and what is not constant time see `ebl.crypto.bbs_signatures`.
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Final

from ebl.codec import cbor
from ebl.codec.multibase import decode_base64url, encode_base64url
from ebl.codes import Doubt, Failure
from ebl.credentials import data_integrity as di
from ebl.credentials import disclosure, shown
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.key_faults import as_input_errors
from ebl.crypto import bbs_signatures as bbs
from ebl.crypto.multikey import KeyType, PublicKey
from ebl.errors import InvalidInput, Malformed, Refuted, Unsupported
from ebl.jsonld import rdfc
from ebl.jsonld.contexts import Contexts, known
from ebl.model.ports import Sources
from ebl.model.wholeness import Extent, Wholeness

SUITE: Final = "bbs-2023"
_BASE, _DERIVED = b"\xd9\x5d\x02", b"\xd9\x5d\x03"
_OTHER_FEATURES: Final = {bytes([0xD9, 0x5D, feature]) for feature in range(4, 10)}
_HEADER_LENGTH, _MAC_LENGTH = 64, 32


@dataclass(frozen=True, slots=True)
class BbsBaseProof:
    """A base proof's value (3.3.1). ``header`` is the hash of the proof and of the mandatory statements; ``public``, 96 bytes."""

    signature: bytes
    header: bytes
    public: bytes
    hmac_key: bytes
    mandatory: Sequence[str]

    def __str__(self) -> str:
        parts = [self.signature, self.header, self.public, self.hmac_key, list(self.mandatory)]
        return encode_base64url(_BASE + cbor.dumps(parts))


@dataclass(frozen=True, slots=True)
class BbsDerivedProof:
    """A derived proof's value (3.3.6).

    ``label_map`` has the shuffled ranks by canonical number; ``mandatory`` counts lines of what is shown, ``selective`` the
    signed messages; ``presentation_header`` is the holder's: the proof binds it, and this suite gives it no meaning.
    """

    proof: bytes
    label_map: Mapping[int, int]
    mandatory: Sequence[int]
    selective: Sequence[int]
    presentation_header: bytes

    @property
    def hidden(self) -> int:
        """How many statements are hidden, by the proof's length: the proof does not verify with any other number."""
        return max(0, len(self.proof) - bbs.PROOF_LENGTH) // bbs.SCALAR_LENGTH

    def __str__(self) -> str:
        indexes = [list(self.mandatory), list(self.selective)]
        return encode_base64url(
            _DERIVED + cbor.dumps([self.proof, dict(self.label_map), *indexes, self.presentation_header])
        )


def is_derived(text: str) -> bool:
    """Whether a ``proofValue`` is of a document whose holder chose what to show. Raises the errors of `parse_value`."""
    return isinstance(parse_value(text), BbsDerivedProof)


def parse_value(text: str) -> BbsBaseProof | BbsDerivedProof:
    """Does parseBaseProofValue and parseDerivedProofValue (3.3.2, 3.3.7), by the header. Raises `Malformed` (``proof.shape``)."""
    try:
        octets = decode_base64url(text)
        parts: Any = cbor.loads(octets[3:]) if octets[:3] in (_BASE, _DERIVED) else None
    except ValueError as bad:
        raise Malformed(Failure.PROOF_SHAPE, "value_encoding") from bad
    match octets[:3], parts:
        case (head, [bytes(signature), bytes(header), bytes(public), bytes(key), list(pointers)]) if head == _BASE:
            lengths = (len(signature), len(header), len(public), len(key))
            expected = (bbs.SIGNATURE_LENGTH, _HEADER_LENGTH, bbs.PUBLIC_LENGTH, _MAC_LENGTH)
            if lengths == expected and all(isinstance(pointer, str) for pointer in pointers):
                return BbsBaseProof(signature, header, public, key, tuple(pointers))
        case (head, [bytes(proof), dict(label_map), list(mandatory), list(selective), bytes(header)]) if (
            head == _DERIVED
        ):
            if all(isinstance(number, int) for number in (*label_map.values(), *mandatory, *selective)):
                return BbsDerivedProof(proof, label_map, mandatory, selective, header)
        case (head, _) if head in _OTHER_FEATURES:
            raise Unsupported(Doubt.UNSUPPORTED_SUITE, "bbs_feature", suite=SUITE)
    raise Malformed(Failure.PROOF_SHAPE, "value", suite=SUITE)


@dataclass(frozen=True, slots=True)
class BbsSigned(di.Signed):
    """The holder of a BLS12-381 key signed the statements, all of them or some."""

    suite: ClassVar[str] = SUITE

    def check(self, sources: Sources) -> di.Authentic:
        """Finds the key and verifies the proof, base or derived.

        Raises `Refuted`, `Malformed`, `ebl.errors.SourceError`, and `ebl.errors.MissingExtra` if the extra ``bbs`` is not
        installed. Not checked: whose key it is, and whether it is the issuer's; `ebl.identity` does that.
        """
        return di.established(self, sources, verify)


SIGNED: Final = BbsSigned


def verify(claim: BbsSigned, key: PublicKey) -> di.Authentic:
    """Verifies the proof with a key that was found already. A base proof is verified whole. Raises the errors of `check`."""
    if key.kind is not KeyType.BLS12_381:
        raise di.wrong_kind(claim, KeyType.BLS12_381, key.kind)
    value = parse_value(claim.value)
    if len(claim.statements.quads) > bbs.MAX_MESSAGES:
        raise Refuted(Failure.TOO_LARGE, "bbs", suite=SUITE, limit=bbs.MAX_MESSAGES)
    quads = claim.statements.quads
    if isinstance(value, BbsDerivedProof):
        bound, order = di.in_some_order(quads, partial(_verify_derived, claim, value, key.octets))
        return di.Authentic(claim, derived=True, whole=_whole(claim, value, bound), notes=di.remarks(claim, order))
    _, order = di.in_some_order(quads, partial(_verify_base, claim, value, key.octets))
    notes = (*di.remarks(claim, order), *disclosure.withheld(claim.document, value.mandatory))
    return di.Authentic(claim, derived=False, whole=shown.of_whole(value.mandatory), notes=notes)


def whole_as_read(claim: BbsSigned) -> Wholeness:
    """Returns how whole the document is by its proof, which is not verified."""
    value = parse_value(claim.value)
    return _whole(claim, value, None) if isinstance(value, BbsDerivedProof) else shown.of_whole(value.mandatory)


def _whole(claim: BbsSigned, value: BbsDerivedProof, bound: set[int] | None) -> Wholeness:
    """Returns the wholeness. A proof of this suite has a scalar for every hidden statement; with none, all of it is shown."""
    whole = shown.of_chosen(Extent.DERIVED, claim.document, claim.at, claim.statements, bound)
    return whole if value.hidden else replace(whole, extent=Extent.WHOLE, withheld=0, may_hide=(), doubts=())


def _verify_base(claim: BbsSigned, value: BbsBaseProof, public: bytes, order: rdfc.Order) -> _Parts:
    if value.public != public:
        raise Refuted(Failure.WRONG_KEY, "another", key=claim.proof.key_id)
    parts = _Parts.of(claim, value, order)
    if parts.header != value.header:
        raise Refuted(Failure.BASE_INCOMPLETE, "header")
    with as_input_errors():
        is_good = bbs.verify(public, value.signature, parts.messages, header=value.header)
    if not is_good:
        raise Refuted(Failure.PROOF_SIGNATURE, "not_of_document", key=claim.proof.key_id)
    return parts


def _verify_derived(claim: BbsSigned, value: BbsDerivedProof, public: bytes, order: rdfc.Order) -> set[int]:
    """Does Verify Derived Proof (3.4.7) with createVerifyData (3.3.8). Returns the indexes of the mandatory statements."""
    label_map = disclosure.label_map_function({number: f"_:b{rank}" for number, rank in value.label_map.items()})
    canonical = disclosure.label_replacement_canonicalize(claim.statements.quads, label_map, order=order)
    mandatory = disclosure.require_ascending(value.mandatory, len(canonical.nquads), Failure.BBS_INDEXES)
    always = set(mandatory)
    rest = [line for number, line in enumerate(canonical.nquads) if number not in always]
    selective = disclosure.require_ascending(value.selective, len(rest) + value.hidden, Failure.BBS_INDEXES)
    if len(selective) != len(rest):
        raise Refuted(Failure.BBS_INDEXES, "places", expected=len(rest), came=len(selective))
    with as_input_errors():
        proved = bbs.proof_verify(
            public,
            value.proof,
            [line.encode() for line in rest],
            selective,
            header=_header(claim, canonical.pick(mandatory)),
            presentation_header=value.presentation_header,
        )
    if not proved:
        raise Refuted(Failure.PROOF_SIGNATURE, "not_of_shown", key=claim.proof.key_id)
    return canonical.indexes_of(claim.statements.quads, mandatory)


def sign(
    document: Mapping[str, Any],
    key: IssuerKey,
    *,
    mandatory: Sequence[str],
    contexts: Contexts | None = None,
    hmac_key: bytes | None = None,
) -> dict[str, Any]:
    """Returns the document with a base proof, for its holder, who should not send it whole (it lists what else was signed).

    ``mandatory`` are JSON pointers to what every derived document must show. The proof holds no date, because a date would
    make documents of one issuer distinguishable. ``hmac_key`` (32 secret bytes) is random by default. Raises `InvalidInput`,
    `ebl.errors.MissingExtra`, and `Malformed` if a signature could not protect all of the document.
    """
    if key.public.kind is not KeyType.BLS12_381:
        raise InvalidInput(f"{SUITE} signs with {KeyType.BLS12_381} keys; {key.id} is of {key.public.kind}.")
    hmac_key = secrets.token_bytes(_MAC_LENGTH) if hmac_key is None else hmac_key
    if len(hmac_key) != _MAC_LENGTH:
        raise InvalidInput(f"Expected an HMAC key of {_MAC_LENGTH} bytes; found {len(hmac_key)}.")
    contexts = contexts or known()
    statements = disclosure.to_sign(document, mandatory, contexts)
    options = {
        "type": "DataIntegrityProof",
        "verificationMethod": key.id,
        "cryptosuite": SUITE,
        "proofPurpose": "assertionMethod",
    }
    claim = BbsSigned(document, statements, di.Proof(options, SUITE, "assertionMethod", key.id), "", contexts)
    unsigned = BbsBaseProof(b"", b"", key.public.octets, hmac_key, tuple(mandatory))
    parts = _Parts.of(claim, unsigned, rdfc.code_points)
    with as_input_errors():
        signature = bbs.sign(key.secret, key.public.octets, parts.messages, header=parts.header)
    value = BbsBaseProof(signature, parts.header, key.public.octets, hmac_key, tuple(mandatory))
    return {**copy.deepcopy(dict(document)), "proof": {**options, "proofValue": str(value)}}


def derive(
    claim: BbsSigned,
    pointers: Sequence[str],
    *,
    presentation_header: bytes = b"",
    randomness: bbs.Randomness = secrets.token_bytes,
) -> dict[str, Any]:
    """Returns the document with a derived proof; it shows the mandatory parts and what the pointers select.

    ``claim`` is of a base proof. Raises `InvalidInput` if a pointer finds nothing, if it leads into an ordered list (which is
    shown whole or not at all), or if nothing would be shown. Raises `Refuted` if the base proof does not verify with the key
    that it names. Not checked: whose key that is.
    """
    value = parse_value(claim.value)
    if not isinstance(value, BbsBaseProof):
        raise disclosure.derived_already()
    chosen, shown = disclosure.reveal(claim, value.mandatory, pointers)
    parts, order = di.in_some_order(claim.statements.quads, partial(_verify_base, claim, value, value.public))
    selected = claim.statements.select(chosen)
    numbers = parts.canonical.matching(selected)
    selective = [place for place, number in enumerate(parts.rest) if number in set(numbers)]
    with as_input_errors():
        proof = bbs.proof_gen(
            value.public,
            value.signature,
            parts.messages,
            selective,
            header=value.header,
            presentation_header=presentation_header,
            randomness=randomness,
        )
    verifier_label_map = disclosure.verifier_label_map(selected, parts.canonical.label_map, order=order)
    derived = BbsDerivedProof(
        proof,
        {number: int(label.removeprefix("_:b")) for number, label in verifier_label_map.items()},
        [place for place, number in enumerate(numbers) if number in parts.mandatory],
        selective,
        presentation_header,
    )
    return {**copy.deepcopy(shown), "proof": {**claim.proof.raw, "proofValue": str(derived)}}


@dataclass(frozen=True, slots=True)
class _Parts:
    """A base document under its HMAC labels: the lines that are always shown, and the others, which are the messages."""

    canonical: disclosure.CanonicalNQuads
    mandatory: frozenset[int]
    rest: list[int]
    header: bytes

    @classmethod
    def of(cls, claim: BbsSigned, value: BbsBaseProof, order: rdfc.Order) -> _Parts:
        label_map = disclosure.shuffled_id_label_map(value.hmac_key)
        canonical = disclosure.label_replacement_canonicalize(claim.statements.quads, label_map, order=order)
        disclosure.require_mandatory(claim, value.mandatory)
        always = canonical.matching(claim.statements.select(value.mandatory))
        rest = sorted(set(range(len(canonical.nquads))) - set(always))
        return cls(canonical, frozenset(always), rest, _header(claim, canonical.pick(always)))

    @property
    def messages(self) -> list[bytes]:
        return [line.encode() for line in self.canonical.pick(self.rest)]


def _header(claim: BbsSigned, mandatory: Sequence[str]) -> bytes:
    return claim.hash_of_proof() + di.sha256("".join(mandatory))
