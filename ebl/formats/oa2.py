"""OpenAttestation v2: JSON <-> claims, and salting.

A wrapped document has every leaf of its ``data`` written as ``uuid:type:value``, and a ``signature`` with its digest, the
batch's root, and the proof between the two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ebl.document import Document, Issuer
from ebl.errors import Malformed
from ebl.formats import gaps
from ebl.identity.did import Did
from ebl.identity.dns_did import DnsDid
from ebl.identity.dns_txt import DnsTxt
from ebl.primitives import javascript
from ebl.primitives.address import checksummed
from ebl.primitives.salts import Salts
from ebl.primitives.strict_json import shown
from ebl.proofs.oa2 import Unaltered
from ebl.proofs.oa_signature import DidSigned
from ebl.report import Claim, Failure, Note, Remark
from ebl.status.document_store import DocumentStore
from ebl.status.revocation import NotRevoked
from ebl.status.token_registry import TokenRegistry

VERSION = "https://schema.openattestation.com/2.0/schema.json"
SCHEMA = "openattestation-2.0.schema.json"

_MEMBERS = {"version", "data", "signature", "schema", "privacy", "proof"}
_STORES = ("documentStore", "certificateStore", "tokenRegistry")
_SIGNATURE = {
    "type": "OpenAttestationSignature2018",
    "created": None,
    "proofPurpose": "assertionMethod",
    "verificationMethod": None,
    "signature": None,
}
_HASH = re.compile("[0-9a-f]{64}")
_SALTED = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?::|\\Z)", re.IGNORECASE)
_CHAIN_ID = re.compile("[1-9][0-9]{0,18}")


def looks_like(raw: Mapping[str, Any]) -> bool:
    """Whether anything about this object is of OpenAttestation v2."""
    return raw.get("version") == VERSION or "data" in raw or "signature" in raw


def read(raw: Mapping[str, Any]) -> Document:
    """Read a wrapped document. Raises `Malformed` where it breaks the format's rules; nothing is verified."""
    if raw.get("version") != VERSION:
        raise Malformed(
            Failure.AMBIGUOUS_VERSION,
            f"It has the members of an OpenAttestation v2 document, whose version is {VERSION}; it says"
            f" {_came(raw.get('version'))}.",
        )
    integrity = _integrity(raw)
    data = unsalted(integrity.data)
    issuers = _issuers(raw, data, integrity)
    return Document(
        format="oa2",
        digest=integrity.target,
        issuers=issuers,
        integrity=(integrity,),
        data=data,
        raw=raw,
        notes=_notes(raw, integrity),
    )


def salted(data: Any, salts: Salts) -> Any:
    """A copy of raw data with every leaf salted, in the same shape; empty containers stay as they are."""
    leaves: list[tuple[Any, Any, str]] = []
    copy = _prepared({"": data}, leaves)
    for (holder, key, text), salt in zip(leaves, salts(len(leaves)), strict=True):
        holder[key] = f"{salt}:{text}"
    return copy[""]


def unsalted(data: Any) -> Any:
    """The plain content of salted data. Strings are trimmed, as everybody who reads the format does.

    Raises `Malformed` for a salted leaf of an unknown type.
    """
    root: dict[str, Any] = {}
    stack: list[tuple[Any, Any, Any]] = [(root, "", data)]
    while stack:
        holder, key, value = stack.pop()
        if isinstance(value, dict):
            copy: Any = dict.fromkeys(value)
            stack += [(copy, name, member) for name, member in value.items()]
        elif isinstance(value, list):
            copy = [None] * len(value)
            stack += [(copy, at, member) for at, member in enumerate(value)]
        else:
            copy = unsalted_leaf(value)
        holder[key] = copy
    return root[""]


