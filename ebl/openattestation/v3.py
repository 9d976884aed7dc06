"""OpenAttestation v3: JSON <-> claims.

A wrapped document is a W3C credential with ``openAttestationMetadata`` (where it was issued, and by whom) and a ``proof``
with the salts of its leaves, its digest, the batch's root, and the proof between the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ebl.codec.strict_json import describe_value
from ebl.codec.timestamp import parse_timestamp
from ebl.codes import Doubt, Failure
from ebl.errors import Malformed, Unreadable
from ebl.identity.dns_txt import DnsTxt
from ebl.messages import say
from ebl.model.document import Document, Issuer
from ebl.model.findings import Claim, Note
from ebl.model.members import address, member, text, wrong
from ebl.model.wholeness import WHOLE, of_leaves
from ebl.openattestation import redaction_notes as gaps
from ebl.openattestation.oa_detection import OA3, OA3_PROOF
from ebl.openattestation.salts import Salts
from ebl.openattestation.v3_integrity import Dialect, FlatDocument, UnalteredV3, digest, encode_salts
from ebl.openattestation.wrapped_members import (
    anchored,
    bare_did,
    chain_id,
    hash_bytes,
    hashes,
    not_revoked,
    proof_hashes,
    unknown_identity,
    unknown_members,
    unknown_method,
    unsigned_members,
)
from ebl.status.validity import Valid

VERSION = OA3
SCHEMA = "openattestation-3.0.schema.json"
CONTEXT = "https://schemata.openattestation.com/com/openattestation/1.0/OpenAttestation.v3.json"
W3C_CONTEXT = "https://www.w3.org/2018/credentials/v1"
PROOF = OA3_PROOF

_PROOF_MEMBERS = {
    "type",
    "proofPurpose",
    "targetHash",
    "proofs",
    "merkleRoot",
    "salts",
    "privacy",
}
_STARTS = ("issuanceDate", "validFrom")
_ENDS = ("expirationDate", "validUntil")
_METADATA = "/openAttestationMetadata"

Claims = tuple[Claim, ...]


def read(raw: Mapping[str, Any]) -> Document:
    """Reads a wrapped document. Nothing is verified. One of another version, or with another type of proof, can only be shown.

    Raises `Malformed` if it breaks the format's rules, and `Unreadable` if it is not wrapped yet.
    """
    if unknown := _unknown(raw):
        return unknown
    if raw.get("version") != VERSION:
        if "version" not in raw and "proof" not in raw:
            raise Unreadable(Failure.UNSUPPORTED_FORMAT, "raw_v3")
        raise Malformed(Failure.AMBIGUOUS_VERSION, "of_v3", expected=VERSION, came=describe_value(raw.get("version")))
    integrity = integrity_of(raw)
    return Document(
        format="oa3",
        digest=integrity.target,
        root=integrity.root,
        issuers=(_issuer(raw, integrity),),
        integrity=(integrity,),
        data=integrity.document,
        raw=raw,
        status=_validity(raw),
        notes=_notes(raw, integrity),
        whole=of_leaves(len(integrity.withheld), *_may_hide(raw)) if integrity.withheld else WHOLE,
    )


def _unknown(raw: Mapping[str, Any]) -> Document | None:
    proof = raw.get("proof")
    if not isinstance(proof, dict) or (raw.get("version") == VERSION and proof.get("type") == PROOF):  # the usual case
        return None
    from ebl.model import not_known_here as unsupported

    shown = {name: value for name, value in raw.items() if name != "proof"}
    unknown = unsupported.version(raw, VERSION, "openattestation_v3") or unsupported.hashes(proof.get("type"), PROOF)
    return unsupported.document("oa3", raw, shown, unknown, integrity=UnalteredV3.name) if unknown else None


def completed(data: Mapping[str, Any], *, schema_id: str | None = None) -> dict[str, Any]:
    """Returns a credential with what every v3 document has: version and contexts. The caller's own values take precedence."""
    schema = {} if schema_id is None else {"schema": schema_id}
    contexts = data.get("@context") or [W3C_CONTEXT]
    if isinstance(contexts, list | tuple) and CONTEXT not in contexts:
        contexts = [*contexts, CONTEXT]
    return {"version": VERSION, **schema, **data, "@context": contexts}


