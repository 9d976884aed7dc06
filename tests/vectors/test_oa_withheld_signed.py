"""Every line of ``oa/obfuscate.jsonl`` and ``oa/sign_encrypt.jsonl``, made by the official packages, comes out as stated."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ebl.chain.signers import LocalKey
from ebl.checking.formats import read
from ebl.codes import Doubt
from ebl.errors import InvalidInput
from ebl.ethereum import secp256k1
from ebl.openattestation.did_signature import recover
from ebl.openattestation.redact import redact
from ebl.openattestation.sign import sign
from ebl.sharing.encryption import Encrypted, decrypt, encrypt
from ebl.sharing.links import ActionLink
from ebl.verify import check_integrity
from ebl.wrap import to_json

HERE = Path(__file__).parent / "oa"
LINES = [
    json.loads(line)
    for name in ("obfuscate", "sign_encrypt")
    for line in (HERE / f"{name}.jsonl").read_text().splitlines()
]


def lines(*kinds: str) -> list[Any]:
    return [pytest.param(line, id=line["id"]) for line in LINES if line["kind"] in kinds]


def hashes(document: Any) -> list[str]:
    """The hashes of what is withheld, in v2 or v3."""
    privacy = document["proof"]["privacy"] if "credentialSubject" in document else document.get("privacy", {})
    return sorted(privacy.get("obfuscatedData", privacy.get("obfuscated", [])))


def without_hashes(document: Any) -> Any:
    copy = json.loads(json.dumps(document))
    copy.pop("privacy", None)
    if "credentialSubject" in copy:
        del copy["proof"]["privacy"]
        copy["proof"]["salts"] = sorted(json.dumps(salt) for salt in salts(document))
    return copy


def salts(document: Any) -> Any:
    import base64

    return json.loads(base64.b64decode(document["proof"]["salts"]))


def hides_where_it_is_revoked(document: Any) -> bool:
    """Whether it names a revocation store and no chain: once anything is withheld, the chain may have been."""
    data = dict(read(to_json(document)).data)
    return "network" not in data and "REVOCATION_STORE" in json.dumps(data)


@pytest.mark.parametrize("line", lines("v2-obfuscate", "v3-obfuscate"))
def test_obfuscate(line: Any) -> None:
    document = json.loads(line["input"]["wrapped_json"])
    output = line["output"]
    doubts = check_integrity(read(to_json(document)), accepting=Doubt)
    for step in output["steps"]:
        fields = [step["fields"]] if isinstance(step["fields"], str) else step["fields"]
        try:
            redaction = redact(document, fields, missing_ok=True)
        except (
            InvalidInput
        ):  # refused: it would not verify once it is written, or nobody could tell whether it is revoked
            assert not output["json_roundtrip_integrity"] or hides_where_it_is_revoked(document)
            return
        assert redaction.total == len(hashes(redaction.document)) == step["obfuscated"]
        document = json.loads(to_json(redaction.document))
        assert check_integrity(read(to_json(document)), accepting=doubts) == doubts
    official = json.loads(output["obfuscated_json"])
    assert hashes(document) == hashes(official)
    if output["json_roundtrip_integrity"]:
        assert without_hashes(document) == without_hashes(official)
    else:
        # it verifies here, because what was left empty went too, or because an array's last element leaves no hole
        assert redaction.emptied or fields[-1].endswith("]")


@pytest.mark.parametrize("line", lines("did-sign"))
def test_did_sign(line: Any) -> None:
    key, root, output = LocalKey.from_hex(line["input"]["private_key"]), line["input"]["merkle_root"], line["output"]
    assert key.address == output["address"]
    assert "0x" + secp256k1.personal_digest(bytes.fromhex(root)).hex() == output["message_hash"]
    assert "0x" + key.sign_message(bytes.fromhex(root)).hex() == output["signature"]
    assert recover(bytes.fromhex(root), output["signature"]) == output["address"]


@pytest.mark.parametrize("line", lines("v2-sign-document", "v3-sign-document"))
def test_sign_document(line: Any) -> None:
    official = json.loads(line["output"]["signed_json"])
    proof = official["proof"][-1] if "data" in official else official["proof"]
    now = datetime.fromisoformat(proof.get("created", "2026-01-01T00:00:00Z"))
    key = LocalKey.from_hex(line["input"]["private_key"])
    wrapped = json.loads(line["input"]["wrapped_json"])
    signed = sign(wrapped, key, key_id=line["input"]["public"], now=now, unnamed_ok=True, unprotected_ok=True)
    assert json.dumps(signed) == json.dumps(official)


@pytest.mark.parametrize("line", lines("oa-encryption"))
def test_encryption(line: Any) -> None:
    given, output = line["input"], line["output"]
    key = bytes.fromhex(given["key"])
    assert decrypt(Encrypted.read(json.dumps(output).encode()), key) == given["plaintext"]
    again = encrypt(given["plaintext"], key, random=lambda size: Encrypted.read(json.dumps(output).encode()).iv)
    del output["key"]
    assert json.loads(again.to_json()) == output


@pytest.mark.parametrize("line", lines("qr-url"))
def test_link(line: Any) -> None:
    payload, url = line["input"]["payload"], line["output"]["url"]
    link = ActionLink.parse(url)
    assert link.to_url() == url
    assert (link.type, link.uri, link.key) == (line["input"]["type"], payload["uri"], bytes.fromhex(payload["key"]))
    assert link.more == ({"note": payload["note"]} if "note" in payload else {})
