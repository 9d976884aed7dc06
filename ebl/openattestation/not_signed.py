"""What a document claims that is to be signed by a DID, and is not yet: nothing was issued, and nobody is proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NoReturn

from ebl.codes import Failure
from ebl.errors import Refuted
from ebl.model.findings import Claim, Group
from ebl.model.ports import Sources


@dataclass(frozen=True, slots=True)
class NotSigned(Claim):
    """A key of ``did`` would answer the question of ``group`` by its signature, and there is none."""

    asks_nobody: ClassVar[bool] = True

    group: Group  # type: ignore[misc]  # of the instance: a signature stands for the issuance and for the issuer
    name: str  # type: ignore[misc]
    did: str

    def check(self, sources: Sources) -> NoReturn:
        """Raises `Refuted`, always: ``status.unsigned``, and ``identity.missing`` for whom the signature would prove."""
        if self.group is Group.STATUS:
            raise Refuted(Failure.UNSIGNED, "draft", did=self.did)
        raise Refuted(Failure.NO_IDENTITY, "draft", did=self.did)


def claims(did: str) -> tuple[tuple[NotSigned, ...], tuple[NotSigned, ...]]:
    """The claims (of status, of identity) that stand for the signature that is missing."""
    return (NotSigned(Group.STATUS, "did_signature", did),), (NotSigned(Group.IDENTITY, "did", did),)
