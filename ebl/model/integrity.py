"""Whether a document is what was wrapped or signed: the question that anything made of a document begins with."""

from __future__ import annotations

from collections.abc import Collection

from ebl.codes import Doubt, Failure
from ebl.errors import Refuted, Undetermined
from ebl.model.document import Document
from ebl.model.ports import Sources, offline

_NOWHERE = offline()


def check_integrity(
    document: Document, *, accepting: Collection[Doubt] = (), sources: Sources = _NOWHERE
) -> frozenset[Doubt]:
    """Require that a document is unaltered; the doubts that are left about it, each of them one that the caller accepts.

    Without ``sources`` nothing is asked outside, so that the signature of a did:web stays a doubt (``source.offline``).

    Raises `Refuted` if it was changed, `ebl.errors.Malformed` if its proof is not well-formed, and `Undetermined` for a doubt
    that is not among ``accepting``: what could not be told must not pass for a yes. Not checked: who issued it, and whether
    it still holds.
    """
    if not document.integrity:
        raise Refuted(Failure.NO_FACT, "integrity")
    doubts: set[Doubt] = set()
    refused: Undetermined | None = None
    for claim in document.integrity:
        try:
            claim.check(sources)
        except Undetermined as trouble:
            doubts.add(trouble.doubt)
            if trouble.doubt not in accepting:
                refused = refused or trouble  # a later claim may still say no, and a no beats a doubt
    if refused is not None:
        raise refused
    return frozenset(doubts)
