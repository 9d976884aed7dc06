"""W3C verifiable credentials, in TrustVC's form and in that of the standards: JSON <-> claims.

A signature protects statements, not JSON. So a credential is read into statements first. This refuses members that a reader
of the JSON would see and the signature does not cover. Only then are the members read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Final

from ebl.codec.strict_json import describe_value
from ebl.codes import Doubt, Failure
from ebl.credentials import data_integrity as di
from ebl.credentials import data_model as vc_model
from ebl.credentials import status_list, suites
from ebl.credentials import title_types as titles
from ebl.credentials.data_model import Model, Object
from ebl.credentials.linked_data import to_statements
from ebl.credentials.no_status import NoStatus
from ebl.did.did_syntax import is_did
from ebl.did.key_control import same_did
from ebl.errors import Malformed, Unsupported
from ebl.ethereum.chain_id import parse_chain_id
from ebl.identity.did_issuer import DidIssuer
from ebl.jsonld.contexts import Contexts, known
from ebl.jsonld.statements import Statements
from ebl.model import not_known_here as unsupported
from ebl.model.document import Document, Issuer
from ebl.model.findings import Claim, Group
from ebl.model.members import address, wrong
from ebl.model.not_known_here import NotKnownHere
from ebl.model.wholeness import UNKNOWN, Extent
from ebl.status.token_registry import TokenRegistry
from ebl.status.validity import Valid

TRANSFERABLE: Final = "TransferableRecords"
MAX_STATUSES: Final = 8
"""The most statuses that a credential may have: each may need a request to a web site that the document names."""


def read(
    raw: Object, *, contexts: Contexts | None = None, list_issuers: tuple[str, ...] = (), at: str = ""
) -> Document:
    """Reads a signed credential, base or derived.

    ``contexts`` are those included in the library, unless the caller adds to them; ``list_issuers`` are DIDs whose status
    lists the caller accepts in addition to the issuer's own; ``at`` is its place in the file, as the beginning of a path. An
    unsupported member becomes a claim that cannot be established (`ebl.model.not_known_here`). Raises `Malformed`. Nothing is
    verified.
    """
    contexts = contexts or known()
    body = {name: value for name, value in raw.items() if name != "proof"}
    if not vc_model.ENVELOPED.isdisjoint(vc_model.types_of(raw)):
        return not_known_here(raw, body, Unsupported(Doubt.UNSUPPORTED_SUITE, "enveloped"))
    try:
        model = vc_model.parse(body)
    except Unsupported as unknown:
        return not_known_here(raw, body, unknown)
    integrity: Claim
    identity: Claim
    try:
        signed, _ = signature(raw, body, contexts, purpose="assertionMethod", at=at)
    except Unsupported as unknown:
        integrity = unsupported.claim(Group.INTEGRITY, di.Signed.name, unknown)
        identity, whole = _unknown_signer(raw, model.issuer, unknown), UNKNOWN
        try:
            statuses = _statuses(body, model, None, True, list_issuers)
        except Malformed:  # with such a proof, a member that is missing may be one that its holder did not show
            statuses = []
        statuses = statuses or [unsupported.because(Group.STATUS, NoStatus.name, unknown, "need_of_status_not_told")]
    else:
        integrity = signed
        identity = DidIssuer(model.issuer, signed.proof.key_id, signed=signed.proof.created)
        whole = suites.SUITES[signed.proof.cryptosuite].whole_as_read(signed)
        # A base proof whose statements can be removed shows as little about missing members as a derived one.
        statuses = _statuses(body, model, signed.statements, whole.extent is not Extent.WHOLE, list_issuers)
    return Document(
        format="vc",
        digest=None,
        issuers=(Issuer(model.issuer_name, model.issuer, identity=(identity,)),),
        integrity=(integrity,),
        data=body,
        raw=raw,
        status=(Valid(model.start, model.end), *statuses),
        whole=whole,
    )


def not_known_here(raw: Object, body: Object, unknown: Unsupported) -> Document:
    """Returns a credential that is not supported: its JSON can be shown, and none of its claims can be established."""
    issuer = body.get("issuer")
    name, id_ = (issuer.get("name"), issuer.get("id")) if isinstance(issuer, dict) else (None, issuer)
    status = unsupported.because(Group.STATUS, "status", unknown, "status_not_told")
    identity = unsupported.because(Group.IDENTITY, DidIssuer.name, unknown, "signer_not_told")
    return Document(
        format="vc",
        digest=None,
        issuers=(Issuer(vc_model.text_of(name), vc_model.text_of(id_), identity=(identity,)),),
        integrity=(unsupported.claim(Group.INTEGRITY, di.Signed.name, unknown),),
        data=body,
        raw=raw,
        status=(status,),
        whole=UNKNOWN,
    )


def _unknown_signer(raw: Object, issuer: str, unknown: Unsupported) -> Claim:
    """Returns the claim for an unknown signer: the proof cannot be checked, and not all proofs name keys of other DIDs.

    Of several proofs one may be the issuer's and the others by third parties, for example a notary.
    """
    proofs = raw.get("proof")
    others = [_key_of_another(proof, issuer) for proof in (proofs if isinstance(proofs, list) else [proofs])]
    if others and (first := others[0]) is not None and None not in others:
        return DidIssuer(issuer, first)
    return unsupported.because(Group.IDENTITY, DidIssuer.name, unknown, "signer_not_told")


def _key_of_another(proof: Any, issuer: str) -> str | None:
    """Returns the key that a proof names, if it is one of another DID than the issuer's."""
    named = proof.get("verificationMethod") if isinstance(proof, dict) else None
    owner = re.split("[/?;#]", named)[0] if isinstance(named, str) and named.startswith("did:") else ""
    if not is_did(owner) or same_did(owner, re.split("[/?;#]", issuer)[0]):
        return None
    return f"{owner}#{str(named).partition('#')[2]}"


