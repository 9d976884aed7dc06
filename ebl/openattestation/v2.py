"""OpenAttestation v2: JSON <-> claims.

A wrapped document has every leaf of its ``data`` written as ``uuid:type:value``, and a ``signature`` with its digest, the
batch's root, and the proof between the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ebl.codec.strict_json import describe_value
from ebl.codes import Doubt, Failure
from ebl.errors import Malformed
from ebl.identity.dns_txt import DnsTxt
from ebl.messages import say
from ebl.model.document import Document, Issuer
from ebl.model.findings import Claim, Note
from ebl.model.members import address, member, text, wrong
from ebl.model.wholeness import WHOLE, of_leaves
from ebl.openattestation import redaction_notes as gaps
from ebl.openattestation.oa_detection import OA2
from ebl.openattestation.salting import Unsalted, require_known_types, salted_and_hashed, unsalted
from ebl.openattestation.salts import Salts
from ebl.openattestation.v2_digest import SaltedLeaves, flatten
from ebl.openattestation.v2_integrity import UnalteredV2
from ebl.openattestation.wrapped_members import (
    SIGNATURE_MEMBERS,
    anchored,
    bare_did,
    chain_id,
    hash_bytes,
    hashes,
    not_revoked,
    proof_hashes,
    require_few_issuers,
    signatures,
    unknown_identity,
    unknown_members,
    unknown_method,
    unsigned_members,
)

VERSION = OA2
SIGNATURE = "SHA3MerkleProof"
SCHEMA = "openattestation-2.0.schema.json"

_MEMBERS = {"version", "data", "signature", "privacy", "proof"}
_PRIVACY_MEMBERS = {"obfuscatedData"}
_SIGNATURE_MEMBERS = {"type", "targetHash", "proof", "merkleRoot"}

Claims = tuple[Claim, ...]

_OLD_SCHEMA = re.compile(r"(?:tradetrust|opencerts)/v?[0-9]+(?:\.[0-9]+)*")
_STORES = ("documentStore", "certificateStore", "tokenRegistry")


def read(raw: Mapping[str, Any]) -> Document:
    """Reads a wrapped document. Raises `Malformed` if it breaks the format's rules; nothing is verified.

    The oldest documents name their application's schema (``tradetrust/v1.0``) instead of a ``version``. A document of another
    version, or with another type of signature, can be shown and has no claims that can be checked.
    """
    if unknown := _unknown(raw):
        return unknown
    if raw.get("version") != VERSION and not (
        "version" not in raw and _OLD_SCHEMA.fullmatch(text(raw, "schema") or "")
    ):
        raise Malformed(Failure.AMBIGUOUS_VERSION, "of_v2", expected=VERSION, came=describe_value(raw.get("version")))
    integrity = integrity_of(raw)
    if integrity.leaves.digest is None:
        require_known_types(integrity.leaves.flat.values)
    issuers = _issuers(raw, integrity)
    return Document(
        format="oa2",
        digest=integrity.target,
        root=integrity.root,
        issuers=issuers,
        integrity=(integrity,),
        data=Unsalted(raw["data"]),
        raw=raw,
        notes=_notes(raw, integrity, issuers),
        whole=of_leaves(len(integrity.withheld), *_may_hide(raw["data"], issuers)) if integrity.withheld else WHOLE,
    )


def prepare(
    data: dict[str, Any], salts: Salts | None = None, *, schema_id: str | None = None, any_end: bool = False
) -> tuple[dict[str, Any], bytes]:
    """Returns a document of checked data with its leaves salted, and its digest; it has no signature yet.

    ``any_end`` accepts texts that end in white space. Raises `ebl.openattestation.salting.NotPlain`.
    """
    copy, target = salted_and_hashed(data, salts, any_end=any_end)
    document: dict[str, Any] = {"version": VERSION, "data": copy}
    if schema_id is not None:
        document["schema"] = schema_id
    return document, target


def seal(document: dict[str, Any], target: bytes, proof: list[str], root: str) -> None:
    """Adds its signature to a prepared document. ``proof`` and ``root`` are in hex."""
    document["signature"] = {
        "type": SIGNATURE,
        "targetHash": target.hex(),
        "proof": proof,
        "merkleRoot": root,
    }


def _unknown(raw: Mapping[str, Any]) -> Document | None:
    signature = raw.get("signature")
    type_ = signature.get("type") if isinstance(signature, dict) else None
    if raw.get("version") == VERSION and type_ == SIGNATURE:  # the usual case
        return None
    from ebl.model import not_known_here as unsupported

    unknown = unsupported.version(raw, VERSION, "openattestation_v2") or unsupported.hashes(type_, SIGNATURE)
    return unsupported.document("oa2", raw, _shown(raw), unknown, integrity=UnalteredV2.name) if unknown else None


def _shown(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the plain content if it is salted as in a known version; otherwise the content as it is in the document."""
    data = raw.get("data")
    if not isinstance(data, dict):
        return {}
    try:
        require_known_types(flatten(data).values)
    except Malformed:
        return data
    return Unsalted(data)


