"""From the name of a key in a proof to the key: what a DID's own document says, read strictly (W3C DID Core, CID 1.0).

A did:key is its own document. A did:web is a JSON file on the web site that it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ebl.errors import Refuted, SourceError, Undetermined, Unreadable
from ebl.primitives import strict_json
from ebl.primitives.did import split_key_id, web_url
from ebl.primitives.multikey import PublicKey, parse_public
from ebl.report import Doubt, Failure
from ebl.sources import Sources

_ACCEPT: Final = (
    "application/did+json",
    "application/did+ld+json",
    "application/did",
    "application/ld+json",
    "application/json",
)
PURPOSES: Final = ("assertionMethod", "authentication")


def find_key(key_id: str, sources: Sources, *, purpose: str) -> PublicKey:
    """The public key of a verification method (``did#fragment``), if its DID lets it serve the purpose.

    ``purpose`` is ``assertionMethod`` or ``authentication``. Raises `Refuted` where the DID's document does not list the key
    for it, `Undetermined` for other DID methods, and `SourceError` where the document could not be had. Not checked: who
    controls the DID.
    """
    try:
        did, fragment = split_key_id(key_id)
    except ValueError as bad:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"{key_id[:100]!r} is not the name of a key: {bad}") from bad
    if did.startswith("did:key:"):
        return _of_did_key(did, fragment)
    if did.startswith("did:web:"):
        return key_in(web_document(did, sources), did, key_id, purpose=purpose)
    raise Undetermined(Doubt.UNSUPPORTED_CLAIM, f"keys of {':'.join(did.split(':')[:2])} cannot be looked up")


def _of_did_key(did: str, fragment: str) -> PublicKey:
    name = did.removeprefix("did:key:")
    if fragment != name:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"the only key of {did} is #{name}; got #{fragment}")
    try:
        return parse_public(name)
    except ValueError as bad:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"{did} is no key: {bad}") from bad


def web_document(did: str, sources: Sources) -> Mapping[str, Any]:
    """Fetch the document of a did:web; its ``id`` is exactly the DID. Raises `Refuted` and `SourceError`."""
    try:
        url = web_url(did)
    except ValueError as bad:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"{did[:100]!r} names no web site: {bad}") from bad
    page = sources.fetch(url, accept=_ACCEPT)
    try:
        document = strict_json.parse(page.body, max_bytes=256 * 1024)
    except Unreadable as bad:
        raise SourceError(Doubt.DID_DOCUMENT, f"the DID document of {did} is not JSON: {bad.detail}") from bad
    if not isinstance(document, dict) or document.get("id") != did:
        raise Refuted(Failure.DID_MISMATCH, f"the document found for {did} is not the document of that DID")
    return document


def key_in(document: Mapping[str, Any], did: str, key_id: str, *, purpose: str) -> PublicKey:
    """The key that a DID document lists under an id, for a purpose, and controlled by the DID itself. Raises `Refuted`."""
    if purpose not in PURPOSES:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"expected a key for one of {', '.join(PURPOSES)}; got {purpose[:60]!r}")
    allowed = _list(document, purpose)
    embedded = [entry for entry in allowed if isinstance(entry, dict) and entry.get("id") == key_id]
    listed = [m for m in _list(document, "verificationMethod") if isinstance(m, dict) and m.get("id") == key_id]
    methods = embedded + (listed if key_id in allowed else [])
    if not methods:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"the document of {did} does not list {key_id} under {purpose}")
    if len(methods) > 1:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"the document of {did} lists {key_id} more than once")
    method = methods[0]
    if method.get("controller") != did:
        raise Refuted(Failure.DID_MISMATCH, f"{key_id} is not controlled by {did} itself")
    if method.get("type") != "Multikey" or not isinstance(text := method.get("publicKeyMultibase"), str):
        raise Refuted(Failure.KEY_NOT_OF_DID, f"{key_id} is not a Multikey")
    if "revoked" in method or "expires" in method:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"{key_id} is given a time of its own, which is not supported")
    try:
        return parse_public(text)
    except ValueError as bad:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"{key_id} is no key: {bad}") from bad


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    value = document.get(name, [])
    return value if isinstance(value, list) else [value]
