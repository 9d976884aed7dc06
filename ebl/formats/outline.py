"""What a bill is about, in a few lines for whoever is to approve an act on it: its number, its parties, its first goods.

The names of the fields are a table, of the forms that are in use. A line says what the document says of itself, as it stands
there: it is a third party's text, cut to a length and not yet safe to print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "number": (
        "blNumber",
        "billOfLadingNumber",
        "bolNumber",
        "transportDocumentReference",
        "transportDocumentNumber",
        "documentNumber",
        "warehouseReceipt",
        "identifier",
        "number",
        "ourRef",
    ),
    "carrier": ("carrier", "carrierName"),
    "shipper": ("shipper", "shipperName", "exporter", "consignor"),
    "consignee": ("consignee", "consigneeName", "importer", "toOrderOfText", "order"),
    "notify": ("notifyParty", "notifyPartyName", "notifyParties"),
    "goods": ("packages", "goods", "goodsDescription", "descriptionOfGoods", "cargo", "commodity", "items"),
}
"""Each line's label, and the members that may hold it, the best first; looked for in the subject, then in the root."""

_NAMES: Final = (
    "name",
    "partyName",
    "description",
    "packagesDescription",
    "descriptionOfGoods",
    "descriptionOfPackages",
    "shippingMarks",
    "brand",
    "displayName",
    "identifier",
    "id",
)
_LONGEST: Final = 120
_DEEPEST: Final = 4
_LARGEST: Final = 10**40


def outline(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The label and the text of each line that the content of a document (unsalted) has something for, its ``id`` first.

    Of a presentation it is that of its first credential: what stands around it is said by whoever presents, and not by the
    issuer of the bill. A text of more than 120 characters is cut, and says so with an ellipsis.
    """
    data = _credential(data)
    roots = [*_subjects(data), data]
    found = [("id", _cut(text))] if (text := _text(data.get("id"))) else []  # a W3C title is bound to it
    for label, members in FIELDS.items():
        texts = (text for member in members for root in roots if (text := _text(root.get(member))))
        if text := next(texts, ""):
            found.append((label, _cut(text)))
    return tuple(found)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _credential(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first credential of a presentation (nothing, if it is not there as an object); other documents as they are."""
    if "verifiableCredential" not in data:
        return data
    held = data["verifiableCredential"]
    first = held[0] if isinstance(held, list) and held else held
    return first if isinstance(first, Mapping) else {}


def _subjects(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What a credential is about, the first first."""
    value = data.get("credentialSubject")
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, Mapping):
            yield from _subjects(entry)
            yield entry


def _text(value: Any, depth: int = 0) -> str:
    """The words for a value: its own, or those of the name in it, or of the first of several; empty if there are none."""
    if isinstance(value, str):
        return value.strip()[: _LONGEST + 1]
    if isinstance(value, bool) or depth > _DEEPEST:
        return ""
    if isinstance(value, int | float):
        return str(value) if abs(value) < _LARGEST else ""
    if isinstance(value, list):
        return _text(value[0], depth + 1) if value else ""
    if isinstance(value, Mapping):
        return next((text for name in _NAMES if (text := _text(value.get(name), depth + 1))), "")
    return ""