def integrity_of(raw: Mapping[str, Any]) -> UnalteredV2:
    """Returns what the document states about its own hashes. Raises `Malformed`."""
    data, signature = raw.get("data"), raw.get("signature")
    if not isinstance(data, dict):
        raise wrong("/data", "object", data)
    if not isinstance(signature, dict):
        raise wrong("/signature", "object", signature)
    if signature.get("type") != SIGNATURE:
        type_ = signature.get("type")
        raise wrong("/signature/type", "constant", type_, Failure.MALFORMED_HASH, expected=SIGNATURE)
    privacy = member(raw, "privacy", "")
    return UnalteredV2(
        leaves=SaltedLeaves(data, withheld := privacy.get("obfuscatedData", [])),
        withheld=hashes(withheld, "/privacy/obfuscatedData"),
        target=hash_bytes(signature.get("targetHash"), "/signature/targetHash"),
        proof=proof_hashes(signature.get("proof"), "/signature/proof"),
        root=hash_bytes(signature.get("merkleRoot"), "/signature/merkleRoot"),
    )


def _issuers(raw: Mapping[str, Any], integrity: UnalteredV2) -> tuple[Issuer, ...]:
    data = unsalted({name: raw["data"][name] for name in ("issuers", "network") if name in raw["data"]})
    issuers = data.get("issuers")
    if not isinstance(issuers, list) or not issuers:
        raise wrong("/data/issuers", "issuers", issuers)
    require_few_issuers(issuers, "/data/issuers")
    anchor = _Anchor(chain_id(data, "/data"), integrity, signatures(raw))
    return tuple(_issuer(issuer, f"/data/issuers/{at}", anchor) for at, issuer in enumerate(issuers))


@dataclass(frozen=True, slots=True)
class _Anchor:
    """What the issuers of one document share."""

    chain_id: int | None
    integrity: UnalteredV2
    signatures: Mapping[str, str]

    @property
    def hashes(self) -> tuple[bytes, bytes, tuple[bytes, ...]]:
        return self.integrity.root, self.integrity.target, self.integrity.proof


def _issuer(issuer: object, where: str, anchor: _Anchor) -> Issuer:
    if not isinstance(issuer, dict) or not issuer:
        raise wrong(where, "issuer", issuer)
    stores = [name for name in _STORES if name in issuer]
    if len(stores) > 1:
        raise Malformed(Failure.SCHEMA, "one_contract", at=where, contracts=stores)
    if stores:
        status, identity = _by_contract(issuer, stores[0], where, anchor)
    else:
        status, identity = _by_did(issuer, where, anchor)
    return Issuer(text(issuer, "name"), text(issuer, "id"), status, identity)


