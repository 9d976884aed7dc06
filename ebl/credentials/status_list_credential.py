"""Status lists as credentials: making, updating and reading (W3C Bitstring Status List 1.0, and Status List 2021).

A list is made or updated unsigned, then signed, then hosted at its URL for all verifiers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from ebl.codec.bitstring import MIN_BITS, Bitstring
from ebl.codec.broken import Broken
from ebl.codec.strict_json import describe_value
from ebl.codec.timestamp import format_timestamp, parse_timestamp
from ebl.codes import Doubt, Failure
from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import data_integrity as di
from ebl.credentials import ecdsa_sd
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.linked_data import to_statements
from ebl.credentials.suites import SUITES
from ebl.crypto.multikey import KeyType
from ebl.did.did_syntax import is_did
from ebl.errors import InvalidInput, Malformed, Refuted, Unsupported
from ebl.messages import explained
from ebl.model.ports import Sources

_DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"


class ListKind(StrEnum):
    """The specification of the list, by the type of the list's subject."""

    BITSTRING = "BitstringStatusList"
    STATUS_2021 = "StatusList2021"


PURPOSES: Final = ("revocation", "suspension")

_CONTEXTS: Final = {
    ListKind.BITSTRING: ["https://www.w3.org/ns/credentials/v2", _DATA_INTEGRITY],
    ListKind.STATUS_2021: [
        "https://www.w3.org/2018/credentials/v1",
        _DATA_INTEGRITY,
        "https://w3id.org/vc/status-list/2021/v1",
    ],
}
_DATES: Final = {
    ListKind.BITSTRING: ("validFrom", "validUntil"),
    ListKind.STATUS_2021: ("issuanceDate", "expirationDate"),
}


@dataclass(frozen=True, slots=True)
class StatusList:
    """The statements of a list's credential. ``url`` is its stated address. Nothing of it is verified by this class.

    ``purposes`` are those of its bits: usually one, several if the list has the same bits for all of them.
    """

    kind: ListKind
    url: str
    issuer: str
    purposes: tuple[str, ...]
    bits: Bitstring
    valid_from: datetime | None
    valid_until: datetime | None


def new_list(
    *,
    url: str,
    issuer: str,
    purpose: str,
    valid_from: datetime,
    valid_until: datetime | None = None,
    kind: ListKind = ListKind.BITSTRING,
    entries: int = MIN_BITS,
    multibase: bool = False,
) -> dict[str, Any]:
    """Returns an unsigned list of zeros, to be hosted at ``url`` (https).

    ``multibase`` writes ``encodedList`` with the letter ``u``, as the 1.0 specification has it; without (the default), as
    TrustVC writes and reads it. Raises `InvalidInput`.
    """
    if not is_list_url(url):
        raise InvalidInput("The URL of a status list must be https, without a fragment.")
    if not is_did(issuer):
        raise InvalidInput("The issuer of a status list must be a DID.")
    if purpose not in PURPOSES:
        raise InvalidInput(f"The purpose of a status list must be {' or '.join(PURPOSES)}.")
    try:
        bits = Bitstring.zeros(entries)
    except ValueError as bad:
        raise InvalidInput(f"{_why(bad)}.") from bad
    credential = {
        "@context": list(_CONTEXTS[kind]),
        "id": url,
        "type": ["VerifiableCredential", f"{kind}Credential"],
        "issuer": issuer,
        "credentialSubject": {
            "id": f"{url}#list",
            "type": str(kind),
            "statusPurpose": purpose,
            "encodedList": bits.encode(multibase=multibase),
        },
    }
    return _dated(credential, kind, valid_from, valid_until)


def updated(
    credential: Mapping[str, Any],
    bits: Mapping[int, bool],
    *,
    valid_from: datetime,
    valid_until: datetime | None = None,
) -> dict[str, Any]:
    """Returns a list with these entries set or cleared and new dates, unsigned again, in its original encoding.

    Raises `InvalidInput` if it is not a list, or has no such entry. Not checked: that it is as its issuer signed it, for which
    see `require_own`.
    """
    try:
        held = parse(credential)
        changed = held.bits.with_bits(bits)
    except (ValueError, Unsupported) as bad:
        raise InvalidInput(f"This status list cannot be changed: {_why(bad)}.") from bad
    except IndexError as bad:
        raise InvalidInput(f"The list has no such entry: {bad}.") from bad
    subject = credential["credentialSubject"]
    multibase = subject["encodedList"].startswith("u")
    body = {name: value for name, value in credential.items() if name != "proof"}
    body["credentialSubject"] = {**subject, "encodedList": changed.encode(multibase=multibase)}
    return _dated(body, held.kind, valid_from, valid_until)


def require_own(credential: Mapping[str, Any], key: IssuerKey, *, sources: Sources) -> None:
    """Requires that a list to update is one that its issuer signed, whole: it decides what stays revoked.

    No network source is queried if the proof is by ``key`` itself; otherwise the issuer's DID document is fetched.
    Raises `InvalidInput` if it is not a list, not of the key's DID, or only a part of one; `Refuted` if it was changed;
    `Malformed` if it has no proof; `ebl.errors.Undetermined` if its proof could not be checked.
    """
    try:
        held = parse(credential)
    except ValueError as bad:
        raise InvalidInput(f"This status list cannot be changed: {_why(bad)}.") from bad
    if held.issuer != key.did:
        raise InvalidInput(f"The list is issued by {held.issuer}; the key is of {key.did}.")
    proof, value = di.parse_proof(credential.get("proof"))
    suite = SUITES.get(proof.cryptosuite)
    if suite is None or proof.purpose != "assertionMethod":
        raise Malformed(Failure.PROOF_SHAPE, "list_suite", known=tuple(SUITES))
    if proof.did != held.issuer:
        raise Refuted(Failure.ISSUER_MISMATCH, "status_list", signer=proof.did, issuer=held.issuer)
    body = {name: member for name, member in credential.items() if name != "proof"}
    claim = suite.SIGNED(body, to_statements(body), proof, value)
    fact = suite.verify(claim, key.public) if proof.key_id == key.id else claim.check(sources)
    if fact.derived:
        raise InvalidInput(
            "This is a part of the list: the rest was left out when it was derived.", fix="Use your own whole copy."
        )


