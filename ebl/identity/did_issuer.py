"""The claim that the issuer is a DID, and that the signing key belongs to that DID."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ebl.codes import Failure, Remark
from ebl.did.did_web import by_did, notes_on
from ebl.did.key_control import is_form_of, same_did, unsupported_url
from ebl.did.verification_method import find_key
from ebl.errors import Refuted
from ebl.messages import Message, say
from ebl.model.findings import Claim, Group, Identified, Note, Who
from ebl.model.ports import Sources


@dataclass(frozen=True, slots=True)
class DidIssuer(Claim):
    """``did`` is the issuer: its own document lists the signing key ``key_id`` for the purpose.

    ``signed`` is the time at which the proof was made, as the proof states it.
    """

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "did_issuer"

    did: str
    key_id: str
    purpose: str = "assertionMethod"
    signed: datetime | None = None

    def check(self, sources: Sources) -> IssuedByDid:
        """Compares issuer and key, and looks the key up in the DID's document.

        Raises `Refuted` with ``identity.issuer_mismatch`` or ``identity.key_not_of_did`` if they do not fit,
        `ebl.errors.Undetermined` if the key cannot be looked up, and `ebl.errors.SourceError` if a source gives no usable
        response. Not checked: who controls the DID, which a did:key cannot show at all.
        """
        owner = self.key_id.partition("#")[0]
        if is_form_of(self.did, owner):
            raise unsupported_url(self.did)
        if not same_did(owner, self.did):
            raise Refuted(Failure.ISSUER_MISMATCH, "key_of_another", issuer=self.did, owner=owner)
        find_key(self.key_id, sources, purpose=self.purpose, used=self.signed)
        if self.did.startswith("did:key:"):
            return IssuedByDid(self, notes=(Note.of(Remark.SELF_CERTIFIED, "key", did=self.did),))
        return IssuedByDid(self, notes=notes_on(self.did))


@dataclass(frozen=True, slots=True)
class IssuedByDid(Identified):
    """The key belongs to the DID."""

    claim: DidIssuer

    @property
    def who(self) -> Who:
        return by_did(self.claim.did)

    @property
    def message(self) -> Message:
        return say("fact", "issued_by_did", did=self.claim.did)