def prepare(
    credential: Mapping[str, Any], flat: FlatDocument, salts: Salts, *, dialect: Dialect
) -> tuple[dict[str, Any], bytes]:
    """Returns a copy of a checked credential with the salts of its leaves, and its digest; its proof is incomplete yet."""
    salted = list(zip(flat.paths, salts(len(flat.paths)), strict=True))
    target = digest(flat, dict(salted), dialect=dialect)
    document = _copied(credential)
    document["proof"] = {
        "type": PROOF,
        "proofPurpose": "assertionMethod",
        "targetHash": target.hex(),
        "proofs": [],
        "merkleRoot": target.hex(),
        "salts": encode_salts(salted),
        "privacy": {"obfuscated": []},
    }
    return document, target


def seal(document: dict[str, Any], target: bytes, proof: list[str], root: str) -> None:
    """Adds its place in the batch to a prepared document. ``proof`` and ``root`` are in hex."""
    document["proof"]["targetHash"] = target.hex()
    document["proof"]["proofs"] = proof
    document["proof"]["merkleRoot"] = root


def _copied(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: value if type(value) is str else _copied(value) for key, value in node.items()}
    return [_copied(value) for value in node] if isinstance(node, list | tuple) else node


def integrity_of(raw: Mapping[str, Any]) -> UnalteredV3:
    """Returns what the document states about its own hashes. Raises `Malformed`."""
    proof = raw.get("proof")
    if not isinstance(proof, dict):
        raise wrong("/proof", "proof", proof)
    for name, value in (("type", PROOF), ("proofPurpose", "assertionMethod")):
        if proof.get(name) != value:
            raise wrong(f"/proof/{name}", "constant", proof.get(name), expected=value)
    salts, privacy = proof.get("salts"), proof.get("privacy")
    if not isinstance(salts, str):
        raise wrong("/proof/salts", "text", salts)
    if not isinstance(privacy, dict):
        raise wrong("/proof/privacy", "object", privacy)
    return UnalteredV3(
        document={name: value for name, value in raw.items() if name != "proof"},
        salts=salts,
        withheld=hashes(privacy.get("obfuscated"), "/proof/privacy/obfuscated"),
        target=hash_bytes(proof.get("targetHash"), "/proof/targetHash"),
        proof=proof_hashes(proof.get("proofs"), "/proof/proofs"),
        root=hash_bytes(proof.get("merkleRoot"), "/proof/merkleRoot"),
    )


def _issuer(raw: Mapping[str, Any], integrity: UnalteredV3) -> Issuer:
    issuer = raw.get("issuer")
    if not isinstance(issuer, dict | str) or not issuer:
        raise wrong("/issuer", "issuer_or_uri", issuer)
    name, id_ = (text(issuer, "name"), text(issuer, "id")) if isinstance(issuer, dict) else (None, issuer)
    metadata = raw.get("openAttestationMetadata")
    if not isinstance(metadata, dict):
        raise wrong(_METADATA, "object", metadata)
    method, identity = member(metadata, "proof", _METADATA), member(metadata, "identityProof", _METADATA)
    identifier = text(identity, "identifier")
    if identifier is None:
        raise wrong(f"{_METADATA}/identityProof/identifier", "text", identity.get("identifier"))
    match method.get("method"):
        case "DOCUMENT_STORE" | "TOKEN_REGISTRY":
            status, names = _by_contract(raw, method, identity, identifier, integrity)
        case "DID":
            status, names = _by_did(raw, method, identity, identifier, integrity)
        case str() as other if other:
            at = f"{_METADATA}/proof/method"
            status, names = unknown_method(say(Doubt.UNSUPPORTED_STATUS, "method_v3", at=at, method=other))
        case other:
            raise wrong(f"{_METADATA}/proof/method", "method", other)
    return Issuer(name, id_, status, names)


