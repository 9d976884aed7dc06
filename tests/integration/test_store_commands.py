"""``ebl store`` from deploying to revoking, on the embedded chain, as a carrier runs it in a shell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ebl.chain.contracts import erc165
from ebl.chain.signers import LocalKey
from ebl.cli import main
from ebl.openattestation.sign import sign
from ebl.testing.bills import bill
from ebl.testing.chain import LocalChain
from ebl.testing.rpc_server import RpcServer, respond
from ebl.wrap import to_json, wrap


class Carrier:
    """A shell of a carrier: the key in the environment, the node on the command line."""

    def __init__(self, chain: LocalChain, home: Path) -> None:
        self.chain = chain
        self.environment = {"EBL_PRIVATE_KEY": chain.account("carrier").key, "XDG_STATE_HOME": str(home)}

    def ebl(self, *words: str, key: bool = True) -> Result:
        environment = self.environment if key else {**self.environment, "EBL_PRIVATE_KEY": None}
        return CliRunner().invoke(main, [*words, "--rpc", f"1337={self.chain.url}"], env=environment)


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    with LocalChain() as chain:
        yield Carrier(chain, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def store(carrier: Carrier) -> str:
    done = carrier.ebl("store", "deploy", "--name", "Blue Heron", "--yes", "--json")
    assert done.exit_code == 0, done.stderr
    return str(json.loads(done.stdout)["store"])


@pytest.fixture
def wrapped(store: str, tmp_path: Path) -> list[Path]:
    for number in range(2):
        raw = bill(number, store=store, domain="carrier.example", chain_id=1337)
        (tmp_path / f"b{number}.json").write_text(json.dumps(raw), "utf-8")
    assert CliRunner().invoke(main, ["wrap", str(tmp_path), "-o", str(tmp_path / "out")]).exit_code == 0
    return sorted((tmp_path / "out").glob("b*.json"))


def test_a_batch_is_issued_once_and_one_of_it_revoked(carrier: Carrier, store: str, wrapped: list[Path]) -> None:
    first, second = map(str, wrapped)
    assert carrier.ebl("store", "status", store, first).exit_code == 1
    assert carrier.ebl("store", "issue", store, first, second, "--yes").exit_code == 0
    again = carrier.ebl("store", "issue", store, first, "--yes", "--json")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["sent"] is False
    assert carrier.ebl("store", "status", store, first).stdout.startswith("issued ")
    assert carrier.ebl("store", "revoke", store, second, "--yes").exit_code == 0
    assert carrier.ebl("store", "status", store, first).exit_code == 0
    revoked = carrier.ebl("store", "status", store, second, "--json")
    assert (revoked.exit_code, json.loads(revoked.stdout)["revoked"]) == (1, True)
    again = carrier.ebl("store", "revoke", store, second, "--yes", "--json")
    assert (again.exit_code, json.loads(again.stdout)["sent"]) == (0, False)
    rest = carrier.ebl("store", "revoke", store, first, second, "--yes")
    assert rest.exit_code == 0 and "1 of 2 revoked already." in rest.stderr
    assert carrier.ebl("store", "status", store, first).exit_code == 1


def test_nothing_is_issued_or_revoked_out_of_a_folder_that_may_hold_more(
    carrier: Carrier, store: str, wrapped: list[Path]
) -> None:
    folder = wrapped[0].parent
    (folder / "more").write_bytes(b"PK\x03\x04....")
    for words in (("issue",), ("revoke",), ("revoke", "--batch")):
        done = carrier.ebl("store", *words, store, str(folder), "--yes")
        assert done.exit_code == 3 and "document.not_looked_at" in done.stderr
        assert carrier.ebl("store", "status", store, str(wrapped[0]), "--json").exit_code == 1
    issued = carrier.ebl("store", "issue", store, str(folder), "--yes", "--only-documents")
    assert issued.exit_code == 0 and "more: a ZIP file" in issued.stderr
    assert carrier.ebl("store", "status", store, str(wrapped[0])).exit_code == 0


def test_a_plan_shows_the_bills_that_it_is_about_and_no_others(carrier: Carrier, store: str, tmp_path: Path) -> None:
    files = []
    for number in range(3):
        raw = bill(number, store=store, domain="carrier.example", chain_id=1337) | {"blNumber": f"OWN-{number}"}
        files.append(tmp_path / f"{number}.json")
        files[-1].write_bytes(to_json(wrap(raw)))
    first, *others = map(str, files)
    assert carrier.ebl("store", "issue", store, first, "--yes").exit_code == 0
    rest = carrier.ebl("store", "issue", store, first, *others, "--yes")
    assert rest.exit_code == 0, rest.stderr
    assert "1 of 3 issued already" in rest.stderr
    assert "bills     2: OWN-1, OWN-2\n" in rest.stderr and "OWN-0" not in rest.stderr
    revoked = carrier.ebl("store", "revoke", store, *others, "--yes")
    assert "bills     2: OWN-1, OWN-2\n" in revoked.stderr, revoked.stderr


def test_without_a_terminal_and_without_yes_nothing_is_sent(carrier: Carrier, store: str, wrapped: list[Path]) -> None:
    done = carrier.ebl("store", "issue", store, *map(str, wrapped))
    assert done.exit_code == 2
    assert "Nothing was sent" in done.stderr
    assert "Plan" in done.stderr
    assert carrier.ebl("store", "status", store, str(wrapped[0])).exit_code == 1


def test_a_dry_run_and_the_calldata_send_nothing(carrier: Carrier, store: str, wrapped: list[Path]) -> None:
    dry = carrier.ebl("store", "issue", store, *map(str, wrapped), "--dry-run", "--json")
    assert json.loads(dry.stdout)["dry_run"] is True
    call = carrier.ebl("store", "issue", store, *map(str, wrapped), "--calldata", key=False)
    root = json.loads(wrapped[0].read_text("utf-8"))["signature"]["merkleRoot"]
    assert json.loads(call.stdout)["data"] == f"0x0f75e81f{root}"
    deploy = ("store", "deploy", "--name", "x", "--calldata")
    unnamed = carrier.ebl(*deploy, key=False)
    assert unnamed.exit_code == 2 and "--owner" in unnamed.stderr
    assert carrier.ebl(*deploy, "--owner", store, key=False).exit_code == 0
    assert carrier.ebl("store", "status", store, str(wrapped[0])).exit_code == 1


def test_a_part_of_a_batch_is_issued_only_if_asked_for_and_the_plan_says_what_is_unseen(
    carrier: Carrier, store: str, wrapped: list[Path]
) -> None:
    first, second = map(str, wrapped)
    root = f"0x{json.loads(wrapped[0].read_text('utf-8'))['signature']['merkleRoot']}"
    refused = carrier.ebl("store", "issue", store, first, "--yes")
    assert refused.exit_code != 0
    assert root in refused.stderr
    assert "at least 1 document was not given" in refused.stderr
    for more in ("--dry-run", "--calldata"):
        assert carrier.ebl("store", "issue", store, second, more).exit_code != 0
    assert carrier.ebl("store", "status", store, first).exit_code == 1
    spelt = carrier.ebl("store", "issue", store, root, first, "--dry-run")
    assert "a root was given as such: documents below it were not checked" in spelt.stderr
    seen = carrier.ebl("store", "issue", store, root, first, second, "--dry-run")
    assert "not checked" not in seen.stderr
    assert "not given" not in seen.stderr
    asked = carrier.ebl("store", "issue", store, first, "--yes", "--batch-unseen")
    assert asked.exit_code == 0
    assert f"at least 1 document was not given, of the batch {root}" in asked.stderr
    assert carrier.ebl("store", "status", store, second).exit_code == 0
    revoke = carrier.ebl("store", "revoke", store, first, "--batch", "--dry-run")
    assert f"at least 1 document was not given, of the batch {root}" in revoke.stderr


def test_a_changed_document_is_not_issued(carrier: Carrier, store: str, wrapped: list[Path]) -> None:
    wrapped[0].write_text(wrapped[0].read_text("utf-8").replace("BHLU", "BHLX", 1), "utf-8")
    done = carrier.ebl("store", "issue", store, str(wrapped[0]), "--yes")
    assert done.exit_code == 1
    assert "integrity.hash_mismatch" in done.stderr


def test_a_stranger_is_refused_in_words_with_exit_4(carrier: Carrier, store: str) -> None:
    carrier.environment["STRANGER"] = carrier.chain.account("stranger").key
    done = carrier.ebl("store", "issue", store, "0x" + "ab" * 32, "--yes", "--key-env", "STRANGER")
    assert done.exit_code == 4
    assert "Not sent" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_key_is_one_line_with_a_fix(carrier: Carrier, store: str) -> None:
    done = carrier.ebl("store", "issue", store, "0x" + "cd" * 32, "--yes", key=False)
    assert done.exit_code in (2, 5)
    assert "EBL_PRIVATE_KEY" in done.stderr


@pytest.mark.parametrize("move", ["issue", "revoke"])
def test_a_document_of_another_store_is_neither_issued_nor_revoked_here(
    carrier: Carrier, store: str, wrapped: list[Path], move: str
) -> None:
    other = json.loads(carrier.ebl("store", "deploy", "--name", "Other", "--yes", "--json").stdout)["store"]
    done = carrier.ebl("store", move, other, str(wrapped[0]), "--yes")
    assert done.exit_code == 5
    assert f"does not name the store {other} on chain 1337; it names {store} on chain 1337" in done.stderr
    root = json.loads(wrapped[0].read_text("utf-8"))["signature"]["merkleRoot"]
    assert carrier.ebl("store", move, other, f"0x{root}", "--yes").exit_code == 0


def test_what_a_did_issued_is_revoked_in_the_store_that_it_names_for_that(
    carrier: Carrier, store: str, tmp_path: Path
) -> None:
    key = LocalKey.from_hex(carrier.chain.account("carrier").key)
    did = f"did:ethr:{key.address}"
    proof = {"type": "DID", "key": f"{did}#controller"}
    revocation = {"type": "REVOCATION_STORE", "location": store.lower()}
    issuer = {"id": did, "name": "C", "identityProof": proof, "revocation": revocation}
    unsigned = wrap({"issuers": [issuer]})
    (tmp_path / "bill.json").write_bytes(to_json(unsigned))
    refused = carrier.ebl("store", "revoke", store, str(tmp_path / "bill.json"), "--yes")
    assert refused.exit_code == 1 and "status.unsigned" in refused.stderr
    (tmp_path / "bill.json").write_bytes(to_json(sign(unsigned, key, now=datetime(2026, 1, 1, tzinfo=UTC))))
    done = carrier.ebl("store", "revoke", store, str(tmp_path / "bill.json"), "--yes")
    assert done.exit_code == 0 and "Doubt" in done.stderr  # where the DID's own document would be, no node is named


def test_a_node_of_another_chain_is_refused(carrier: Carrier, store: str) -> None:
    words = ["store", "status", store, "0x" + "ab" * 32, "--rpc", f"1={carrier.chain.url}"]
    done = CliRunner().invoke(main, words, env=carrier.environment)
    assert done.exit_code == 3
    assert "chain.wrong_id" in done.stderr


def test_a_batchable_store_is_not_told_to_revoke_files_and_hashes_at_once() -> None:
    def answer(method: str, params: list[Any]) -> Any:
        if method == "eth_chainId":
            return hex(1337)
        if method == "eth_getBlockByNumber":
            return {"number": "0x5", "hash": "0x" + "ab" * 32, "timestamp": "0x65000000"}
        return f"0x{erc165.BATCHABLE_STORE.hex() in params[0]['data']:064x}"

    with RpcServer(lambda body: respond(body, answer)) as node:
        words = (
            "store",
            "revoke",
            "0x" + "11" * 20,
            "0x" + "12" * 32,
            "bill.json",
            "--calldata",
            "--rpc",
            f"1337={node.url}",
        )
        done = CliRunner().invoke(main, words)
    assert done.exit_code == 2 and "name only one kind" in done.stderr


def test_bulk_issue_takes_lists_manifests_and_documents(
    carrier: Carrier, store: str, wrapped: list[Path], tmp_path: Path
) -> None:
    roots = [f"0x{number:064x}" for number in range(1, 6)]
    (tmp_path / "roots.txt").write_text("\n".join([*roots[:3], "", *roots[1:4]]) + "\n", "utf-8")
    manifest = wrapped[0].parent / "ebl-manifest.jsonl"
    of_batch = json.loads(manifest.read_text("utf-8").splitlines()[0])["root"]
    lists = ("--roots", str(tmp_path / "roots.txt"), "--roots", str(manifest))
    words = ("bulk", "issue", store, roots[4], *lists, "--at-once", "3")
    done = carrier.ebl(*words, "--yes", "--json")
    assert done.exit_code == 0, done.stderr
    issued = [json.loads(line)["issued"] for line in done.stdout.splitlines()]
    assert sorted(map(len, issued)) == [3, 3]
    assert {root for part in issued for root in part} == {*roots, of_batch}
    assert carrier.ebl("store", "status", store, str(wrapped[0])).exit_code == 0
    again = carrier.ebl(*words, "--yes", "--json")
    assert (again.exit_code, json.loads(again.stdout)["sent"]) == (0, False)


@pytest.mark.parametrize("line", ["0x12", "not a root", '{"file": "a"}', '{"file": "a", "root": 5}', '{"file":'])
def test_bulk_issue_names_the_line_that_has_no_root(carrier: Carrier, store: str, line: str, tmp_path: Path) -> None:
    (tmp_path / "roots.txt").write_text(f"0x{7:064x}\n{line}\n", "utf-8")
    done = carrier.ebl("bulk", "issue", store, "--roots", str(tmp_path / "roots.txt"), "--yes")
    assert done.exit_code == 2, done.output
    assert "roots.txt, line 2: expected a root" in done.stderr and "Nothing was sent" in done.stderr
