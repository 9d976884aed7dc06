"""Made-up bills of lading, realistic in form and size, for demos, tests and benchmarks. The companies are invented."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

_SHIPPERS = (
    ("上海远航贸易有限公司", "上海市浦东新区世纪大道100号", "CN"),
    ("深圳市海达电子股份有限公司", "深圳市南山区科技园路18号", "CN"),
    ("宁波东方家具厂", "宁波市北仑区港口路7号", "CN"),
    ("Meridian Coffee Exporters Ltd", "14 Harbour Road, Mombasa", "KE"),
    ("Harrow & Pike Textiles Ltd", "3 Canal Street, Manchester", "GB"),
)
_CONSIGNEES = (
    ("Straits Home Furnishing Pte Ltd", "21 Keppel Bay View, Singapore", "SG"),
    ("Norddeutsche Elektronik GmbH", "Am Sandtorkai 40, Hamburg", "DE"),
    ("青岛北方食品有限公司", "青岛市市南区香港中路61号", "CN"),
    ("Pacific Rim Importers LLC", "900 Terminal Way, Long Beach", "US"),
)
_PORTS = (
    "CNSHA Shanghai 上海",
    "CNNGB Ningbo 宁波",
    "CNSZX Shenzhen 深圳",
    "SGSIN Singapore",
    "DEHAM Hamburg",
    "USLGB Long Beach",
)
_GOODS = (
    ("Solid wood dining chairs 实木餐椅", "940161"),
    ("LED panels, 600 x 600 mm LED面板灯", "940542"),
    ("Arabica coffee beans, washed, in jute bags", "090111"),
    ("Cotton fabric, dyed 染色棉布", "520832"),
    ("Lithium-free power adapters 电源适配器", "850440"),
)
_VESSELS = ("MV Blue Heron", "MV 东海之星", "MV Straits Courier", "MV Nordlicht")


def bill(number: int, *, store: str, domain: str, chain_id: int, chain: str = "local") -> dict[str, Any]:
    """The raw OpenAttestation v2 data of made-up bill ``number``: about sixty leaves, the same every time.

    ``store`` is the document store's address and ``domain`` the issuer's DNS name.
    """
    random = Random(number)  # noqa: S311 - made-up goods need no secrets
    shipper, consignee, notify = random.choice(_SHIPPERS), random.choice(_CONSIGNEES), random.choice(_CONSIGNEES)
    loading, discharge = random.sample(_PORTS, 2)
    loaded = date(2026, 1, 1) + timedelta(days=random.randrange(360))
    return {
        "$template": {
            "name": "BILL_OF_LADING",
            "type": "EMBEDDED_RENDERER",
            "url": "https://generic-templates.tradetrust.io",
        },
        "issuers": [
            {
                "name": "Blue Heron Lines 蓝鹭航运",
                "documentStore": store,
                "identityProof": {"type": "DNS-TXT", "location": domain},
            }
        ],
        "network": {"chain": chain, "chainId": str(chain_id)},
        "blNumber": f"BHLU{number:08d}",
        "scac": "BHLU",
        "carrierName": "Blue Heron Lines 蓝鹭航运",
        "shipper": _party(shipper),
        "consignee": {**_party(consignee), "toOrder": random.random() < 0.5},
        "notifyParty": _party(notify),
        "vessel": random.choice(_VESSELS),
        "voyageNo": f"{random.randint(1, 399):03d}{random.choice('EW')}",
        "portOfLoading": loading,
        "portOfDischarge": discharge,
        "placeOfReceipt": loading,
        "placeOfDelivery": discharge,
        "shippedOnBoardDate": loaded.isoformat(),
        "dateOfIssue": (loaded + timedelta(days=random.randint(0, 2))).isoformat(),
        "freightPaymentTerm": random.choice(("PREPAID", "COLLECT")),
        "numberOfOriginals": 1,
        "packages": [_package(random) for _ in range(2)],
        "containers": [_container(random) for _ in range(2)],
        "carrierClauses": ["Shipper's load, stow and count", "Freight as arranged 运费按约定"],
    }


def _party(party: tuple[str, str, str]) -> dict[str, Any]:
    name, street, country = party
    return {"name": name, "address": {"street": street, "country": country}}


def _package(random: Random) -> dict[str, Any]:
    description, code = random.choice(_GOODS)
    return {
        "description": description,
        "hsCode": code,
        "quantity": random.randint(10, 2000),
        "kind": "cartons 箱",
        "grossWeightKg": random.randint(100_000, 2_000_000) / 100,
        "volumeCubicMetres": random.randint(100, 6000) / 100,
        "hazardous": False,
    }


def _container(random: Random) -> dict[str, Any]:
    return {
        "number": f"BHLU{random.randint(1_000_000, 9_999_999)}",
        "type": random.choice(("22G1", "42G1", "45R1")),
        "seal": f"CN{random.randint(100_000, 999_999)}",
        "shipperOwned": False,
    }
