"""A report in the form of the official verifiers' fragments, for programs that migrate from them.

Names, types, order, codes and data are those of `tt-verify` 9.7, and of `trustvc` 2.11 for W3C credentials, 2.15 for
presentations. The verdict is that of this verifier: if its rules are stricter, the fragment is INVALID or ERROR
(``docs/integrator/compatibility.md`` lists the differences). So `is_valid` never accepts a document whose report is not VALID.
The exception is the caller's own policy, which only the report contains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ebl.codes import Doubt
from ebl.credentials.w3c_detection import is_w3c_credential, is_w3c_presentation
from ebl.errors import InvalidInput
from ebl.identity.did import Did
from ebl.identity.dns_did import DnsDid
from ebl.identity.dns_txt import DnsTxt
from ebl.model.document import Issuer
from ebl.model.findings import Claim, Failed, Group, Unknown
from ebl.openattestation.did_signature import DidSigned
from ebl.openattestation.revocation import NotRevoked
from ebl.reports.fragments.fragment_parts import (
    SKIPPED,
    Fragment,
    Outcome,
    Revoked,
    SignatureOutcome,
    StoreOutcome,
    error,
    fragment,
    invalid,
    outcome_of,
    reason_of,
    skipped,
    unissued,
    valid,
)
from ebl.reports.report import Report
from ebl.status.document_store import DocumentStore
from ebl.status.token_registry import TokenRegistry

TYPES = ("DOCUMENT_STATUS", "DOCUMENT_INTEGRITY", "ISSUER_IDENTITY")


def fragments(report: Report | None, raw: Mapping[str, Any] | None = None) -> list[Fragment]:
    """The fragments of one document in the official order; OpenAttestation's optional DID fragment is last.

    Give None for bytes that are not a document. ``raw`` is the JSON that was examined. A report does not contain it if the
    document breaks the rules of its format: without ``raw``, such a report is taken as one of OpenAttestation. A presentation
    has three fragments of its own, as in `trustvc` from 2.15 on.
    """
    if report is None:
        return [skipped(name) for name in SKIPPED]
    made = _made(report, raw)
    unsealed = next((f for f in report.findings if isinstance(f, Unknown) and f.doubt is Doubt.UNSEALED), None)
    if unsealed is None:
        return made
    # Responses that may have been changed establish neither status nor identity, in whichever fragment.
    return [
        error(one["name"], 1, "UNEXPECTED_ERROR", unsealed.detail)
        if one["status"] == "VALID" and one["type"] != "DOCUMENT_INTEGRITY"
        else one
        for one in made
    ]


def _made(report: Report, raw: Mapping[str, Any] | None) -> list[Fragment]:
    format_ = report.document.format if report.document else _broken_format(raw or {})
    if format_ == "vp":
        from ebl.reports.fragments import presentation_fragments as vp

        return vp.of_presentation(report) if report.document else vp.of_broken(*_broken(report))
    if format_ == "vc":
        from ebl.reports.fragments import (
            credential_fragments as w3c,  # with the cryptosuites, which no other document needs
        )

        return w3c.of_credential(report) if report.document else w3c.of_broken(raw or {}, *_broken(report))
    if report.document is None:
        why, is_refused = _broken(report)
        name, *others = SKIPPED
        first = (
            invalid(name, 0, "DOCUMENT_TAMPERED", why, data=False)
            if is_refused
            else error(name, 1, "UNEXPECTED_ERROR", why)
        )
        return [first, *map(skipped, others)]
    return _Document(report).fragments()


def _broken(report: Report) -> tuple[str, bool]:
    """Why the report has no document, and whether that is the document's fault and not this program's."""
    broken = next((f for f in report.findings if isinstance(f, Failed)), None)
    if broken is not None:
        return broken.detail, True
    return next((f.detail for f in report.findings if isinstance(f, Unknown)), "the document was not examined"), False


def _broken_format(raw: Mapping[str, Any]) -> str:
    return "vp" if is_w3c_presentation(raw) else "vc" if is_w3c_credential(raw) else "oa"


def is_valid(found: Sequence[Fragment], types: Sequence[str] = TYPES, *, with_did: bool = False) -> bool:
    """The official rule: each type has at least one VALID fragment, and all of its fragments are VALID or SKIPPED.

    The optional DID fragment counts only ``with_did``, as in the official default. Raises `InvalidInput` if there are no
    fragments or no types.
    """
    if not found or not types:
        raise InvalidInput("Give at least one fragment and one type.")
    counted = [one for one in found if with_did or one["name"] != "OpenAttestationDidIdentityProof"]
    for type_ in types:
        statuses = {one["status"] for one in counted if one["type"] == type_}
        if "VALID" not in statuses or statuses - {"VALID", "SKIPPED"}:
            return False
    return True


class _Document:
    """One report of one OpenAttestation document, read issuer by issuer."""

    def __init__(self, report: Report) -> None:
        assert report.document is not None
        self._report, self._document = report, report.document
        self._v2 = report.document.format == "oa2"
        self._signed = bool(report.document.raw.get("proof")) if self._v2 else "key" in report.document.raw["proof"]

    def fragments(self) -> list[Fragment]:
        made = {
            "OpenAttestationHash": self._hash,
            "OpenAttestationEthereumTokenRegistryStatus": self._token_registry,
            "OpenAttestationEthereumDocumentStoreStatus": self._document_store,
            "OpenAttestationDidSignedDocumentStatus": self._did_signed,
            "OpenAttestationDnsTxtIdentityProof": self._dns_txt,
            "OpenAttestationDnsDidIdentityProof": self._dns_did,
            "OpenAttestationDidIdentityProof": self._did,
        }
        return [make(name) or skipped(name) for name, make in made.items()]

    # the claims of each issuer ---------------------------------------------------------------------------------------

    def _outcome(self, claim: Claim) -> Outcome:
        return outcome_of(self._report, claim)

    def _by_issuer(self, kind: type[Claim]) -> list[tuple[Issuer, Any]]:
        """Each issuer with its claim of a kind, or None."""
        return [
            (issuer, next((c for c in (*issuer.status, *issuer.identity) if isinstance(c, kind)), None))
            for issuer in self._document.issuers
        ]

    def _listed(self, values: list[Any]) -> Any:
        """The values as data: a list for a v2 document, one for each issuer; the only value for a v3 document."""
        return values if self._v2 else values[0]

    # one method for each fragment; None if it does not apply -------------------------------------------------------------

    def _hash(self, name: str) -> Fragment:
        # No fragment is about the dates of a v3 document, which are its own status. They count here, as for a credential.
        for claim in (*self._document.integrity, *self._document.status):
            match self._outcome(claim):
                case Failed(detail=detail):
                    message = "Document has been tampered with" if claim in self._document.integrity else detail
                    return invalid(name, 0, "DOCUMENT_TAMPERED", message, data=False)
                case Unknown(detail=detail):
                    return error(name, 1, "UNEXPECTED_ERROR", detail)
        return valid(name, True)

    def _token_registry(self, name: str) -> Fragment | None:
        claims = [claim for _, claim in self._by_issuer(TokenRegistry) if claim is not None]
        if not claims:
            return None
        if len(self._document.issuers) > 1:
            return error(name, 5, "INVALID_ISSUERS", "Only one issuer is allowed for tokens")
        (claim,) = claims
        outcome = self._outcome(claim)
        if isinstance(outcome, Unknown):
            return error(name, 500, "SERVER_ERROR", outcome.detail)
        gone = [f for f in self._report.findings if isinstance(f, Failed) and f.group is Group.TITLE]
        refused = outcome if isinstance(outcome, Failed) else next(iter(gone), None)
        if refused is None:
            return valid(
                name, {"mintedOnAll": True, "details": self._listed([{"minted": True, "address": claim.address}])}
            )
        reason = reason_of(1, "DOCUMENT_NOT_MINTED", unissued(refused, claim, "Token registry is not found"))
        details = self._listed([{"minted": False, "address": claim.address, "reason": reason}])
        return fragment(name, "INVALID", reason=reason, data={"mintedOnAll": False, "details": details})

    def _document_store(self, name: str) -> Fragment | None:
        by_issuer = self._by_issuer(DocumentStore)
        if all(claim is None for _, claim in by_issuer):
            return None
        for issuer, claim in by_issuer:
            if claim is None:
                message = f"Document store address not found in issuer {issuer.name}"
                return error(name, 7, "INVALID_ISSUERS", message)
        stores = [StoreOutcome(claim, self._outcome(claim)) for _, claim in by_issuer]
        for store in stores:
            if isinstance(store.outcome, Unknown):
                return error(name, 500, "SERVER_ERROR", store.outcome.detail)
        issuance = [store.issuance for store in stores]
        revocation = [store.revocation for store in stores]
        issued, revoked = all(one["issued"] for one in issuance), any(one["revoked"] for one in revocation)
        data: dict[str, Any] = {"issuedOnAll": issued, "details": {"issuance": self._listed(issuance)}}
        if issued or not self._v2:  # for a v2 document that was not issued, revocation is not checked
            data["revokedOnAny"] = revoked
            data["details"]["revocation"] = self._listed(revocation)
        if issued and not revoked:
            return valid(name, data)
        parts = [*revocation, *issuance] if not self._v2 or issued else issuance
        reason = next(one["reason"] for one in parts if "reason" in one)
        return fragment(name, "INVALID", reason=reason, data=data)

    def _did_signed(self, name: str) -> Fragment | None:
        by_issuer = self._by_issuer(DidSigned)
        if not self._signed or all(claim is None for _, claim in by_issuer):
            return None
        if any(claim is None for _, claim in by_issuer):
            return error(name, 4, "INVALID_ISSUERS", "All issuers must use DID or DNS-DID identityProof type.")
        signed: list[SignatureOutcome] = [SignatureOutcome(claim, self._outcome(claim)) for _, claim in by_issuer]
        revoked: list[Revoked] = [Revoked(claim, self._outcome(claim)) for _, claim in self._by_issuer(NotRevoked)]
        if any(one.claim.kind is None for one in revoked):
            return error(name, 2, "MISSING_REVOCATION", "revocation block not found for an issuer")
        for trouble in (*(one.error for one in revoked), *(one.error for one in signed)):
            if trouble is not None:
                return error(name, *trouble)
        issuance = [{"issued": one.holds, "did": one.claim.did, **one.because} for one in signed]
        revocation = [one.details for one in revoked]
        all_issued = all(one["issued"] for one in issuance)
        any_revoked = any(one["revoked"] for one in revocation)
        data = {
            "issuedOnAll": all_issued,
            "revokedOnAny": any_revoked,
            "details": {"issuance": self._listed(issuance), "revocation": self._listed(revocation)},
        }
        if all_issued and not any_revoked:
            return valid(name, data)
        reason = next(one["reason"] for one in (*issuance, *revocation) if "reason" in one)
        return fragment(name, "INVALID", reason=reason, data=data)

    def _dns_txt(self, name: str) -> Fragment | None:
        by_issuer = self._by_issuer(DnsTxt)
        if not self._v2 and self._claims_dns_txt_for_a_did():
            message = "DNS-TXT is only supported with documents issued using document store or token registry"
            return error(name, 6, "UNSUPPORTED", message)
        if self._v2 and self._lacks_a_location():
            return error(name, 5, "UNRECOGNIZED_DOCUMENT", "Document does not match either v2 or v3 formats")
        if all(claim is None for _, claim in by_issuer):
            return None
        found: list[dict[str, Any]] = []
        for _, claim in by_issuer:
            if claim is None:
                message = "Issuer is not using DNS-TXT identityProof type"
                found.append({"status": "INVALID", "reason": reason_of(3, "INVALID_ISSUERS", message)})
                continue
            outcome = self._outcome(claim)
            if isinstance(outcome, Unknown):
                return error(name, 0, "UNEXPECTED_ERROR", "Unable to query DNS")
            if self._v2:
                entry = {"status": "VALID", "location": claim.domain, "value": claim.address}
            else:
                entry = {"identifier": claim.domain, "value": claim.address}
            if isinstance(outcome, Failed):
                message = f"Matching DNS record not found for {claim.address}"
                reason = reason_of(4, "MATCHING_RECORD_NOT_FOUND", message)
                found.append(entry | ({"status": "INVALID", "reason": reason} if self._v2 else {"reason": reason}))
            else:
                found.append(entry)
        return self._identities(name, found)

    def _dns_did(self, name: str) -> Fragment | None:
        by_issuer = self._by_issuer(DnsDid)
        if not self._signed or all(claim is None for _, claim in by_issuer):
            return None
        if any(claim is None for _, claim in by_issuer):
            return error(name, 3, "INVALID_ISSUERS", "Issuer is not using DID-DNS identityProof type")
        found: list[dict[str, Any]] = []
        for _, claim in by_issuer:
            outcome = self._outcome(claim)
            if isinstance(outcome, Unknown):
                return error(name, 1, "UNEXPECTED_ERROR", "Unable to query DNS")
            entry = {"location": claim.domain, "key": claim.key}
            if isinstance(outcome, Failed):
                reason = reason_of(6, "INVALID_IDENTITY", "Could not find identity at location")
                found.append(entry | {"status": "INVALID", "reason": reason})
            else:
                found.append(entry | {"status": "VALID"})
        reasons = [one.pop("reason") for one in found if "reason" in one]  # this fragment states it only once
        data = self._listed(found)
        return fragment(name, "INVALID", reason=reasons[0], data=data) if reasons else valid(name, data)

    def _did(self, name: str) -> Fragment | None:
        by_issuer = self._by_issuer(Did)
        if all(claim is None for _, claim in by_issuer) and not self._names_a_did():
            return None
        if not self._signed:
            return error(name, 5, "UNSIGNED", "Document is not signed")
        if any(claim is None for _, claim in by_issuer):
            return error(name, 2, "INVALID_ISSUERS", "Issuer is not using DID identityProof type")
        found = []
        for _, claim in self._by_issuer(DidSigned):
            signed = SignatureOutcome(claim, self._outcome(claim))
            if signed.missing:
                return error(name, 3, "MALFORMED_IDENTITY_PROOF", f"No proof for {claim.key_id}")
            if signed.error is not None:
                return error(name, *signed.error)
            found.append({"did": claim.did, "verified": signed.holds, **signed.because})
        return self._identities(name, found)

    def _identities(self, name: str, found: list[dict[str, Any]]) -> Fragment:
        reason = next((one["reason"] for one in found if "reason" in one), None)
        if reason is None:
            return valid(name, self._listed(found))
        if not self._v2 and name == "OpenAttestationDnsTxtIdentityProof":
            del found[0]["reason"]
        return fragment(name, "INVALID", reason=reason, data=self._listed(found))

    def _lacks_a_location(self) -> bool:
        """Whether a v2 issuer with a contract uses DNS but names no domain, which no version of the format allows."""
        for issuer in self._document.data["issuers"]:
            proof = issuer.get("identityProof")
            contract = any(name in issuer for name in ("documentStore", "tokenRegistry", "certificateStore"))
            if contract and isinstance(proof, dict) and proof.get("type") == "DNS-TXT":
                return not isinstance(proof.get("location"), str)
        return False

    def _names_a_did(self) -> bool:
        """Whether the issuer of a v3 document is a DID, signed or not."""
        metadata = {} if self._v2 else self._document.raw["openAttestationMetadata"]
        return bool(metadata) and (metadata["identityProof"].get("type"), metadata["proof"].get("method")) == (
            "DID",
            "DID",
        )

    def _claims_dns_txt_for_a_did(self) -> bool:
        metadata = self._document.raw["openAttestationMetadata"]
        return bool(metadata["identityProof"].get("type") == "DNS-TXT" and metadata["proof"].get("method") == "DID")