def _by_contract(issuer: Mapping[str, Any], store: str, where: str, anchor: _Anchor) -> tuple[Claims, Claims]:
    contract = address(issuer[store], f"{where}/{store}")
    status = (anchored(store == "tokenRegistry", anchor.chain_id, contract, *anchor.hashes),)
    if "identityProof" not in issuer and store != "tokenRegistry":
        from ebl.identity.store_alone import StoreAlone

        return status, (StoreAlone(contract, bool(anchor.integrity.withheld)),)
    proof = member(issuer, "identityProof", where)
    domain = text(proof, "location")
    if proof.get("type") != "DNS-TXT" or domain is None:
        return status, unknown_identity(proof, f"{where}/identityProof")
    return status, (DnsTxt(domain, anchor.chain_id, contract),)


def _by_did(issuer: Mapping[str, Any], where: str, anchor: _Anchor) -> tuple[Claims, Claims]:
    proof = member(issuer, "identityProof", where)
    if unknown_identity(proof, where):
        at = f"{where}/identityProof/type"
        return unknown_method(say(Doubt.UNSUPPORTED_STATUS, "method_v2", at=at, method=proof["type"]))
    did, key, domain = bare_did(text(issuer, "id")), text(proof, "key"), text(proof, "location")
    if did is None or key is None or proof.get("type") not in ("DID", "DNS-DID"):
        return (), ()
    from ebl.identity.did import Did
    from ebl.identity.dns_did import DnsDid
    from ebl.openattestation.did_signature import DidSigned

    revocation = member(issuer, "revocation", where)
    status = (
        DidSigned(did, key, anchor.signatures.get(key.lower()), anchor.integrity.root),
        not_revoked(revocation, anchor.chain_id, anchor.hashes, bool(anchor.integrity.withheld)),
    )
    if proof["type"] == "DID":
        return status, (Did(did, key),)
    return status, (DnsDid(domain, did, key),) if domain is not None else ()


def _may_hide(data: Mapping[str, Any], issuers: tuple[Issuer, ...]) -> list[str]:
    """Lists what may be withheld and would affect the verdict: above all another issuer, which may have revoked."""
    network = data.get("network")
    shows_chain = isinstance(network, dict) and "chainId" in network
    return ["issuers", *([] if shows_chain else ["network.chainId"])]


def _notes(raw: Mapping[str, Any], integrity: UnalteredV2, issuers: tuple[Issuer, ...]) -> tuple[Note, ...]:
    privacy = member(raw, "privacy", "")
    if (
        not integrity.withheld
        and raw.keys() <= _MEMBERS
        and privacy.keys() <= _PRIVACY_MEMBERS
        and raw["signature"].keys() <= _SIGNATURE_MEMBERS
        and not raw.get("proof")
    ):  # the usual case
        return ()
    notes = [*gaps.notes(len(integrity.withheld), raw["data"], empty_is_gap=False)]
    old = "schema" in raw and _OLD_SCHEMA.fullmatch(text(raw, "schema") or "")
    unsigned = [
        *unknown_members(raw, _MEMBERS | {"schema"} if old else _MEMBERS),
        *unknown_members(privacy, _PRIVACY_MEMBERS, "privacy."),
        *unknown_members(raw["signature"], _SIGNATURE_MEMBERS, "signature."),
        *(_unknown_proof_members(raw["proof"], issuers) if raw.get("proof") else ()),
    ]
    return (*notes, *unsigned_members(unsigned))


def _unknown_proof_members(proofs: list[Mapping[str, Any]], issuers: tuple[Issuer, ...]) -> Iterator[str]:
    """Yields what the proofs hold in addition to the signatures that are checked. The time of signing is not signed."""
    from ebl.openattestation.did_signature import DidSigned

    keys = {claim.key_id.lower() for issuer in issuers for claim in issuer.status if isinstance(claim, DidSigned)}
    for at, proof in enumerate(proofs):
        if proof["verificationMethod"].lower() in keys:
            keys.remove(
                proof["verificationMethod"].lower()
            )  # of several signatures of one key only the first is checked
            yield from unknown_members(proof, SIGNATURE_MEMBERS, f"proof[{at}].")
        else:
            yield f"proof[{at}]"
