"""Bills of lading with a given number of leaves, as raw data of OpenAttestation v2 and v3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ebl.testing.bills import bill

STORE = "0x" + "11" * 20


def leaves(node: Any) -> int:
    """Counts the leaves of some data."""
    if isinstance(node, dict):
        return sum(map(leaves, node.values()))
    return sum(map(leaves, node)) if isinstance(node, list) else 1


def oa2(number: int, count: int) -> dict[str, Any]:
    """Returns bill ``number`` with ``count`` leaves (at least 20): a small one cut down, a large one with more packages."""
    data = bill(number, store=STORE, domain="carrier.example", chain_id=1337)
    for name in ("containers", "packages", "notifyParty", "consignee", "shipper", "carrierClauses", "network"):
        if leaves(data) <= count:
            break
        data.pop(name)
    lines = _lines(number)
    rows: list[dict[str, Any]] = []
    missing = count - leaves(data)
    while missing > 0:
        row = dict(list(next(lines).items())[:missing])
        rows.append(row)
        missing -= len(row)
    if rows:
        data["cargo"] = rows
    while leaves(data) > count:
        data.pop(next(name for name in reversed(data) if isinstance(data[name], str)))
    return data


def oa3(number: int, count: int) -> dict[str, Any]:
    """Returns the same goods as a v3 credential with ``count`` leaves; none of them is false, 0 or empty."""
    subject = {
        name: value for name, value in oa2(number, count).items() if name not in ("issuers", "$template", "network")
    }
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://carrier.example/terms#"}],
        "type": ["VerifiableCredential", "OpenAttestationCredential"],
        "issuanceDate": "2026-01-31T09:00:00Z",
        "issuer": {"id": "https://carrier.example", "name": "Blue Heron Lines 蓝鹭航运"},
        "openAttestationMetadata": {
            "proof": {"type": "OpenAttestationProofMethod", "method": "DOCUMENT_STORE", "value": STORE},
            "identityProof": {"type": "DNS-TXT", "identifier": "carrier.example"},
        },
        "credentialSubject": _truthy(subject),
    }


def _truthy(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _truthy(value) for name, value in node.items()}
    if isinstance(node, list):
        return [_truthy(value) for value in node]
    return node or "no"


def _lines(number: int) -> Iterator[dict[str, Any]]:
    at = 0
    while True:
        at += 1
        yield {
            "marks": f"BHLU {number:06d}/{at:04d}",
            "description": "Solid wood dining chairs 实木餐椅" if at % 3 == 0 else "Cotton fabric, dyed, in rolls",
            "quantity": at * 7 % 900 + 1,
            "grossWeightKg": (at * 7919 % 90_000 + 1) / 100,
            "hazardous": at % 2 == 0,
        }
