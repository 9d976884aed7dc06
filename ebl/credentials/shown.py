"""How whole a credential is: what its issuer made mandatory, and what a holder may have left out.

A proof with one signature for each statement shows that a statement was signed, and whether it is mandatory. It never
shows that there is no further statement, unless it counts the hidden ones. So showing a member settles it only if the data
model allows it once: a date, and a title (which must be the only status).

This applies to a derived proof, and to a base proof of ecdsa-sd-2023 too: the issuer's own signature covers the mandatory
statements only. Another statement can be removed together with its signature, without a trace.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from ebl.codes import Doubt
from ebl.jsonld.statements import Statements
from ebl.messages import Message, say
from ebl.model.wholeness import Extent, Wholeness

_V1: Final = "https://www.w3.org/2018/credentials/v1"
_DATES: Final = ("validFrom", "validUntil")
_DATES_V1: Final = (*_DATES, "issuanceDate", "expirationDate")
_STATUS: Final = "credentialStatus"
_SUBJECT: Final = "credentialSubject"
_TITLE: Final = "TransferableRecords"

Object = Mapping[str, Any]


def of_whole(mandatory: Sequence[str] | None = None) -> Wholeness:
    """Returns the wholeness of a credential signed as a whole. ``mandatory`` are the pointers of a base proof."""
    bound = [pointer[1:] for pointer in mandatory or () if pointer.count("/") == 1]
    return Wholeness(Extent.WHOLE, 0, bound=tuple(dict.fromkeys(bound)))


def of_chosen(
    extent: Extent, document: Object, at: str, statements: Statements, bound: Collection[int] | None
) -> Wholeness:
    """Returns the wholeness of a credential whose statements may be incomplete; ``at`` is its place in the file.

    ``extent`` is derived, or unknown for a base proof. ``bound`` are the indexes of the mandatory quads; None if the proof
    was not verified yet.
    """
    members = _bound(statements, bound) if bound is not None else frozenset()
    entries = _entries(document)
    if _place_of_status_is_open(entries, statements):
        members -= {_STATUS}
    first = document.get("@context")
    first = first[0] if isinstance(first, list) and first else first
    may_hide = [name for name in (_DATES_V1 if first == _V1 else _DATES) if name not in document]
    is_title = [entry.get("type") for entry in entries] in ([_TITLE], [[_TITLE]])
    if not (is_title and _STATUS in members):
        may_hide.append(_STATUS)
    if at:  # in a presentation every subject must be its holder
        may_hide.append(_SUBJECT)
    is_settled = bound is None or is_title
    return Wholeness(
        extent,
        bound=tuple(at + name for name in document if name in members),
        may_hide=tuple(at + name for name in may_hide),
        doubts=() if is_settled else tuple(_doubts(entries, at + _STATUS, _STATUS in members)),
    )


def _doubts(entries: Sequence[Object], name: str, is_bound: bool) -> Iterator[Message]:
    if not entries:
        return
    purposes = {purpose for entry in entries for purpose in _texts(entry.get("statusPurpose"))}
    if not is_bound:
        yield say(Doubt.STATUS_MAY_BE_HIDDEN, "not_bound", at=name)
    elif "suspension" in purposes and "revocation" not in purposes:
        yield say(Doubt.STATUS_MAY_BE_HIDDEN, "suspension", at=name)


def _bound(statements: Statements, bound: Collection[int]) -> frozenset[str]:
    """Returns the members of which every statement that is shown is mandatory."""
    seen, free = set(), set()
    for number, place in enumerate(statements.places):
        member = place.split("/", 2)[1] if place else ""
        seen.add(member)
        if number not in bound:
            free.add(member)
    return frozenset(seen - free)


def _place_of_status_is_open(entries: Sequence[Object], statements: Statements) -> bool:
    """Whether a part of the status is described elsewhere too, so that its statements may belong to that other place."""
    return bool(statements.shared) and any(id_ in statements.shared for entry in entries for id_ in _ids(entry))


def _ids(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("id"), str):
            yield node["id"]
        for value in node.values():
            yield from _ids(value)
    elif isinstance(node, list):
        for value in node:
            yield from _ids(value)


def _texts(value: Any) -> Iterator[str]:
    """Yields a text, or those of a list. Any other value names no purpose, even if it is signed."""
    yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))


def _entries(document: Object) -> list[Object]:
    value = document.get(_STATUS, [])
    return [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, dict)]