def signature(raw: Object, body: Object, contexts: Contexts, *, purpose: str, at: str = "") -> tuple[di.Signed, bool]:
    """Returns the claim that a document's proof makes, and whether its holder chose what to show.

    Raises `Malformed` if the proof is of another form or purpose, or if no proof could protect some member of the document.
    Raises `Unsupported` if the proof's suite or a context is not supported.
    """
    if "proof" not in raw:
        raise Malformed(Failure.PROOF_SHAPE, "no_proof")
    suite, proof, value = suites.parse(raw["proof"])
    if proof.purpose != purpose:
        raise Malformed(Failure.PROOF_SHAPE, "purpose", expected=purpose, came=proof.purpose)
    signed = suite.SIGNED(body, to_statements(body, contexts), proof, value, contexts, at)
    return signed, suite.is_derived(value)


def status_claims(body: Object, model: Model, contexts: Contexts) -> Sequence[Claim]:
    """Returns the claims that an unsigned credential will make about its status.

    Raises `Malformed` as `read` would, also if it is a document of title that names no status. Raises `Unsupported` if its
    status could not be checked.
    """
    claims = _statuses(body, model, di.to_protect(body, contexts), False, ())
    for claim in claims:
        if isinstance(claim, NotKnownHere):
            raise Unsupported(claim.doubt, claim.message)
        if isinstance(claim, NoStatus) and claim.transferable is not None:
            raise Malformed(Failure.NO_STATUS, "title_to_sign", type=claim.transferable)
    return claims


def _statuses(
    body: Object, model: Model, statements: Statements | None, derived: bool, list_issuers: tuple[str, ...]
) -> Sequence[Claim]:
    """Returns the claims of a credential's statuses, or of one without a status if its ``statements`` determine its kind."""
    if not model.statuses:
        if statements is None:
            return []
        return [NoStatus(titles.kind_of(statements.quads), derived)]
    if len(model.statuses) > MAX_STATUSES:
        raise Malformed(Failure.TOO_LARGE, "statuses", limit=MAX_STATUSES, count=len(model.statuses))
    claims: list[Claim] = []
    for number, status in enumerate(model.statuses):
        at = "/credentialStatus" if len(model.statuses) == 1 else f"/credentialStatus/{number}"
        types = status["type"] if isinstance(status["type"], list) else [status["type"]]
        if TRANSFERABLE in types and len(model.statuses) > 1:
            raise wrong("/credentialStatus", "only_status", model.statuses, type=TRANSFERABLE)
        if (
            derived
            and statements is not None
            and "obligationRegistry" not in status
            and not _is_shown_whole(types, status)
        ):
            claims.append(NoStatus(titles.kind_of(statements.quads), derived, partly=True))
            continue
        try:
            if types == [TRANSFERABLE]:
                claims.append(_title(body, status, at))
            else:
                claims.append(status_list.entry(status, types, issuer=model.issuer, list_issuers=list_issuers))
        except Unsupported as unknown:
            claims.append(unsupported.claim(Group.STATUS, status_list.StatusListEntry.name, unknown))
    return claims


def _is_shown_whole(types: Sequence[Any], status: Object) -> bool:
    """Whether a status shows all that a query needs: the holder of a derived credential may have left some of it out."""
    if len(types) == 1 and types[0] in status_list.ENTRY_TYPES:
        return status.keys() >= status_list.NEEDED
    network = status.get("tokenNetwork", {})
    return types != [TRANSFERABLE] or (
        {"tokenId", "tokenNetwork", "tokenRegistry"} <= status.keys()
        and (not isinstance(network, dict) or "chainId" in network)
    )


def _title(body: Object, status: Object, at: str) -> TokenRegistry:
    """Returns the title that a transferable credential names: the token numbered by the SHA-256 of the credential's id.

    Raises `Unsupported` if the title is in an obligation registry, which has other states and other duties in each.
    """
    if "obligationRegistry" in status:
        raise Unsupported(Doubt.OBLIGATION, "title", at=at, registry=describe_value(status["obligationRegistry"]))
    if not isinstance(body.get("id"), str):
        raise wrong("/id", "id_of_title", body.get("id"))
    number = token_id(body["id"])
    stated = status.get("tokenId")
    if not isinstance(stated, str) or stated.lower() != number.hex():
        raise wrong(f"{at}/tokenId", "sha256", stated, Failure.TITLE_NUMBER, expected=number.hex())
    network = status.get("tokenNetwork")
    if not isinstance(network, dict):
        raise wrong(f"{at}/tokenNetwork", "network", network)
    chain = network.get("chainId")
    chain_id = parse_chain_id(str(chain) if isinstance(chain, int) else chain)  # "True", of true, is refused
    if chain_id is None:
        raise wrong(f"{at}/tokenNetwork/chainId", "chain_number", chain)
    registry = address(status.get("tokenRegistry"), f"{at}/tokenRegistry")
    return TokenRegistry(chain_id, registry, number, number, (), by_id=True)


def token_id(credential_id: str) -> bytes:
    """Returns the number of a transferable credential's token: 32 bytes, the SHA-256 of its id in UTF-8."""
    return hashlib.sha256(credential_id.encode()).digest()
