"""The history of a title on the page of a report: a picture, or a row that states why there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ebl.cli.report_history import with_histories
from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.reports import PageOptions, to_html
from ebl.sources import offline
from tests.unit.hostile.world import chain_of, documents, sources
from tests.unit.reports.test_report_pages import TITLED, report_of

OPTIONS = PageOptions(languages=("zh-Hans", "en"))


def test_a_history_that_cannot_be_read_is_told_and_does_not_change_the_verdict() -> None:
    report = report_of(TITLED)
    found = with_histories(OPTIONS, report, offline())
    assert found.pictures == ()
    page = to_html(report, found)
    assert (
        "The history could not be read (source.offline): not queried (offline): chain 1337. This says nothing" in page
    )
    assert "流转记录未能读取（source.offline）：未查询（离线）：链 1337。此项不构成对文件的判断。" in page
    assert "✔ VALID" in page


def test_a_history_with_gaps_is_a_picture_that_states_it() -> None:
    """The chain of this world has the title as it is now, and no events."""
    report = report_of(TITLED)
    found = with_histories(OPTIONS, report, sources(chain_of(documents())))
    ((picture, english), ()) = (found.pictures, found.notes)
    assert (picture.title, english.title) == (("流转记录", "History"), ())
    assert report["titles"][0]["token_id"] in picture.instead[0]
    assert "流转" in picture.svg and "流转" not in english.svg
    assert picture.svg.startswith("<svg")


@pytest.mark.parametrize("state", ["not_minted", "hostile", None])
def test_a_title_that_is_not_established_has_no_history(state: str | None) -> None:
    report = report_of(TITLED)
    report["titles"][0]["state"] = state

    def asked(chain: int) -> None:
        raise SourceError(Doubt.OFFLINE, "chain")

    found = with_histories(OPTIONS, report, replace(offline(), chain=asked))
    assert (found.pictures, found.notes) == ((), ())
