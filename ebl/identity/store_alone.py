"""An issuer of whom a document names a store and nothing else: OpenCerts' older documents, and others without an identity proof.

Such a document does not say who stands behind the store. A verifier who knows whose it is can pin it in their policy, and it
then stands for the issuer (`ebl.policy.InStores`).
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
    """The issuer is whoever has the store at ``address`` (checksummed): the document says nothing more of them.

    ``withheld``: it withholds fields, and may say more there.
    """

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "issuer"
    asks_nobody: ClassVar[bool] = True

    address: str
    withheld: bool = field(default=False, compare=False)  # of the document as it is shown, and not of what it says

    def check(self, sources: Sources) -> NoReturn:
        """Raises `Refuted` with ``identity.missing``, or `Undetermined` if fields are withheld: by itself, a store proves nobody.

        `ebl.verify` looks for it in the policy.
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
