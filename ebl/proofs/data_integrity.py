"""What the W3C Data Integrity cryptosuites share: the proof object, its hash, and statements under secret names.

In the suites with selective disclosure every blank node is renamed by a key that only issuer and holder know, so that the
names in what is shown tell nothing of what is not; statements are then counted in the order of their sorted lines
(*Data Integrity ECDSA Cryptosuites* 1.0, "Selective Disclosure Functions").
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final

from ebl.errors import Malformed, Refuted
from ebl.primitives import rdfc
from ebl.primitives.contexts import Contexts, known
from ebl.primitives.did import split_key_id
from ebl.primitives.jsonld import to_statements
from ebl.primitives.multibase import encode_base64url
from ebl.primitives.nquads import Quad, line
from ebl.primitives.statements import Statements
from ebl.primitives.timestamp import parse_timestamp
from ebl.report import Claim, Fact, Failure, Group, Note, Remark

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

    ``document`` is without its proof; ``value`` is the proof's ``proofValue``.
    """

    group: ClassVar[Group] = Group.INTEGRITY
    name: ClassVar[str] = "signature"

    document: Mapping[str, Any]
    statements: Statements
    proof: Proof
    value: str
    contexts: Contexts = field(default_factory=known)

    def hash_of_proof(self) -> bytes:
        """What the issuer signed of the proof itself."""
        return proof_hash(self.document["@context"], self.proof.raw, self.contexts)


@dataclass(frozen=True, slots=True)
class Authentic(Fact):
    """Every statement shown is one that the key's holder signed. ``derived``: some of them may have been left out."""

    claim: Signed
    derived: bool

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


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


_WITHHOLDABLE: Final = (
    "credentialStatus",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "renderMethod",
    "qrCode",
)


def withheld(document: Mapping[str, Any], mandatory: Sequence[str]) -> tuple[Note, ...]:
    """Say which parts of a base document its holder could leave out of what is shown to others."""
    names = [name for name in _WITHHOLDABLE if name in document and not {"", f"/{name}"} & set(mandatory)]
    if not names:
        return ()
    return (Note(Remark.MAY_BE_WITHHELD, f"whoever holds this document may show it without {', '.join(names)}"),)


Renaming = Callable[[Mapping[str, str]], Mapping[str, str]]
"""From what blank nodes are called canonically to what they shall be called: ``{"_:b0": "_:c14n2"}`` to ``{"_:b0": "_:u…"}``."""


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


@dataclass(frozen=True, slots=True)
class Renamed:
    """Statements under new names. ``lines`` are sorted; ``names`` and ``numbers`` say what each blank node and quad became."""

    lines: tuple[str, ...]
    names: Mapping[str, str]
    numbers: Mapping[Quad, int]

    def numbers_of(self, quads: Iterable[Quad]) -> list[int]:
        """The line numbers of some of the statements, ascending."""
        return sorted({self.numbers[quad] for quad in quads})

    def pick(self, numbers: Iterable[int]) -> list[str]:
        """The lines with these numbers."""
        return [self.lines[number] for number in numbers]


def rename(quads: Sequence[Quad], renaming: Renaming, *, order: rdfc.Order = rdfc.code_points) -> Renamed:
    """Put distinct statements in canonical form, call their blank nodes as ``renaming`` says, and sort them.

    Raises `Malformed` with ``document.poison_graph``, and what ``renaming`` raises.
    """
    names = renaming(rdfc.labels(quads, order=order))
    rows = [(line(rdfc.rename(quad, names)), quad) for quad in quads]
    rows.sort(key=(lambda row: row[0]) if order is rdfc.code_points else (lambda row: order(row[0])))  # type: ignore[arg-type, return-value]
    return Renamed(tuple(row for row, _ in rows), names, {quad: number for number, (_, quad) in enumerate(rows)})


def hmac_names(key: bytes) -> Renaming:
    """The names of ecdsa-sd-2023: ``u`` and base64url of HMAC-SHA256 of the canonical name."""

    def names(labels: Mapping[str, str]) -> dict[str, str]:
        return {node: "_:" + encode_base64url(_mac(key, label)) for node, label in labels.items()}

    return names


def shuffled_names(key: bytes) -> Renaming:
    """The names of bbs-2023: ``b`` and the rank of the HMAC among all of them, which tells still less."""

    def names(labels: Mapping[str, str]) -> dict[str, str]:
        macs = {node: encode_base64url(_mac(key, label)) for node, label in labels.items()}
        ranks = {mac: rank for rank, mac in enumerate(sorted(macs.values()))}
        return {node: f"_:b{ranks[mac]}" for node, mac in macs.items()}

    return names


def _mac(key: bytes, label: str) -> bytes:
    return hmac.digest(key, label[2:].encode(), "sha256")


def given_names(given: Mapping[int, str]) -> Renaming:
    """The names that a derived proof gives: ``{2: "_:b0"}`` calls ``_:c14n2`` ``_:b0``.

    Raises `Refuted` with ``proof.label_map`` unless it names exactly the blank nodes that there are, each differently.
    """

    def names(labels: Mapping[str, str]) -> dict[str, str]:
        if sorted(given) != list(range(len(labels))):
            raise Refuted(
                Failure.LABEL_MAP, f"the proof names {len(given)} blank nodes where the document has {len(labels)}"
            )
        if len(set(given.values())) != len(given):
            raise Refuted(Failure.LABEL_MAP, "the proof gives one name to two blank nodes")
        return {node: given[int(label[6:])] for node, label in labels.items()}

    return names


def canonical_numbers(selected: Sequence[Quad], names: Mapping[str, str], *, order: rdfc.Order) -> dict[int, str]:
    """What `given_names` will need: the canonical numbers of the blank nodes of what is shown, and their secret names."""
    return {int(label[6:]): names[node] for node, label in rdfc.labels(selected, order=order).items()}


def require_ascending(indexes: Any, count: int, failure: Failure) -> list[int]:
    """Line numbers from a proof: strictly ascending, each below ``count``. Raises `Refuted`."""
    if not isinstance(indexes, list) or not all(isinstance(index, int) for index in indexes):
        raise Refuted(failure, "the proof's list of statements is no list of numbers")
    if indexes and any(index >= after for index, after in zip(indexes, [*indexes[1:], count], strict=True)):
        raise Refuted(failure, f"the proof's list of statements is not ascending, or goes beyond the {count} there are")
    return indexes


def orders(quads: Iterable[Quad]) -> Iterator[rdfc.Order]:
    """The orders to try: the standard's, and JavaScript's where the text is such that they can differ."""
    yield rdfc.code_points
    text = "".join(value for _, _, value, _ in quads)
    if not text.isascii() and max(text) > "\uffff" and any("\ue000" <= char <= "\uffff" for char in text):
        yield rdfc.utf16_units


def shape(why: str) -> Malformed:
    """The error for a proof that is not of the form that it must have."""
    return Malformed(Failure.PROOF_SHAPE, f"the proof cannot be used: {why}.")
