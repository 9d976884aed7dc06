"""Every kind of report is as the published schema says: each format, each verdict, each way to have asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema
import pytest
from jsonschema.protocols import Validator

from ebl.config.schemas import load
from ebl.messages import say
from ebl.model.ports import TxtRecords
from ebl.policy import UnsafeAnyIssuer, parse
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine
from tests.unit.credentials.test_present import PRESENTATION, certificate
from tests.unit.hostile.world import DOMAIN, RECORDS, chain_of, sources
from tests.unit.reports.test_fragments import DOCUMENTS, WORLDS, report_of

SCHEMA: Validator = jsonschema.Draft202012Validator(
    load("report.schema.json"), format_checker=jsonschema.FormatChecker()
)
SILENT = say("dns.timeout", "late", resolver="udp://192.0.2.2")
STRICT = f"""
issuers.trusted = [{{ domain = "{DOMAIN}", until = 2020-12-31 }}, {{ did = "did:web:line.example" }}]
chains.accepted = [1]
dns = {{ dnssec = "require", wildcard = false }}
blocks = {{ finality = "finalized", agree = 2, max_age_minutes = 1 }}
title.required = true
document = {{ formats = ["vp"], withheld = false }}
"""


class Signed:
    """DNS whose answers are proved, by way of a wildcard, and about which somebody disagrees."""

    def txt(self, name: str) -> TxtRecords:
        return TxtRecords(name, RECORDS, "dnssec", ("udp://192.0.2.1",), True, dissent=(SILENT,))


def shape(report: Report) -> tuple[str | None, str]:
    """The format and the verdict of a report that is as it should be."""
    made = json.loads(json.dumps(report.to_dict()))
    SCHEMA.validate(made)
    return made["document"] and made["document"]["format"], made["verdict"]


@pytest.mark.slow
def test_reports_of_every_format_and_verdict_are_of_the_schema() -> None:
    seen = set()
    for name in DOCUMENTS:
        for world in WORLDS.values():
            seen.add(shape(report_of(name, world(sources(chain_of(DOCUMENTS))))))
    nowhere = offline(now=datetime(2026, 1, 1, tzinfo=UTC))
    for document in (
        certificate(),
        PRESENTATION,
        PRESENTATION | {"proof": {}},
        {"version": "https://schema.openattestation.com/2.0/schema.json", "data": {}},
    ):
        for now in (nowhere, replace(nowhere, now=datetime(2019, 1, 1, tzinfo=UTC))):
            seen.add(shape(examine(json.dumps(document).encode(), UnsafeAnyIssuer(), sources=now)))
    verdicts = ("valid", "invalid", "indeterminate")
    assert seen >= {(kind, verdict) for kind in ("oa2", "oa3") for verdict in verdicts}
    assert seen >= {("vc", "valid"), ("vc", "invalid"), ("vp", "valid"), ("vp", "invalid"), (None, "invalid")}


@pytest.mark.slow
def test_reports_by_a_strict_policy_and_with_kept_evidence_are_of_the_schema() -> None:
    within = replace(sources(chain_of(DOCUMENTS)), dns=Signed())
    for name, document in DOCUMENTS.items():
        for asked in (within, replace(within, replayed=True)):
            report = examine(json.dumps(document).encode(), parse(STRICT).policy, sources=asked, at_issuance=within)
            assert shape(report) == (f"oa{name[1]}", "invalid")
            assert report.at_issuance is not None
