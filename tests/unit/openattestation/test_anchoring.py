"""Nothing is signed or issued unseen: a root is taken from documents only with all that it covers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ebl.chain.signers import LocalKey
from ebl.checking.formats import read
from ebl.cli import main
from ebl.codes import Failure
from ebl.errors import InvalidInput, Refuted
from ebl.openattestation.anchoring import anchor_of, unseen_below, unseen_of
from ebl.openattestation.sign import sign, sign_batch
from ebl.registry import roots_of
from ebl.testing.bills import bill
from ebl.wrap import Batch, to_json, wrap, wrap_batch

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KEY = LocalKey(b"\x01" * 32)
STORE = "0x" + "11" * 20


def data(number: int) -> dict[str, Any]:
    raw = bill(number, store=STORE, domain="carrier.example", chain_id=1337)
    did = f"did:ethr:{KEY.address}"
    proof = {"type": "DID", "key": f"{did}#controller"}
    raw["issuers"] = [{"id": did, "name": "Carrier", "identityProof": proof, "revocation": {"type": "NONE"}}]
    return raw


def credential(number: int) -> dict[str, Any]:
    did = f"did:ethr:{KEY.address}"
    method = {"type": "OpenAttestationProofMethod", "method": "DID", "value": did, "revocation": {"type": "NONE"}}
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://example.com/terms#"}],
        "type": ["VerifiableCredential"],
        "issuanceDate": "2025-01-01T00:00:00Z",
        "issuer": "https://carrier.example",
        "credentialSubject": {"number": f"BL-{number}"},
        "openAttestationMetadata": {
            "template": {"name": "BILL", "type": "EMBEDDED_RENDERER", "url": "https://show.example"},
            "proof": method,
            "identityProof": {"type": "DID", "identifier": did},
        },
    }


@pytest.fixture(scope="module", params=["v2", "v3"])
def batch(request: pytest.FixtureRequest) -> Batch:
    return wrap_batch([(data if request.param == "v2" else credential)(number) for number in range(7)])


class Counting:
    """A signer that counts what it signed."""

    address = KEY.address

    def __init__(self) -> None:
        self.signed: list[bytes] = []

    def sign_message(self, message: bytes) -> bytes:
        self.signed.append(message)
        return KEY.sign_message(message)


def test_a_part_of_a_batch_is_not_signed_and_the_signer_is_not_asked(batch: Batch) -> None:
    for part in (batch.documents[:1], batch.documents[1:], batch.documents[:6]):
        signer = Counting()
        with pytest.raises(InvalidInput, match=r"at least [1-3] document") as no:
            next(sign_batch(part, signer, now=NOW))
        assert "0x" + batch.root.hex() in str(no.value)
        assert signer.signed == []
    with pytest.raises(InvalidInput, match=r"at least [23] documents were not given"):
        sign(batch.documents[0], KEY, now=NOW)


def test_a_part_of_a_batch_is_signed_if_the_caller_says_that_the_rest_may_be_unseen(batch: Batch) -> None:
    signer = Counting()
    assert len(list(sign_batch(batch.documents[:2], signer, now=NOW, unseen_ok=True))) == 2
    assert signer.signed == [batch.root]
    assert sign(batch.documents[3], KEY, now=NOW, unseen_ok=True)["proof"]


def test_a_whole_batch_is_signed_from_a_list_an_iterator_or_anything_that_starts_anew(batch: Batch) -> None:
    class Anew:
        def __iter__(self) -> Iterator[dict[str, Any]]:
            return iter(batch.documents)

    for given in (batch.documents, iter(batch.documents), Anew(), (one for one in reversed(batch.documents))):
        signer = Counting()
        assert len(list(sign_batch(given, signer, now=NOW))) == 7
        assert signer.signed == [batch.root]


def test_whole_batches_and_single_documents_are_signed_together(batch: Batch) -> None:
    signer = Counting()
    alone = wrap(data(99))
    assert len(list(sign_batch([*batch.documents, alone], signer, now=NOW))) == 8
    assert len(signer.signed) == 2


def test_a_document_that_changes_between_the_check_and_the_signature_is_not_signed(batch: Batch) -> None:
    class Changing:
        rounds = 0

        def __iter__(self) -> Iterator[dict[str, Any]]:
            self.rounds += 1
            return iter(batch.documents if self.rounds == 1 else [wrap(data(1)), *batch.documents[1:]])

    with pytest.raises(InvalidInput, match="was changed while"):
        list(sign_batch(Changing(), KEY, now=NOW))


def test_a_bad_document_stops_a_batch_before_anything_is_signed(batch: Batch) -> None:
    bad = json.loads(to_json(batch.documents[6]))
    bad.get("data", bad)["extra"] = "f47ac10b-58cc-4372-a567-0e02b2c3d479:string:x"
    signer = Counting()
    with pytest.raises(Refuted):
        next(sign_batch([*batch.documents[:6], bad], signer, now=NOW))
    assert signer.signed == []


def test_roots_are_taken_from_documents_or_bytes_of_a_whole_batch(batch: Batch) -> None:
    raws = [to_json(one) for one in batch.documents]
    alone = to_json(wrap(data(3)))
    assert roots_of(raws) == (batch.root,)
    assert roots_of(map(read, raws)) == (batch.root,)
    assert roots_of([*raws, alone, alone])[0] == batch.root
    with pytest.raises(InvalidInput, match="unseen"):
        roots_of(raws[1:])
    assert roots_of(raws[1:], unseen_ok=True) == (batch.root,)
    assert unseen_below(raws[1:]) == {batch.root: 1}


def test_a_document_without_a_root_or_with_changed_content_has_no_root_to_issue(batch: Batch) -> None:
    changed = json.loads(to_json(wrap(data(1))))
    changed["data"]["blNumber"] += "0"
    with pytest.raises(Refuted) as no:
        roots_of([to_json(changed)])
    assert no.value.failure is Failure.HASH_MISMATCH


def test_a_proof_that_leads_elsewhere_is_refused_of_documents_that_nobody_checked(batch: Batch) -> None:
    root, target, proof = anchor_of(read(to_json(batch.documents[0])))
    with pytest.raises(Refuted) as no:
        unseen_of([(b"\1" * 32, target, proof)])
    assert no.value.failure is Failure.HASH_MISMATCH
    assert unseen_of([(root, target, proof)])[root] > 0


def ebl(*words: object, key: bool = True) -> Result:
    environment = {"EBL_PRIVATE_KEY": "0x" + "01" * 32 if key else None}
    return CliRunner().invoke(main, list(map(str, words)), env=environment)


@pytest.fixture
def folder(batch: Batch, tmp_path: Path) -> Path:
    for at, document in enumerate(batch.documents):
        (tmp_path / f"{at}.json").write_bytes(to_json(document))
    return tmp_path


def test_the_command_signs_a_folder_but_not_a_part_of_it(folder: Path) -> None:
    out = folder / "signed"
    some = ebl("sign", folder / "0.json", folder / "1.json", "-o", out)
    assert some.exit_code != 0
    assert "document" in some.stderr
    assert "--batch-unseen" in some.stderr
    assert not out.exists()
    one = ebl("sign", folder / "0.json", "-o", "-")
    assert (one.exit_code != 0, one.stdout) == (True, "")
    done = ebl("sign", *(folder / f"{at}.json" for at in range(7)), "-o", out, "--json")
    assert done.exit_code == 0, done.stderr
    assert len(list(out.iterdir())) == len(done.stdout.splitlines()) == 7
    unseen = ebl("sign", folder / "0.json", "--batch-unseen", "-o", "-")
    assert unseen.exit_code == 0
    assert unseen.stdout.encode() == (out / "0.json").read_bytes() or '"created"' in unseen.stdout


def test_what_was_signed_is_flushed_before_it_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[set[str]] = []

    def flush(paths: list[Path], *, folders: set[Path]) -> None:
        assert {path.parent for path in paths} == folders and all(path.exists() for path in paths)
        flushed.append({path.name for path in paths})

    monkeypatch.setattr("ebl.config.durable_files.sync_files", flush)
    done = ebl("sign", *(folder / f"{at}.json" for at in range(7)), "-o", folder / "signed")
    assert done.exit_code == 0 and flushed == [{f"{at}.json" for at in range(7)}]


def test_a_file_that_is_not_good_is_named(folder: Path) -> None:
    (folder / "3.json").write_text("{", "utf-8")
    done = ebl("sign", *(folder / f"{at}.json" for at in range(7)), "-o", folder / "signed")
    assert done.exit_code == 5
    assert f"{folder / '3.json'}: not signed, so nothing is written" in done.stderr
    assert not (folder / "signed").exists()
