"""A report as a page to print and file: what it shows, in HTML and PDF, whatever a document contains."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ebl.codes import Failure
from ebl.errors import Unreadable
from ebl.messages import own_words
from ebl.messages.catalogue import ENGLISH, languages
from ebl.model.findings import File, Verdict
from ebl.policy import IssuedBy, UnsafeAnyIssuer
from ebl.reports import AddressBook, PageOptions, PdfFile, Picture, to_html, to_pdf
from ebl.reports import data as report_data
from ebl.reports.cover_sheet import cover_data, cover_html, cover_pdf, cover_row
from ebl.reports.moves_table import moves_table
from ebl.reports.page_data import LONGEST, moment_words, page_of, policy_digest
from ebl.reports.report import Report
from ebl.verify import examine
from ebl.wrap import to_json, wrap
from tests.pdf_files import attachment_of, check, fonts_of, images_of, info_of, text_of
from tests.unit.hostile.world import chain_of, documents, sources, v2
from tests.unit.reports.test_fragments import WORLDS
from tests.unit.reports.test_report_data import HOSTILE, made_up

DOCUMENTS = documents()
TITLED = "v2 with a title"
PARTIES = {
    "blNumber": "BL-1",
    "shipper": {"name": "深圳市𠮷祥进出口有限公司"},
    "consignee": {"name": "TO ORDER OF شركة الملاحة"},
    "vessel": "MV Łódź",
    "portOfLoading": "Shenzhen",
}


def report_of(name: str, world: str = "now", policy: Any = None) -> dict[str, Any]:
    within = WORLDS[world](sources(chain_of(DOCUMENTS)))
    report = examine(to_json(DOCUMENTS[name]), policy or UnsafeAnyIssuer(), sources=within)
    return named(report)


def named(report: Report, name: str = "bills/bill-0001.json") -> dict[str, Any]:
    return replace(report, file=replace(report.file or File.of(b""), name=name)).to_dict()


def unreadable() -> dict[str, Any]:
    file = report_data.of_file(File.of(b"no bill", "cover.json"))
    return report_data.of_unreadable(file, Unreadable(Failure.NOT_JSON, "empty"))


class Page(HTMLParser):
    """The tags and attributes of a page, and its text without its style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self._hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._hidden = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text += f"{data}\n"


def flat(text: str) -> str:
    """A text without white space: where lines are broken differs."""
    return re.sub(r"\s+", "", text)


def both(report: dict[str, Any], options: PageOptions | None = None) -> tuple[str, str]:
    """The text of the page in HTML and in PDF."""
    options = options or PageOptions()
    return Page(to_html(report, options)).text, text_of(to_pdf(report, options).content)


# what it shows ---------------------------------------------------------------------------------------------------------


def test_the_page_has_what_a_bank_files() -> None:
    report = report_of(TITLED)
    title, block = report["titles"][0], report["as_of"]["blocks"][0]
    wanted = [
        *("✔ VALID", "bills/bill-0001.json", "BL-1", "carrier.example (verified with DNS, assurance: single)"),
        *("claimed by the document, not verified: Carrier", title["holder"], title["registry"], title["token_id"]),
        *("policy.any_issuer", "Any issuer is accepted, known to you or not", policy_digest(report["policy"])),
        *("2026-11-22 00:00:00 UTC (UTC+08:00\u00a008:00:00)", f"Block {block['number']}", block["hash"]),
        *(report["file"]["sha256"], report["document"]["hash"], f"ebl {report['made_by']['version']}"),
        *("In circulation: it has a holder", "What this report does not show", "Name the issuers that you accept"),
    ]
    for shown in both(report):
        assert [one for one in wanted if flat(one) not in flat(shown)] == []


def test_pages_are_numbered() -> None:
    text = text_of(to_pdf(report_of(TITLED)).content)
    count = text.count("\f")
    assert count > 1
    assert all(f"page {number} of {count}" in text for number in range(1, count + 1))
    assert "counter(page)" in to_html(report_of(TITLED))


@pytest.mark.parametrize(
    ("verdict", "world", "policy", "words"),
    [
        (Verdict.INVALID, "now", IssuedBy("other.example"), ("✘ NOT VALID", "policy.unexpected_issuer")),
        (Verdict.INDETERMINATE, "no chain", None, ("? CANNOT BE DETERMINED", "source.offline")),
    ],
)
def test_what_decided_comes_before_what_passed(
    verdict: Verdict, world: str, policy: Any, words: tuple[str, ...]
) -> None:
    report = report_of(TITLED, world, policy)
    assert report["verdict"] == str(verdict)
    for shown in both(report):
        assert all(flat(word) in flat(shown) for word in words)
        assert flat(shown).index(flat(words[1])) < flat(shown).index("Unalteredsince")


