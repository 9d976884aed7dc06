"""The holder claim of a presentation: its presenter controls the key that signed it and is the subject of the credentials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ebl.codes import Condition, Failure
from ebl.did.key_control import is_form_of, same_did, unsupported_url
from ebl.did.verification_method import find_key
from ebl.errors import Refuted
from ebl.messages import Message, say
from ebl.model.findings import Fact, Group, HolderClaim, Note
from ebl.model.ports import Sources


@dataclass(frozen=True, slots=True)
class Holder(HolderClaim):
    """``did`` presents: ``key_id``, which signed, is its key for the purpose, and every subject with an id is ``did``.

    ``subjects`` are the subjects' ids, None for one without. ``challenge`` and ``domains`` are what the presentation was
    signed for; ``signed`` is the time in its proof. ``named`` is false if the presentation names no holder; ``did`` is then
    the DID of the key that signed.
    """

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "holder"
    settles: ClassVar[bool] = False

    did: str
    key_id: str
    purpose: str
    subjects: tuple[str | None, ...]
    challenge: str | None = None
    domains: tuple[str, ...] = ()
    named: bool = True
    signed: datetime | None = None

    def check(self, sources: Sources) -> Presented:
        """Compares holder, key and subjects, and looks the key up in the holder's DID document.

        Raises `Refuted` with ``identity.holder_mismatch`` or ``identity.key_not_of_did``, `ebl.errors.Undetermined` and
        `ebl.errors.SourceError`. Not checked: that challenge and domain are the verifier's own; `ebl.policy.PresentedTo`
        does that.
        """
        owner = self.key_id.partition("#")[0]
        if is_form_of(self.did, owner):
            raise unsupported_url(self.did)
        if not same_did(owner, self.did):
            raise Refuted(Failure.HOLDER_MISMATCH, "key_of_another", holder=self.did, owner=owner)
        for subject in self.subjects:
            if subject is not None and not same_did(subject, self.did):
                raise Refuted(Failure.HOLDER_MISMATCH, "about_another", subject=subject, holder=self.did)
        find_key(self.key_id, sources, purpose=self.purpose, used=self.signed)
        notes = []
        if not self.named:
            notes.append(Note.of(Condition.HOLDER_NOT_BOUND, "no_holder", did=self.did))
        if None in self.subjects:
            notes.append(Note.of(Condition.HOLDER_NOT_BOUND, "no_subject"))
        if self.challenge is None:
            notes.append(Note.of(Condition.NO_CHALLENGE))
        return Presented(self, notes=tuple(notes))


@dataclass(frozen=True, slots=True)
class Presented(Fact):
    """The holder presented the credentials."""

    claim: Holder

    @property
    def message(self) -> Message:
        return say("fact", "presented", did=self.claim.did)
