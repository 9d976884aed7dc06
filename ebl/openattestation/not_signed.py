"""Claims of a document that a DID is to sign and has not signed yet: it is not issued, and it has no verified issuer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NoReturn

from ebl.codes import Failure
from ebl.errors import Refuted
from ebl.model.findings import Claim, Group
from ebl.model.ports import Sources


@dataclass(frozen=True, slots=True)
class NotSigned(Claim):
    """The signature of a key of ``did`` would decide the question of ``group``, and it is missing."""

    is_offline: ClassVar[bool] = True

    group: Group  # type: ignore[misc]  # of the instance: one signature decides both the issuance and the issuer
    name: str  # type: ignore[misc]
    did: str

    def check(self, sources: Sources) -> NoReturn:
        """Raises `Refuted` always: with ``status.unsigned`` for the status, with ``identity.missing`` for the identity."""
        if self.group is Group.STATUS:
            raise Refuted(Failure.UNSIGNED, "draft", did=self.did)
        raise Refuted(Failure.NO_IDENTITY, "draft", did=self.did)


def claims(did: str) -> tuple[tuple[NotSigned, ...], tuple[NotSigned, ...]]:
    """Returns the claims (of status, of identity) for the missing signature."""
    return (NotSigned(Group.STATUS, "did_signature", did),), (NotSigned(Group.IDENTITY, "did", did),)
