"""The checks of codes and numbers, CD-01 to CD-10: forms and check digits, and names of places against a list of ports.

A well-formed code proves nothing of who has it. Of HS, carrier and package codes only the form is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ebl.config.business_ids import is_container_number, is_imo_number, is_lei, is_uen, is_uscc
from ebl.messages import Message, say
from ebl.model.paths import Path
from ebl.transport_document.port_list import CODE, Ports
from ebl.transport_document.safe_members import cargo_items, elements, everywhere, objects, within

_HS: Final = re.compile(r"[0-9]{6,10}")
_EXTENDED_HS: Final = re.compile(r"[0-9]{6,12}")
_SCAC: Final = re.compile(r"[A-Z]{2,4}")
_SMDG: Final = re.compile(r"[A-Z0-9]{3}")
_PACKAGE: Final = re.compile(r"[0-9A-Z]{2}")


@dataclass(frozen=True, slots=True)
class CodeFault:
    """A code that is not well-formed, or (``open``) a code or name that only a person can judge."""

    at: Path
    found: Message
    open: bool = False


def check_code(rule: str, data: Any, ports: Ports) -> tuple[CodeFault, ...] | None:
    """Returns the faults of a document under a rule on codes, one for each value; None if the document has no such code."""
    if rule == "CD-05":
        return _places(data, ports)
    if rule == "CD-10":
        return _names(data, ports)
    values = {value: at for at, value in reversed([*_VALUES[rule](data)]) if isinstance(value, str)}
    if not values:
        return None
    wrong = [(at, value) for value, at in values.items() if not _FORMS[rule](value)]
    return tuple(CodeFault(at, say("td_found", "value", value=value)) for at, value in reversed(wrong))


def _containers(data: Any) -> Iterator[tuple[Path, Any]]:
    return ((at, value) for at, name, value in everywhere(data) if name == "equipmentReference")


def _leis(data: Any) -> Iterator[tuple[Path, Any]]:
    for at, name, value in everywhere(data):
        if name == "identifyingCodes":
            for place, one in elements({name: value}, name, at=at[:-1]):
                if within(one, "codeListName") == "LEI" or within(one, "codeListProvider") == "GLEIF":
                    yield (*place, "partyCode"), within(one, "partyCode")


def _tax(kind: str) -> Callable[[Any], Iterator[tuple[Path, Any]]]:
    def found(data: Any) -> Iterator[tuple[Path, Any]]:
        for at, name, value in everywhere(data):
            if name == "taxLegalReferences":
                for place, one in elements({name: value}, name, at=at[:-1]):
                    if within(one, "type") == kind:
                        yield (*place, "value"), within(one, "value")

    return found


def _hs(data: Any) -> Iterator[tuple[Path, Any]]:
    for at, item in elements(data, "consignmentItems"):
        yield from elements(item, "HSCodes", at=at)
        yield from elements(item, "extendedHSCodes", at=at)


def _carrier(data: Any) -> Iterator[tuple[Path, Any]]:
    provider, code = within(data, "carrierCodeListProvider"), within(data, "carrierCode")
    if provider in ("NMFTA", "SMDG") and isinstance(code, str):
        yield ("carrierCode",), f"{provider} {code}"


def _packages(data: Any) -> Iterator[tuple[Path, Any]]:
    for at, item in cargo_items(data):
        yield (*at, "outerPackaging", "packageCode"), within(item, "outerPackaging", "packageCode")


def _ships(data: Any) -> Iterator[tuple[Path, Any]]:
    return ((at, value) for at, name, value in everywhere(data) if name == "vesselIMONumber")


def _is_carrier(text: str) -> bool:
    provider, _, code = text.partition(" ")
    return bool((_SCAC if provider == "NMFTA" else _SMDG).fullmatch(code))


_VALUES: Final[Mapping[str, Callable[[Any], Iterator[tuple[Path, Any]]]]] = {
    "CD-01": _containers,
    "CD-02": _leis,
    "CD-03": _tax("USCC"),
    "CD-04": _tax("UEN"),
    "CD-06": _hs,
    "CD-07": _carrier,
    "CD-08": _packages,
    "CD-09": _ships,
}
_FORMS: Final[Mapping[str, Callable[[str], object]]] = {
    "CD-01": is_container_number,
    "CD-02": is_lei,
    "CD-03": is_uscc,
    "CD-04": is_uen,
    "CD-06": lambda text: _HS.fullmatch(text) or _EXTENDED_HS.fullmatch(text),
    "CD-07": _is_carrier,
    "CD-08": _PACKAGE.fullmatch,
    "CD-09": is_imo_number,
}
_COVERED: Final = ("CN", "HK", "SG")


def _places(data: Any, ports: Ports) -> tuple[CodeFault, ...] | None:
    """Codes of places: their form, and whether the list has them, if it covers their country."""
    values: dict[str, Path] = {}
    for at, name, value in everywhere(data):
        if name == "UNLocationCode" and isinstance(value, str):
            values.setdefault(value, at)
    if not values:
        return None
    faults = []
    for code, at in values.items():
        found = say("td_found", "value", value=code)
        if not CODE.fullmatch(code) or (ports.whole and not ports.knows(code)):
            faults.append(CodeFault(at, found))
        elif code[:2] in _COVERED and not ports.knows(code):
            faults.append(CodeFault(at, say("td_found", "not_in_table", value=code), open=True))
    return tuple(faults)


def _names(data: Any, ports: Ports) -> tuple[CodeFault, ...] | None:
    """Names of places: whether the list has them, and for the code next to them if there is one."""
    named = [(at, place) for at, place in objects(data) if isinstance(place.get("locationName"), str)]
    if not named:
        return None
    faults = []
    for at, place in named:
        name, code = place["locationName"], place.get("UNLocationCode")
        codes = ports.called(name)
        if not codes:
            faults.append(CodeFault((*at, "locationName"), say("td_found", "not_in_table", value=name), open=True))
        elif isinstance(code, str) and code not in codes:
            told = say("td_found", "other_place", value=name, codes=tuple(sorted(codes))[:5], code=code)
            faults.append(CodeFault((*at, "locationName"), told, open=True))
    return tuple(faults)
