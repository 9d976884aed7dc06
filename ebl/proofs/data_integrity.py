"""What the W3C Data Integrity cryptosuites share: the claim, the proof object and its hash, and the orders of text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, TypeVar

from ebl.codes import Doubt, Failure, Remark
from ebl.errors import Malformed, Refuted, Undetermined
from ebl.primitives import rdfc
from ebl.primitives.contexts import Contexts, known
from ebl.primitives.did import split_key_id
from ebl.primitives.jsonld import to_statements
from ebl.primitives.nquads import Quad
from ebl.primitives.statements import Statements
from ebl.primitives.timestamp import parse_timestamp
from ebl.report import Claim, Group, Measured, Note
from ebl.wholeness import Wholeness

T = TypeVar("T")

_MEMBERS: Final = {
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
        """Whose key it is."""
        return self.key_id.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Signed(Claim):
    """The statements are what the holder of a key signed; each cryptosuite has a subclass and a check of its own.

    ``document`` is without its proof; ``value`` is the proof's ``proofValue``; ``at`` is where in the file the document is, as
    the beginning of a path (such as ``verifiableCredential[0].``).
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
        """What the issuer signed of the proof itself."""
        return proof_hash(self.document["@context"], self.proof.raw, self.contexts)


@dataclass(frozen=True, slots=True)
class Authentic(Measured):
    """Every statement shown is one that the key's holder signed.

    ``derived``: a holder chose which. ``whole`` says what that leaves open.
    """

    claim: Signed
    derived: bool
    whole: Wholeness

    def __str__(self) -> str:
        what = "every statement shown was" if self.derived else "the whole document was"
        return f"{what} signed with the key {self.claim.proof.key_id}"


def remarks(claim: Signed, order: rdfc.Order) -> tuple[Note, ...]:
    """What a good signature over these statements still does not say."""
    notes = []
    if claim.statements.unordered:
        places = _some(claim.statements.unordered)
        notes.append(Note(Remark.ORDER_NOT_BOUND, f"the order of the entries of {places} is not signed"))
    if claim.statements.shared:
        ids = _some(claim.statements.shared)
        notes.append(
            Note(Remark.PLACE_NOT_BOUND, f"{ids}: what is said of it is signed, not at which place it is said")
        )
    if order is not rdfc.code_points:
        notes.append(Note(Remark.UTF16_ORDER, "the statements are in JavaScript's order of text, not the standard's"))
    return tuple(notes)


def to_protect(document: Mapping[str, Any], contexts: Contexts) -> Statements:
    """The statements of a document that is to be signed. Raises `Malformed` where a signature could not protect all of it."""
    statements = to_statements(document, contexts)
    if statements.ambiguous:
        raise Malformed(
            Failure.AMBIGUOUS_NUMBER,
            f"the number at {_some(statements.ambiguous)} is not the same to every reader.",
            "Write it as text.",
        )
    return statements


def require_plain_numbers(claim: Signed) -> None:
    """Raise `Undetermined` where the statements, though signed, do not hold the document's numbers exactly."""
    if claim.statements.ambiguous:
        places = _some(claim.statements.ambiguous)
        raise Undetermined(
            Doubt.AMBIGUOUS_NUMBER, f"the signature is good, but it does not hold the number at {places} exactly"
        )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def parse_proof(proof: Any) -> tuple[Proof, str]:
    """Read a proof object strictly; its ``proofValue`` comes apart. Raises `Malformed` with ``proof.shape``."""
    if not isinstance(proof, dict):
        raise shape(f"expected one proof object; got {type(proof).__name__}")
    if unknown := sorted(set(proof) - _MEMBERS):
        raise shape(f"a proof may not have {', '.join(unknown)[:100]}")
    if proof.get("type") != "DataIntegrityProof":
        raise shape(f"expected a DataIntegrityProof; got {str(proof.get('type'))[:60]!r}")
    for name in sorted(_MEMBERS & proof.keys()):
        if not isinstance(proof[name], str):
            raise shape(f"{name} must be a text")
    missing = {"cryptosuite", "verificationMethod", "proofPurpose", "proofValue"} - proof.keys()
    if missing:
        raise shape(f"the proof lacks {', '.join(sorted(missing))}")
    try:
        split_key_id(proof["verificationMethod"])
        created, expires = (parse_timestamp(proof[name]) if name in proof else None for name in ("created", "expires"))
    except ValueError as bad:
        raise shape(str(bad)) from bad
    raw = {name: value for name, value in proof.items() if name != "proofValue"}
    method, purpose = proof["verificationMethod"], proof["proofPurpose"]
    return Proof(raw, proof["cryptosuite"], purpose, method, created, expires), proof["proofValue"]


def require_current(proof: Proof, now: datetime) -> None:
    """Raise `Refuted` with ``proof.expired`` where the proof says that its time has passed."""
    if proof.expires is not None and proof.expires <= now:
        raise Refuted(Failure.PROOF_EXPIRED, f"the proof held until {proof.raw['expires']}")


def proof_hash(context: Any, proof: Mapping[str, Any], contexts: Contexts) -> bytes:
    """SHA-256 of the canonical statements of a proof (without ``proofValue``) under its document's ``@context``.

    Raises `Malformed` where those contexts give the proof no meaning.
    """
    statements = to_statements({**proof, "@context": context}, contexts)
    return sha256(rdfc.canonicalise(statements.quads).text)


def sha256(text: str) -> bytes:
    """SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).digest()


def in_some_order(quads: Iterable[Quad], attempt: Callable[[rdfc.Order], T]) -> tuple[T, rdfc.Order]:
    """What an attempt gives in the first order of text in which it is not refused, and that order.

    The standard's order comes first, then JavaScript's where the text is such that they can differ. Raises what the first
    attempt raised, where none succeeds.
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


def shape(why: str) -> Malformed:
    """The error for a proof that is not of the form that it must have."""
    return Malformed(Failure.PROOF_SHAPE, f"the proof cannot be used: {why}.")
