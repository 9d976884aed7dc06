"""Members that wrapped documents of v2 and v3 share, read into claims. Every function raises `Malformed` if a rule is broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from typing import Any

from ebl.codec.strict_json import some
from ebl.codes import Doubt, Failure, Remark
from ebl.errors import Malformed
from ebl.ethereum.chain_id import parse_chain_id
from ebl.messages import Message, say
from ebl.model.findings import Claim, Group, Note
from ebl.model.members import member, text, wrong

_MAX_PROOF = 64
MAX_ISSUERS = 20
_SIGNATURE = {
    "type": "OpenAttestationSignature2018",
    "proofPurpose": "assertionMethod",
    "verificationMethod": None,
    "signature": None,
}
SIGNATURE_MEMBERS = _SIGNATURE.keys()
"""The members of a v2 document's signature that are checked. The time (``created``) is not signed."""


def unknown_members(holder: Mapping[str, Any], known: Set[str], where: str = "") -> Iterator[str]:
    """Yields the names, prefixed by ``where``, of members that the format does not have at a place that no hash covers."""
    if holder.keys() <= known:  # the usual case
        return iter(())
    return (f"{where}{name}" for name in holder if name not in known)


def unsigned_members(names: Sequence[str]) -> tuple[Note, ...]:
    """Returns the note on members that no hash covers, if there are any."""
    if not names:
        return ()
    return (Note.of(Remark.UNSIGNED_MEMBER, "members", names=some(names)),)


def hashes(value: object, where: str) -> tuple[str, ...]:
    """Returns a list of hashes in hex."""
    return tuple(one.hex() for one in _all_bytes(value, where))


def proof_hashes(value: object, where: str) -> tuple[bytes, ...]:
    """Returns the siblings from a document to its root, 32 bytes each. Each is a request to a chain, and no batch needs 64."""
    if isinstance(value, list) and len(value) > _MAX_PROOF:
        raise Malformed(Failure.TOO_LARGE, "proof", at=where, limit=_MAX_PROOF, count=len(value))
    return _all_bytes(value, where)


def _all_bytes(value: object, where: str) -> tuple[bytes, ...]:
    if not isinstance(value, list):
        raise wrong(where, "hashes", value, Failure.MALFORMED_HASH)
    if not value:
        return ()
    if {*map(type, value)} <= {str} and {*map(len, value)} <= {64}:
        with suppress(ValueError):
            found = tuple(map(bytes.fromhex, value))
            if [one.hex() for one in found] == value:
                return found
    return tuple(
        hash_bytes(item, f"{where}/{at}") for at, item in enumerate(value)
    )  # which names the one that is wrong


def require_few_issuers(issuers: list[Any], where: str) -> None:
    """Refuses a document with so many issuers that checking them would flood chains and resolvers."""
    if len(issuers) > MAX_ISSUERS:
        raise Malformed(Failure.TOO_LARGE, "issuers", at=where, limit=MAX_ISSUERS, count=len(issuers))


def hash_bytes(value: object, where: str) -> bytes:
    """Returns the 32 bytes of one hash in hex: 64 lower-case digits without 0x."""
    try:
        found = bytes.fromhex(value)  # type: ignore[arg-type]
        if len(found) == 32 and found.hex() == value:
            return found
    except (TypeError, ValueError):
        pass
    raise wrong(where, "hash", value, Failure.MALFORMED_HASH)


IDENTITY_PROOFS = ("DNS-TXT", "DNS-DID", "DID")


def bare_did(value: str | None) -> str | None:
    """Returns the DID of a DID URL with a fragment: some tools name an issuer so (``did:ethr:0x…#controller``)."""
    return None if value is None else value.partition("#")[0]


def unknown_identity(proof: Mapping[str, Any], where: str) -> tuple[Claim, ...]:
    """Returns the claim for an identity proof of an unsupported kind; nothing for a supported kind, or for none."""
    kind = text(proof, "type")
    if not kind or kind in IDENTITY_PROOFS:
        return ()
    from ebl.model.not_known_here import NotKnownHere

    unknown = say(Doubt.UNSUPPORTED_IDENTITY, "type", at=f"{where}/type", type=kind, known=IDENTITY_PROOFS)
    return (NotKnownHere(Group.IDENTITY, "issuer", Doubt.UNSUPPORTED_IDENTITY, unknown),)


def unknown_method(unknown: Message) -> tuple[tuple[Claim, ...], tuple[Claim, ...]]:
    """Returns the claims (of status, of identity) for an unsupported method of issuing.

    ``unknown`` names it and lists those supported. What an identity proof would attest is then unknown too.
    """
    from ebl.model.not_known_here import NotKnownHere

    status = NotKnownHere(Group.STATUS, "issued", Doubt.UNSUPPORTED_STATUS, unknown)
    return (status,), (NotKnownHere(Group.IDENTITY, "issuer", Doubt.UNSUPPORTED_STATUS, unknown),)


def anchored(
    is_title: bool, chain: int | None, contract: str, root: bytes, target: bytes, proof: tuple[bytes, ...]
) -> Claim:
    """Returns the claim that a token registry (for a title) or a document store holds the root of a document."""
    if is_title:
        from ebl.status.token_registry import TokenRegistry

        return TokenRegistry(chain, contract, root, target, proof)
    from ebl.status.document_store import DocumentStore

    return DocumentStore(chain, contract, root, target, proof)


def not_revoked(
    revocation: Mapping[str, Any], chain: int | None, hashes: tuple[bytes, bytes, tuple[bytes, ...]], withheld: bool
) -> Claim:
    """Returns the claim of a document that a DID signed. ``hashes`` are root, target and proof; ``withheld``: some fields are."""
    from ebl.openattestation.revocation import NotRevoked

    kind = text(revocation, "type")
    hidden = withheld and chain is None and kind == "REVOCATION_STORE"
    place = text(revocation, "location")
    unsaid = withheld and (kind is None or (place is None and kind != "NONE"))
    return NotRevoked(kind, place, chain, *hashes, chain_may_be_withheld=hidden, may_be_withheld=unsaid)


def chain_id(data: Mapping[str, Any], where: str) -> int | None:
    """Returns the chain that ``network.chainId`` names in decimal, or None if the document names none."""
    network = member(data, "network", where)
    if "chainId" not in network:
        return None
    if (number := parse_chain_id(network["chainId"])) is None:
        raise wrong(f"{where}/network/chainId", "chain_id", network["chainId"])
    return number


def signatures(raw: Mapping[str, Any]) -> dict[str, str]:
    """Returns the signatures of a v2 document by key (a DID URL, in lower case); of several by one key, the first."""
    proofs = raw.get("proof", [])
    if not isinstance(proofs, list):
        raise wrong("/proof", "signatures", proofs)
    found: dict[str, str] = {}
    for at, proof in enumerate(proofs):
        if not isinstance(proof, dict):
            raise wrong(f"/proof/{at}", "signature", proof)
        for name, only in _SIGNATURE.items():
            if not isinstance(value := proof.get(name), str) and only is None:
                raise wrong(f"/proof/{at}/{name}", "text", value, Failure.MALFORMED_HASH)
            if only not in (None, value):
                raise wrong(f"/proof/{at}/{name}", "constant", value, Failure.MALFORMED_HASH, expected=only)
        found.setdefault(proof["verificationMethod"].lower(), proof["signature"])
    return found
