"""A byte order mark, which Windows programs put before a text, is passed over in what others wrote, and named in one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ebl.cli import main
from ebl.sharing.encryption import encrypt
from ebl.sharing.links import ActionLink
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap

STORE = "0x" + "11" * 20
RAW = bill(1, store=STORE, domain="carrier.example", chain_id=1337)
BILL = to_json(wrap(RAW))
MARK = b"\xef\xbb\xbf"
KEY = bytes(31) + b"\1"
LINK = ActionLink(uri="https://storage.example/a").to_url()


def ebl(*words: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=stdin)


DOCUMENTS = {
    "verify": (BILL, ("verify", "--offline", "--json", "FILE"), 3),
    "inspect": (BILL, ("inspect", "FILE"), 0),
    "unwrap": (BILL, ("unwrap", "FILE"), 0),
    "redact": (BILL, ("redact", "FILE", "blNumber"), 0),
    "wrap": (json.dumps(RAW).encode(), ("wrap", "FILE", "-o", "-"), 0),
    "decrypt": (encrypt(BILL.decode(), KEY).to_json(), ("decrypt", "FILE", "--key-file", "KEY"), 0),
    "qr read": (LINK.encode(), ("qr", "read", "FILE"), 0),
}
OWN = {
    "a policy": (b'[issuers]\ntrusted = [{ domain = "a.example" }]\n', ("policy", "explain", "FILE"), 0),
    "a key": (KEY.hex().encode(), ("wallet", "address", "--key-file", "FILE"), 0),
    "the key of a document": (KEY.hex().encode(), ("decrypt", "ENCRYPTED", "--key-file", "FILE"), 0),
}


def run(content: bytes, words: tuple[str, ...], folder: Path) -> Result:
    file, key, encrypted = folder / "file", folder / "key", folder / "encrypted"
    file.write_bytes(content)
    key.write_text(KEY.hex(), "utf-8")
    encrypted.write_bytes(encrypt("{}", KEY).to_json())
    places = {"FILE": file, "KEY": key, "ENCRYPTED": encrypted}
    return ebl(*(places.get(word, word) for word in words))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_others_wrote_is_read_with_one(name: str, tmp_path: Path) -> None:
    content, words, code = DOCUMENTS[name]
    assert run(content, words, tmp_path).exit_code == code
    marked = run(MARK + content, words, tmp_path)
    assert marked.exit_code == code, marked.output
    assert run(MARK + MARK + content, words, tmp_path).exit_code == 5


@pytest.mark.parametrize("name", OWN)
def test_in_a_file_of_ones_own_it_is_named(name: str, tmp_path: Path) -> None:
    content, words, code = OWN[name]
    assert run(content, words, tmp_path).exit_code == code
    marked = run(MARK + content, words, tmp_path)
    assert marked.exit_code == 2 and "byte order mark" in marked.stderr


def test_the_content_id_is_of_the_file_as_it_came(tmp_path: Path) -> None:
    ids = []
    for content in (BILL, MARK + BILL):
        (row,) = run(content, DOCUMENTS["verify"][1], tmp_path).stdout.splitlines()
        made = json.loads(row)
        ids.append({name: made[name]["content_id"] for name in ("file", "document")})
    assert ids[0]["file"] != ids[1]["file"] and ids[0]["document"] == ids[1]["document"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["verify", "inspect", "unwrap", "redact", "wrap"])
def test_a_wide_encoding_is_named_with_what_to_do(name: str, encoding: str, tmp_path: Path) -> None:
    content, words, _ = DOCUMENTS[name]
    done = run(content.decode().encode(encoding), words, tmp_path)
    assert done.exit_code == 5
    assert "UTF-" in done.output and "iconv -f UTF-" in done.output