def test_a_file_that_could_not_be_read_has_a_page_with_the_reason_and_the_time() -> None:
    for shown in both(unreadable(), PageOptions(read_at=datetime(2026, 11, 30, 15, 4, 5, tzinfo=UTC))):
        words = ("? UNREADABLE", "Nothing was verified", "document.not_json", "cover.json", "2026-11-30 15:04:05 UTC")
        assert [one for one in words if flat(one) not in flat(shown)] == []
        assert "VALID" not in shown


def test_a_report_that_was_kept_gives_the_same_page() -> None:
    report = examine(to_json(DOCUMENTS[TITLED]), UnsafeAnyIssuer(), sources=sources(chain_of(DOCUMENTS)))
    kept = json.loads(json.dumps(report.to_dict()))
    assert to_html(report) == to_html(kept)
    assert to_pdf(report) == to_pdf(kept)


def test_names_of_parties_are_shown_as_they_are_written() -> None:
    document = wrap(v2() | PARTIES)
    report = named(examine(to_json(document), UnsafeAnyIssuer(), sources=sources(chain_of(DOCUMENTS))))
    text, drawn = both(report)
    for one in ("深圳市𠮷祥进出口有限公司", "MV Łódź", "Shenzhen"):
        assert one in text and flat(one) in flat(drawn)
    assert "TO ORDER OF شركة الملاحة" in text
    assert to_pdf(report).replaced == ()


def test_an_address_is_shown_next_to_its_name() -> None:
    report = report_of(TITLED)
    holder = report["titles"][0]["holder"]
    book = AddressBook.of(f"address,name,LEI\n{holder.lower()},Bank of Example,\n".encode(), name="ours.csv")
    for shown in both(report, PageOptions(book=book)):
        assert "Bank of Example (by your address book)" in shown and holder in shown and "ours.csv" in shown


def test_a_picture_is_shown_with_its_text_and_cannot_run_anything() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10"><rect width="40" height="10"/></svg>'
    options = PageOptions(pictures=(Picture(svg, ("Held by A, then by B",)),))
    page = Page(to_html(report_of(TITLED), options))
    assert ("alt", "Held by A, then by B") in page.attributes
    assert "svg" not in page.tags
    assert b"Held by A, then by B" in unpacked(to_pdf(report_of(TITLED), options).content)


def unpacked(pdf: bytes) -> bytes:
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.pdf")
        path.write_bytes(pdf)
        done = subprocess.run(["qpdf", "--qdf", path, "-"], capture_output=True, check=True)
    return done.stdout


@pytest.mark.parametrize(
    ("when", "offset", "expected"),
    [
        ((2026, 11, 30, 15, 4, 5), 8, "2026-11-30 15:04:05 UTC (UTC+08:00\u00a023:04:05)"),
        ((2026, 11, 30, 20, 4, 5), 8, "2026-11-30 20:04:05 UTC (UTC+08:00\u00a02026-12-01\u00a004:04:05)"),
        ((2026, 11, 30, 20, 4, 5), -5.5, "2026-11-30 20:04:05 UTC (UTC-05:30\u00a014:34:05)"),
        ((2026, 11, 30, 20, 4, 5), 0, "2026-11-30 20:04:05 UTC"),
        ((9999, 12, 31, 23, 59, 59), 8, "9999-12-31 23:59:59 UTC"),
    ],
)
def test_a_time_is_shown_with_the_local_time(when: tuple[int, ...], offset: float, expected: str) -> None:
    zone = timezone(timedelta(hours=offset))
    assert moment_words(datetime(*when, tzinfo=UTC), zone, ENGLISH) == expected  # type: ignore[misc]


# two languages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DOCUMENTS)
def test_with_several_languages_every_text_is_there_in_each(name: str) -> None:
    tags = languages()
    report = report_of(name)
    shown = page_of(report, PageOptions(languages=tags))
    alone = [page_of(report, PageOptions(languages=(tag,))) for tag in tags]
    assert shown.verdict_words == tuple(one.verdict_words[0] for one in alone)
    for number, section in enumerate(shown.sections):
        assert section.title == tuple(one.sections[number].title[0] for one in alone)
    text = Page(to_html(report, PageOptions(languages=tags))).text
    assert all(one.verdict_words[0] in text for one in alone)


# the files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_the_pdf_is_whole_tagged_small_and_has_its_fonts(paper: Any) -> None:
    made = to_pdf(report_of(TITLED), paper=paper)
    check(made.content)
    assert len(made.content) < 60_000
    assert all(fonts_of(made.content).values())
    about = info_of(made.content)
    assert "Tagged:          yes" in about and "Verification report: VALID" in about
    assert "2026-11-22T00:00:00Z" in about


def test_the_pdf_has_the_report_as_data_inside() -> None:
    report = report_of(TITLED)
    assert json.loads(attachment_of(to_pdf(report).content, "report.json")) == report


