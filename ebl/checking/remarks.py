"""Remarks and conditions of a report in addition to the facts and the policy: hidden parts, dissent, recorded responses."""

from __future__ import annotations

from collections.abc import Iterator

from ebl.checking.claims import established
from ebl.codes import Condition, Doubt, Remark
from ebl.messages import say
from ebl.model.document import Document
from ebl.model.findings import Group, Identified, Moment, Noted, Passed, Unknown, Who
from ebl.model.ports import Sources
from ebl.model.wholeness import Wholeness


def left_open(whole: Wholeness) -> Iterator[Unknown | Noted]:
    """Findings about parts that a holder may have left out: in such a document, absence proves nothing."""
    yield from (Unknown(Group.STATUS, "whole", Doubt.STATUS_MAY_BE_HIDDEN, doubt) for doubt in whole.doubts)
    if (condition := whole.condition) is not None:
        yield Noted(Group.DOCUMENT, "whole", *condition)


def dissent(moment: Moment) -> Iterator[Noted]:
    """The nodes that returned something else than the quorum, or nothing."""
    for block in moment.blocks:
        if block.dissent:
            message = say(Remark.NODE_DISSENT, "nodes", chain=block.chain_id, dissent=block.dissent)
            yield Noted(Group.STATUS, "chain", Remark.NODE_DISSENT, message)


def replayed(sources: Sources) -> Iterator[Unknown | Noted]:
    """The doubt whether recorded responses are as they were received; or a condition, if the caller trusts who kept them."""
    if sources.replayed and not sources.trusts_keeper:
        yield Unknown(Group.DOCUMENT, "sources", Doubt.UNSEALED, say(Doubt.UNSEALED, time=sources.now))
    elif sources.replayed:
        yield Noted(Group.DOCUMENT, "sources", Condition.REPLAYED, say(Condition.REPLAYED, time=sources.now))


def proved(document: Document, then: Sources) -> Iterator[tuple[Who, ...]]:
    """The identities of each issuer that recorded responses prove.

    Only DNSSEC proves them independently of the party that kept the record.
    """
    for issuer in document.issuers:
        facts = (
            found.fact for claim in issuer.identity for found in established(claim, then) if isinstance(found, Passed)
        )
        who = (fact.who for fact in facts if isinstance(fact, Identified))
        yield tuple(dict.fromkeys(one for one in who if one.assurance == "dnssec"))
