"""Notes on what a redaction shows: how many leaves are withheld, and which arrays lack elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count, islice
from typing import Any

from ebl.codec.javascript_json import is_index
from ebl.codes import Remark
from ebl.messages import Message, say
from ebl.model.findings import Note
from ebl.model.paths import Path, text

_LISTED = 5


def notes(withheld: int, content: Mapping[str, Any], *, empty_is_gap: bool) -> tuple[Note, ...]:
    """Returns the notes on a document of which ``withheld`` leaves are replaced by their hashes; none if that is 0.

    A gap is an array written as an object in order to leave elements out. With ``empty_is_gap`` (for a format whose digest
    covers no empty containers) an element that is an empty object or array is a gap too. Not visible: what was withheld from
    the end of an array, and the names of the withheld fields. Their number is certain, because the digest covers it.
    """
    if not withheld:
        return ()
    found = [Note.of(Remark.REDACTED, "fields", count=withheld)]
    gaps = list(_gaps(content, (), empty_is_gap))
    found += gaps[:_LISTED]
    if len(gaps) > _LISTED:
        found.append(Note.of(Remark.REDACTED, "more", count=len(gaps) - _LISTED))
    return tuple(found)


def _gaps(node: Any, path: Path, empty_is_gap: bool) -> Iterator[Note]:
    if isinstance(node, list):
        empty = [at for at, value in enumerate(node) if isinstance(value, dict | list) and not value]
        if empty and empty_is_gap:
            yield Note.of(
                Remark.REDACTED, "emptied", elements=_elements(empty, len(empty)), count=len(node), at=text(path)
            )
    elif node and all(map(is_index, node)):
        here = {int(key) for key in node}
        if lacking := max(here) + 1 - len(here):
            missing = islice((at for at in count() if at not in here), min(lacking, _LISTED))
            yield Note.of(Remark.REDACTED, "missing", elements=_elements([*missing], lacking), at=text(path) or "/")
    for step, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(value, dict | list):
            yield from _gaps(value, (*path, step), empty_is_gap)


def _elements(first: list[int], total: int) -> Message:
    """Returns which elements, counted from 0 as in paths: the ``first`` of ``total``."""
    if total == 1:
        return say("elements", "one", at=first[0])
    if total <= _LISTED:
        return say("elements", "several", at=first)
    return say("elements", "many", at=first[:_LISTED], more=total - _LISTED)
