"""Making, signing and deriving of W3C credentials (`ebl.credential` is the public module)."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ebl.codec.timestamp import format_timestamp
from ebl.codec.uuid7 import uuid7
from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import data_model as vc_model
from ebl.credentials import ecdsa_sd, vc
from ebl.credentials.data_model import CREDENTIAL, V1, V2
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.status_list_credential import PURPOSES, ListKind, is_list_url
from ebl.credentials.suites import SUITES
from ebl.crypto.multikey import KeyType
from ebl.did.did_syntax import is_did
from ebl.errors import InvalidInput, Malformed, Unsupported
from ebl.jsonld.contexts import Contexts, known
from ebl.model.given_address import require_address

DATA_INTEGRITY: Final = "https://w3id.org/security/data-integrity/v2"
_BITSTRING_1_1: Final = "https://www.w3.org/ns/credentials/status/v1"
_TRUSTVC: Final = "https://trustvc.io/context"
_BY_TYPE: Final[Mapping[str, str]] = {
    "TransferableRecords": f"{_TRUSTVC}/transferable-records-context.json",
    "StatusList2021Entry": "https://w3id.org/vc/status-list/2021/v1",
    "BillOfLading": f"{_TRUSTVC}/bill-of-lading.json",
    "BillOfLadingCarrier": f"{_TRUSTVC}/bill-of-lading-carrier.json",
    "SeaBillOfLading": "urn:ebl:contexts:sea-bill-of-lading:1",
    "Coo": f"{_TRUSTVC}/coo.json",
    "Invoice": f"{_TRUSTVC}/invoice.json",
    "PromissoryNote": f"{_TRUSTVC}/promissory-note.json",
    "WarehouseReceipt": f"{_TRUSTVC}/warehouse-receipt.json",
}
_ALWAYS: Final = (
    "issuer",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "credentialStatus",
    "type",
    "renderMethod",
    "qrCode",
)
"""What every derived document shows if the credential has it, so that no holder can leave it out."""


def new_id(*, now: datetime | None = None, randomness: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Returns an id for a credential: ``urn:uuid:`` and a UUID of version 7, which begins with the time."""
    return f"urn:uuid:{uuid7(now or datetime.now(UTC), randomness)}"


def transferable(*, chain_id: int, registry: str, chain: str = "") -> dict[str, Any]:
    """Returns the status of a document of title: a token of the registry contract at that address.

    ``chain`` is the chain's name for readers. The token's number is filled in once the credential has an id. Raises
    `InvalidInput` if the address is malformed.
    """
    address = require_address(registry, "token registry")
    network = {"chain": chain or str(chain_id), "chainId": str(chain_id)}
    return {"type": vc.TRANSFERABLE, "tokenNetwork": network, "tokenRegistry": address}


def listed(*, url: str, index: int, purpose: str = "revocation", kind: ListKind = ListKind.BITSTRING) -> dict[str, Any]:
    """Returns the status of a credential in a status list: its entry there. Raises `InvalidInput`."""
    for good, expected, came in (
        (is_list_url(url), "the https URL of a status list", repr(url)[:100]),
        (index >= 0, "a number of 0 or more for the entry", str(index)),
        (purpose in PURPOSES, f"{' or '.join(PURPOSES)} for the purpose", repr(purpose)[:40]),
    ):
        if not good:
            raise InvalidInput(f"Expected {expected}; found {came}.")
    return {
        "id": f"{url}#{index}",
        "type": f"{kind}Entry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": url,
    }


