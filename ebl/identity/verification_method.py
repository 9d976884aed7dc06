"""From the name of a key to the key or the account: what a DID's own document says, read strictly (W3C DID Core, CID 1.0)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ebl.codes import Doubt, Failure
from ebl.errors import Refuted, Undetermined
from ebl.identity.did_ethr import RECOVERY
from ebl.identity.key_of_did import require_key_of
from ebl.identity.resolver import document
from ebl.primitives.address import checksummed
from ebl.primitives.did import split_key_id
from ebl.primitives.multikey import PublicKey, parse_public
from ebl.sources import Sources

_ACCOUNT = re.compile(r"eip155:[0-9]{1,20}:(?P<new>0x[0-9a-fA-F]{40})|(?P<old>0x[0-9a-fA-F]{40})@eip155:[0-9]{1,20}")
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
    if did.startswith("did:key:") and fragment != did.removeprefix("did:key:"):
        raise Refuted(Failure.KEY_NOT_OF_DID, f"the only key of {did} is its own; got #{fragment}")
    return key_in(document(did, sources), did, key_id, purpose=purpose)


def find_account(key_id: str, did: str, sources: Sources) -> str:
    """The Ethereum address (checksummed) of a key, which must be the DID's own and listed for assertions by its document.

    Account ids of both kinds are read: ``eip155:1:0x…`` (CAIP-10), and the older ``0x…@eip155:1``. Raises as `find_key`
    does. Not checked: who controls the DID.
    """
    require_key_of(key_id, did)
    own = f"{did}#{key_id.partition('#')[2]}"
    method = _account_method(document(did, sources), did, own)
    if method.get("type") != RECOVERY:
        kind = str(method.get("type"))[:60]
        raise Undetermined(Doubt.UNSUPPORTED_CLAIM, f"{own} is a key of the kind {kind!r}, not {RECOVERY}")
    account = method.get("blockchainAccountId")
    match = _ACCOUNT.fullmatch(account) if isinstance(account, str) else None
    if match is None:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"{own} names no account as eip155:1:0x…")
    return checksummed((match["new"] or match["old"]).lower())


def _account_method(document: Mapping[str, Any], did: str, key_id: str) -> Mapping[str, Any]:
    listed = [m for m in _list(document, "verificationMethod") if isinstance(m, dict) and m.get("id") == key_id]
    if len(listed) != 1:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"the document of {did} lists the key {key_id} {len(listed)} times")
    if listed[0].get("controller") != did:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"{key_id} is not controlled by {did} itself")
    if key_id not in _list(document, "assertionMethod"):
        raise Refuted(Failure.KEY_NOT_OF_DID, f"the document of {did} does not let {key_id} make assertions")
    return listed[0]


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
