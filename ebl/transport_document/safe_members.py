"""Safe access to the members of a document of any shape: what is not there, or is of another type, is simply not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ebl.model.paths import Path

Node = tuple[Path, Any]
PARTIES: Final = (
    *("shipper", "consignee", "endorsee", "issuingParty", "carriersAgentAtDestination"),
    *("onBehalfOfShipper", "onBehalfOfConsignee"),
)
"""The members of ``documentParties`` that are one party each."""


def within(data: Any, *steps: str) -> Any:
    """Returns the value at the end of these members; None if a step is not there."""
    for step in steps:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def elements(data: Any, *steps: str, at: Path = ()) -> Iterator[Node]:
    """Yields the elements of the list at the end of these members, each with its place."""
    found = within(data, *steps)
    if isinstance(found, list | tuple):
        for number, one in enumerate(found):
            yield (*at, *steps, number), one


def parties(data: Any) -> Iterator[Node]:
    """Yields every party of the document that is an object."""
    named = within(data, "documentParties")
    for name in PARTIES:
        if isinstance(found := within(named, name), Mapping):
            yield ("documentParties", name), found
    for place, one in elements(data, "documentParties", "notifyParties"):
        if isinstance(one, Mapping):
            yield place, one
    for place, one in elements(data, "documentParties", "other"):
        if isinstance(found := within(one, "party"), Mapping):
            yield (*place, "party"), found


def cargo_items(data: Any) -> Iterator[Node]:
    """Yields every cargo item of every consignment item."""
    for place, item in elements(data, "consignmentItems"):
        yield from elements(item, "cargoItems", at=place)


def equipment_numbers(data: Any) -> Iterator[tuple[Path, str]]:
    """Yields the number of each container in the list of containers."""
    for place, one in elements(data, "utilizedTransportEquipments"):
        if isinstance(number := within(one, "equipment", "equipmentReference"), str):
            yield (*place, "equipment", "equipmentReference"), number


def objects(data: Any, at: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yields every object, with its place. The parser limits the depth."""
    if isinstance(data, Mapping):
        yield at, data
        for name, value in data.items():
            yield from objects(value, (*at, name))
    elif isinstance(data, list | tuple):
        for number, one in enumerate(data):
            yield from objects(one, (*at, number))


def everywhere(data: Any) -> Iterator[tuple[Path, str, Any]]:
    """Yields every member of every object, with its place and its name."""
    for at, one in objects(data):
        for name, value in one.items():
            yield (*at, name), name, value