def test_the_same_report_gives_the_same_bytes() -> None:
    assert to_pdf(report_of(TITLED)) == to_pdf(report_of(TITLED))
    assert to_html(report_of(TITLED)) == to_html(report_of(TITLED))


@pytest.mark.parametrize("report", [report_of(TITLED), unreadable(), named(made_up(HOSTILE, 3))], ids=("a", "b", "c"))
def test_the_html_is_one_file_without_scripts_and_without_anything_from_elsewhere(report: dict[str, Any]) -> None:
    source = to_html(report)
    page = Page(source)
    assert not {"script", "link", "iframe", "object", "base", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href", "action")]
    style = source[source.index("<style>") : source.index("</style>")]
    assert "url(" not in style and "@import" not in style
    assert "default-src 'none'" in source


# what a third party writes -----------------------------------------------------------------------------------------------

EVIL = [
    HOSTILE,
    '#panic("x") *b* $x$ `c` <label> @ref https://evil.example/ \\ [x] {y} //z',
    "a\u202eb\u2066c\u200bd\u2028e\x00f\ue000g",
    "x" * 200_000,
    "字" * 10_000,
    "ش" * 3_000,
    "a" + "\u0301" * 500,
    "\n" * 500,
    "",
]


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_whatever_a_document_has_is_text_and_bounded(text: str, tmp_path: Path) -> None:
    report = named(made_up(text), text or "x")
    source, made = to_html(report), to_pdf(report)
    page = Page(source)
    assert "script" not in page.tags and "img" not in page.tags
    assert len(source) < 60_000
    assert len(images_of(made.content, tmp_path, dpi=20)) <= 12
    words = text_of(made.content, "-bbox").split('xMax="')[1:]
    assert max(float(word.split('"')[0]) for word in words) < 595.3 - 50
    for shown in (page.text, re.sub("[\u202a-\u202c]", "", text_of(made.content))):  # pdftotext adds marks to Arabic
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\u2028\x00\x1b\ue000]", shown)
    if text == EVIL[1]:
        assert flat(text) in flat(text_of(made.content)) and flat(text) in flat(page.text)


def test_thousands_of_findings_are_counted_and_the_first_are_those_that_decided() -> None:
    report = named(made_up("y" * 1_000, findings=2_000))
    for shown in both(report):
        assert "and 5800 more findings" in shown  # the conditions are counted by themselves
        assert "status.revoked" in shown
    assert len(to_html(report)) < 400_000
    assert LONGEST < 1_000


# the cover sheet ------------------------------------------------------------------------------------------------------


def test_a_cover_sheet_counts_and_lists_every_file() -> None:
    files = [
        report_of(TITLED),
        report_of(TITLED, policy=IssuedBy("other.example")),
        report_of(TITLED, "no chain"),
        unreadable(),
        report_data.of_passed_over(
            "in/x.zip", {"reason": "archive", "message": "an archive", "may_hold_document": True}
        ),
    ]
    places = ["a.json", "b <b>.json", "c.json", "d#.json", "x.zip"]
    rows = [
        cover_row(one, name=place, place=None if one.get("passed_over") else f"{place}.pdf")
        for one, place in zip(files, places, strict=True)
    ]
    made_at = datetime(2026, 11, 30, 15, 4, 5, tzinfo=UTC)
    cover = cover_data(rows, made_at=made_at, plan={})
    assert cover["counts"] == dict.fromkeys(("invalid", "unreadable", "indeterminate", "passed_over", "valid"), 1)
    page = Page(cover_html(cover, made_at, PageOptions()))
    assert [value for name, value in page.attributes if name == "href"] == [
        *("b%20%3Cb%3E.json.pdf", "d%23.json.pdf", "c.json.pdf", "a.json.pdf"),
    ]
    drawn: PdfFile = cover_pdf(cover, made_at, PageOptions())
    check(drawn.content)
    for shown in (page.text, text_of(drawn.content)):
        wanted = (
            "2026-11-30 15:04:05 UTC",
            "policy.unexpected_issuer",
            "document.not_json",
            "an archive",
            "BL-1",
            "b <b>.json",
        )
        assert [one for one in wanted if flat(one) not in flat(shown)] == []


def test_words_of_a_message_stay_as_they_are_if_they_begin_with_a_name() -> None:
    report = named(made_up("carrier.example expired"))
    assert "carrier.example expired" in Page(to_html(report)).text
    report["findings"][1] |= {"message": "the list expired", "key": None}
    assert "The list expired" in Page(to_html(report)).text
    assert own_words("x")


