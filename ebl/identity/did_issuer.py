"""The issuer is a DID, and the key that signed is one of that DID's own."""

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
    """``did`` issued it: ``key_id``, which signed it, is a key that its own document lists for the purpose.

    ``signed`` is when the proof says that it was made.
    """

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "did_issuer"

    did: str
    key_id: str
    purpose: str = "assertionMethod"
    signed: datetime | None = None

    def check(self, sources: Sources) -> IssuedByDid:
        """Compare issuer and key, and look the key up in the DID's document.

        Raises `Refuted` with ``identity.issuer_mismatch`` or ``identity.key_not_of_did``, `ebl.errors.Undetermined`, and
        `ebl.errors.SourceError`. Not checked: who controls the DID, which a did:key cannot say at all.
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
    """The key is the DID's."""

    claim: DidIssuer

    @property
    def who(self) -> Who:
        return by_did(self.claim.did)

    @property
    def message(self) -> Message:
        return say("fact", "issued_by_did", did=self.claim.did)
