"""Integrity check of a document, required before anything is made from it."""

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
    """Requires that a document is unaltered, and returns the doubts left about it, all of which the caller accepts.

    Without ``sources`` nothing is fetched, so the signature of a did:web stays a doubt (``source.offline``).

    Raises `Refuted` if it was changed, `ebl.errors.Malformed` if its proof is not well-formed, and `Undetermined` if there is
    a doubt that is not among ``accepting``: a check that could not be carried out has not passed. Not checked: who issued
    it, and whether it is still valid.
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
                refused = refused or trouble  # a later claim may still be refuted, and that outweighs a doubt
    if refused is not None:
        raise refused
    return frozenset(doubts)
