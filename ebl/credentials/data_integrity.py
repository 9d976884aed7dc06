"""What the W3C Data Integrity cryptosuites share: the claim, the proof object and its hash, and the sort orders of text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, TypeVar

from ebl.codec.broken import Broken
from ebl.codec.strict_json import describe_value, some
from ebl.codec.timestamp import NotATimestamp, parse_timestamp
from ebl.codec.uri import is_uri
from ebl.codes import Doubt, Failure, Remark
from ebl.credentials.linked_data import canonical_text, to_statements
from ebl.crypto.multikey import KeyType, PublicKey
from ebl.did.did_syntax import NotADid, split_key_id
from ebl.did.verification_method import find_key
from ebl.errors import Malformed, Refuted, Undetermined, Unsupported
from ebl.jsonld import rdfc
from ebl.jsonld.contexts import Contexts, known
from ebl.jsonld.nquads import Quad
from ebl.jsonld.statements import Statements
from ebl.messages import Message, say
from ebl.model.findings import Claim, Group, Measured, Note
from ebl.model.ports import Sources
from ebl.model.wholeness import Wholeness

T = TypeVar("T")
S = TypeVar("S", bound="Signed")

_MEMBERS: Final = {
    "id",
    "type",
    "cryptosuite",
    "verificationMethod",
    "proofPurpose",
    "proofValue",
    "created",
    "expires",
    "challenge",
    "domain",
    "nonce",
}


_UNSUPPORTED: Final = {"@context", "previousProof"}
CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far a signer's clock may be ahead before a note reports it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof without its value. ``raw`` holds every member but ``proofValue``; ``key_id`` is the verification method."""

    raw: Mapping[str, Any]
    cryptosuite: str
    purpose: str
    key_id: str
    created: datetime | None = None
    expires: datetime | None = None

    @property
    def did(self) -> str:
        """The DID whose key it is."""
        return self.key_id.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Signed(Claim):
    """The holder of a key signed the statements; each cryptosuite has a subclass with its own check.

    ``document`` is without its proof; ``value`` is the proof's ``proofValue``; ``at`` is the document's place in the file, as
    the beginning of a path (for example ``verifiableCredential[0].``).
    """

    group: ClassVar[Group] = Group.INTEGRITY
    name: ClassVar[str] = "signature"

    document: Mapping[str, Any]
    statements: Statements
    proof: Proof
    value: str
    contexts: Contexts = field(default_factory=known)
    at: str = ""

    def hash_of_proof(self) -> bytes:
        """The hash of the proof object that the issuer signed."""
        return proof_hash(self.document["@context"], self.proof.raw, self.contexts)


@dataclass(frozen=True, slots=True)
class Authentic(Measured):
    """The key's holder signed every statement that is shown.

    ``derived``: a holder chose which to show. ``whole`` states what remains open because of that.
    """

    claim: Signed
    derived: bool
    whole: Wholeness

    @property
    def message(self) -> Message:
        """The fact in words."""
        return say("fact", "signed_shown" if self.derived else "signed_whole", key=self.claim.proof.key_id)


def remarks(claim: Signed, order: rdfc.Order) -> tuple[Note, ...]:
    """Returns the notes on what a valid signature over these statements does not cover."""
    notes = []
    if claim.statements.unordered:
        notes.append(Note.of(Remark.ORDER_NOT_BOUND, places=some(claim.statements.unordered)))
    if claim.statements.shared:
        notes.append(Note.of(Remark.PLACE_NOT_BOUND, ids=some(claim.statements.shared)))
    if order is not rdfc.code_points:
        notes.append(Note.of(Remark.UTF16_ORDER))
    return tuple(notes)


def to_protect(document: Mapping[str, Any], contexts: Contexts) -> Statements:
    """Returns the statements of a document to sign. Raises `Malformed` if a signature could not protect all of it."""
    statements = to_statements(document, contexts)
    if statements.ambiguous:
        raise Malformed(Failure.AMBIGUOUS_NUMBER, "to_sign", places=some(statements.ambiguous))
    return statements


def require_plain_numbers(claim: Signed) -> None:
    """Raises `Undetermined` if the statements, though signed, do not hold the document's numbers exactly."""
    if claim.statements.ambiguous:
        raise Undetermined(Doubt.AMBIGUOUS_NUMBER, "signed", places=some(claim.statements.ambiguous))


def wrong_kind(claim: Signed, expected: KeyType, kind: KeyType) -> Refuted:
    """Returns the error for a key of a kind that the suite does not sign with."""
    proof = claim.proof
    return Refuted(Failure.WRONG_KEY, "kind", suite=proof.cryptosuite, expected=expected, key=proof.key_id, came=kind)


def only_proof(proofs: Any) -> Mapping[str, Any]:
    """Returns the one proof object of a document. Raises `Malformed`, and `Unsupported` if there are several."""
    listed = proofs if isinstance(proofs, list) else [proofs]
    if not listed or not all(isinstance(proof, dict) for proof in listed):
        raise Malformed(Failure.PROOF_SHAPE, "one", came=describe_value(proofs))
    if len(listed) > 1:
        raise Unsupported(Doubt.UNSUPPORTED_SUITE, "several", count=len(listed))
    proof: Mapping[str, Any] = listed[0]
    return proof