def signed(credential: Mapping[str, Any], key: IssuerKey, *, created: datetime) -> dict[str, Any]:
    """Returns a list with its issuer's proof over all of it, of the suite of the key: nothing of a list can be withheld.

    Raises `InvalidInput` if it is not a list, or if the key is not its issuer's.
    """
    try:
        held = parse(credential)
    except (ValueError, Unsupported) as bad:
        raise InvalidInput(f"This is not a status list to sign: {_why(bad)}.") from bad
    if held.issuer != key.did:
        raise InvalidInput(f"The list is issued by {held.issuer}; the key is of {key.did}.")
    body = {name: value for name, value in credential.items() if name != "proof"}
    everything = [f"/{name}" for name in body if name not in ("@context", "id", "type")]
    if key.public.kind is KeyType.BLS12_381:
        return bbs.sign(body, key, mandatory=everything)
    return ecdsa_sd.sign(body, key, mandatory=everything, created=format_timestamp(created))


class NotAList(Broken):
    """A credential is not a status list's."""

    subject = "status_list"


def read_status_list(credential: Mapping[str, Any]) -> StatusList:
    """Reads the credential of a status list of one's own, for example one to update; its signature is not checked.

    Raises `InvalidInput` if it is not a status list, and `ebl.errors.Unsupported` if its entries have several bits.
    """
    try:
        return parse(credential)
    except Broken as bad:
        raise InvalidInput(f"This is not a status list: {explained(bad.reason)}.") from bad


def parse(credential: Mapping[str, Any]) -> StatusList:
    """Reads a list's credential, of either kind and encoding.

    The list's URL is its ``id`` or, if that is not an https URL, what precedes the ``#`` of its subject's id.

    Raises `ValueError` (`ebl.codec.broken.Broken`) if it is not a list, and `ebl.errors.Unsupported` if its entries have
    several bits.
    """
    subject = credential.get("credentialSubject")
    if not isinstance(subject, dict):
        raise NotAList("subject")
    kind = _kind(credential, subject)
    issuer = credential.get("issuer")
    if isinstance(issuer, dict):
        issuer = issuer.get("id")
    if not isinstance(issuer, str) or not is_did(issuer):
        raise NotAList("issuer")
    purpose, encoded = subject.get("statusPurpose"), subject.get("encodedList")
    purposes = tuple(purpose) if isinstance(purpose, list) else (purpose,)
    if not purposes or not all(isinstance(one, str) for one in purposes) or not isinstance(encoded, str):
        raise NotAList("members")
    require_one_bit(subject)
    return StatusList(
        kind,
        _url(credential, subject),
        issuer,
        purposes,
        Bitstring.decode(encoded),
        max(_moments(credential, "validFrom", "issuanceDate"), default=None),
        min(_moments(credential, "validUntil", "expirationDate"), default=None),
    )


def _why(bad: Exception) -> object:
    """Returns what an error states, in words."""
    return explained(bad.reason) if isinstance(bad, Broken) else bad


def require_one_bit(holder: Mapping[str, Any]) -> None:
    """Raises `Unsupported` if an entry, or each of a list, has several bits. Not checked: that the size is a number."""
    if (size := holder.get("statusSize", 1)) != 1:
        raise Unsupported(Doubt.UNSUPPORTED_SIZE, size=str(size))


def is_list_url(url: str) -> bool:
    """Whether this is an https URL with a host and no fragment, at which a list can be hosted."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "#" not in url and url.isascii() and url.isprintable()


def _dated(
    credential: dict[str, Any], kind: ListKind, valid_from: datetime, valid_until: datetime | None
) -> dict[str, Any]:
    if valid_until is not None and valid_until <= valid_from:
        raise InvalidInput("A status list must be valid for some time: its end is before its start.")
    old = {name for names in _DATES.values() for name in names}
    dates = zip(_DATES[kind], (valid_from, valid_until), strict=True)
    return {
        **{name: value for name, value in credential.items() if name not in old},
        **{name: format_timestamp(moment) for name, moment in dates if moment is not None},
    }


def _kind(credential: Mapping[str, Any], subject: Mapping[str, Any]) -> ListKind:
    types, listed = credential.get("type"), subject.get("type")
    for kind in ListKind:
        if listed in (kind, [kind]) and isinstance(types, list) and f"{kind}Credential" in types:
            return kind
    raise NotAList("type")


def _url(credential: Mapping[str, Any], subject: Mapping[str, Any]) -> str:
    own, of_subject = credential.get("id"), subject.get("id")
    if isinstance(own, str) and own.partition(":")[0].lower() in ("https", "http"):
        return own
    if isinstance(of_subject, str) and "#" in of_subject:
        return of_subject.partition("#")[0]
    raise NotAList("url")


def _moments(credential: Mapping[str, Any], *names: str) -> Iterator[datetime]:
    for name in names:
        if name in credential:
            if not isinstance(credential[name], str):
                raise NotAList("date", member=name, came=describe_value(credential[name]))
            yield parse_timestamp(credential[name])
