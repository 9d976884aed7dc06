"""W3C verifiable credentials, as TrustVC makes them and as the standards have them: JSON <-> claims.

What a signature protects are statements, not JSON. So a credential is read into statements first, which refuses whatever
would say something to a reader of the JSON and nothing to the signature; only then are its members read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Final

from ebl.codes import Failure
from ebl.document import Document, Issuer
from ebl.errors import Malformed
from ebl.formats import titles, vc_model
from ebl.formats.parts import address, wrong
from ebl.formats.vc_model import Model, Object
from ebl.identity.did_issuer import DidIssuer
from ebl.primitives.contexts import Contexts, known
from ebl.primitives.jsonld import to_statements
from ebl.primitives.statements import Statements
from ebl.proofs import data_integrity as di
from ebl.proofs import ecdsa_rdfc
from ebl.proofs.suites import SUITES
from ebl.report import Claim
from ebl.status import status_list
from ebl.status.token_registry import TokenRegistry
from ebl.status.unlisted import NoStatus
from ebl.status.validity import Valid
from ebl.wholeness import WHOLE, Extent

TRANSFERABLE: Final = "TransferableRecords"
MAX_STATUSES: Final = 8
"""How many statuses a credential may have: each may be a page of a stranger's web site that is to be fetched."""

_CHAIN_ID = re.compile("[1-9][0-9]{0,18}")


def read(
    raw: Object, *, contexts: Contexts | None = None, list_issuers: tuple[str, ...] = (), at: str = ""
) -> Document:
    """Read a signed credential, base or derived.

    ``contexts`` are those that the library knows, unless the caller adds to them; ``list_issuers`` are DIDs whose status
    lists the caller accepts besides the issuer's own; ``at`` is where in the file it is, as the beginning of a path. Raises
    `Malformed`. Nothing is verified.
    """
    contexts = contexts or known()
    body = {name: value for name, value in raw.items() if name != "proof"}
    model = vc_model.parse(body)
    signed, derived = signature(raw, body, contexts, purpose="assertionMethod", at=at)
    whole = SUITES[signed.proof.cryptosuite].whole_as_read(signed) if derived else WHOLE
    statuses = _statuses(body, model, signed.statements, whole.extent is not Extent.WHOLE, list_issuers)
    identity = DidIssuer(model.issuer, signed.proof.key_id)
    return Document(
        format="vc",
        digest=None,
        issuers=(Issuer(model.issuer_name, model.issuer, identity=(identity,)),),
        integrity=(signed,),
        data=body,
        raw=raw,
        status=(Valid(model.start, model.end), *statuses),
        whole=whole,
    )


def signature(raw: Object, body: Object, contexts: Contexts, *, purpose: str, at: str = "") -> tuple[di.Signed, bool]:
    """The claim that a document's proof makes, and whether its holder chose what to show.

    Raises `Malformed` where the proof is of another suite, form or purpose, and where the document says something that no
    proof could protect.
    """
    if "proof" not in raw:
        raise di.shape("there is none: the document is not signed")
    proof, value = di.parse_proof(raw["proof"])
    suite = SUITES.get(proof.cryptosuite)
    if suite is None:
        raise di.shape(f"expected one of the suites {', '.join(SUITES)}; got {proof.cryptosuite[:60]!r}")
    if proof.purpose != purpose:
        raise di.shape(f"its purpose must be {purpose}; got {proof.purpose[:60]!r}")
    signed = suite.Signed(body, to_statements(body, contexts), proof, value, contexts, at)
    derived = suite is not ecdsa_rdfc and isinstance(suite.parse_value(value), suite.Derived)
    return signed, derived


def status_claims(body: Object, model: Model, contexts: Contexts) -> Sequence[Claim]:
    """The claims that an unsigned credential will make about its status.

    Raises `Malformed` as `read` would, also where it is a document of title that names no status.
    """
    claims = _statuses(body, model, di.to_protect(body, contexts), False, ())
    for claim in claims:
        if isinstance(claim, NoStatus) and claim.transferable is not None:
            raise Malformed(
                Failure.NO_STATUS,
                f"a {claim.transferable} must have a credentialStatus.",
                "Name the title's registry, or an entry of a status list.",
            )
    return claims


def _statuses(
    body: Object, model: Model, statements: Statements, derived: bool, list_issuers: tuple[str, ...]
) -> Sequence[Claim]:
    if not model.statuses:
        return [NoStatus(titles.kind_of(statements.quads), derived)]
    if len(model.statuses) > MAX_STATUSES:
        raise Malformed(
            Failure.TOO_LARGE,
            f"/credentialStatus: expected at most {MAX_STATUSES} statuses, each of which is asked for;"
            f" got {len(model.statuses):,}.",
        )
    claims: list[Claim] = []
    for number, status in enumerate(model.statuses):
        at = "/credentialStatus" if len(model.statuses) == 1 else f"/credentialStatus/{number}"
        types = status["type"] if isinstance(status["type"], list) else [status["type"]]
        if len(types) != 1:
            raise wrong(f"{at}/type", "one type", types)
        if derived and not _is_shown_whole(types[0], status):
            claims.append(NoStatus(titles.kind_of(statements.quads), derived, partly=True))
        elif types[0] != TRANSFERABLE:
            claims.append(
                status_list.entry({**status, "type": types[0]}, issuer=model.issuer, list_issuers=list_issuers)
            )
        elif len(model.statuses) > 1:
            raise wrong("/credentialStatus", f"{TRANSFERABLE} to be the only status", model.statuses)
        else:
            claims.append(_title(body, status, at))
    return claims


def _is_shown_whole(type_: Any, status: Object) -> bool:
    """Whether a status shows what it takes to ask for it: of a derived credential its holder may have left some out."""
    if type_ in status_list.ENTRY_TYPES:
        return status.keys() >= status_list.NEEDED
    network = status.get("tokenNetwork", {})
    return type_ != TRANSFERABLE or (
        {"tokenId", "tokenNetwork", "tokenRegistry"} <= status.keys()
        and (not isinstance(network, dict) or "chainId" in network)
    )


def _title(body: Object, status: Object, at: str) -> TokenRegistry:
    """The title that a transferable credential names: the token numbered by the SHA-256 of the credential's id."""
    if not isinstance(body.get("id"), str):
        raise wrong("/id", "an id, which the title's number is made of", body.get("id"))
    number = token_id(body["id"])
    stated = status.get("tokenId")
    if not isinstance(stated, str) or stated.lower() != number.hex():
        raise Malformed(
            Failure.TITLE_NUMBER,
            f"{at}/tokenId: expected {number.hex()}, the SHA-256 of the id; got {str(stated)[:80]!r}.",
        )
    network = status.get("tokenNetwork")
    if not isinstance(network, dict):
        raise wrong(f"{at}/tokenNetwork", "an object with a chainId", network)
    chain = network.get("chainId")
    if isinstance(chain, bool) or not isinstance(chain, str | int) or not _CHAIN_ID.fullmatch(str(chain)):
        raise wrong(f"{at}/tokenNetwork/chainId", "the number of a chain", chain)
    registry = address(status.get("tokenRegistry"), f"{at}/tokenRegistry")
    return TokenRegistry(int(chain), registry, number, number, (), by_id=True)


def token_id(credential_id: str) -> bytes:
    """The number of a transferable credential's token: 32 bytes, the SHA-256 of its id in UTF-8."""
    return hashlib.sha256(credential_id.encode()).digest()
