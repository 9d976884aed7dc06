"""The parts of a fragment: its reasons, and the outcomes of one issuer's claims. Codes and words are those of `tt-verify`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ebl.codes import Doubt, Failure
from ebl.errors import InvalidInput
from ebl.model.findings import Claim, Failed, Passed, Unknown
from ebl.openattestation.did_signature import DidSigned
from ebl.openattestation.revocation import NotRevoked
from ebl.reports.report import Report
from ebl.status.document_store import DocumentStore
from ebl.status.token_registry import TokenRegistry

Fragment = dict[str, Any]
"""A result of one check in the shape of the official verifiers, as JSON data."""

Outcome = Passed | Failed | Unknown

SKIPPED = {
    "OpenAttestationHash": (2, "Document does not have merkle root, target hash or data."),
    "OpenAttestationEthereumTokenRegistryStatus": (
        4, 'Document issuers doesn\'t have "tokenRegistry" property or TOKEN_REGISTRY method',
    ),
    "OpenAttestationEthereumDocumentStoreStatus": (
        4, 'Document issuers doesn\'t have "documentStore" or "certificateStore" property or DOCUMENT_STORE method',
    ),
    "OpenAttestationDidSignedDocumentStatus": (0, "Document was not signed by DID directly"),
    "OpenAttestationDnsTxtIdentityProof": (
        2, 'Document issuers doesn\'t have "documentStore" / "tokenRegistry" property or doesn\'t use DNS-TXT type',
    ),
    "OpenAttestationDnsDidIdentityProof": (0, "Document was not issued using DNS-DID"),
    "OpenAttestationDidIdentityProof": (
        0, "Document is not using DID as top level identifier or has not been wrapped",
    ),
}  # fmt: skip
_TYPE = {
    "DOCUMENT_INTEGRITY": ("Hash", "Integrity"),
    "DOCUMENT_STATUS": ("Status", "Records"),
    "ISSUER_IDENTITY": ("IdentityProof", "Identity"),
}
_UNUSABLE = (Doubt.WEB_BAD_ANSWER, Doubt.UNBOUND_ANSWER)
_OCSP = {
    0: "UNSPECIFIED", 1: "KEY_COMPROMISE", 2: "CA_COMPROMISE", 3: "AFFILIATION_CHANGED", 4: "SUPERSEDED",
    5: "CESSATION_OF_OPERATION", 6: "CERTIFICATE_HOLD", 8: "REMOVE_FROM_CRL", 9: "PRIVILEGE_WITHDRAWN",
    10: "A_A_COMPROMISE", 1001: "SUSPENDED",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoreOutcome:
    """The outcome of one issuer's document store, in the two halves of the official fragment."""

    claim: DocumentStore
    outcome: Outcome

    @property
    def issuance(self) -> dict[str, Any]:
        if not isinstance(self.outcome, Failed) or self.outcome.failure is Failure.REVOKED:
            return {"issued": True, "address": self.claim.address}
        reason = reason_of(1, "DOCUMENT_NOT_ISSUED", unissued(self.outcome, self.claim, "Contract is not found"))
        return {"issued": False, "address": self.claim.address, "reason": reason}

    @property
    def revocation(self) -> dict[str, Any]:
        return _revocation(self.outcome, self.claim.address, self.claim.root)


@dataclass(frozen=True, slots=True)
class SignatureOutcome:
    """The outcome of one issuer's signature. ``error`` has the code, word and message if it cannot be checked at all."""

    claim: DidSigned
    outcome: Outcome

    @property
    def holds(self) -> bool:
        return isinstance(self.outcome, Passed)

    @property
    def missing(self) -> bool:
        return isinstance(self.outcome, Failed) and self.outcome.failure is Failure.UNSIGNED

    @property
    def error(self) -> tuple[int, str, str] | None:
        if self.missing:
            return 6, "CORRESPONDING_PROOF_MISSING", f"Proof not found for {self.claim.key_id}"
        if self.holds or (isinstance(self.outcome, Failed) and self.outcome.failure is Failure.WRONG_SIGNATURE):
            return None
        key, did = self.claim.key_id, self.claim.did
        return 4, "KEY_NOT_IN_DID", f"No public key found on DID document for the DID {did} and key {key}"

    @property
    def because(self) -> dict[str, Any]:
        if self.holds:
            return {}
        account = self.claim.did.rpartition(":")[2]
        message = f"merkle root is not signed correctly by {account}"
        return {"reason": reason_of(7, "WRONG_SIGNATURE", message)}


