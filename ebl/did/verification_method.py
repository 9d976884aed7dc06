"""Lookup of the key or account of a key id in the document of its DID, read strictly (W3C DID Core, CID 1.0)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ebl.codec.timestamp import NotATimestamp, parse_timestamp
from ebl.codes import Condition, Doubt, Failure
from ebl.crypto.multikey import PublicKey
from ebl.did.did_ethr import RECOVERY
from ebl.did.did_syntax import relative_to, split_key_id
from ebl.did.document_keys import public_key
from ebl.did.key_control import require_key_of
from ebl.did.resolver import document
from ebl.errors import Refuted, SourceError, Undetermined, Unsupported
from ebl.ethereum.address import ADDRESS, checksummed
from ebl.model.findings import Note
from ebl.model.ports import Sources

_ACCOUNT = re.compile(rf"eip155:[0-9]{{1,20}}:(?P<new>{ADDRESS})|(?P<old>{ADDRESS})@eip155:[0-9]{{1,20}}")
_CAIP = re.compile(r"(?!eip155:)[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}:[-.%a-zA-Z0-9]{1,128}")
PURPOSES: Final = ("assertionMethod", "authentication")


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a DID's document lists. ``notes`` apply to every signature by it."""

    public: PublicKey
    notes: tuple[Note, ...] = ()


def find_key(key_id: str, sources: Sources, *, purpose: str, used: datetime | None) -> Key:
    """Returns the public key of a verification method (``did#fragment``), if its DID allows it for the purpose.

    ``purpose`` is ``assertionMethod`` or ``authentication``. ``used`` is the time of signing as claimed by the signer. Raises
    `Refuted` if the DID's document does not list the key for the purpose, or had ended it by then; `Undetermined` if the DID
    method or the type of key is not known; `SourceError` if the document could not be fetched. Not checked: who controls
    the DID.
    """
    try:
        did, fragment = split_key_id(key_id)
    except ValueError as bad:
        raise Refuted(Failure.KEY_NOT_OF_DID, "not_key_id", got=key_id) from bad
    if did.startswith("did:key:") and fragment != did.removeprefix("did:key:"):
        raise Refuted(Failure.KEY_NOT_OF_DID, "not_own_key", did=did, got=f"#{fragment}")
    method = method_in(document(did, sources), did, key_id, purpose=purpose)
    return Key(public_key(method, key_id), _in_time(method, key_id, used, sources.now))


def find_account(key_id: str, did: str, sources: Sources) -> str:
    """Returns the Ethereum address (checksummed) of a key of the DID itself, listed for assertions by its document.

    Account ids of both kinds are read: ``eip155:1:0x…`` (CAIP-10), and the older ``0x…@eip155:1``. Raises the errors of
    `find_key`. A signature by an account has no time, so the result is undetermined if the key has ended. Not checked: who
    controls the DID.
    """
    require_key_of(key_id, did)
    own = f"{did}#{key_id.partition('#')[2]}"
    method = method_in(document(did, sources), did, own, purpose="assertionMethod")
    if method.get("type") != RECOVERY:
        raise Unsupported(
            Doubt.UNSUPPORTED_KEY, "not_account", key=own, type=str(method.get("type")), expected=RECOVERY
        )
    account = method.get("blockchainAccountId")
    match = _ACCOUNT.fullmatch(account) if isinstance(account, str) else None
    if match is None:
        if isinstance(account, str) and _CAIP.fullmatch(account):
            raise Unsupported(Doubt.UNSUPPORTED_KEY, "other_chain", key=own, network=account.partition(":")[0])
        raise Refuted(Failure.KEY_NOT_OF_DID, "no_account", key=own)
    _in_time(method, own, None, sources.now)
    return checksummed((match["new"] or match["old"]).lower())


def method_in(document: Mapping[str, Any], did: str, key_id: str, *, purpose: str) -> Mapping[str, Any]:
    """Returns the only verification method with an id in a DID document, for a purpose, controlled by the DID itself.

    Relative references (``#key-1``, and an empty controller) belong to the DID. Raises `Refuted` if there is no such
    method, and `SourceError` if the document does not name the key's controller, as every DID document must.
    """
    if purpose not in PURPOSES:
        raise Refuted(Failure.KEY_NOT_OF_DID, "other_purpose", expected=PURPOSES, got=purpose)
    allowed = _list(document, purpose)
    embedded = [entry for entry in allowed if _is_named(entry, did, key_id)]
    listed = [entry for entry in _list(document, "verificationMethod") if _is_named(entry, did, key_id)]
    named = any(isinstance(entry, str) and relative_to(did, entry) == key_id for entry in allowed)
    methods = embedded + (listed if named else [])
    if not methods:
        raise Refuted(Failure.KEY_NOT_OF_DID, "not_listed", did=did, key=key_id, purpose=purpose)
    if len(methods) > 1:
        raise Refuted(Failure.KEY_NOT_OF_DID, "listed_twice", did=did, key=key_id)
    method: Mapping[str, Any] = methods[0]
    controller = method.get("controller")
    if controller is None:  # the document breaks its format, and names no other controller
        raise SourceError(Doubt.DID_DOCUMENT, "no_controller", did=did, key=key_id)
    if not isinstance(controller, str) or relative_to(did, controller or "#").removesuffix("#") != did:
        raise Refuted(Failure.DID_MISMATCH, "other_controller", key=key_id, did=did)
    return method


def _in_time(method: Mapping[str, Any], key_id: str, used: datetime | None, now: datetime) -> tuple[Note, ...]:
    """Returns notes for a signature by a key that has an end (CID 1.0, "expires" and "revoked").

    An expiry is compared with the time of the signature, which only its signer attests: once the expiry has passed, that
    is a condition. A revoked key may have been in other hands before, so it is refused from then on, whatever the proof
    states.
    """
    revoked, expires = (_moment(method, name, key_id) for name in ("revoked", "expires"))
    if revoked is not None and revoked <= now:
        raise Refuted(Failure.KEY_NOT_OF_DID, "key_revoked", key=key_id, time=revoked)
    if expires is None or (expires > now and (used is None or used < expires)):
        return ()
    if used is None:
        raise Undetermined(Doubt.KEY_EXPIRED, key=key_id, expired=expires)
    if used >= expires:
        raise Refuted(Failure.KEY_NOT_OF_DID, "key_expired", key=key_id, expired=expires, signed=used)
    return (Note.of(Condition.KEY_EXPIRED, key=key_id, expired=expires, signed=used),)


def _moment(method: Mapping[str, Any], name: str, key_id: str) -> datetime | None:
    if name not in method:
        return None
    value = method[name]
    try:
        return parse_timestamp(value if isinstance(value, str) else "")
    except NotATimestamp as bad:
        raise Refuted(Failure.KEY_NOT_OF_DID, "bad_time", key=key_id, member=name, because=bad.reason) from bad


def _is_named(entry: Any, did: str, key_id: str) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), str) and relative_to(did, entry["id"]) == key_id


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    value = document.get(name, [])
    return value if isinstance(value, list) else [value]
