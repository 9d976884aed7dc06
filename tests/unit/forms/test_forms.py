"""A document drawn from its data: everything is in the drawing, as text, bounded, and marked."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ebl.cli import main
from ebl.forms import FormOptions, to_html, to_pdf
from ebl.forms.form_data import MOST_LINES, MOST_VALUES, form_page
from ebl.messages.catalogue import languages
from ebl.model.document import Document
from ebl.model.findings import File
from ebl.model.wholeness import Extent, Wholeness
from ebl.testing.bills import bill
from ebl.verify import read
from ebl.wrap import to_json, wrap
from tests.pdf_files import check, fonts_of, text_of
from tests.unit.reports.test_report_data import HOSTILE

RAW: dict[str, Any] = {
    **bill(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337),
    "attachments": [{"filename": "terms.pdf", "type": "application/pdf", "data": "JVBERi0xLjcK"}],
    "links": {"self": {"href": "https://carrier.example/document?q=1"}},
    "$template": {"name": "BL", "type": "EMBEDDED_RENDERER", "url": "https://renderer.example"},
    "ours": {"deep": [{"x": "中文 𠮷"}, True, 1.5, None, [], {}]},
}


def document(raw: dict[str, Any] = RAW) -> Document:
    return read(to_json(wrap(raw)))


def plain(data: dict[str, Any], kind: Any = "oa2") -> Document:
    return Document(kind, None, (), (), data, data)


def html_text(document: Document, options: FormOptions = FormOptions()) -> str:  # noqa: B008 - frozen
    page = to_html(document, options)
    return unescape(re.sub(r"<[^>]+>", "\n", page.split("<body>")[1]))


def leaves(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [text for name, value in node.items() if name != "data" for text in leaves(value)]
    if isinstance(node, list):
        return [text for value in node for text in leaves(value)]
    return [node] if isinstance(node, str) else [str(node)] if type(node) in (int, float) else []


def test_every_value_of_the_document_is_in_the_drawing() -> None:
    shown = html_text(document())
    printed = re.sub(r"\s+", "", text_of(to_pdf(document()).content))
    for text in leaves(RAW):
        assert text in shown
        assert re.sub(r"\s+", "", text) in printed


@pytest.mark.parametrize(
    ("data", "kind", "drawn"),
    [
        (
            {"holder": "did:H", "id": "urn:P", "verifiableCredential": [{"id": "urn:C"}, "a.b.c"]},
            "vp",
            "did:H urn:P urn:C a.b.c",
        ),
        ({"signature": {"ink": "INK"}, "privacy": "PRIV", "proof": "PROOF"}, "oa2", "INK PRIV PROOF"),
        ({"ours": {"attachments": [{"filename": "f", "data": "WORDS"}]}}, "oa2", "f WORDS"),
        ({"attachments": {"more": {"data": "WORDS"}}}, "oa2", "WORDS"),
        ({"attachments": [{"filename": "f", "data": "!no base64"}]}, "oa2", "!no base64"),
    ],
)
def test_no_value_is_dropped_wherever_it_is(data: dict[str, Any], kind: str, drawn: str) -> None:
    shown = html_text(plain({"vessel": "x", **data}, kind))
    assert [text for text in drawn.split() if text not in shown] == []


def test_the_bytes_of_an_attachment_are_not_drawn_and_a_claimed_type_is_marked() -> None:
    files = [
        {"filename": "a", "type": "application/pdf", "data": "TVqQ"},
        {"filename": "b", "type": "image/png", "data": "AAAAAA=="},
        {"filename": "c", "type": "image/png", "data": "!"},
    ]
    shown = html_text(plain({"vessel": "x", "attachments": files}))
    assert "TVqQ" not in shown and "AAAAAA==" not in shown
    assert "application/x-msdownload (claimed: application/pdf)" in shown
    assert "not recognised (claimed: image/png)" in shown
    assert "no Base64 data" in shown


def test_every_attachment_that_can_be_read_is_listed() -> None:
    files = [{"filename": f"f{number}", "data": "AAAA"} for number in range(500)]
    (form,) = form_page(plain({"attachments": files})).forms
    assert [row[0] for row in form.attached] == [f"f{number}" for number in range(500)]


def test_the_name_of_an_attachment_is_drawn_once_and_a_second_name_too() -> None:
    assert html_text(document()).count("terms.pdf") == 1
    (form,) = form_page(
        plain({"vessel": "x", "attachments": [{"filename": "a", "fileName": "b", "data": "AA=="}]})
    ).forms
    assert form.attached[0][0] == "a"
    assert "b" in str((form.fields, form.other))


def test_a_text_that_is_cut_states_its_length() -> None:
    shown = html_text(plain({"vessel": "x", "long": "y" * 200_000}), FormOptions(languages=languages()))
    assert "cut; 200000 characters in all" in shown and "已截断，共 200000 个字符" in shown


def test_a_short_box_is_not_divided_between_pages() -> None:
    lines = "\n".join(f"street {number}" for number in range(12))
    goods = [{"description": f"goods {number}\n{lines}"} for number in range(12)]
    pages = text_of(to_pdf(plain({"vessel": "x", "packages": goods}), FormOptions()).content, "-layout").split("\f")[
        :-1
    ]
    assert len(pages) > 1
    assert sum(page.count("street 0") for page in pages) == sum(page.count("street 11") for page in pages) == 12
    assert all(page.count("street 0") == page.count("street 11") for page in pages)


def test_every_printed_page_states_that_it_is_drawn_and_the_verdict() -> None:
    many = plain({"vessel": "x", "packages": [{"description": f"line {number}"} for number in range(200)]})
    for options, words in (
        (FormOptions(), "Bill of lading, drawn by ebl from its data: NOT VERIFIED"),
        (
            FormOptions(languages=("zh-Hans",), verdict="invalid"),
            "提单（由 ebl 依据数据绘制）: 核验不通过（NOT VALID）",
        ),
    ):
        pages = text_of(to_pdf(many, options).content).split("\f")[:-1]
        assert len(pages) > 2
        squeezed = re.sub(r"\s", "", words)
        assert all(squeezed in re.sub(r"\s", "", page) for page in pages)
        assert f'@bottom-left{{content:"{words}"' in to_html(many, options)


def test_the_boxes_of_a_bill_have_its_parties_and_places() -> None:
    (form,) = form_page(document()).forms
    labels = [box.label[0] for row in form.boxes for box in row]
    assert labels[:4] == ["shipper", "number", "consignee", "carrier"]
    assert [grid.title[0] for grid in form.grids] == ["Goods", "Containers"]
    assert form.grids[0].columns[3] == ("gross weight",)
    assert form.attached[0][:3] == ("terms.pdf", "9", "application/pdf")


@pytest.mark.parametrize("made", [to_html, to_pdf])
@pytest.mark.parametrize(
    ("verdict", "mark"),
    [(None, "NOT VERIFIED"), ("valid", "VALID"), ("invalid", "NOT VALID"), ("indeterminate", "CANNOT BE DETERMINED")],
)
def test_the_page_is_marked_as_drawn_with_the_verdict(made: Any, verdict: str | None, mark: str) -> None:
    options = FormOptions(
        verdict=verdict, made_at=datetime(2026, 11, 30, 9, 0, tzinfo=UTC), file=File.of(b"x", "b.json")
    )
    shown = html_text(document(), options) if made is to_html else text_of(to_pdf(document(), options).content)
    assert "drawn by ebl" in shown
    assert mark in shown
    assert ("2026-11-30 09:00:00 UTC" in " ".join(shown.split())) is (verdict is not None)
    assert File.of(b"x").sha256.hex() in re.sub(r"\s", "", shown)


def test_a_valid_with_conditions_is_not_drawn_as_a_plain_valid() -> None:
    options = FormOptions(languages=languages(), verdict="valid", is_conditional=True)
    for shown in (html_text(document(), options), text_of(to_pdf(document(), options).content)):
        assert "VALID ON CONDITIONS" in shown and "核验通过，但附带条件" in shown
        assert "✔" not in shown
    for verdict in ("invalid", "indeterminate"):
        assert (
            form_page(document(), FormOptions(verdict=verdict, is_conditional=True)).mark
            == form_page(document(), FormOptions(verdict=verdict)).mark
        )


def test_what_a_verification_found_withheld_is_stated() -> None:
    (form,) = form_page(document(), FormOptions(whole=Wholeness(Extent.UNKNOWN))).forms
    assert form.withheld == ("A holder chose what this document discloses, or may have left fields out.",)


def test_labels_are_in_the_languages_asked_for_and_values_stay() -> None:
    shown = html_text(document(), FormOptions(languages=languages()))
    for text in ("托运人", "shipper", "未经核验", "NOT VERIFIED", "集装箱", "中文 𠮷"):
        assert text in shown


@pytest.mark.parametrize("kind", ["vc", "vp"])
def test_a_link_in_what_a_credential_is_about_is_drawn_too(kind: str) -> None:
    credential = {"credentialSubject": {"links": {"self": {"href": "https://carrier.example/q"}}}}
    data = credential if kind == "vc" else {"verifiableCredential": [credential]}
    assert form_page(plain(data, kind)).link == "https://carrier.example/q"


def test_nothing_of_a_template_or_link_is_loaded() -> None:
    page = to_html(document())
    assert "<script" not in page
    assert re.findall(r'(?:src|href|url)\s*[=(]\s*"?(?!"?data:)', page) == []
    assert "Link in the document, not loaded" in page
    data = {"recipe": "x", "openAttestationMetadata": {"template": {"url": "https://renderer.example"}}}
    assert "https://renderer.example (not loaded)" in html_text(plain(data))


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE.values() if isinstance(HOSTILE, dict) else HOSTILE)
def test_hostile_text_is_drawn_as_text(text: str) -> None:
    data = {"blNumber": text, "vessel": "x", text[:50]: text, "packages": [{"description": text}]}
    page = to_html(plain(data))
    assert "<script" not in page.lower().replace("&lt;script", "")
    made = to_pdf(plain(data)).content
    check(made)
    assert len(page) < 200_000


def test_what_is_beyond_the_limits_is_counted() -> None:
    many = {
        "vessel": "x",
        "packages": [{"description": f"line {number}"} for number in range(5_000)],
        "free": [f"value {number}" for number in range(MOST_VALUES + 7)],
        "long": "y" * 200_000,
    }
    (form,) = form_page(plain(many)).forms
    assert (len(form.grids[0].rows), form.grids[0].more) == (MOST_LINES, 4_000)
    assert form.other_left_out == 8  # with the long one
    shown = html_text(plain(many))
    assert "and 4000 more, which are not drawn" in shown
    assert len(shown) < 400_000
    deep: Any = "end"
    for _ in range(60):
        deep = {"a": [deep]}
    assert "end" in html_text(plain({"deep": deep}))


def test_a_pdf_has_its_fonts_and_the_same_bytes_each_time() -> None:
    once, again = to_pdf(document()), to_pdf(document())
    assert once.content == again.content
    check(once.content)
    assert all(fonts_of(once.content).values())


def test_withheld_fields_are_counted() -> None:
    from ebl.wrap import redact

    hidden = read(to_json(redact(wrap(RAW), ["shipper.name"]).document))
    assert "1 field of the document withheld by an earlier holder" in html_text(hidden)


def test_each_credential_of_a_presentation_is_drawn_and_anything_else_too() -> None:
    held = [{"credentialSubject": {"blNumber": f"BL-{number}", "vessel": "x"}} for number in (1, 2)]
    shown = html_text(plain({"holder": "did:x", "verifiableCredential": held}, "vp"))
    assert "BL-1" in shown and "BL-2" in shown
    assert (
        shown.index("Credential 1 of 2") < shown.index("BL-1") < shown.index("Credential 2 of 2") < shown.index("BL-2")
    )
    assert shown.index("The presentation, as its holder wrote it") < shown.index("did:x")
    assert "Document, drawn by ebl" in html_text(plain({"recipe": {"salt": "a pinch"}}))
    assert "a pinch" in html_text(plain({"recipe": {"salt": "a pinch"}}))


def test_the_command_draws_and_verifies_on_request(tmp_path: Path) -> None:
    path = tmp_path / "bill.json"
    path.write_bytes(to_json(wrap(RAW)))
    done = CliRunner().invoke(main, ["show", str(path), "-o", str(tmp_path / "a.html"), "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "NOT VERIFIED" in done.stdout and "NOT VERIFIED" in (tmp_path / "a.html").read_text()
    done = CliRunner().invoke(main, ["show", str(path), "-o", str(tmp_path / "b.pdf"), "--offline", "--lang", "both"])
    assert done.exit_code == 3
    assert "无法判定" in text_of((tmp_path / "b.pdf").read_bytes())
    path.write_bytes(path.read_bytes().replace(b"carrier.example", b"carriar.example"))
    done = CliRunner().invoke(main, ["show", str(path), "-o", str(tmp_path / "c.html"), "--offline", "--lang", "en"])
    assert done.exit_code == 1
    assert "NOT VALID" in (tmp_path / "c.html").read_text()
    again = CliRunner().invoke(main, ["show", str(path), "-o", str(tmp_path / "c.html"), "--lang", "en"])
    assert again.exit_code == 2
    assert CliRunner().invoke(main, ["show", str(path), "-o", str(tmp_path / "c.txt")]).exit_code == 2
    assert replace(FormOptions(), verdict="valid").verdict == "valid"