@dataclass(frozen=True, slots=True)
class Revoked:
    """The outcome of the query whether one issuer revoked it. ``error`` is as in `SignatureOutcome`."""

    claim: NotRevoked
    outcome: Outcome

    @property
    def error(self) -> tuple[int, str, str] | None:
        if isinstance(self.outcome, Passed):
            return None
        if self.claim.kind not in ("NONE", "REVOCATION_STORE", "OCSP_RESPONDER"):
            return 9, "UNRECOGNIZED_REVOCATION_TYPE", "unrecognized revocation type for an issuer"
        if isinstance(self.outcome, Failed) and self.outcome.failure is Failure.NO_STATUS:
            return 10, "REVOCATION_LOCATION_MISSING", "missing revocation location for an issuer"
        asked = self.claim.kind == "OCSP_RESPONDER"
        odd = asked and isinstance(self.outcome, Failed) and self.outcome.reason is None
        if odd or (isinstance(self.outcome, Unknown) and self.outcome.doubt in _UNUSABLE):
            return 11, "OCSP_RESPONSE_INVALID", "Invalid or unexpected response from OCSP Responder"
        if isinstance(self.outcome, Unknown):
            return 1, "UNEXPECTED_ERROR", self.outcome.detail
        return None

    @property
    def details(self) -> dict[str, Any]:
        place = self.claim.location
        if isinstance(self.outcome, Failed) and self.claim.kind == "OCSP_RESPONDER":
            code = self.outcome.reason or 0
            message = f"Document 0x{self.claim.root.hex()} has been revoked under OCSP Responder: {place}"
            return {"revoked": True, "address": place, "reason": reason_of(code, _OCSP[code], message)}
        if self.claim.kind == "NONE":
            return {"revoked": False}
        return _revocation(self.outcome, place, self.claim.root)


def _revocation(outcome: Outcome, address: str | None, root: bytes) -> dict[str, Any]:
    """What a store returns about revocation. A missing contract counts as revoked, as in the official verifier."""
    if isinstance(outcome, Failed) and outcome.failure is Failure.REVOKED:
        message = f"Document 0x{root.hex()} has been revoked under contract {address}"
    elif isinstance(outcome, Failed) and outcome.failure is not Failure.NOT_ISSUED:
        message = "Contract is not found" if outcome.failure is Failure.NO_CONTRACT else outcome.detail
    else:
        return {"revoked": False, "address": address}
    return {"revoked": True, "address": address, "reason": reason_of(5, "DOCUMENT_REVOKED", message)}


def outcome_of(report: Report, claim: Claim) -> Outcome:
    """The outcome of a claim. Raises `InvalidInput` if the report does not contain it."""
    for finding in report.findings:
        if isinstance(finding, Passed | Failed | Unknown) and finding.claim is claim:
            return finding
    raise InvalidInput("The report does not state which claim each of its findings is about.")


def unissued(refused: Failed, claim: DocumentStore | TokenRegistry, no_contract: str) -> str:
    """Why a contract has not issued the document, in the official words if there are any."""
    if refused.failure in (Failure.NOT_ISSUED, Failure.NOT_MINTED):
        return f"Document 0x{claim.root.hex()} has not been issued under contract {claim.address}"
    return no_contract if refused.failure is Failure.NO_CONTRACT else refused.detail


def reason_of(code: int, word: str, message: str) -> dict[str, Any]:
    """The reason of a fragment that is not VALID."""
    return {"code": code, "codeString": word, "message": message}


def fragment(name: str, status: str, *, reason: dict[str, Any] | None = None, data: Any = None) -> Fragment:
    """A fragment; its type follows from its name."""
    type_ = next(type_ for type_, endings in _TYPE.items() if name.endswith(endings))
    made: Fragment = {"name": name, "type": type_, "status": status}
    if reason is not None:
        made["reason"] = reason
    if data is not None:
        made["data"] = data
    return made


def valid(name: str, data: Any) -> Fragment:
    """A fragment for a check that passed."""
    return fragment(name, "VALID", data=data)


def invalid(name: str, code: int, word: str, message: str, *, data: Any = None) -> Fragment:
    """A fragment for a check that failed."""
    return fragment(name, "INVALID", reason=reason_of(code, word, message), data=data)


def error(name: str, code: int, word: str, message: str) -> Fragment:
    """A fragment for a check without an answer."""
    return fragment(name, "ERROR", reason=reason_of(code, word, message))


def skipped(name: str) -> Fragment:
    """A fragment that does not apply to this document."""
    code, message = SKIPPED[name]
    return fragment(name, "SKIPPED", reason=reason_of(code, "SKIPPED", message))
