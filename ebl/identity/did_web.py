"""did:web: a DID whose document is a JSON file on the web site that it names (fetched safely, and never anywhere else)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ebl.errors import Refuted, SourceError, Unreadable
from ebl.primitives import strict_json
from ebl.primitives.did import web_url
from ebl.report import Doubt, Failure
from ebl.sources import Sources

_ACCEPT: Final = (
    "application/did+json",
    "application/did+ld+json",
    "application/did",
    "application/ld+json",
    "application/json",
)


def document(did: str, sources: Sources) -> Mapping[str, Any]:
    """Fetch the document of a did:web; its ``id`` is exactly the DID. Raises `Refuted` and `SourceError`."""
    try:
        url = web_url(did)
    except ValueError as bad:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"{did[:100]!r} names no web site: {bad}") from bad
    page = sources.fetch(url, accept=_ACCEPT)
    try:
        found = strict_json.parse(page.body, max_bytes=256 * 1024)
    except Unreadable as bad:
        raise SourceError(Doubt.DID_DOCUMENT, f"the DID document of {did} is not JSON: {bad.detail}") from bad
    if not isinstance(found, dict) or found.get("id") != did:
        raise Refuted(Failure.DID_MISMATCH, f"the document found for {did} is not the document of that DID")
    return found


def site(did: str) -> str | None:
    """The domain behind a did:web without a path; a path may belong to somebody else who publishes there."""
    method, _, name = did.partition("did:web:")
    return name if name and not method and ":" not in name else None