def test_a_page_has_who_was_verified_at_issuance_and_what_was_withheld() -> None:
    report = report_of(TITLED)
    report["as_of"]["issuance"] = "2026-01-01T00:00:00Z"
    report["issuers"][0]["identity_at_issuance"] = report["issuers"][0]["identity_now"]
    report["document"]["whole"]["withheld"] = 2
    report["policy"] = None
    report["titles"][0] |= {"state": "returned", "holder": None, "beneficiary": "0x" + "00" * 20, "paused": True}
    for shown in both(report):
        wanted = (
            "at 2026-01-01 00:00:00 UTC (UTC+08:00\u00a008:00:00): carrier.example (verified with DNS",
            "2 fields withheld by an earlier holder of the document",
            "SURRENDERED: returned to the issuer",
            "The registry is paused",
        )
        assert [one for one in wanted if flat(one) not in flat(shown)] == []
        assert "0x" + "00" * 20 not in shown.replace(report["as_of"]["blocks"][0]["hash"], "")
        assert "Policy that was applied" not in shown


def test_a_long_picture_is_drawn_whole_and_on_one_page() -> None:
    rows = "".join(f'<text x="0" y="{20 * at}" font-family="Ebl Sans SC">第{at}行 row</text>' for at in range(1, 400))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="8000">{rows}</svg>'
    pictures = (Picture(svg, ("One",), ("First",)), Picture(svg.replace("row", "line"), ("Two",), ("Second",)))
    text = flat(text_of(to_pdf(report_of(TITLED), PageOptions(pictures=pictures)).content))
    for shown in ("First", "Second", "第399行row", "第399行line"):
        assert shown in text
    assert (
        len(info_of(to_pdf(report_of(TITLED), PageOptions(pictures=pictures)).content).split("Pages:")[1].split()[0])
        == 1
    )


@pytest.mark.parametrize("steps", [0, 1, 8, 9, 40])
def test_the_path_to_the_root_is_a_picture_of_every_step_or_counts_those_left_out(steps: int) -> None:
    from ebl.ethereum.merkle import path
    from ebl.reports.root_path import root_path
    from ebl.verify import read

    plain = read(to_json(DOCUMENTS[TITLED]))
    claim: Any = plain.integrity[0]
    proof = tuple(bytes([number] * 32) for number in range(steps))
    nodes = path(claim.target, proof)
    changed = replace(plain, integrity=(replace(claim, proof=proof, root=nodes[-1]),))
    picture = root_path(changed, ("en", "zh-Hans"))
    assert picture is not None
    shown = [f"0x{node.hex()}" in picture.svg for node in nodes]
    assert shown.count(True) == min(steps, 8) + 1
    assert shown[0] and shown[-1]
    assert (f"{steps - 8} step" in picture.svg) is (steps > 8)
    assert f"leads over {steps} step" in picture.instead[0]
    assert "not the root that the document states" not in picture.svg
    other = replace(changed, integrity=(replace(claim, proof=proof, root=b"\x01" * 32),))
    astray = root_path(other, ("en",))
    assert astray is not None and ("not the root that the document states" in astray.svg) is (steps > 0)
    assert root_path(replace(plain, integrity=()), ("en",)) is None


def test_who_can_do_what_is_a_table_of_parties_and_moves() -> None:
    report = report_of(TITLED)
    for shown in both(report, PageOptions(languages=("zh-Hans", "en"))):
        for words in ("Who can do what now", "Transfer holdership", "移交", "可给任何账户", "to any account"):
            assert flat(words) in flat(shown)
    (table,) = next(one for one in page_of(report, PageOptions()).sections if one.tables).tables
    assert table.columns[1:-1] == (("Holder / Title beneficiary",),)
    assert [row[1] for row in table.rows] == [("✔ yes",)] * 5 + [("✘ no",)] * 3
    assert "back to" not in str(table)


@pytest.mark.parametrize(
    ("change", "able", "why"),
    [
        ({"state": "returned"}, {"✘ no"}, "the title is surrendered: its issuer accepts or restores it"),
        ({"paused": True}, {"✘ no"}, "the registry is paused"),
        ({"nominee": "0x" + "22" * 20}, {"✔ yes", "✘ no"}, "only the holder can"),
        (
            {"beneficiary": "0x" + "33" * 20},
            {"✔ yes", "✘ no"},
            "only an account that is both holder and beneficiary can",
        ),
        ({"version": 4}, {"✔ yes"}, "to any account"),
    ],
)
def test_the_table_of_moves_is_that_of_the_title_that_was_read(
    change: dict[str, Any], able: set[str], why: str
) -> None:
    report = report_of(TITLED)
    (title,) = report["titles"]
    table = moves_table({**title, **change}, ("en",))
    assert table is not None
    assert {cell[0] for row in table.rows for cell in row[1:-1]} == able
    assert any(why in row[-1][0] for row in table.rows) or change.keys() == {"nominee"}
    assert moves_table({**title, "state": None}, ("en",)) is None
    assert moves_table({**title, "state": "taken_out"}, ("en",)) is None