def suite_named(proof: Mapping[str, Any], known: Iterable[str]) -> str:
    """Returns the cryptosuite that a proof names. Raises `Malformed`, and `Unsupported` if it is not one of ``known``."""
    kind, suite = proof.get("type"), proof.get("cryptosuite")
    if not isinstance(kind, str) or not kind:
        raise Malformed(Failure.PROOF_SHAPE, "type", came=describe_value(kind))
    names = tuple(known)
    if kind != "DataIntegrityProof":
        raise Unsupported(Doubt.UNSUPPORTED_SUITE, "type", type=kind, known=names)
    if not isinstance(suite, str) or not suite:
        raise Malformed(Failure.PROOF_SHAPE, "suite", such_as=min(names), came=describe_value(suite))
    if suite not in names:
        raise Unsupported(Doubt.UNSUPPORTED_SUITE, "suite", suite=suite, known=names)
    return suite


def parse_proof(proofs: Any) -> tuple[Proof, str]:
    """Reads a proof object of a known suite strictly; its ``proofValue`` is returned separately.

    Raises `Malformed` with ``proof.shape``. Raises `Unsupported` for features of Data Integrity that are not supported: a
    chain of proofs, a context in the proof itself, and a key whose id is a URL of another form than ``did:…#…``.
    """
    proof = only_proof(proofs)
    if proof.get("type") != "DataIntegrityProof":
        raise Malformed(Failure.PROOF_SHAPE, "type", came=describe_value(proof.get("type")))
    if unknown := sorted(set(proof) - _MEMBERS - _UNSUPPORTED):
        raise Malformed(Failure.PROOF_SHAPE, "unknown_members", names=some(unknown))
    if unknown := sorted(_UNSUPPORTED & proof.keys()):
        raise Unsupported(Doubt.UNSUPPORTED_SUITE, "members", names=unknown)
    missing = {"cryptosuite", "verificationMethod", "proofPurpose", "proofValue"} - proof.keys()
    if missing:
        raise Malformed(Failure.PROOF_SHAPE, "missing_members", names=sorted(missing))
    for name in sorted(_MEMBERS & proof.keys()):
        if not isinstance(proof[name], str) and not (name == "domain" and _are_texts(proof[name])):
            if name == "verificationMethod" and isinstance(proof[name], dict):
                raise Unsupported(Doubt.UNSUPPORTED_DID_URL, "object")
            raise Malformed(Failure.PROOF_SHAPE, "text", member=name, came=describe_value(proof[name]))
    created, expires = (_date(proof, name) for name in ("created", "expires"))
    try:
        split_key_id(proof["verificationMethod"])
    except NotADid as bad:
        came_ = proof["verificationMethod"]
        if is_uri(came_):
            raise Unsupported(Doubt.UNSUPPORTED_DID_URL, "other", came=came_) from bad
        raise _not_as_expected("verificationMethod", bad, came_) from bad
    raw = {name: value for name, value in proof.items() if name != "proofValue"}
    method, purpose = proof["verificationMethod"], proof["proofPurpose"]
    return Proof(raw, proof["cryptosuite"], purpose, method, created, expires), proof["proofValue"]


def _date(proof: Mapping[str, Any], name: str) -> datetime | None:
    if name not in proof:
        return None
    try:
        return parse_timestamp(proof[name])
    except NotATimestamp as bad:
        raise _not_as_expected(name, bad, proof[name]) from bad


def _not_as_expected(member: str, bad: Broken, value: str) -> Malformed:
    return Malformed(Failure.PROOF_SHAPE, "member", member=member, because=bad.reason, came=value)


def require_current(proof: Proof, now: datetime) -> tuple[Note, ...]:
    """Returns the notes on the proof's dates. Raises `Refuted` with ``proof.expired`` if the proof has expired."""
    if proof.expires is not None and proof.expires <= now:
        raise Refuted(Failure.PROOF_EXPIRED, end=proof.expires)
    if proof.created is not None and proof.created > now + CLOCKS_DIFFER:
        return (Note.of(Remark.CREATED_LATER, created=proof.created, now=now),)
    return ()


def established(claim: S, sources: Sources, verify: Callable[[S, PublicKey], Authentic]) -> Authentic:
    """Establishes a claim: its proof is current, its key is found, and the suite's ``verify`` accepts the proof with that key.

    Raises the errors of `find_key` and ``verify``. Raises `Refuted` or `Malformed` for the proof's dates, and for numbers
    that no proof protects.
    """
    notes = require_current(claim.proof, sources.now)
    key = find_key(claim.proof.key_id, sources, purpose=claim.proof.purpose, used=claim.proof.created)
    fact = verify(claim, key.public)
    require_plain_numbers(claim)
    return replace(fact, notes=(*fact.notes, *notes, *key.notes))


def proof_hash(context: Any, proof: Mapping[str, Any], contexts: Contexts) -> bytes:
    """Returns SHA-256 of the canonical statements of a proof (without ``proofValue``) under its document's ``@context``.

    Raises `Malformed` if those contexts do not define the proof's members.
    """
    statements = to_statements({**proof, "@context": context}, contexts)
    return sha256(canonical_text(statements.quads))


def sha256(text: str) -> bytes:
    """Returns SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).digest()


def in_some_order(quads: Iterable[Quad], attempt: Callable[[rdfc.Order], T]) -> tuple[T, rdfc.Order]:
    """Returns the result of the first attempt that is not refused, and the sort order of text that it used.

    The standard's order is tried first, then JavaScript's if the two can differ for this text. If no attempt succeeds, the
    error of the first is raised.
    """
    first: Refuted | None = None
    for order in _orders(quads):
        try:
            return attempt(order), order
        except Refuted as no:
            first = first or no
    assert first is not None
    raise first


def _orders(quads: Iterable[Quad]) -> Iterator[rdfc.Order]:
    yield rdfc.code_points
    text = "".join(value for _, _, value, _ in quads)
    if not text.isascii() and max(text) > "\uffff" and any("\ue000" <= char <= "\uffff" for char in text):
        yield rdfc.utf16_units


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
