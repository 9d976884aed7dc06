"""JSON <-> claims: one module for each document format.

A format has a mark (`ebl.openattestation.oa_detection`, `ebl.credentials.w3c_detection`), which is true where *anything* about an
object is of the format, and a module with ``read(raw) -> Document``. An object that looks like two formats is refused: it could
be read as either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Self

from ebl.codec import strict_json
from ebl.codes import Failure
from ebl.credentials.accepted import Accepted
from ebl.credentials.w3c_detection import is_w3c, is_w3c_credential, is_w3c_presentation
from ebl.errors import Malformed, Unreadable
from ebl.model.broken_input import read_json
from ebl.model.document import Document, Format
from ebl.openattestation.oa_detection import is_oa2, is_oa3, is_oa4

FORMATS: tuple[tuple[Format, str, Callable[[Mapping[str, Any]], bool], str], ...] = (
    ("oa2", "openattestation_v2", is_oa2, "ebl.openattestation.v2"),
    ("oa3", "openattestation_v3", is_oa3, "ebl.openattestation.v3"),
    ("vc", "w3c_credentials", is_w3c_credential, "ebl.credentials.vc"),
    ("vp", "w3c_presentations", is_w3c_presentation, "ebl.credentials.vp"),
)
"""Of each its name, the word for it in the catalogue, its mark, and its module, which is loaded when it is needed."""
_MODULES = {name: module for name, _, _, module in FORMATS}


@dataclass(frozen=True, slots=True)
class Reader(Accepted):
    """Reads documents of any format, with what a verifier knows and accepts for W3C credentials besides what is built in."""

    @classmethod
    def of(cls, accepted: Accepted) -> Self:
        """One that reads with what is accepted, such as by a policy file."""
        return cls(accepted.contexts, accepted.list_issuers)

    def __call__(self, raw: bytes, *, max_bytes: int = strict_json.MAX_BYTES) -> Document:
        """Read a document, as `read` does, which says what is raised."""
        parsed = parse(raw, max_bytes=max_bytes)
        return self._read(parsed, _format_of(parsed))

    def again(self, document: Document) -> Document:
        """The same document as this reader reads it, where another has read it. Raises `ebl.errors.Malformed`."""
        return self._read(document.raw, document.format)

    def _read(self, parsed: Mapping[str, Any], name: Format) -> Document:
        known = {"contexts": self.contexts, "list_issuers": self.list_issuers} if name in ("vc", "vp") else {}
        document: Document = import_module(_MODULES[name]).read(parsed, **known)
        return document


def read(raw: bytes, *, max_bytes: int = strict_json.MAX_BYTES) -> Document:
    """Read a document of any format that we know.

    Raises `Unreadable` where the bytes are no such document (not JSON, beyond a limit, of no known format, or not wrapped
    yet), and `Malformed` where they are one that breaks its format's rules. Nothing is verified.
    """
    return _READER(raw, max_bytes=max_bytes)


_READER = Reader()


def parse(raw: bytes, *, max_bytes: int = strict_json.MAX_BYTES) -> Mapping[str, Any]:
    """Parse the JSON object of a document.

    A number must be spelt as it is hashed. In a W3C document it may have another spelling of the same value (``21150.0``),
    since what is signed there are values. Raises `Unreadable`.
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
    """What can be shown of a document: what `read` gives, or its bare content and why it cannot be verified.

    For showing only: a document that breaks the rules of its format has no claims here. Raises `Unreadable` as `read` does.
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
    from ebl.openattestation.leaves import flatten
    from ebl.openattestation.salting import require_known_types, unsalted

    if not isinstance(data := parsed.get("data"), dict):
        raise bad
    require_known_types(flatten(data).values)
    plain: Mapping[str, Any] = unsalted(data)
    return plain


def _format_of(parsed: Mapping[str, Any]) -> Format:
    """The format that an object is of. Raises `Unreadable` for none, and `Malformed` for several."""
    if is_oa4(parsed):
        raise Unreadable(Failure.UNSUPPORTED_FORMAT, "openattestation_v4")
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
