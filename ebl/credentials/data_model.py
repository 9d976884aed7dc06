"""The W3C data model of credentials, 1.1 and 2.0: the forms that the members of every credential must have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ebl.codec.timestamp import NotATimestamp, parse_timestamp
from ebl.codes import Doubt, Failure
from ebl.errors import Malformed, Unsupported
from ebl.jsonld.contexts import known
from ebl.model.members import wrong

V1: Final = "https://www.w3.org/2018/credentials/v1"
V2: Final = "https://www.w3.org/ns/credentials/v2"
CREDENTIAL: Final = "VerifiableCredential"
ENVELOPED: Final = frozenset({"EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"})
PRESENTATION: Final = "VerifiablePresentation"

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_TYPED = ("credentialStatus", "credentialSchema", "termsOfUse", "refreshService", "evidence")
_DATES = ("validFrom", "validUntil", "issuanceDate", "expirationDate")

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Model:
    """The statements of a credential. ``start`` and ``end`` are None if it sets no bound (or shows none)."""

    issuer: str
    issuer_name: str | None
    subjects: Sequence[Object]
    statuses: Sequence[Object]
    start: datetime | None
    end: datetime | None


def parse(credential: Object) -> Model:
    """Reads a credential's own members. Not checked: how they fit together.

    Raises `Malformed` with ``document.schema`` if a member does not have the form of the data model, and `Unsupported` if the
    version of the data model is not known.
    """
    version = version_of(credential)
    if CREDENTIAL not in types_of(credential):
        raise wrong("/type", "among_types", credential.get("type"), type=CREDENTIAL)
    if "id" in credential:
        _require_iri(credential["id"], "/id")
    start, end = bounds(credential)
    if version == V1 and "issuanceDate" not in credential:
        raise wrong("/issuanceDate", "issuance_date", None)
    for name in _TYPED:
        for at, entry in _entries(credential, name):
            types = entry.get("type")
            if not types or not (isinstance(types, str) or _are_texts(types)):
                raise wrong(f"{at}/type", "type", types)
            if name == "credentialSchema":
                _require_iri(entry.get("id"), f"{at}/id")
    issuer, issuer_name = issuer_of(credential)
    statuses = [entry for _, entry in _entries(credential, "credentialStatus")]
    return Model(issuer, issuer_name, _subjects(credential), statuses, start, end)


def bounds(document: Object) -> tuple[datetime | None, datetime | None]:
    """Returns the start and end of a document's validity, from its dates under every name. Raises `Malformed`."""
    dates = {name: _date(document[name], f"/{name}") for name in _DATES if name in document}
    start = max((dates[name] for name in ("validFrom", "issuanceDate") if name in dates), default=None)
    end = min((dates[name] for name in ("validUntil", "expirationDate") if name in dates), default=None)
    if start is not None and end is not None and start > end:
        last = next(name for name in ("validUntil", "expirationDate") if dates.get(name) == end)
        first = next(name for name in ("validFrom", "issuanceDate") if dates.get(name) == start)
        raise wrong(f"/{last}", "end", document[last], first=f"/{first}", start=document[first])
    return start, end


def version_of(document: Object) -> str:
    """Returns the first context, which determines the version of the data model.

    Raises `Malformed` if there is none or if it is a known context of another purpose, and `Unsupported` if it is another URL.
    """
    contexts = document.get("@context")
    first = contexts[0] if isinstance(contexts, list) and contexts else contexts
    if first in (V1, V2):
        return str(first)
    if isinstance(first, str) and _IRI.fullmatch(first) and first not in known().by_url:
        raise Unsupported(Doubt.UNSUPPORTED_CONTEXT, "first", url=first, known=(V2, V1))
    raise wrong("/@context/0", "first_context", first, known=(V2, V1))


def types_of(document: Object) -> list[str]:
    """Returns the types as a list. Raises `Malformed` if they are not texts."""
    types = document.get("type")
    if isinstance(types, str):
        return [types]
    if not _are_texts(types):
        raise wrong("/type", "types", types)
    return list(types)  # type: ignore[arg-type]


def issuer_of(credential: Object) -> tuple[str, str | None]:
    """Returns the issuer's id, and the issuer's name if there is one."""
    issuer = credential.get("issuer")
    if isinstance(issuer, dict):
        return _require_iri(issuer.get("id"), "/issuer/id"), text_of(issuer.get("name"))
    return _require_iri(issuer, "/issuer"), None


def text_of(value: Any) -> str | None:
    """Returns a text, with or without a language; of several the first. None if there is none."""
    first = value[0] if isinstance(value, list) and value else value
    said = first.get("@value") if isinstance(first, dict) else first
    return said if isinstance(said, str) else None


def _subjects(credential: Object) -> list[Object]:
    subjects = [entry for _, entry in _entries(credential, "credentialSubject")]
    if not subjects:
        raise wrong("/credentialSubject", "subject", credential.get("credentialSubject"))
    for at, subject in _entries(credential, "credentialSubject"):
        if not subject:
            raise wrong(at, "subject", subject)
        if "id" in subject:
            _require_iri(subject["id"], f"{at}/id")
    return subjects


def _entries(credential: Object, name: str) -> list[tuple[str, Object]]:
    """Returns the objects that a member holds, one or a list, each with its place."""
    if name not in credential:
        return []
    value = credential[name]
    listed = value if isinstance(value, list) else [value]
    entries: list[tuple[str, Object]] = []
    for number, entry in enumerate(listed):
        at = f"/{name}/{number}" if isinstance(value, list) else f"/{name}"
        if not isinstance(entry, dict):
            raise wrong(at, "object", entry)
        entries.append((at, entry))
    return entries


def _date(value: Any, at: str) -> datetime:
    if not isinstance(value, str):
        raise wrong(at, "one_date", value)
    try:
        return parse_timestamp(value)
    except NotATimestamp as bad:
        raise Malformed(Failure.SCHEMA, "timestamp", at=at, because=bad.reason, came=value) from bad


def _require_iri(value: Any, at: str) -> str:
    if not isinstance(value, str) or not _IRI.fullmatch(value):
        raise wrong(at, "iri", value)
    return value


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