def unsalted_leaf(leaf: Any) -> Any:
    """The value of one leaf: what follows ``uuid:type:``, read as that type. Anything else is its own value.

    A number that is none is NaN; ``undefined`` is None. Raises `Malformed` for an unknown type.
    """
    if not isinstance(leaf, str) or not _SALTED.match(leaf):
        return leaf
    kind, _, text = javascript.trim(leaf[37:]).partition(":")
    match kind:
        case "string":
            return text
        case "number":
            return javascript.plain_number(javascript.number(text))
        case "boolean":
            return text == "true"
        case "null" | "undefined":
            return None
    raise Malformed(
        Failure.SCHEMA,
        f"A salted value has the type {shown(kind)}; expected string, number, boolean, null or undefined.",
    )


def _prepared(node: Any, leaves: list[tuple[Any, Any, str]]) -> Any:
    root: dict[str, Any] = {}
    stack: list[tuple[Any, Any, Any]] = [(root, "", node)]
    while stack:
        holder, key, value = stack.pop()
        if isinstance(value, dict):
            holder[key] = copy = dict.fromkeys(value)
            stack += [(copy, name, member) for name, member in value.items()]
        elif isinstance(value, list | tuple):
            holder[key] = items = [None] * len(value)
            stack += [(items, at, member) for at, member in enumerate(value)]
        else:
            leaves.append((holder, key, f"{_kind(value)}:{javascript.text(value)}"))
    return root[""]


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "string"
    if value is None:
        return "null"
    return "boolean" if isinstance(value, bool) else "number"


def _integrity(raw: Mapping[str, Any]) -> Unaltered:
    data, signature = raw.get("data"), raw.get("signature")
    if not isinstance(data, dict):
        raise _wrong("/data", "an object", data)
    if not isinstance(signature, dict):
        raise _wrong("/signature", "an object", signature)
    if signature.get("type") != "SHA3MerkleProof":
        raise Malformed(
            Failure.MALFORMED_HASH,
            f"/signature/type: expected SHA3MerkleProof; got {_came(signature.get('type'))}.",
        )
    privacy = raw.get("privacy", {})
    if not isinstance(privacy, dict):
        raise _wrong("/privacy", "an object", privacy)
    proof = _hashes(signature.get("proof"), "/signature/proof")
    withheld = _hashes(privacy.get("obfuscatedData", []), "/privacy/obfuscatedData")
    return Unaltered(
        data=data,
        withheld=withheld,
        target=bytes.fromhex(_hash(signature.get("targetHash"), "/signature/targetHash")),
        proof=tuple(bytes.fromhex(sibling) for sibling in proof),
        root=bytes.fromhex(_hash(signature.get("merkleRoot"), "/signature/merkleRoot")),
    )


def _issuers(raw: Mapping[str, Any], data: Mapping[str, Any], integrity: Unaltered) -> tuple[Issuer, ...]:
    issuers = data.get("issuers")
    if not isinstance(issuers, list) or not issuers:
        raise _wrong("/data/issuers", "a list of at least one issuer", issuers)
    chain_id = _chain_id(data)
    signatures = _signatures(raw)
    return tuple(
        _issuer(issuer, f"/data/issuers/{at}", chain_id, integrity, signatures) for at, issuer in enumerate(issuers)
    )


def _issuer(
    issuer: object, where: str, chain_id: int | None, integrity: Unaltered, signatures: tuple[Mapping[str, str], ...]
) -> Issuer:
    if not isinstance(issuer, dict) or not issuer:
        raise _wrong(where, "an issuer (none may be withheld)", issuer)
    stores = [name for name in _STORES if name in issuer]
    if len(stores) > 1:
        raise Malformed(Failure.SCHEMA, f"{where}: expected one contract for one issuer; got {' and '.join(stores)}.")
    proof = issuer.get("identityProof", {})
    if not isinstance(proof, dict):
        raise _wrong(f"{where}/identityProof", "an object", proof)
    kind = _text(proof, "type")
    location = _text(proof, "location")
    key = _text(proof, "key")
    name, did = _text(issuer, "name"), _text(issuer, "id")
    status: list[Claim] = []
    identity: list[Claim] = []
    if stores:
        address = _address(issuer[stores[0]], f"{where}/{stores[0]}")
        anchored = TokenRegistry if stores[0] == "tokenRegistry" else DocumentStore
        status.append(anchored(chain_id, address, integrity.root, integrity.target, integrity.proof))
        if kind == "DNS-TXT" and location is not None:
            identity.append(DnsTxt(location, chain_id, address))
    elif kind in ("DID", "DNS-DID") and did is not None and key is not None:
        status += [DidSigned(did, key, _signature_of(key, signatures), integrity.root)]
        status += [_not_revoked(issuer, where, chain_id, integrity)]
    if kind == "DNS-DID" and location is not None and did is not None and key is not None:
        identity.append(DnsDid(location, did, key))
    if kind == "DID" and did is not None:
        identity.append(Did(did, key))
    return Issuer(name, did, tuple(status), tuple(identity))


