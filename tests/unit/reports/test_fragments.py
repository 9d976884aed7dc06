"""Fragments follow the report: what it does not call VALID, they do not either."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.messages import own_words
from ebl.model.findings import Verdict
from ebl.model.ports import Sources, TxtRecords
from ebl.policy import UnsafeAnyIssuer
from ebl.reports.fragments import fragments, is_valid
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine
from tests.unit.hostile.world import chain_of, documents, root, sources

DOCUMENTS = documents()


class Dead:
    """DNS that does not answer."""

    def txt(self, name: str) -> TxtRecords:
        raise SourceError(Doubt.DNS_TIMEOUT, own_words("no answer"))


class Empty:
    """DNS in which nobody has records."""

    def txt(self, name: str) -> TxtRecords:
        return TxtRecords(name, ())


def at(year: int) -> Callable[[Sources], Sources]:
    years = timedelta(days=36500)  # the chain stands still meanwhile
    return lambda within: replace(within, now=datetime(year, 1, 1, tzinfo=UTC), max_age=years)


WORLDS: dict[str, Callable[[Sources], Sources]] = {
    "now": lambda within: within,
    "before it is in force": at(2020),
    "after it expired": at(2031),
    "no DNS": lambda within: replace(within, dns=Dead()),
    "no records": lambda within: replace(within, dns=Empty()),
    "no chain": lambda within: replace(within, chain=offline().chain),
}


def report_of(name: str, within: Sources) -> Report:
    return examine(json.dumps(DOCUMENTS[name]).encode(), UnsafeAnyIssuer(), sources=within)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_fragments_are_valid_where_the_report_is_and_nowhere_else(name: str, world: str) -> None:
    report = report_of(name, WORLDS[world](sources(chain_of(DOCUMENTS))))
    whole = world == "now" or (name[:2] == "v2" and world in ("before it is in force", "after it expired"))
    assert (report.verdict is Verdict.VALID) is whole
    assert is_valid(fragments(report), with_did=True) is whole


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_fragments_of_a_replay_are_valid_unless_the_keeper_is_trusted(name: str) -> None:
    for trusted in (False, True):
        kept = replace(sources(chain_of(DOCUMENTS)), replayed=True, trusts_keeper=trusted)
        report = report_of(name, kept)
        assert (report.verdict is Verdict.VALID) is trusted
        assert is_valid(fragments(report), with_did=True) is trusted
        assert fragments(report)[0]["status"] == "VALID"  # the hash does not depend on any response


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if "store" in name or name.endswith("issuers")])
def test_what_was_revoked_or_not_issued_is_in_no_fragment_valid(name: str) -> None:
    for change in ("revoked", "issued"):
        chain = chain_of(DOCUMENTS)
        getattr(chain, change).symmetric_difference_update({root(DOCUMENTS[name])})
        report = report_of(name, sources(chain))
        assert report.verdict is Verdict.INVALID
        assert not is_valid(fragments(report))
