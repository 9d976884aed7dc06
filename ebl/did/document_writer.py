"""Creation of DID documents: the ``did.json`` that an issuer hosts, and the document of a did:key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ebl.crypto.multikey import MULTIKEY_CONTEXT, PublicKey, did_key
from ebl.did.did_syntax import NotADid, is_public_site, split_key_id, web_url
from ebl.did.registry_services import services
from ebl.errors import InvalidInput
from ebl.messages import explained
from ebl.model.contract import Contract

DID_CONTEXT = "https://www.w3.org/ns/did/v1"


def key_document(public: PublicKey) -> dict[str, Any]:
    """Returns the document of the did:key of a public key, which depends on the key alone."""
    did = did_key(public)
    return document(did, [(f"{did}#{public}", public)])


def web_document(
    did: str, keys: Sequence[tuple[str, PublicKey]], *, registries: Sequence[Contract] = ()
) -> dict[str, Any]:
    """Returns the document to host at ``web_url(did)``, with the verification methods (id and key) that may sign for the DID.

    ``registries`` are the token registries of the DID's titles; each becomes a service of the document. Raises
    `InvalidInput` if ``did`` is not a did:web, or if a key's id belongs to another DID.
    """
    try:
        web_url(did)
    except NotADid as bad:
        raise InvalidInput(
            f"{did[:100]} is not a did:web: {explained(bad.reason)}.", fix="For example did:web:carrier.example."
        ) from bad
    if not is_public_site(did):
        raise InvalidInput(
            f"{did[:100]} does not name a public site at the standard port, so verifiers would not fetch its document.",
            fix="Use a domain name, for example did:web:carrier.example.",
        )
    made = document(did, keys)
    named = services(did, [(one.chain_id, one.address) for one in registries], taken=[key_id for key_id, _ in keys])
    return {**made, "service": named} if named else made


def document(did: str, keys: Sequence[tuple[str, PublicKey]]) -> dict[str, Any]:
    """Returns a DID document in which each key may assert and authenticate.

    Raises `InvalidInput` if there is no key, if an id is not a DID URL of the DID, or if two ids are equal.
    """
    if not keys:
        raise InvalidInput("A DID document needs at least one key.", fix="Add a key.")
    ids = [key_id for key_id, _ in keys]
    if len(set(ids)) != len(ids):
        raise InvalidInput("Two keys have the same id.", fix="Give them different fragments.")
    for key_id in ids:
        try:
            controller = split_key_id(key_id)[0]
        except NotADid as bad:
            raise InvalidInput(f"A key's id is not a DID URL: {explained(bad.reason)}.") from bad
        if controller != did:
            raise InvalidInput(f"The key {key_id} is of {controller}, not of {did}.")
    return {
        "@context": [DID_CONTEXT, MULTIKEY_CONTEXT],
        "id": did,
        "verificationMethod": [method(did, key_id, public) for key_id, public in keys],
        "authentication": ids,
        "assertionMethod": ids,
    }


def method(did: str, key_id: str, public: PublicKey) -> dict[str, str]:
    """Returns the verification method of a key, with the DID itself as its controller."""
    return {"id": key_id, "type": "Multikey", "controller": did, "publicKeyMultibase": str(public)}
