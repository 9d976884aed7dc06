"""What a document says, as RDF statements that remember their places, and choosing among them by JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ebl.codec.json_pointer import steps
from ebl.jsonld.faults import NotThere
from ebl.jsonld.nquads import Quad


@dataclass(frozen=True, slots=True)
class Statements:
    """What a document says. Its blank nodes are named by us, and no two statements are the same.

    ``places``     for each quad, the JSON pointer of its value
    ``unordered``  places of arrays whose order no statement holds
    ``shared``     ids that are described at more than one place, so that a statement could stand at either
    ``whole``      places of what one cannot show a part of: ordered lists, and JSON that is one value
    ``reshaped``   places of values that JSON-LD compaction would write in another form
    ``ambiguous``  places of numbers that the statements do not tell exactly, or not every reader alike
    """

    quads: tuple[Quad, ...]
    places: tuple[str, ...]
    unordered: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    whole: frozenset[str] = frozenset()
    reshaped: frozenset[str] = frozenset()
    ambiguous: tuple[str, ...] = ()

    def select(self, pointers: Sequence[str]) -> list[Quad]:
        """Everything at or below a place, the links that lead to it, and the ``id`` and ``type`` of every node on the way.

        That is what selecting JSON and reading it as RDF would give (Data Integrity ECDSA Cryptosuites, "selectJsonLd").
        Pointers are taken to address values that are there.
        """
        if "" in pointers:
            return list(self.quads)
        ways = {way for pointer in pointers for way in _ways(pointer)}
        below = tuple(pointer + "/" for pointer in pointers)
        pairs = zip(self.quads, self.places, strict=True)
        return [quad for quad, place in pairs if place in ways or place.startswith(below)]

    def check(self, pointer: str, *, by_others: bool) -> None:
        """Raise `NotThere` where a pointer reaches into what is shown whole or not at all.

        With ``by_others``, also where it reaches into what compaction would reshape: other software is to follow it too.
        """
        for way in list(_prefixes(pointer))[:-1]:
            if way in self.whole:
                raise NotThere(f"{pointer}: {way} is shown whole or not at all. Use {way}.")
            if by_others and way in self.reshaped:
                raise NotThere(
                    f"{pointer}: other software writes {way} in another form and would not find this place."
                    f" Use {way}, or write it as an object rather than as an array of one."
                )


def _prefixes(pointer: str) -> Iterator[str]:
    way = ""
    for step in pointer.split("/")[1:]:
        way = f"{way}/{step}"
        yield way


def _ways(pointer: str) -> Iterator[str]:
    """The places whose statements go with a pointer because they lie on the way to it."""
    yield from ("/id", "/type")
    for way in _prefixes(pointer):
        yield from (way, f"{way}/id", f"{way}/type")


def show(document: Mapping[str, Any], pointers: Sequence[str]) -> dict[str, Any]:
    """The part of a document that the pointers show: always its ``@context``, and every ``id`` and ``type`` on the way.

    Raises `NotThere` where a pointer addresses nothing, or goes below ``@context``, ``id`` or ``type``.
    """
    chosen = _Part(document)
    for pointer in pointers:
        chosen.add(steps(pointer), pointer)
    shown = chosen.json()
    assert isinstance(shown, dict)
    return {"@context": document["@context"], **shown} if "@context" in document else shown


class _Part:
    """A node of the document and what of it is shown: everything, or some of its members."""

    __slots__ = ("members", "value", "whole")

    def __init__(self, value: Any) -> None:
        self.value, self.whole = value, not isinstance(value, dict | list)
        self.members: dict[Any, _Part] = {}

    def add(self, path: Sequence[str], pointer: str) -> None:
        if not path:
            self.whole = True
            return
        step, *rest = path
        if step == "@context" or (step in ("id", "type") and rest and not isinstance(self.value, list)):
            raise NotThere(f"{pointer}: @context, id and type are always shown whole. Leave this pointer out.")
        if isinstance(self.value, dict) and step in self.value:
            key: Any = step
        elif isinstance(self.value, list) and step.isascii() and step.isdigit() and str(int(step)) == step:
            key = int(step)
        else:
            raise NotThere(f"{pointer}: nothing stands at this place of the document.")
        if isinstance(key, int) and key >= len(self.value):
            raise NotThere(f"{pointer}: the array has only {len(self.value)} entries.")
        self.members.setdefault(key, _Part(self.value[key])).add(rest, pointer)

    def json(self) -> Any:
        if self.whole:
            return self.value
        if isinstance(self.value, list):
            return [self.members[number].json() for number in sorted(self.members)]
        return {
            key: self.members[key].json() if key in self.members else self.value[key]
            for key in self.value
            if key in self.members or key in ("id", "type")
        }