def _not_revoked(issuer: Mapping[str, Any], where: str, chain_id: int | None, integrity: Unaltered) -> NotRevoked:
    revocation = issuer.get("revocation", {})
    if not isinstance(revocation, dict):
        raise _wrong(f"{where}/revocation", "an object", revocation)
    kind, location = _text(revocation, "type"), _text(revocation, "location")
    return NotRevoked(kind, location, chain_id, integrity.root, integrity.target, integrity.proof)


def _signatures(raw: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    proofs = raw.get("proof", [])
    if not isinstance(proofs, list):
        raise _wrong("/proof", "a list of signatures", proofs)
    for at, proof in enumerate(proofs):
        if not isinstance(proof, dict):
            raise _wrong(f"/proof/{at}", "a signature", proof)
        for name, only in _SIGNATURE.items():
            if not isinstance(value := proof.get(name), str) or only not in (None, value):
                raise Malformed(
                    Failure.MALFORMED_HASH, f"/proof/{at}/{name}: expected {only or 'a string'}; got {_came(value)}."
                )
    return tuple(proofs)


def _signature_of(key: str, signatures: tuple[Mapping[str, str], ...]) -> str | None:
    made = (proof["signature"] for proof in signatures if proof["verificationMethod"].lower() == key.lower())
    return next(made, None)


def _chain_id(data: Mapping[str, Any]) -> int | None:
    network = data.get("network", {})
    if not isinstance(network, dict):
        raise _wrong("/data/network", "an object", network)
    if "chainId" not in network:
        return None
    chain_id = network["chainId"]
    if not isinstance(chain_id, str) or not _CHAIN_ID.fullmatch(chain_id):
        raise _wrong("/data/network/chainId", "a chain's number in decimal", chain_id)
    return int(chain_id)


def _address(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, "an address", value)
    try:
        return checksummed(value)
    except ValueError as bad:
        raise Malformed(Failure.BAD_ADDRESS, f"{where}: {bad}.") from None


def _text(holder: Mapping[str, Any], name: str) -> str | None:
    """A member that is a string, else None: what a claim lacks is missed by its check, or by the verdict."""
    value = holder.get(name)
    return value if isinstance(value, str) else None


def _hashes(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Malformed(Failure.MALFORMED_HASH, f"{where}: expected a list of hashes; got {_came(value)}.")
    return tuple(_hash(item, f"{where}/{at}") for at, item in enumerate(value))


def _hash(value: object, where: str) -> str:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise Malformed(Failure.MALFORMED_HASH, f"{where}: expected 64 lower-case hex digits; got {_came(value)}.")
    return value


def _notes(raw: Mapping[str, Any], integrity: Unaltered) -> tuple[Note, ...]:
    notes = [*gaps.notes(len(integrity.withheld), integrity.data, empty_is_gap=False)]
    if unsigned := [name for name in raw if name not in _MEMBERS]:
        named = ", ".join(shown(name) for name in unsigned[:5])
        notes.append(Note(Remark.UNSIGNED_MEMBER, f"not covered by any hash, so anybody may have added it: {named}"))
    return tuple(notes)


def _wrong(where: str, expected: str, value: object) -> Malformed:
    return Malformed(Failure.SCHEMA, f"{where}: expected {expected}; got {_came(value)}.")


def _came(value: object) -> str:
    if isinstance(value, str):
        return shown(value)
    if value is None:
        return "nothing"
    return {dict: "an object", list: "a list", bool: "true or false"}.get(type(value), "a number")
