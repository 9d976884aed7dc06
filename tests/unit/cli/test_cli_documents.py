"""Redacting, signing, encrypting and linking on the command line: what is printed where, and what is refused."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from ebl.chain.signers import LocalKey
from ebl.cli import main
from ebl.sharing.encryption import encrypt
from ebl.sharing.links import ActionLink
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap, wrap_batch

STORE = "0x" + "11" * 20
KEY = LocalKey(b"\x01" * 32)
SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "report.schema.json").read_text("utf-8"))


def ebl(*words: object, stdin: bytes | None = None, env: dict[str, str] | None = None) -> Result:
    clean = {"EBL_PRIVATE_KEY": None, "OA_PRIVATE_KEY": None, "EBL_KEYSTORE_PASSWORD": None, "EBL_DOCUMENT_KEY": None}
    return CliRunner().invoke(main, [str(word) for word in words], input=stdin, env={**clean, **(env or {})})


def did_data(number: int = 1) -> dict[str, Any]:
    did = f"did:ethr:{KEY.address}"
    proof = {"type": "DNS-DID", "key": f"{did}#controller", "location": "carrier.example"}
    return {
        "issuers": [{"id": did, "name": "C", "identityProof": proof, "revocation": {"type": "NONE"}}],
        "number": number,
    }


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "bill.json"
    path.write_text(json.dumps(wrap(bill(1, store=STORE, domain="carrier.example", chain_id=1337))), "utf-8")
    return path


def integrity(path: Path) -> set[str]:
    done = ebl("verify", "--offline", "--json", path)
    line = json.loads(done.stdout)
    jsonschema.validate(line, SCHEMA)
    return {f["outcome"] for f in line["findings"] if f["group"] == "integrity"}


def first_paths(path: Path) -> list[str]:
    fields = json.loads(ebl("inspect", "--json", path).stdout)["fields"]
    return [field for field in fields if not field.startswith(("issuers", "network", "$template", "attachments"))]


def test_every_path_that_inspect_lists_is_one_that_redact_takes(document: Path, tmp_path: Path) -> None:
    paths = first_paths(document)
    assert len(paths) > 40
    done = ebl("redact", document, *paths, "-o", tmp_path / "out.json", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["withheld"] == paths
    assert told["withheld_in_all"] == len(paths)
    assert integrity(tmp_path / "out.json") == {"passed"}
    report = json.loads(ebl("verify", "--offline", "--json", tmp_path / "out.json").stdout)
    whole = report["document"]["whole"]
    assert (whole["extent"], whole["withheld"]) == ("withheld", len(paths))
    assert "document.withheld" in [one["code"] for one in report["conditions"]]
    assert f"{len(paths)} fields were withheld" in str(report["findings"])


def test_a_redacted_document_goes_to_stdout_and_what_went_to_stderr(document: Path, tmp_path: Path) -> None:
    path = first_paths(document)[0]
    done = ebl("redact", document, path)
    assert path in done.stderr
    assert "1 field is withheld in total" in done.stderr
    (tmp_path / "out.json").write_text(done.stdout, "utf-8")
    assert integrity(tmp_path / "out.json") == {"passed"}
    shown = ebl("inspect", tmp_path / "out.json").stdout
    assert "1 field was withheld" in shown
    assert f"    {path} = " not in shown


def test_a_preview_shows_what_a_reader_will_see_and_writes_nothing(document: Path) -> None:
    before = document.read_bytes()
    path = first_paths(document)[0]
    done = json.loads(ebl("inspect", document, "--without", path, "--json").stdout)
    assert (done["whole"]["withheld"], done["withheld_now"]) == (1, [path])
    assert path not in done["fields"]
    assert document.read_bytes() == before
    assert "1 withheld" in ebl("inspect", document, "--without", path).stdout


def test_a_path_that_leads_nowhere_is_refused_and_nothing_is_written(document: Path, tmp_path: Path) -> None:
    done = ebl("redact", document, "nowhere", "-o", tmp_path / "out.json")
    assert done.exit_code == 5
    assert "nowhere" in done.stderr
    assert not (tmp_path / "out.json").exists()


def test_a_changed_document_is_not_redacted_and_the_exit_code_says_why(document: Path) -> None:
    document.write_bytes(document.read_bytes().replace(b"BHLU", b"BHLX", 1))
    assert ebl("redact", document, first_paths(document)[0]).exit_code == 1


def test_inspect_shows_what_the_bill_says_by_the_trades_names_and_where(document: Path) -> None:
    raw = bill(1, store=STORE, domain="carrier.example", chain_id=1337)
    shown = ebl("inspect", document).stdout
    assert f"port_of_discharge.name     {raw['portOfDischarge']}  (portOfDischarge)" in shown
    assert "are unknown" not in shown
    assert re.search(r"fields are known by name; \d+ others for which its vocabulary has no name\n", shown)
    said = json.loads(ebl("inspect", "--json", document).stdout)["bill"]
    assert said["complete"] is True
    entry = said["fields"]["shipped_on_board_date"]["entries"][0]
    assert (entry["value"], entry["path"], entry["pointer"]) == (
        raw["shippedOnBoardDate"],
        "shippedOnBoardDate",
        "/shippedOnBoardDate",
    )
    assert said["lines"]["goods"][1]["goods.hs_code"] == ["packages[1].hsCode"]
    assert "credit_number" in said["absent"]
    assert "credit_number" not in said["unknown"]
    assert "universal_voyage" in said["unknown"]  # of which OpenAttestation's usual names have none


def test_inspect_says_which_fields_are_unknown_once_something_is_withheld(document: Path) -> None:
    said = json.loads(ebl("inspect", document, "--without", "vessel", "--json").stdout)["bill"]
    assert "vessel" in said["unknown"]
    assert said["absent"] == []
    assert "others unknown, since they may be withheld" in ebl("inspect", document, "--without", "vessel").stdout


def test_inspect_says_what_is_ambiguous_or_not_understood_and_cuts_long_lists(tmp_path: Path) -> None:
    raw = bill(1, store=STORE, domain="carrier.example", chain_id=1337)
    raw |= {"documentNumber": "OTHER", "vessel": [["x"]], "packages": [{"description": f"line {n}"} for n in range(50)]}
    path = tmp_path / "bill.json"
    path.write_text(json.dumps(wrap(raw)), "utf-8")
    shown = ebl("inspect", path).stdout
    assert "number                     ambiguous: the values differ" in shown
    assert "vessel                     has an unknown form  (vessel[0])" in shown
    assert "and 30 more" in shown


def test_a_plan_shows_which_bill_it_is_about() -> None:
    from ebl.checking.formats import read
    from ebl.cli.acting import of_bill

    raw = bill(1, store=STORE, domain="carrier.example", chain_id=1337)
    shown = dict(of_bill(read(to_json(wrap(raw)))))
    assert shown["number"] == raw["blNumber"]
    assert shown["shipper"] == raw["shipper"]["name"]
    assert shown["goods"] == f"{raw['packages'][0]['description']} and 1 more"
    twice = dict(of_bill(read(to_json(wrap({**raw, "documentNumber": "OTHER"})))))
    assert twice["number"].endswith(" and another value")
    nothing = {key: raw[key] for key in ("issuers", "network")} | {"note": "x"}
    assert dict(of_bill(read(to_json(wrap(nothing))))) == {"bill": "no number, party or goods under a known name"}


def test_inspect_gives_the_content_ids_and_they_survive_formatting(document: Path, tmp_path: Path) -> None:
    pretty = tmp_path / "pretty.json"
    pretty.write_text(json.dumps(json.loads(document.read_bytes()), indent=4), "utf-8")
    one, other = (json.loads(ebl("inspect", "--json", path).stdout)["content_ids"] for path in (document, pretty))
    assert one["document"] == other["document"]
    assert one["file"] != other["file"]
    assert one["file"] in ebl("inspect", document).stdout
    verified = json.loads(ebl("verify", "--offline", "--json", document).stdout)
    assert {name: verified[name]["content_id"] for name in ("file", "document")} == one


def test_a_batch_is_signed_from_the_environment_a_file_a_descriptor_and_a_keystore(tmp_path: Path) -> None:
    from eth_keyfile import create_keyfile_json

    folder = tmp_path / "wrapped"
    folder.mkdir()
    for number, wrapped in enumerate(wrap_batch([did_data(number) for number in range(3)]).documents):
        (folder / f"{number}.json").write_text(json.dumps(wrapped), "utf-8")
    key_file = tmp_path / "key"
    key_file.write_text(KEY.secret.hex(), "utf-8")
    key_file.chmod(0o600)
    keystore = tmp_path / "keystore.json"
    keystore.write_text(json.dumps(create_keyfile_json(KEY.secret, b"open", kdf="pbkdf2", iterations=2)), "utf-8")
    (tmp_path / "password").write_text("open\n", "utf-8")
    (tmp_path / "password").chmod(0o600)
    env = {"MY_KEY": KEY.secret.hex()}
    with key_file.open("rb") as descriptor:
        ways = [
            ([], {"OA_PRIVATE_KEY": KEY.secret.hex()}),
            (["--key-env", "MY_KEY"], env),
            (["--key-file", key_file], {}),
            (["--key-fd", descriptor.fileno()], {}),
            (["--keystore", keystore, "--password-file", tmp_path / "password"], {}),
            (["--keystore", keystore], {"EBL_KEYSTORE_PASSWORD": "open"}),
        ]
        for number, (options, variables) in enumerate(ways):
            done = ebl("sign", folder, "-o", tmp_path / f"signed-{number}", *options, env=variables)
            assert done.exit_code == 0, done.stderr
            assert f"3 signed into {tmp_path / f'signed-{number}'} by {KEY.address}" in done.stderr
    signatures = {json.loads(path.read_bytes())["proof"][0]["signature"] for path in tmp_path.glob("signed-*/*.json")}
    assert len(list(tmp_path.glob("signed-*/*.json"))) == 18
    assert len(signatures) == 1


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--key-env", "NOT_SET"], 2, "NOT_SET is not set"),
        ([], 2, "EBL_PRIVATE_KEY"),
        (["--key-file", "a", "--key-fd", "0"], 2, "one place only"),
        (["--keystore", "a", "--key-file", "b"], 2, "not both"),
        (["--password-file", "a"], 2, "--keystore"),
        (["--key-file", "/nowhere/at/all"], 2, "cannot read /nowhere/at/all"),
        (["--key-fd", "999"], 2, "cannot be read"),
    ],
)
def test_without_a_key_nothing_is_signed(tmp_path: Path, options: list[str], code: int, says: str) -> None:
    (tmp_path / "a.json").write_text(json.dumps(wrap(did_data())), "utf-8")
    done = ebl("sign", tmp_path / "a.json", "-o", tmp_path / "out", *options)
    assert (done.exit_code, (tmp_path / "out").exists()) == (code, False)
    assert says in done.stderr


def test_one_document_that_does_not_name_the_key_and_nothing_is_written(tmp_path: Path, document: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(wrap(did_data())), "utf-8")
    done = ebl("sign", tmp_path / "a.json", document, "-o", tmp_path / "out", env={"EBL_PRIVATE_KEY": KEY.secret.hex()})
    assert done.exit_code == 5
    assert "bill.json: not signed" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX systems")
def test_a_key_file_that_others_can_read_is_remarked_upon(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(wrap(did_data())), "utf-8")
    (tmp_path / "key").write_text(KEY.secret.hex(), "utf-8")
    (tmp_path / "key").chmod(0o644)
    done = ebl("sign", tmp_path / "a.json", "-o", "-", "--key-file", tmp_path / "key")
    assert done.exit_code == 0
    assert "chmod 600" in done.stderr
    assert json.loads(done.stdout)["proof"]


def test_no_option_of_any_command_takes_a_key_itself() -> None:
    for command in ("sign", "encrypt", "decrypt"):
        assert "--private-key" not in ebl(command, "--help").stdout
        assert "--key " not in ebl(command, "--help").stdout


def test_a_document_travels_encrypted_with_a_link_that_opens_it(tmp_path: Path, document: Path) -> None:
    done = ebl("encrypt", document, "-o", tmp_path / "sealed.json")
    key = done.stdout.strip()
    assert "carrier.example" not in (tmp_path / "sealed.json").read_text("utf-8")
    assert key not in done.stderr
    made = ebl(
        "qr", "make", "https://storage.example/1", "--chain-id", 1, "-o", tmp_path / "code.svg", "--key-file", "-",
        stdin=key.encode(),
    )  # fmt: skip
    link = made.stdout.strip()
    assert ActionLink.parse(link).key == bytes.fromhex(key)
    assert (tmp_path / "code.svg").read_bytes().startswith(b"<?xml")
    (tmp_path / "link").write_text(link, "utf-8")
    opened = ebl("decrypt", tmp_path / "sealed.json", "--link-file", tmp_path / "link", "-o", tmp_path / "opened.json")
    assert opened.exit_code == 0, opened.stderr
    assert (tmp_path / "opened.json").read_bytes() == document.read_bytes()
    by_env = ebl("decrypt", tmp_path / "sealed.json", env={"EBL_DOCUMENT_KEY": key})
    assert by_env.stdout_bytes == document.read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_a_picture_of_a_link_is_for_its_owner_only_if_it_holds_a_key(tmp_path: Path, suffix: str) -> None:
    keyed, plain = tmp_path / f"keyed.{suffix}", tmp_path / f"plain.{suffix}"
    made = ebl("qr", "make", "https://a.example", "--key-file", "-", "-o", keyed, stdin=b"01" * 32)
    assert made.exit_code == 0
    assert ebl("qr", "make", "https://a.example", "--plain", "-o", plain).exit_code == 0
    assert keyed.stat().st_mode & 0o777 == 0o600
    assert plain.stat().st_mode & 0o444 == 0o444


def test_reading_a_link_shows_where_it_leads_and_not_its_key(tmp_path: Path) -> None:
    key = os.urandom(32)
    link = ActionLink(uri="https://storage.example/1", key=key, chain_id=137).to_url("https://any.example/x")
    done = ebl("qr", "read", "-", "--key-out", tmp_path / "key", stdin=link.encode())
    assert "https://storage.example/1" in done.stdout
    assert "137" in done.stdout
    assert key.hex() not in done.output
    assert (tmp_path / "key").read_text("utf-8").strip() == key.hex()
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    assert ebl("qr", "read", "-", "--key-out", tmp_path / "key", stdin=link.encode()).exit_code == 2
    shown = json.loads(ebl("qr", "read", "-", "--json", stdin=link.encode()).stdout)
    assert (shown["has_key"], shown["host"]) == (True, "storage.example")
    assert ebl("qr", "read", "-", stdin=b"nonsense").exit_code == 5


@pytest.mark.parametrize("words", [("decrypt", "sealed.json"), ("qr", "make", "https://storage.example/1")])
def test_a_key_that_is_none_is_the_callers_own_mistake(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "sealed.json").write_bytes(encrypt("{}", bytes(32)).to_json())
    (tmp_path / "key").write_text("no key")
    command, *more = words
    named = [tmp_path / one if one == "sealed.json" else one for one in more]
    assert ebl(command, *named, "--key-file", tmp_path / "key").exit_code == 2
    (tmp_path / "key").write_text("01" * 32)
    assert ebl("qr", "make", "no address", "--key-file", tmp_path / "key").exit_code == 2


def test_the_key_can_go_into_a_file_of_its_own_and_never_over_another(tmp_path: Path, document: Path) -> None:
    done = ebl("encrypt", document, "-o", tmp_path / "sealed.json", "--key-out", tmp_path / "key", "--json")
    assert json.loads(done.stdout)["key_file"] == str(tmp_path / "key")
    again = ebl("encrypt", document, "-o", tmp_path / "sealed.json", "--key-out", tmp_path / "key")
    assert again.exit_code == 2
    assert (
        ebl("decrypt", tmp_path / "sealed.json", "--key-file", tmp_path / "key").stdout_bytes == document.read_bytes()
    )


def test_a_document_is_not_encrypted_where_its_key_cannot_be_kept(tmp_path: Path, document: Path) -> None:
    done = ebl("encrypt", document, "-o", tmp_path / "sealed.json", "--key-out", document / "below" / "key")
    assert (done.exit_code, (tmp_path / "sealed.json").exists()) == (2, False)
    done = ebl("encrypt", document, "-o", tmp_path / "one", "--key-out", tmp_path / "." / "one")
    assert (done.exit_code, (tmp_path / "one").exists()) == (2, False)


def test_no_command_overwrites_a_file_that_is_there(tmp_path: Path, document: Path) -> None:
    key, raw, sealed, issued = (tmp_path / name for name in ("key.json", "raw.json", "sealed.json", "issued.json"))
    did = json.loads(ebl("key", "new", "-o", key, "--json").stdout)["controller"]
    raw.write_text('{"type": ["BillOfLading"], "blNumber": "BL-1"}')
    secret = ebl("encrypt", document, "-o", sealed).stdout.strip()
    new = ("vc", "new", raw, "--issuer", did, "--title", "50", "0x" + "5a" * 20)
    unsigned = ebl(*new).stdout_bytes
    signed = ebl("vc", "sign", "-", "--key-file", key, stdin=unsigned).stdout_bytes
    issued.write_text("what was issued")
    for words, stdin in (
        (("redact", document, "blNumber"), None),
        (("encrypt", document), None),
        (("decrypt", sealed), None),
        (new, None),
        (("vc", "sign", "-", "--key-file", key), unsigned),
        (("vc", "derive", "-", "--all"), signed),
        (("vc", "present", "-", "--key-file", key), signed),
        (("key", "new"), None),
    ):
        assert ebl(*words, "-o", tmp_path / "new", stdin=stdin, env={"EBL_DOCUMENT_KEY": secret}).exit_code == 0, words
        (tmp_path / "new").unlink()
        done = ebl(*words, "-o", issued, stdin=stdin, env={"EBL_DOCUMENT_KEY": secret})
        assert done.exit_code == 2 and "exists already" in done.stderr, words
        assert issued.read_text() == "what was issued"


def test_a_wrong_key_is_one_line_with_its_code(tmp_path: Path, document: Path) -> None:
    ebl("encrypt", document, "-o", tmp_path / "sealed.json")
    done = ebl("decrypt", tmp_path / "sealed.json", env={"EBL_DOCUMENT_KEY": "00" * 32})
    assert done.exit_code == 5
    assert "encryption.not_opened" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("suffix", ["code.gif", "code"])
def test_a_qr_code_is_a_png_or_an_svg_file(tmp_path: Path, suffix: str) -> None:
    assert ebl("qr", "make", "https://a.example", "--plain", "-o", tmp_path / suffix).exit_code == 2
    assert ebl("qr", "make", "https://a.example", "--plain", "-o", tmp_path / "code.PNG").exit_code == 0
    assert (tmp_path / "code.PNG").read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_written_is_said_in_one_line(document: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    for words in (
        ("wrap", document, "-o", file),
        ("redact", document, "blNumber", "-o", file / "below.json"),
        ("encrypt", document, "-o", file / "below.json"),
    ):
        done = ebl(*words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert str(file) in done.stderr
        assert "Traceback" not in done.stderr


def test_inspect_shows_between_which_dates_a_document_holds(tmp_path: Path) -> None:
    proof = {"type": "OpenAttestationProofMethod", "method": "DOCUMENT_STORE", "value": STORE}
    credential = {
        "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://example.org/vocab#"}],
        "type": ["VerifiableCredential"],
        "issuanceDate": "2024-05-01T00:00:00Z",
        "expirationDate": "2031-01-31T09:00:00Z",
        "issuer": {"id": "https://carrier.example", "name": "C"},
        "credentialSubject": {"number": 1},
        "openAttestationMetadata": {
            "proof": proof,
            "identityProof": {"type": "DNS-TXT", "identifier": "carrier.example"},
        },
    }
    file = tmp_path / "v3.json"
    file.write_bytes(to_json(wrap(credential)))
    assert "validity          start 2024-05-01T00:00:00Z  end 2031-01-31T09:00:00Z" in ebl("inspect", file).stdout


def test_inspect_tells_a_chinese_reader_the_same(document: Path) -> None:
    english, chinese = (ebl("inspect", document, "--lang", choice).stdout for choice in ("en", "zh"))
    assert len(english.splitlines()) == len(chinese.splitlines())
    assert "未经核验" in chinese and "（文件自述）" in chinese and "not verified" not in chinese
    assert ebl("inspect", document, "--lang", "both").stdout == chinese + english
