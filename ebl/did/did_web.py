"""did:web: a DID whose document is a JSON file on the web site that it names. It is fetched through the SSRF guard only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ebl.codes import Doubt, Failure
from ebl.did.did_syntax import NotADid, is_public_site, web_host, web_url
from ebl.did.domain import read_domain
from ebl.errors import Refuted, SourceError, Unreadable
from ebl.model.broken_input import read_json
from ebl.model.findings import Note, Who
from ebl.model.ports import MAX_PAGE, Fetch, Sources

_PREFIX: Final = "did:web:"
_ACCEPT: Final = (
    "application/did+json",
    "application/did+ld+json",
    "application/did",
    "application/ld+json",
    "application/json",
)


def document(did: str, sources: Sources) -> Mapping[str, Any]:
    """Fetches the document of a did:web, whose ``id`` must be exactly the DID.

    Raises `Refuted` if the document is of another DID, and `SourceError` if it could not be fetched. The host must follow the
    rules for domains as identities (`ebl.did.domain`). Some hosts are never contacted: IP addresses, local names, upper-case
    letters, paths with more than plain letters. That is a `SourceError`, as for every other page that a document names.
    """
    found = fetched(did, sources.fetch)
    if not isinstance(found.get("id"), str):  # such as the error of a web server
        raise SourceError(Doubt.DID_DOCUMENT, "no_id", did=did)
    if found["id"] != did:
        raise Refuted(Failure.DID_MISMATCH, "other_id", did=did, found=found["id"])
    return found


def fetched(did: str, fetch: Fetch) -> Mapping[str, Any]:
    """Fetches the file at the place of a did:web's document, with any ``id``. Raises the errors of `document`."""
    try:
        url = web_url(did)
    except NotADid as bad:
        raise SourceError(Doubt.WEB_REFUSED, "bad_did_web", did=did, because=bad.reason) from bad
    host = _host(did)
    if not is_public_site(f"{_PREFIX}{host}"):
        raise SourceError(Doubt.WEB_REFUSED, "did_web_not_public", did=did)
    read_domain(host)
    page = fetch(url, accept=_ACCEPT)
    try:
        found = read_json(page.body, max_bytes=MAX_PAGE, any_number=True)
    except Unreadable as bad:
        raise SourceError(Doubt.DID_DOCUMENT, "not_json", did=did, because=bad.message) from bad
    if not isinstance(found, dict):
        raise SourceError(Doubt.DID_DOCUMENT, "not_object", did=did)
    return found


def by_did(did: str) -> Who:
    """Returns the identity that a DID proves: itself, and its domain if it is a did:web without port and path.

    A document at another port, or below a path, may belong to another publisher on the same site.
    """
    if not did.startswith(_PREFIX) or did != _PREFIX + _host(did):
        return Who(did=did)
    domain = read_domain(_host(did))
    return Who(did=did, domain=domain.name, shown=domain.shown, registered=domain.registered)


def notes_on(did: str) -> tuple[Note, ...]:
    """Returns notes for the reader on the name in a did:web; none for other DIDs."""
    return read_domain(_host(did)).notes if did.startswith(_PREFIX) else ()


def _host(did: str) -> str:
    return web_host(did)[0]
