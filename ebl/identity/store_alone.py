"""The claim of a document that names only a store as its issuer: OpenCerts' older documents, and others without identity proof.

Such a document does not state who controls the store. A verifier who knows the owner can pin the store in the policy, and the
store then counts as the issuer (`ebl.policy.InStores`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, NoReturn

from ebl.codes import Doubt, Failure
from ebl.errors import Refuted, Undetermined
from ebl.messages import Message, say
from ebl.model.findings import Claim, Group, Identified, Who
from ebl.model.ports import Block, Sources


@dataclass(frozen=True, slots=True)
class StoreAlone(Claim):
    """The issuer is the owner of the store at ``address`` (checksummed): the document states nothing more about the issuer.

    ``withheld``: fields of the document are redacted, and may state more.
    """

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "issuer"
    is_offline: ClassVar[bool] = True

    address: str
    withheld: bool = field(default=False, compare=False)  # depends on the copy shown, not on the claim

    def check(self, sources: Sources) -> NoReturn:
        """Raises `Refuted` with ``identity.missing``, or `Undetermined` if fields are redacted: a store alone proves no issuer.

        `ebl.verify` looks for the store in the policy.
        """
        if self.withheld:
            raise Undetermined(Doubt.IDENTITY_NOT_SHOWN, "store_alone", store=self.address)
        raise Refuted(Failure.NO_IDENTITY, "store_alone", store=self.address)


@dataclass(frozen=True, slots=True)
class PinnedStore(Identified):
    """The policy pins the store, which issued the document as of ``block``. It proves no domain and no DID."""

    claim: StoreAlone
    block: Block

    @property
    def who(self) -> Who:
        return Who()

    @property
    def message(self) -> Message:
        return say("fact", "pinned_store", store=self.claim.address, chain=self.block.chain_id)
