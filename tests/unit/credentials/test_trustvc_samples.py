"""TrustVC's samples in docs/integrator/compatibility.md: credentials made as they are have the verdicts that the table states."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ebl.codes import Condition
from ebl.credential import derive, listed
from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import ecdsa_sd, vc
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import KeyType
from ebl.model.findings import Failed, Unknown
from ebl.model.ports import Page
from ebl.policy import UnsafeAnyIssuer, parse
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine
from tests.unit.model.test_wholeness import LISTER, page

ROOT = Path(__file__).parents[3]
TABLE = re.findall(
    r"^\| `(\w+)` \| (\w+) \| `([a-z_.]+)`: .* \| (none.*) \|$",
    (ROOT / "docs" / "integrator" / "compatibility.md").read_text("utf-8"),
    re.MULTILINE,
)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
WEB = "did:web:trustvc.github.io:did:1"
DATES = {"V2_0": ("validFrom", "validUntil"), "V1_1": ("issuanceDate", "expirationDate")}
TRUSTVC = "https://trustvc.io/context/"


def key_of(name: str) -> IssuerKey:
    kind = KeyType.P256 if name.startswith("ECDSA") else KeyType.BLS12_381
    return IssuerKey.generate(kind, did=None if "DIDKEY" in name else WEB, randomness=random.Random(21).randbytes)


def sample(name: str, *more_bound: str, **more: Any) -> dict[str, Any]:
    """A credential with the members of the sample of that name, made by the defaults of TrustVC's software."""
    key, version = key_of(name), name[-4:]
    start, end = DATES[version]
    core, render = {
        "V2_0": ("https://www.w3.org/ns/credentials/v2", "render-method-context-v2.json"),
        "V1_1": ("https://www.w3.org/2018/credentials/v1", "render-method-context.json"),
    }[version]
    package = {"packagesDescription": "package 1", "packagesWeight": "10", "packagesMeasurement": "20"}
    document: dict[str, Any] = {
        "@context": [
            core,
            "https://w3id.org/security/data-integrity/v2",
            *(
                TRUSTVC + each
                for each in ("attachments-context.json", "qrcode-context.json", "bill-of-lading.json", render)
            ),
        ],
        "qrCode": {"type": "TrustVCQRCode", "uri": "https://localhost:3000/qrcode"},
        "credentialSubject": {
            "billOfLadingName": "TrustVC Bill of Lading",
            "blNumber": "SGCNM21566325",
            "packages": [package, {**package, "packagesDescription": "package 2"}],
            "attachments": [{"data": "QQ==", "filename": "sample1.pdf", "mimeType": "application/pdf"}],
            "type": ["BillOfLading"],
        },
        "renderMethod": [
            {"id": "https://localhost:3000/renderer", "type": "EMBEDDED_RENDERER", "templateName": "BILL_OF_LADING"}
        ],
        end: "2029-12-03T12:19:52Z",
        "issuer": key.did,
        "type": ["VerifiableCredential"],
        start: "2024-04-01T12:19:52Z",
        "id": "urn:uuid:019e5e8e-ecb6-799c-99b0-0cde7b9d9164",
        **more,
    }
    if "credentialStatus" in more and version == "V1_1":
        document["@context"] += ["https://www.w3.org/ns/credentials/status/v1"]
    bound = ["/issuer", f"/{start}", *more_bound]
    if key.public.kind is KeyType.P256:
        made = ecdsa_sd.sign(document, key, mandatory=bound, created="2026-05-25T09:54:45Z")
    else:
        made = bbs.sign(document, key, mandatory=bound)
    shown = ["/credentialSubject/billOfLadingName", "/credentialSubject/blNumber"]
    return derive(made, shown) if "DERIVED" in name else made


def report(name: str, document: dict[str, Any], policy: str = "") -> Report:
    key = key_of(name)
    method = {"id": key.id, "type": "Multikey", "controller": WEB, "publicKeyMultibase": str(key.public)}
    did = {"@context": ["https://www.w3.org/ns/did/v1"], "id": WEB, "verificationMethod": [method]}
    did["assertionMethod"] = [key.id]

    def fetch(url: str, *, accept: object) -> Page:
        body = did if url.endswith("did.json") else page("revocation")
        return Page(url, "application/json", json.dumps(body).encode())

    rules = parse(f"issuers = {{ any = true }}\n{policy}").policy if policy else UnsafeAnyIssuer()
    shown = vc.read(document, list_issuers=(LISTER.did,))
    return examine(shown, rules, sources=replace(offline(now=NOW), fetch=fetch))


def test_the_table_has_all_ten() -> None:
    assert len({name for name, *_ in TABLE}) == len(TABLE) == 10


@pytest.mark.parametrize(("name", "verdict", "code", "line"), TABLE, ids=[row[0] for row in TABLE])
def test_a_sample_has_the_verdict_of_the_table(name: str, verdict: str, code: str, line: str) -> None:
    document = sample(name)
    for policy in ("", 'document = { whole = "prefer" }', "document = { withheld = true }"):
        found = report(name, document, policy)
        assert str(found.verdict).upper() == verdict
        failures = [str(f.failure) for f in found.findings if isinstance(f, Failed)]
        doubts = [str(f.doubt) for f in found.findings if isinstance(f, Unknown)]
        assert [*failures, *doubts] == [code]  # and for nothing else: the signature holds
    assert line.startswith("none")


@pytest.mark.parametrize("name", [name for name, *_ in TABLE])
def test_with_a_status_that_is_bound_it_is_valid(name: str) -> None:
    status = listed(url="https://carrier.example/status/revocation", index=3)
    document = sample(name, "/credentialStatus", credentialStatus=status)
    found = report(name, document)
    assert str(found.verdict) == "valid"
    conditions = {noted.remark for noted in found.conditions} - {Condition.ANY_ISSUER}
    whole = {Condition.UNKNOWN_EXTENT} if name.startswith("ECDSA") else set()  # no proof of that suite shows more
    assert conditions == ({Condition.DERIVED} if "DERIVED" in name else whole)


@pytest.mark.parametrize("suite", ("ecdsa-sd-2023", "bbs-2023"))
def test_credentials_that_the_official_packages_made_so_have_these_verdicts_too(suite: str) -> None:
    made = json.loads((ROOT / "tests" / "vectors" / "trustvc" / f"{suite}-00-min-no-status.json").read_text("utf-8"))
    name = f"{'ECDSA' if suite.startswith('ecdsa') else 'BBS2023'}_DIDKEY"
    open_ = suite == "ecdsa-sd-2023"  # whose base proof does not show that nothing was taken out
    assert str(report(name, made["signed"]).verdict) == ("indeterminate" if open_ else "invalid")
    assert str(report(name, made["derived"]).verdict) == "indeterminate"
    shows_all = suite == "bbs-2023"  # the only proof that shows that nothing is hidden
    assert str(report(name, made["derivedFullSubject"]).verdict) == ("invalid" if shows_all else "indeterminate")
