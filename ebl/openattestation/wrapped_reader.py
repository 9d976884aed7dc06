"""Reader of wrapped OpenAttestation documents of either version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebl.codes import Failure
from ebl.errors import InvalidInput, Malformed, Unreadable
from ebl.model.broken_input import read_json
from ebl.model.document import Document
from ebl.openattestation.oa_detection import is_oa2, is_oa3, is_oa4

_KNOWN = ("openattestation_v2", "openattestation_v3")
_OF_ANOTHER_FAMILY = frozenset({"@context", "type", "proof"})


def read_wrapped(raw: bytes) -> Document:
    """Reads the text of a wrapped document. Nothing is verified.

    Raises `InvalidInput` if it is a W3C credential, which has no Merkle root, `Unreadable` if the bytes are not a document,
    and `Malformed` if they break the rules of their version.
    """
    parsed = read_json(raw)
    if not isinstance(parsed, dict):
        raise Unreadable(Failure.UNSUPPORTED_FORMAT, "not_object")
    if not is_oa2(parsed) and not is_oa3(parsed):
        if is_oa4(parsed):
            raise Unreadable(Failure.UNSUPPORTED_FORMAT, "openattestation_v4")
        if "issuers" in parsed:
            raise Unreadable(Failure.UNSUPPORTED_FORMAT, "raw_v2")
        if _OF_ANOTHER_FAMILY.isdisjoint(parsed):
            raise Unreadable(Failure.UNSUPPORTED_FORMAT, "unknown", known=_KNOWN)
        raise InvalidInput(
            "Expected a wrapped OpenAttestation document; found one of another family.",
            fix="A W3C credential is signed when it is made, and redacted by deriving another from it (`ebl vc`).",
        )
    return read_object(parsed)


def read_object(wrapped: Mapping[str, Any]) -> Document:
    """Reads the parsed JSON of a wrapped document. Raises `Malformed` if it is not a document of exactly one version."""
    if not is_oa3(wrapped):
        from ebl.openattestation import v2

        return v2.read(wrapped)
    if is_oa2(wrapped):
        raise Malformed(Failure.AMBIGUOUS_VERSION, "several", formats=_KNOWN)
    from ebl.openattestation import v3

    return v3.read(wrapped)
