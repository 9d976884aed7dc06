"""The claim that the issuer is a DID."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebl.codes import Failure, Remark
from ebl.did.did_web import by_did, notes_on
from ebl.did.verification_method import find_account
from ebl.errors import Refuted
from ebl.messages import Message, say
from ebl.model.findings import Claim, Group, Identified, Note, Who
from ebl.model.ports import Sources


@dataclass(frozen=True, slots=True)
class Did(Claim):
    """The issuer is the controller of ``did``, by its key ``key`` (None if the document names no key)."""

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "did"

    did: str
    key: str | None

    def check(self, sources: Sources) -> ListsKey:
        """Looks the key up in the DID's document.

        Raises `Refuted` with ``identity.key_not_of_did`` if it is not there, `ebl.errors.Undetermined` if it cannot be looked up,
        and `ebl.errors.SourceError` if a source gives no usable response. Not checked here: that the key signed (see
        ``ebl.openattestation.did_signature``). A did:ethr is an account, and does not show who has its key.
        """
        if self.key is None:
            raise Refuted(Failure.KEY_NOT_OF_DID, "no_key_named", did=self.did)
        address = find_account(self.key, self.did, sources)
        if not self.did.startswith("did:ethr:"):
            return ListsKey(self, address, notes=notes_on(self.did))
        note = Note.of(Remark.SELF_CERTIFIED, "account", did=self.did)
        return ListsKey(self, address, notes=(note,))


@dataclass(frozen=True, slots=True)
class ListsKey(Identified):
    """The DID's document lists the key; ``address`` (checksummed) is its account."""

    claim: Did
    address: str

    @property
    def message(self) -> Message:
        return say("fact", "lists_key", did=self.claim.did, address=self.address)

    @property
    def who(self) -> Who:
        return by_did(self.claim.did)
