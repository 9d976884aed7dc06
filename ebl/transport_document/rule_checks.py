"""How each of the rules TD-01 to TD-23 is checked (``rules.toml`` has what each is about, and where it is from).

A check returns None if the rule does not apply to the document, () if the document meets it, and its faults otherwise. A member
of a wrong type is a matter of the schema: a rule treats it as if it were not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from ebl.messages import Message, say
from ebl.model.paths import Path
from ebl.transport_document.safe_members import cargo_items, elements, equipment_numbers, everywhere, parties, within

DRAFTS: Final = ("DRAFT", "APPROVED")
"""The states before a document is issued."""
_MODES: Final = frozenset({"VESSEL", "RAIL", "TRUCK", "BARGE", "MULTIMODAL"})
_MOVEMENTS: Final = frozenset({"FCL", "LCL"})


@dataclass(frozen=True, slots=True)
class RuleFault:
    """Where a document breaks a rule, and what is there. ``absent``: the fault is that something is not there."""

    at: Path
    found: Message
    absent: bool = False


Checked = tuple[RuleFault, ...] | None


def _lacks(*at: str | int) -> tuple[RuleFault, ...]:
    return (RuleFault(at, say("td_found", "absent"), absent=True),)


def _has(*at: str | int) -> tuple[RuleFault, ...]:
    return (RuleFault(at, say("td_found", "present")),)


def _value(at: Path, value: object) -> RuleFault:
    return RuleFault(at, say("td_found", "value", value=str(value)))


def _to_order(data: Any) -> bool | None:
    found = within(data, "isToOrder")
    return found if isinstance(found, bool) else None


def _bill_to_order(data: Any) -> Checked:
    kind = within(data, "transportDocumentTypeCode")
    if not _to_order(data) or not isinstance(kind, str):
        return None
    return () if kind == "BOL" else (_value(("transportDocumentTypeCode",), kind),)


def _no_consignee(data: Any) -> Checked:
    if not _to_order(data):
        return None
    return () if within(data, "documentParties", "consignee") is None else _has("documentParties", "consignee")


def _consignee(data: Any) -> Checked:
    if _to_order(data) is not False:
        return None
    return () if within(data, "documentParties", "consignee") is not None else _lacks("documentParties", "consignee")


def _no_endorsee(data: Any) -> Checked:
    if _to_order(data) is not False:
        return None
    return () if within(data, "documentParties", "endorsee") is None else _has("documentParties", "endorsee")


def _notify_party(data: Any) -> Checked:
    if not _to_order(data):
        return None
    named = within(data, "documentParties")
    marked = any(within(named, party, "isNotifyParty") is True for party in ("consignee", "endorsee"))
    return () if marked or any(elements(named, "notifyParties")) else _lacks("documentParties", "notifyParties")


def _date_of_its_kind(data: Any) -> Checked:
    shipped = within(data, "isShippedOnBoardType")
    if not isinstance(shipped, bool):
        return None
    name = "shippedOnBoardDate" if shipped else "receivedForShipmentDate"
    return () if within(data, name) is not None else _lacks(name)


def _one_date(data: Any) -> Checked:
    dates = [within(data, name) is not None for name in ("shippedOnBoardDate", "receivedForShipmentDate")]
    if not any(dates):
        return None
    return _has("receivedForShipmentDate") if all(dates) else ()


def _issue_date(data: Any) -> Checked:
    status = within(data, "transportDocumentStatus")
    if not isinstance(status, str) or status in DRAFTS:
        return None
    return () if within(data, "issueDate") is not None else _lacks("issueDate")


def _counts(data: Any, kind: str) -> dict[str, int]:
    names = (f"numberOf{kind}WithCharges", f"numberOf{kind}WithoutCharges")
    found = {name: within(data, name) for name in names}
    return {name: value for name, value in found.items() if isinstance(value, int) and not isinstance(value, bool)}


def _is_electronic_bill(data: Any) -> bool:
    return within(data, "transportDocumentTypeCode") == "BOL" and within(data, "isElectronic") is True


def _one_original(data: Any) -> Checked:
    if not _is_electronic_bill(data):
        return None
    counts = _counts(data, "Originals")
    total = sum(counts.values())
    return () if total <= 1 else (_value((next(iter(counts)),), total),)


def _no_copies(data: Any) -> Checked:
    if not _is_electronic_bill(data):
        return None
    return tuple(_value((name,), count) for name, count in _counts(data, "Copies").items() if count > 0)


def _no_originals_of_waybill(data: Any) -> Checked:
    if within(data, "transportDocumentTypeCode") != "SWB":
        return None
    names = ("numberOfOriginalsWithCharges", "numberOfOriginalsWithoutCharges")
    return tuple(fault for name in names if within(data, name) is not None for fault in _has(name))


def _identified(data: Any) -> Checked:
    found = [*parties(data)]
    if not found:
        return None
    bare = [
        at
        for at, party in found
        if not any(party.get(name) for name in ("address", "addressLines", "identifyingCodes"))
    ]
    return tuple(fault for at in bare for fault in _lacks(*at))


def _together(data: Any, one: str, other: str, at: Path = ()) -> Checked:
    there = [within(data, name) is not None for name in (one, other)]
    if not any(there):
        return None
    return () if all(there) else _lacks(*at, other if there[0] else one)


def _needs(data: Any, mode: str, place: str) -> Checked:
    if within(data, "transports", mode) is None:
        return None
    return () if within(data, "transports", place) is not None else _lacks("transports", place)


def _containers_listed(data: Any) -> Checked:
    listed = {number for _, number in equipment_numbers(data)}
    used = [
        ((*at, "equipmentReference"), number)
        for at, item in cargo_items(data)
        if isinstance(number := within(item, "equipmentReference"), str)
    ]
    if not used:
        return None
    return tuple(RuleFault(at, say("td_found", "value", value=n), absent=True) for at, n in used if n not in listed)


def _containers_once(data: Any) -> Checked:
    seen: set[str] = set()
    faults = []
    for at, number in equipment_numbers(data):
        if number in seen:
            faults.append(_value(at, number))
        seen.add(number)
    return tuple(faults) if seen else None


def _dangerous_goods_packed(data: Any) -> Checked:
    packed = [
        ((*at, "outerPackaging"), packaging)
        for at, item in cargo_items(data)
        if any(elements(packaging := within(item, "outerPackaging"), "dangerousGoods"))
    ]
    if not packed:
        return None
    bare = [at for at, one in packed if one.get("packageCode") is None and one.get("imoPackagingCode") is None]
    return tuple(fault for at in bare for fault in _lacks(*at))


def _setpoints(data: Any) -> Checked:
    found = [
        _together(one, f"{what}Setpoint", f"{what}Unit", (*at, "activeReeferSettings"))
        for at, equipment in elements(data, "utilizedTransportEquipments")
        for one in [within(equipment, "activeReeferSettings")]
        for what in ("temperature", "airExchange")
    ]
    applying = [one for one in found if one is not None]
    return tuple(fault for one in applying for fault in one) if applying else None


def _no_active_settings(data: Any) -> Checked:
    off = [
        (at, one)
        for at, one in elements(data, "utilizedTransportEquipments")
        if within(one, "isNonOperatingReefer") is True
    ]
    if not off:
        return None
    set_ = [at for at, one in off if within(one, "activeReeferSettings") is not None]
    return tuple(fault for at in set_ for fault in _has(*at, "activeReeferSettings"))


def _customs_references(data: Any) -> Iterator[tuple[Path, Any]]:
    return ((at, value) for at, name, value in everywhere(data) if name == "customsReferences")


def _customs_once(data: Any) -> Checked:
    lists = [(at, value) for at, value in _customs_references(data) if isinstance(value, list | tuple)]
    if not lists:
        return None
    faults = []
    for at, references in lists:
        seen: set[tuple[str, str]] = set()
        for number, one in enumerate(references):
            key = (str(within(one, "type"))[:100], str(within(one, "countryCode"))[:100])
            if key in seen:
                faults.append(_value((*at, number), " ".join(key)))
            seen.add(key)
    return tuple(faults)


def _one_of(data: Any, allowed: frozenset[str], *places: Path) -> Checked:
    found = [(at, value) for at in places if (value := within(data, *map(str, at))) is not None]
    if not found:
        return None
    return tuple(_value(at, value) for at, value in found if not isinstance(value, str) or value not in allowed)


CHECKS: Final[Mapping[str, Callable[[Any], Checked]]] = MappingProxyType(
    {
        "TD-01": _bill_to_order,
        "TD-02": _no_consignee,
        "TD-03": _consignee,
        "TD-04": _no_endorsee,
        "TD-05": _notify_party,
        "TD-06": _date_of_its_kind,
        "TD-07": _one_date,
        "TD-08": _issue_date,
        "TD-09": _one_original,
        "TD-10": _no_copies,
        "TD-11": _no_originals_of_waybill,
        "TD-12": _identified,
        "TD-13": lambda data: _together(data, "declaredValue", "declaredValueCurrency"),
        "TD-14": lambda data: _needs(data, "preCarriageBy", "placeOfReceipt"),
        "TD-15": lambda data: _needs(data, "onCarriageBy", "placeOfDelivery"),
        "TD-16": _containers_listed,
        "TD-17": _containers_once,
        "TD-18": _dangerous_goods_packed,
        "TD-19": _setpoints,
        "TD-20": _no_active_settings,
        "TD-21": _customs_once,
        "TD-22": lambda data: _one_of(
            data, _MOVEMENTS, ("cargoMovementTypeAtOrigin",), ("cargoMovementTypeAtDestination",)
        ),
        "TD-23": lambda data: _one_of(data, _MODES, ("transports", "preCarriageBy"), ("transports", "onCarriageBy")),
    }
)
"""The check of each rule, by its id."""
SHOWN: Final = frozenset({"TD-01", "TD-03", "TD-05", "TD-06", "TD-08", "TD-13", "TD-14", "TD-15"})
"""The rules that a document meets by what it shows, so that no withheld member could break them."""
