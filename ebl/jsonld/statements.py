"""The RDF statements of a document, each with its place in the JSON, and their selection by JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ebl.codec.json_pointer import steps
from ebl.jsonld.faults import NotThere
from ebl.jsonld.nquads import Quad


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of a document. Its blank nodes have labels made by ebl, and no two statements are the same.

    ``places``     for each quad, the JSON pointer of its value
    ``unordered``  places of arrays whose order no statement contains
    ``shared``     ids that are described at more than one place, so that a statement could belong to either
    ``whole``      places of values that can only be disclosed whole: ordered lists, and JSON that is one value
    ``reshaped``   places of values that JSON-LD compaction would write in another form
    ``ambiguous``  places of numbers whose statement is not exact, or which readers interpret differently
    """

    quads: tuple[Quad, ...]
    places: tuple[str, ...]
    unordered: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    whole: frozenset[str] = frozenset()
    reshaped: frozenset[str] = frozenset()
    ambiguous: tuple[str, ...] = ()

    def select(self, pointers: Sequence[str]) -> list[Quad]:
        """Returns every quad at or below a place, the links that lead to it, and the ``id`` and ``type`` of every node above it.

        The result is that of selecting JSON and converting it to RDF (Data Integrity ECDSA Cryptosuites, "selectJsonLd").
        Not checked: that the pointers address values of the document.
        """
        if "" in pointers:
            return list(self.quads)
        ancestors = {way for pointer in pointers for way in _ancestors(pointer)}
        below = tuple(pointer + "/" for pointer in pointers)
        pairs = zip(self.quads, self.places, strict=True)
        return [quad for quad, place in pairs if place in ancestors or place.startswith(below)]

    def check(self, pointer: str, *, by_others: bool) -> None:
        """Raises `NotThere` if a pointer leads into a value that is disclosed whole or not at all.

        With ``by_others``, also if it leads into a value that compaction reshapes, where other software could not follow it.
        """
        for way in list(_prefixes(pointer))[:-1]:
            if way in self.whole:
                raise NotThere(f"{pointer}: {way} is disclosed whole or not at all. Use {way}.")
            if by_others and way in self.reshaped:
                raise NotThere(
                    f"{pointer}: other software writes {way} in another form and would not find this place."
                    f" Use {way}, or write it as an object instead of an array of one."
                )


def _prefixes(pointer: str) -> Iterator[str]:
    way = ""
    for step in pointer.split("/")[1:]:
        way = f"{way}/{step}"
        yield way


def _ancestors(pointer: str) -> Iterator[str]:
    """Yields the places above a pointer's place, whose statements belong to the selection."""
    yield from ("/id", "/type")
    for way in _prefixes(pointer):
        yield from (way, f"{way}/id", f"{way}/type")


def show(document: Mapping[str, Any], pointers: Sequence[str]) -> dict[str, Any]:
    """Returns the part of a document that the pointers disclose: always its ``@context``, and every ``id`` and ``type`` above.

    Raises `NotThere` if a pointer addresses nothing, or leads below ``@context``, ``id`` or ``type``.
    """
    chosen = _Part(document)
    for pointer in pointers:
        chosen.add(steps(pointer), pointer)
    shown = chosen.json()
    assert isinstance(shown, dict)
    return {"@context": document["@context"], **shown} if "@context" in document else shown


class _Part:
    """A node of the document and its disclosed part: everything, or some of its members."""

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
            raise NotThere(f"{pointer}: @context, id and type are always disclosed whole. Leave this pointer out.")
        if isinstance(self.value, dict) and step in self.value:
            key: Any = step
        elif isinstance(self.value, list) and step.isascii() and step.isdigit() and str(int(step)) == step:
            key = int(step)
        else:
            raise NotThere(f"{pointer}: the document has no value at this place.")
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