@dataclass(frozen=True, slots=True)
class Renderer:
    """The page that displays the credential, and the template that it uses for it."""

    url: str
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A credential that will verify once it is signed: the constructor raises `InvalidInput` if it would not.

    ``issuer``       the DID that will sign (with a name, ``issuer_name``)
    ``subject``      one object or several; the contexts of known types are added
    ``status``       from `transferable` or `listed`; a bill of lading must have one
    ``valid_from``   and ``valid_until`` bound it in time; version 1.1 needs the first
    ``qr_code``      the URL in the QR code that a reader is shown
    ``attachments``  objects with ``data`` (base64), ``filename`` and ``mimeType``, put into the (single) subject
    ``contexts``     URLs of further contexts that the subject needs, which ``known_contexts`` must include
    """

    issuer: str
    subject: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    status: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    types: Sequence[str] = ()
    issuer_name: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    renderer: Renderer | None = None
    qr_code: str | None = None
    attachments: Sequence[Mapping[str, str]] = ()
    contexts: Sequence[str] = ()
    version: str = "2.0"
    id: str = field(default_factory=new_id)
    known_contexts: Contexts = field(default_factory=known, repr=False)

    def __post_init__(self) -> None:
        if self.version not in ("2.0", "1.1"):
            raise InvalidInput(f"Expected version 2.0 or 1.1 of the data model; found {self.version}.")
        require_good(self.to_dict(), self.known_contexts)

    def to_dict(self) -> dict[str, Any]:
        """Returns the credential as JSON data, unsigned."""
        dates = ("validFrom", "validUntil") if self.version == "2.0" else ("issuanceDate", "expirationDate")
        moments = {dates[0]: self.valid_from, dates[1]: self.valid_until}
        made: dict[str, Any] = {
            "@context": self._contexts(),
            "id": self.id,
            "type": [CREDENTIAL, *self.types],
            "issuer": {"id": self.issuer, "name": self.issuer_name} if self.issuer_name else self.issuer,
            **{name: format_timestamp(moment) for name, moment in moments.items() if moment is not None},
            "credentialSubject": self._subject(),
        }
        if self.status is not None:
            made["credentialStatus"] = _numbered(self.status, self.id)
        if self.renderer is not None:
            entry = {"id": self.renderer.url, "type": "EMBEDDED_RENDERER", "templateName": self.renderer.template}
            made["renderMethod"] = [entry]
        if self.qr_code is not None:
            made["qrCode"] = {"type": "TrustVCQRCode", "uri": self.qr_code}
        return made

    def _subject(self) -> Any:
        subject = copy.deepcopy(self.subject)
        if not self.attachments:
            return subject
        if not isinstance(subject, dict) or "attachments" in subject:
            raise InvalidInput("Attachments need a single subject that has no attachments yet.")
        return {**subject, "attachments": [dict(attachment) for attachment in self.attachments]}

    def _contexts(self) -> list[str]:
        named = [name for entry in (self.subject, self.status) for name in _types(entry)]
        render = "render-method-context-v2.json" if self.version == "2.0" else "render-method-context.json"
        wanted = [
            V2 if self.version == "2.0" else V1,
            DATA_INTEGRITY,
            *(_BY_TYPE[name] for name in named if name in _BY_TYPE),
            *([_BITSTRING_1_1] if self.version == "1.1" and "BitstringStatusListEntry" in named else []),
            *([f"{_TRUSTVC}/{render}"] if self.renderer is not None else []),
            *([f"{_TRUSTVC}/qrcode-context.json"] if self.qr_code is not None else []),
            *([f"{_TRUSTVC}/attachments-context.json"] if self.attachments else []),
            *self.contexts,
        ]
        return list(dict.fromkeys(wanted))


def require_good(credential: Mapping[str, Any], contexts: Contexts | None = None) -> None:
    """Raises `InvalidInput` if an unsigned credential would not verify once it is signed.

    Not checked: that its title is minted, that its status list exists, and that its issuer's DID document exists.
    """
    try:
        model = vc_model.parse(credential)
        if not is_did(model.issuer):
            raise InvalidInput(
                f"The issuer of a credential must be a DID; found {model.issuer[:100]!r}.",
                fix="Use a DID, for example did:web:carrier.example.",
            )
        vc.status_claims(credential, model, contexts or known())
    except (Malformed, Unsupported) as bad:
        raise InvalidInput(f"This credential would not verify: {bad.detail}") from bad


def sign(
    credential: Mapping[str, Any],
    key: IssuerKey,
    *,
    mandatory: Sequence[str] = (),
    created: datetime | None = None,
    contexts: Contexts | None = None,
) -> dict[str, Any]:
    """Returns the credential with a base proof: ecdsa-sd-2023 by a P-256 key, bbs-2023 by a BLS12-381 key.

    ``mandatory`` are JSON pointers to what every derived document must show, in addition to issuer, dates, status, type,
    renderer and QR code. A missing id, or number of the title, is filled in. Raises `InvalidInput` if the credential would
    not verify.
    """
    if "proof" in credential:
        raise InvalidInput("The credential has a proof already.", fix="Remove the proof to sign it again.")
    head = {"@context": credential.get("@context"), "id": new_id(now=created)}
    document = {**head, **copy.deepcopy(dict(credential))}
    if "credentialStatus" in document and isinstance(document["id"], str):
        document["credentialStatus"] = _numbered(document["credentialStatus"], document["id"])
    require_good(document, contexts)
    issuer, _ = vc_model.issuer_of(document)
    if issuer != key.did:
        raise InvalidInput(
            f"The issuer is {issuer}, and the key is of {key.did}.",
            fix="Sign with a key of the issuer, or make the key's DID the issuer.",
        )
    pointers = list(dict.fromkeys([*(f"/{name}" for name in _ALWAYS if name in document), *mandatory]))
    try:
        if key.public.kind is KeyType.BLS12_381:
            return bbs.sign(document, key, mandatory=pointers, contexts=contexts)
        stamp = format_timestamp(created or datetime.now(UTC))
        return ecdsa_sd.sign(document, key, mandatory=pointers, created=stamp, contexts=contexts)
    except (Malformed, Unsupported) as bad:
        raise InvalidInput(f"This credential cannot be signed: {bad.detail}") from bad


def derive(signed: Mapping[str, Any], pointers: Sequence[str], *, contexts: Contexts | None = None) -> dict[str, Any]:
    """Returns what a holder shows of a signed credential: the mandatory parts, and what the JSON pointers name.

    ``""`` shows everything. Raises `InvalidInput` if a pointer finds nothing, if nothing of the subject would be shown, or if
    what is shown could not be read again. Raises `ebl.errors.Refuted` if the credential was changed. Not checked: the
    issuer's own signature.
    """
    body = {name: value for name, value in signed.items() if name != "proof"}
    try:
        claim, derived = vc.signature(signed, body, contexts or known(), purpose="assertionMethod")
        if derived or claim.proof.cryptosuite not in (bbs.SUITE, ecdsa_sd.SUITE):
            raise InvalidInput(
                "Nothing can be derived from this document: its proof is derived already, or covers it only as a whole.",
                fix=f"Use a credential as it was issued, signed by {ecdsa_sd.SUITE} or {bbs.SUITE}.",
            )
        suite = SUITES[claim.proof.cryptosuite]
        shown: dict[str, Any] = suite.derive(claim, pointers)
    except (Malformed, Unsupported) as bad:
        raise InvalidInput(f"Nothing can be derived from this document: {bad.detail}") from bad
    if "credentialSubject" not in shown:
        raise InvalidInput(
            "A credential must show something of its subject.",
            fix="Name a part, for example /credentialSubject/blNumber.",
        )
    try:
        vc.read(shown, contexts=contexts)
    except Malformed as bad:  # for example the id alone of a member that is its own graph
        raise InvalidInput(
            f"No verifier could read what these pointers show: {bad.detail}", fix="Show more of those objects."
        ) from bad
    return shown


def _numbered(status: Any, credential_id: str) -> Any:
    """Returns the status with the number of the title filled in if it is missing."""
    if not isinstance(status, Mapping):
        return copy.deepcopy(status)
    filled = copy.deepcopy(dict(status))
    if filled.get("type") == vc.TRANSFERABLE:
        filled.setdefault("tokenId", vc.token_id(credential_id).hex())
    return filled


def _types(entry: Any) -> list[str]:
    entries = entry if isinstance(entry, Sequence) and not isinstance(entry, str) else [entry]
    found: list[str] = []
    for one in entries:
        types = one.get("type", []) if isinstance(one, Mapping) else []
        found += [types] if isinstance(types, str) else [name for name in types if isinstance(name, str)]
    return found
