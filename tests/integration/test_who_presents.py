"""``ebl title challenge``, ``ebl title answer`` and ``ebl verify --answer``, with keys, contracts and wallets, on anvil."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from eth_account import Account

from ebl.cli import main
from ebl.config.schemas import problems
from ebl.registry import LocalKey, connect, deploy_factory, deploy_registry, mint, send
from ebl.registry import Registry as At
from ebl.testing.chain import LocalNode
from ebl.testing.dns import DnsServer
from ebl.wrap import to_json, wrap

# A wallet that accepts the one digest in its first slot (as after Safe's signMessage), and reverts for any other.
WALLET = "0x5f5460043514600c575f5ffd5b631626ba7e60e01b5f5260205ff3"
AT = "0x00000000000000000000000000000000000c0de1"


class Bank:
    """A bank with its own state, and the party that presents a bill to it."""

    def __init__(self, chain: LocalNode, home: Path) -> None:
        self.chain, self.home = chain, home
        key = LocalKey.from_hex(chain.account("carrier").key)
        self.sending: dict[str, Any] = {"signer": key, "node": connect(chain.url)}
        factory = send(deploy_factory(1337), **self.sending).contract or ""
        made = send(deploy_registry(1337, name="Straits Line", symbol="SCL", factory=factory), **self.sending)
        self.registry = made.contract or ""
        self.dns = DnsServer()

    def new(self, name: str) -> Path:
        """A file that is not there yet: the commands overwrite none."""
        return self.home / f"{name}-{len(list(self.home.iterdir()))}.json"

    def bill(self, name: str, holder: str) -> Path:
        proof = {"type": "DNS-TXT", "location": "line.example"}
        issuer = {"name": "Straits Line", "tokenRegistry": self.registry, "identityProof": proof}
        raw = {"issuers": [issuer], "network": {"chain": "local", "chainId": "1337"}, "blNumber": name}
        document = wrap(raw)
        token = int(document["signature"]["targetHash"], 16)
        call = mint(At(1337, self.registry), token, beneficiary=holder, holder=holder)
        send(call, **self.sending)
        file = self.home / f"{name}.json"
        file.write_bytes(to_json(document))
        return file

    def run(self, *words: str, key: str = "") -> Result:
        env = {"XDG_STATE_HOME": str(self.home / "state"), "EBL_PRIVATE_KEY": key}
        return CliRunner().invoke(main, words, env=env)

    def asks(self, bill: Path, *more: str) -> Path:
        ask = self.new("ask")
        done = self.run("title", "challenge", str(bill), "--domain", "bank.example", "-o", str(ask), *more)
        assert done.exit_code == 0, done.output
        return ask

    def answers(self, ask: Path, *more: str, key: str = "") -> Path:
        file = self.new("answer")
        done = self.run("title", "answer", str(ask), "-o", str(file), *more, key=key)
        assert done.exit_code == 0, done.output
        assert "bank.example asks whether you control the account" in done.stderr
        return file

    def verifies(self, bill: Path, answer: Path, *more: str) -> dict[str, Any]:
        self.dns.zone.txt("line.example", f"openatts net=ethereum netId=1337 addr={self.registry}")
        words = ("verify", str(bill), "--rpc", f"1337={self.chain.url}", "--resolver", self.dns.url)
        done = self.run(*words, "--issuer", "line.example", "--answer", str(answer), "--json", *more)
        found = json.loads(done.stdout)
        assert done.exit_code == {"valid": 0, "invalid": 1, "indeterminate": 3}[found["verdict"]]
        return found


def codes(report: dict[str, Any]) -> set[str]:
    return {row["code"] for row in report["findings"] if row["outcome"] in ("failed", "unknown")}


@pytest.fixture(scope="module")
def bank(anvil: LocalNode, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    snapshot = anvil.snapshot()
    made = Bank(anvil, tmp_path_factory.mktemp("bank"))
    with made.dns:
        yield made
    anvil.revert(snapshot)


def test_the_holder_presents_with_a_key_once(bank: Bank) -> None:
    holder, stranger = bank.chain.account("shipper"), bank.chain.account("stranger")
    bill = bank.bill("BL-1", holder.address)
    answer = bank.answers(bank.asks(bill), key=holder.key)
    found = bank.verifies(bill, answer)
    assert found["verdict"] == "valid"
    (row,) = (row for row in found["findings"] if row["check"] == "presenter")
    assert (row["outcome"], row["group"]) == ("passed", "title")
    assert row["about"]["challenge"] == json.loads(answer.read_text("utf-8"))["nonce"]
    assert problems("report.schema.json", found) == ()
    assert codes(bank.verifies(bill, answer)) >= {"identity.answer_used"}
    other = bank.answers(bank.asks(bill), key=stranger.key)
    assert codes(bank.verifies(bill, other)) == {"policy.not_by_holder"}


def test_an_answer_for_another_bill_is_refused(bank: Bank) -> None:
    holder = bank.chain.account("shipper")
    one, two = bank.bill("BL-2", holder.address), bank.bill("BL-3", holder.address)
    answer = bank.answers(bank.asks(one), key=holder.key)
    assert "identity.answer_of_another" in codes(bank.verifies(two, answer))
    elsewhere = bank.home / "elsewhere.json"
    ask = bank.asks(one, "--challenges", str(elsewhere))
    theirs = bank.answers(ask, key=holder.key)
    assert "identity.answer_of_another" in codes(bank.verifies(one, theirs))
    assert bank.verifies(one, theirs, "--challenges", str(elsewhere))["verdict"] == "valid"


def test_a_wallet_elsewhere_signs_the_typed_data(bank: Bank) -> None:
    holder = bank.chain.account("shipper")
    bill = bank.bill("BL-4", holder.address)
    ask, data, picture = bank.asks(bill), bank.home / "sign.json", bank.home / "sign.svg"
    words = ("title", "answer", str(ask), "--account", holder.address)
    done = bank.run(*words, "--typed-data", str(data), "--qr", str(picture))
    assert done.exit_code == 0, done.output
    assert picture.read_bytes().startswith(b"<?xml")
    signed = Account.sign_typed_data(holder.key, full_message=json.loads(data.read_text("utf-8")))
    answer = bank.answers(ask, "--account", holder.address, "--signature", signed.signature.hex())
    assert bank.verifies(bill, answer)["verdict"] == "valid"


def test_a_contract_wallet_answers_by_erc_1271(bank: Bank) -> None:
    bank.chain.rpc("anvil_setCode", AT, WALLET)
    bill = bank.bill("BL-5", AT)
    ask, data = bank.asks(bill), bank.home / "sign-wallet.json"
    assert bank.run("title", "answer", str(ask), "--account", AT, "--typed-data", str(data)).exit_code == 0
    message = json.loads(data.read_text("utf-8"))
    answer = bank.answers(ask, "--account", AT, "--signature", "0x01")
    assert codes(bank.verifies(bill, answer)) >= {"identity.answer_signature"}
    bank.chain.rpc("anvil_setStorageAt", AT, "0x0", "0x" + digest(message).hex())
    bank.chain.rpc("evm_mine")
    found = bank.verifies(bill, answer)
    assert found["verdict"] == "valid", codes(found)
    assert "accepts the answer" in next(row["message"] for row in found["findings"] if row["check"] == "presenter")


def digest(message: dict[str, Any]) -> bytes:
    from eth_account.messages import _hash_eip191_message, encode_typed_data

    return bytes(_hash_eip191_message(encode_typed_data(full_message=message)))


def test_a_delegated_account_is_told_apart(bank: Bank) -> None:
    holder = bank.chain.account("consignee")
    bill = bank.bill("BL-6", holder.address)
    bank.chain.rpc("anvil_setCode", holder.address, "0xef0100" + AT[2:])
    answer = bank.answers(bank.asks(bill), key=holder.key)
    found = bank.verifies(bill, answer)
    assert found["verdict"] == "valid", codes(found)
    assert "identity.delegated_account" in json.dumps(found["conditions"])


def test_a_run_with_an_answer_is_recorded_and_replayed(bank: Bank) -> None:
    holder = bank.chain.account("shipper")
    bill = bank.bill("BL-7", holder.address)
    answer = bank.answers(bank.asks(bill), key=holder.key)
    kept = bank.home / "evidence.json"
    assert bank.verifies(bill, answer, "--evidence", str(kept))["verdict"] == "valid"
    words = (
        "verify",
        str(bill),
        "--replay",
        str(kept),
        "--trust-keeper",
        "--issuer",
        "line.example",
        "--answer",
        str(answer),
        "--json",
    )
    assert json.loads(bank.run(*words).stdout)["verdict"] == "valid"


def test_a_report_to_file_has_the_answer(bank: Bank) -> None:
    holder = bank.chain.account("shipper")
    bill = bank.bill("BL-9", holder.address)
    answer = bank.answers(bank.asks(bill), key=holder.key)
    page = bank.home / "report.html"
    words = ("report", str(bill), "-o", str(page), "--rpc", f"1337={bank.chain.url}", "--resolver", bank.dns.url)
    done = bank.run(*words, "--issuer", "line.example", "--answer", str(answer), "--lang", "both")
    assert done.exit_code == 0, done.output
    shown = page.read_text("utf-8")
    assert "answered the challenge of bank.example" in shown and "仅证明当时的控制，不证明权利" in shown


def test_a_challenge_needs_a_domain_and_an_answer_one_file(bank: Bank) -> None:
    bill = str(bank.bill("BL-10", bank.chain.account("shipper").address))
    assert bank.run("title", "challenge", bill, "--domain", "no domain").exit_code == 2
    assert bank.run("verify", bill, bill, "--offline", "--answer", bill).exit_code == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "ebl.title-challenge.1"}'])
def test_a_file_that_is_no_challenge_or_answer_is_a_plain_refusal(bank: Bank, text: str) -> None:
    file = bank.home / "bad.json"
    file.write_text(text, "utf-8")
    bill = bank.bill("BL-8" + str(len(text)), bank.chain.account("shipper").address)
    for words in (("title", "answer", str(file)), ("verify", str(bill), "--offline", "--answer", str(file))):
        done = bank.run(*words)
        assert done.exit_code == 5, done.output
        assert "error" in done.stderr and "Traceback" not in done.stderr
