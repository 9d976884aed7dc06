"""A document together with the presenter's answer to the verifier's challenge."""

from __future__ import annotations

from dataclasses import replace

from ebl.chain.titles.challenge_memory import ChallengeMemory
from ebl.chain.titles.title_challenge import TitleAnswer
from ebl.model.document import Document
from ebl.model.findings import TitleClaim


def with_answer(document: Document, answer: TitleAnswer, *, memory: ChallengeMemory | None) -> Document:
    """Returns the document with one more claim: that its presenter controls the account of the answer.

    ``memory`` remembers the challenges that the verifier sent; the challenge is used up when the document is verified and the
    answer is good. `ebl.policy.PresentedByHolder` requires that the account holds the title.
    """
    from ebl.identity.title_control import ControlsAccount  # few verifications have an answer

    claims = (*document.status, *(claim for issuer in document.issuers for claim in issuer.status))
    title = next((claim for claim in claims if isinstance(claim, TitleClaim)), None)
    return replace(document, identity=(*document.identity, ControlsAccount(answer, title, memory)))
