"""Files inside a document: found in every format, decoded strictly, named safely."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from ebl.bill.attached_files import MAX_ATTACHMENTS, Attachment, attachments, file_names
from ebl.cli import main
from ebl.errors import Malformed
from ebl.model.document import Document
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap

PDF = b"%PDF-1.7\nx"
UNKNOWN_SUITE = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": "did:web:carrier.example",
    "credentialSubject": {"attachments": [{"filename": "terms.pdf", "data": base64.b64encode(PDF).decode()}]},
    "proof": {"type": "DataIntegrityProof", "cryptosuite": "later-2031", "proofValue": "u1"},
}
"""A credential whose signature cannot be checked here."""


def attached(name: str = "a.pdf", content: bytes = PDF, kind: str = "application/pdf") -> dict[str, str]:
    return {"filename": name, "type": kind, "data": base64.b64encode(content).decode()}


def document(data: dict[str, Any], kind: Any = "oa2") -> Document:
    return Document(kind, None, (), (), data, data)


def names(*claimed: str | None) -> list[str]:
    return [*file_names(Attachment("", name, None, b"") for name in claimed)]


@pytest.mark.parametrize(
    ("kind", "data", "path"),
    [
        ("oa2", {"attachments": [attached()]}, "attachments[0]"),
        ("oa3", {"attachments": [attached()], "credentialSubject": {}}, "attachments[0]"),
        ("vc", {"credentialSubject": {"attachments": attached()}}, "credentialSubject.attachments[0]"),
        (
            "vp",
            {"verifiableCredential": [{"credentialSubject": [{"attachments": [attached()]}]}]},
            "verifiableCredential[0].credentialSubject[0].attachments[0]",
        ),
    ],
)
def test_an_attachment_is_found_in_every_format(kind: str, data: dict[str, Any], path: str) -> None:
    (one,) = attachments(document(data, kind))
    assert (one.path, one.claimed_name, one.content, one.found_type) == (path, "a.pdf", PDF, "application/pdf")
    assert one.to_dict()["size"] == len(PDF)


@pytest.mark.parametrize("spelling", ["plain", "lines", "unpadded", "url"])
def test_base64_is_read_as_programs_write_it(spelling: str) -> None:
    text = base64.b64encode(PDF).decode()
    text = {
        "plain": text,
        "lines": "\r\n".join(text[at : at + 4] for at in range(0, len(text), 4)),
        "unpadded": text.rstrip("="),
        "url": f"data:application/pdf;name=a.pdf;base64,{text}",
    }[spelling]
    (one,) = attachments(document({"attachments": [{"data": text}]}))
    assert one.content == PDF


@pytest.mark.parametrize("data", ["%%%", "a", "é", 7, None, ["a"], {"data": "x"}, "data:,abc"])
def test_what_is_no_base64_has_no_content(data: Any) -> None:
    (one,) = attachments(document({"attachments": [{"data": data, "filename": 7}]}))
    assert (one.content, one.sha256, one.size, one.claimed_name) == (None, None, None, None)


def test_the_number_of_attachments_has_a_limit() -> None:
    with pytest.raises(Malformed):
        attachments(document({"attachments": [attached()] * (MAX_ATTACHMENTS + 1)}))


@pytest.mark.parametrize(
    ("claimed", "safe"),
    [
        ("a.pdf", "a.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\x.exe", "x.exe"),
        ("..", "attachment"),
        ("", "attachment"),
        (None, "attachment"),
        (".bashrc", "bashrc"),
        ("con", "_con"),
        ("CON.txt", "_CON.txt"),
        ("COM¹.pdf", "_COM¹.pdf"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\x00b\nc.pdf", "abc.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("x. . .", "x"),
        ("提单 正本.pdf", "提单 正本.pdf"),
        ("x" * 500 + ".pdf", "x" * 120 + ".pdf"),
        ("汉" * 200, "汉" * 40),
    ],
)
def test_a_name_is_made_safe(claimed: str | None, safe: str) -> None:
    assert names(claimed) == [safe]


def test_names_that_a_file_system_takes_for_one_are_numbered() -> None:
    assert names("a.pdf", "A.PDF", "b/a.pdf", "é.txt", "e\u0301.txt") == [
        *("a.pdf", "A (2).PDF", "a (3).pdf", "é.txt", "é (2).txt")
    ]


@pytest.mark.slow
@given(st.lists(st.text(max_size=300), max_size=8))
def test_any_names_become_different_names_of_one_part(claimed: list[str]) -> None:
    found = names(*claimed)
    assert len({name.casefold() for name in found}) == len(claimed)
    for name in found:
        assert Path(name).name == name
        assert name.strip(". ") == name != ""
        assert name.isprintable()
        assert len(name.encode()) < 160


@pytest.fixture
def wrapped(tmp_path: Path) -> Path:
    raw = bill(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337)
    raw["attachments"] = [attached("../bill.pdf"), attached("bill.pdf", b"text", "application/pdf")]
    path = tmp_path / "bill.json"
    path.write_bytes(to_json(wrap(raw)))
    return path


def test_attachments_are_taken_out_once_and_listed(wrapped: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["attachments", str(wrapped), "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {"bill.pdf": PDF, "bill (2).pdf": b"text"}
    assert "4 bytes, text/plain (claimed: application/pdf)" in done.stdout
    again = CliRunner().invoke(main, ["attachments", str(wrapped), "-o", str(out)])
    assert again.exit_code == 5
    assert "nothing was written" in again.stderr
    rows = [
        json.loads(line)
        for line in CliRunner().invoke(main, ["attachments", str(wrapped), "--json"]).stdout.splitlines()
    ]
    assert [row["file"] for row in rows] == [None, None]


def test_those_of_an_altered_document_are_taken_out_only_on_request(wrapped: Path, tmp_path: Path) -> None:
    wrapped.write_text(wrapped.read_text().replace("carrier.example", "carriar.example"))
    out = tmp_path / "out"
    refused = CliRunner().invoke(main, ["attachments", str(wrapped), "-o", str(out)])
    assert refused.exit_code == 1
    assert "not unaltered: integrity.hash_mismatch" in refused.stderr
    assert not out.exists()
    done = CliRunner().invoke(main, ["attachments", str(wrapped), "-o", str(out), "--altered"])
    assert done.exit_code == 1
    assert "Careful" in done.stderr
    assert len([*out.iterdir()]) == 2


def test_data_that_is_no_base64_is_listed_and_ends_with_unreadable(tmp_path: Path) -> None:
    raw = bill(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337)
    raw["attachments"] = [{"filename": "a.pdf", "type": "application/pdf", "data": "%%%"}]
    path = tmp_path / "bill.json"
    path.write_bytes(to_json(wrap(raw)))
    done = CliRunner().invoke(main, ["attachments", str(path), "-o", str(tmp_path / "out")])
    assert done.exit_code == 5
    assert "no Base64 data" in done.stdout


def test_what_is_not_an_object_among_attachments_is_listed() -> None:
    found = attachments(document({"attachments": ["terms.pdf", attached(), 7, None]}))
    assert [one.path for one in found] == [f"attachments[{at}]" for at in range(4)]
    assert [one.content is None for one in found] == [True, False, True, True]


@pytest.mark.parametrize("data", [{}, {"attachments": None}, {"attachments": []}])
def test_no_attachments_are_none(data: dict[str, Any]) -> None:
    assert attachments(document(data)) == ()


def test_a_document_whose_integrity_is_not_established_ends_with_3(tmp_path: Path) -> None:
    path = tmp_path / "credential.json"
    path.write_text(json.dumps(UNKNOWN_SUITE))
    done = CliRunner().invoke(main, ["attachments", str(path), "-o", str(tmp_path / "out")])
    assert done.exit_code == 3, done.output
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["terms.pdf"]