def _by_contract(
    raw: Mapping[str, Any],
    method: Mapping[str, Any],
    identity: Mapping[str, Any],
    identifier: str,
    integrity: UnalteredV3,
) -> tuple[Claims, Claims]:
    chain = chain_id(raw, "")
    contract = address(method.get("value"), f"{_METADATA}/proof/value")
    hashes_ = integrity.root, integrity.target, integrity.proof
    status = (anchored(method["method"] == "TOKEN_REGISTRY", chain, contract, *hashes_),)
    if identity.get("type") != "DNS-TXT":
        return status, unknown_identity(identity, f"{_METADATA}/identityProof")
    return status, (DnsTxt(identifier, chain, contract),)


def _by_did(
    raw: Mapping[str, Any],
    method: Mapping[str, Any],
    identity: Mapping[str, Any],
    identifier: str,
    integrity: UnalteredV3,
) -> tuple[Claims, Claims]:
    did, key, signature = bare_did(text(method, "value")), text(raw["proof"], "key"), text(raw["proof"], "signature")
    if did is None:
        raise wrong(f"{_METADATA}/proof/value", "did", method.get("value"))
    if key is None:
        from ebl.openattestation import not_signed as unsigned

        return unsigned.claims(did)
    from ebl.identity.did import Did
    from ebl.identity.dns_did import DnsDid
    from ebl.openattestation.did_signature import DidSigned

    revocation = member(method, "revocation", f"{_METADATA}/proof")
    hashes_ = integrity.root, integrity.target, integrity.proof
    status = (
        DidSigned(did, key, signature, integrity.root),
        not_revoked(revocation, chain_id(raw, ""), hashes_, bool(integrity.withheld)),
    )
    match identity.get("type"):
        case "DID" if bare_did(identifier) == did:
            return status, (Did(did, key),)
        case "DNS-DID":
            return status, (DnsDid(identifier, did, key),)
    return status, unknown_identity(identity, f"{_METADATA}/identityProof")


def _validity(raw: Mapping[str, Any]) -> Claims:
    starts = [date for name in _STARTS if (date := _date(raw, name)) is not None]
    ends = [date for name in _ENDS if (date := _date(raw, name)) is not None]
    if not starts and not ends:
        return ()
    return (Valid(max(starts, default=None), min(ends, default=None)),)


def _may_hide(raw: Mapping[str, Any]) -> list[str]:
    """Lists what may be withheld and would affect the verdict: a date, and the chain."""
    network = raw.get("network")
    shows_chain = isinstance(network, dict) and "chainId" in network
    dates = [name for name in (*_STARTS, *_ENDS) if name not in raw]
    return [*dates, *([] if shows_chain else ["network.chainId"])]


def _date(raw: Mapping[str, Any], name: str) -> datetime | None:
    if name not in raw:
        return None
    value = raw[name]
    if isinstance(value, str):
        try:
            return parse_timestamp(value)
        except ValueError:
            pass
    raise wrong(f"/{name}", "date", value)


def _notes(raw: Mapping[str, Any], integrity: UnalteredV3) -> tuple[Note, ...]:
    notes = [*gaps.notes(len(integrity.withheld), integrity.document, empty_is_gap=True)]
    proof = raw["proof"]
    # A key and a signature are checked only if a DID issues. With a contract they have no meaning.
    signed = raw["openAttestationMetadata"]["proof"]["method"] == "DID" and {"key", "signature"} <= proof.keys()
    known = {*_PROOF_MEMBERS, "key", "signature"} if signed else _PROOF_MEMBERS
    unsigned = [
        *unknown_members(proof, known, "proof."),
        *unknown_members(proof["privacy"], {"obfuscated"}, "proof.privacy."),
    ]
    return (*notes, *unsigned_members(unsigned))
