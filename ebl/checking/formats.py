"""Reading of documents into claims: one module for each document format.

A format has a detector (`ebl.openattestation.oa_detection`, `ebl.credentials.w3c_detection`), which is true if *anything* about
an object is of the format, and a module with ``read(raw) -> Document``. An object that looks like two formats is refused, because
it could be read as either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Self

from ebl.codec import strict_json
from ebl.codes import Failure
from ebl.credentials.accepted import Accepted
from ebl.credentials.w3c_detection import is_w3c, is_w3c_credential, is_w3c_presentation
from ebl.errors import Malformed, Unreadable
from ebl.model.broken_input import read_json
from ebl.model.document import Document, Format
from ebl.openattestation.oa_detection import OA2, OA3, OA3_PROOF, is_oa2, is_oa3, is_oa4

FORMATS: tuple[tuple[Format, str, Callable[[Mapping[str, Any]], bool], str], ...] = (
    ("oa2", "openattestation_v2", is_oa2, "ebl.openattestation.v2"),
    ("oa3", "openattestation_v3", is_oa3, "ebl.openattestation.v3"),
    ("vc", "w3c_credentials", is_w3c_credential, "ebl.credentials.vc"),
    ("vp", "w3c_presentations", is_w3c_presentation, "ebl.credentials.vp"),
)
"""Each format: its name, its word in the catalogue, its detector, and its module, which is loaded when needed."""
_OTHER_MARKS = frozenset({"@context", "type", "proof", "openAttestationMetadata"})
"""The members in which the detectors find marks of other formats than OpenAttestation v2; the version is another."""
_MARKS_OF_OA2 = frozenset({"data", "signature"})
_MODULES = {name: module for name, _, _, module in FORMATS}


@dataclass(frozen=True, slots=True)
class Reader(Accepted):
    """Reads documents of any format, with the contexts and list issuers that a verifier accepts besides the built-in ones."""

    @classmethod
    def of(cls, accepted: Accepted) -> Self:
        """A reader with what is accepted, for example by a policy file."""
        return cls(accepted.contexts, accepted.list_issuers)

    def __call__(self, raw: bytes, *, max_bytes: int = strict_json.MAX_BYTES) -> Document:
        """Reads a document as `read` does, and raises the same errors."""
        parsed = parse(raw, max_bytes=max_bytes)
        return self._read(parsed, _format_of(parsed))

    def again(self, document: Document) -> Document:
        """The document of another reader as read by this one. Raises `ebl.errors.Malformed` if it breaks its format's rules."""
        return self._read(document.raw, document.format)

    def _read(self, parsed: Mapping[str, Any], name: Format) -> Document:
        known = {"contexts": self.contexts, "list_issuers": self.list_issuers} if name in ("vc", "vp") else {}
        document: Document = _reader_of(name)(parsed, **known)
        return document


@cache
def _reader_of(name: Format) -> Callable[..., Document]:
    found: Callable[..., Document] = import_module(_MODULES[name]).read
    return found


def read(raw: bytes, *, max_bytes: int = strict_json.MAX_BYTES) -> Document:
    """Reads a document of any supported format. Nothing is verified.

    Raises `Unreadable` if the bytes are not such a document (not JSON, beyond a limit, of an unknown format, or not wrapped yet),
    and `Malformed` if the document breaks the rules of its format.
    """
    return _READER(raw, max_bytes=max_bytes)


_READER = Reader()


def parse(raw: bytes, *, max_bytes: int = strict_json.MAX_BYTES) -> Mapping[str, Any]:
    """Parses the JSON object of a document.

    A number must be written as it is hashed. In a W3C document it may be written differently with the same value (``21150.0``),
    because values are signed there. Raises `Unreadable` if the bytes are not such an object.
    """
    try:
        parsed = read_json(raw, max_bytes=max_bytes)
    except Unreadable as bad:
        if bad.code is not Failure.AMBIGUOUS_NUMBER:
            raise
        parsed = read_json(raw, max_bytes=max_bytes, any_number=True)
        if not isinstance(parsed, dict) or not is_w3c(parsed) or is_oa2(parsed) or is_oa3(parsed):
            raise
    if not isinstance(parsed, dict):
        raise Unreadable(Failure.UNSUPPORTED_FORMAT, "not_object")
    return parsed


def look(raw: bytes) -> tuple[Document, Malformed | None]:
    """What can be shown of a document: the result of `read`, or its bare content and why it cannot be verified.

    For display only: a document that breaks the rules of its format has no claims. Raises `Unreadable` as `read` does.
    """
    try:
        return read(raw), None
    except Malformed as bad:
        parsed = parse(raw)
        name = _format_of(parsed)
        data: Mapping[str, Any] = {member: value for member, value in parsed.items() if member != "proof"}
        if name == "oa2":
            data = _unsalted(parsed, bad)
        return Document(name, None, (), (), data, parsed), bad


def _unsalted(parsed: Mapping[str, Any], bad: Malformed) -> Mapping[str, Any]:
    from ebl.openattestation.salting import require_known_types, unsalted
    from ebl.openattestation.v2_digest import flatten

    if not isinstance(data := parsed.get("data"), dict):
        raise bad
    require_known_types(flatten(data).values)
    plain: Mapping[str, Any] = unsalted(data)
    return plain


def _format_of(parsed: Mapping[str, Any]) -> Format:
    """The format of an object. Raises `Unreadable` if it has none, and `Malformed` if it has several."""
    if parsed.get("version") == OA2 and parsed.keys().isdisjoint(_OTHER_MARKS):  # the usual case
        return "oa2"
    if is_oa4(parsed):
        raise Unreadable(Failure.UNSUPPORTED_FORMAT, "openattestation_v4")
    proof = parsed.get("proof")
    if (
        parsed.get("version") == OA3
        and type(proof) is dict
        and proof.get("type") == OA3_PROOF
        and "cryptosuite" not in proof
        and parsed.keys().isdisjoint(_MARKS_OF_OA2)
    ):  # the usual case of v3: no other detector finds a mark
        return "oa3"
    found = [(word, name) for name, word, is_one, _ in FORMATS if is_one(parsed)]
    if len(found) > 1:
        raise Malformed(Failure.AMBIGUOUS_VERSION, "several", formats=[word for word, _ in found])
    if not found:
        raise _unknown(parsed)
    return found[0][1]


def _unknown(parsed: Mapping[str, Any]) -> Unreadable:
    if "issuers" in parsed:
        return Unreadable(Failure.UNSUPPORTED_FORMAT, "raw_v2")
    if "cipherText" in parsed:
        return Unreadable(Failure.UNSUPPORTED_FORMAT, "encrypted")
    if isinstance(parsed.get("id"), str) and parsed["id"].startswith("did:") and "verificationMethod" in parsed:
        return Unreadable(Failure.UNSUPPORTED_FORMAT, "did_document")
    return Unreadable(Failure.UNSUPPORTED_FORMAT, "unknown", known=[word for _, word, _, _ in FORMATS])
