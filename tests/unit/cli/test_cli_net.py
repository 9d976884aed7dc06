"""Chains on the command line: which are known, one's own, and what a node can do."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ebl.cli import main
from ebl.config.networks import Gas, load
from ebl.testing.bills import bill
from ebl.testing.dns import DnsServer
from ebl.testing.rpc_server import RpcError, RpcServer, respond
from ebl.wrap import to_json, wrap

HASH = "0x" + "ab" * 32


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "settings" / "networks.toml"
    monkeypatch.setenv("EBL_NETWORKS", str(file))
    return file


def ebl(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def node(*, chain_id: int = 4242, range_limit: int = 10**9, final: bool = True) -> Callable[[str, list[Any]], Any]:
    def answer(method: str, params: list[Any]) -> Any:
        match method, params:
            case "eth_chainId", _:
                return hex(chain_id)
            case "web3_clientVersion", _:
                return "Node/1"
            case "eth_getBlockByNumber", ["latest", _]:
                return {"number": hex(500_000), "hash": HASH, "timestamp": "0x65000000"}
            case "eth_getBlockByNumber", [_, _]:
                return {"number": hex(499_990 if final else 0), "hash": HASH, "timestamp": "0x65000000"}
            case "eth_getCode", [_, {"blockHash": _}]:
                return "0x"
            case "eth_getLogs", [{"fromBlock": first, "toBlock": last}] if int(last, 16) - int(first, 16) < range_limit:
                return []
        raise RpcError(-32000, "no")

    return answer


@pytest.fixture
def server() -> Iterator[Callable[..., RpcServer]]:
    running: list[RpcServer] = []

    def start(**options: Any) -> RpcServer:
        answer = node(**options)
        running.append(RpcServer(lambda body: respond(body, answer)))
        return running[-1]

    yield start
    for one in running:
        one.stop()


def test_the_chains_are_listed_by_name_and_as_json() -> None:
    text = ebl("net", "list").stdout
    assert "polygon" in text and "137" in text and "v5 v4" in text
    lines = [json.loads(line) for line in ebl("net", "list", "--json").stdout.splitlines()]
    assert {line["chain_id"] for line in lines} >= {1, 50, 137, 1337, 101010}


def test_a_chain_is_added_after_its_node_was_asked(server: Callable[..., RpcServer], own: Path) -> None:
    url = server().url
    done = ebl("net", "add", "bank", "--chain-id", "4242", "--rpc", url, "--currency", "人民币", "--gas", "zero")
    assert done.exit_code == 0, done.output
    listed = [json.loads(line) for line in ebl("net", "list", "--json").stdout.splitlines()]
    (mine,) = [line for line in listed if line["name"] == "bank"]
    assert (mine["chain_id"], mine["currency"], mine["gas"]) == (4242, "人民币", "zero")
    if os.name == "posix":
        assert stat.S_IMODE(own.stat().st_mode) == 0o600
    assert ebl("net", "add", "other", "--chain-id", "77").exit_code == 0
    assert ebl("net", "doctor", "bank").exit_code == 0


def test_how_a_chain_prices_gas_is_added_with_it(own: Path) -> None:
    prices = ("--min-tip", "12.5", "--gas-ceiling", "500", "--gas-station", "https://station.example/v2")
    assert ebl("net", "add", "bank", "--chain-id", "4242", *prices).exit_code == 0
    assert load(own).find("bank").gas == Gas("auto", 12_500_000_000, 500 * 10**9, "https://station.example/v2")
    for wrong in (("--min-tip", "-1"), ("--gas-ceiling", "nan"), ("--gas-station", "ftp://station.example")):
        assert ebl("net", "add", "other", "--chain-id", "77", *wrong).exit_code == 2
    assert "77" not in own.read_text("utf-8")


def test_verifying_asks_the_nodes_of_ones_own_list_unless_told_others(
    server: Callable[..., RpcServer], own: Path, tmp_path: Path
) -> None:
    document = wrap(bill(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=77777))
    (tmp_path / "bill.json").write_bytes(to_json(document))

    def why(*words: str) -> str:
        with DnsServer() as dns:
            done = ebl("verify", str(tmp_path / "bill.json"), "--resolver", dns.url, "--json", *words)
        rows = json.loads(done.stdout)["findings"]
        return str(next(row["code"] for row in rows if row["group"] == "status"))

    assert why() == "chain.not_configured"
    own.parent.mkdir()
    own.write_text('[mine]\nchain_id = 77777\nrpc = ["http://127.0.0.1:1"]\n')
    assert why() == "chain.unreachable"
    assert why("--rpc", "1=http://127.0.0.1:1") == "chain.not_configured"


def test_a_node_of_another_chain_is_not_added(server: Callable[..., RpcServer], own: Path) -> None:
    done = ebl("net", "add", "bank", "--chain-id", "1234", "--rpc", server().url)
    assert done.exit_code == 3
    assert "chain.wrong_id" in done.stderr
    assert not own.exists()


@pytest.mark.parametrize(
    "words", [("polygon", "7"), ("matic", "7"), ("Bad name", "7"), ("mine", "4242"), ("bank", "8")]
)
def test_names_and_numbers_that_are_taken_or_impossible_are_refused(words: tuple[str, str], own: Path) -> None:
    ebl("net", "add", "bank", "--chain-id", "4242")
    before = own.read_text("utf-8")
    assert ebl("net", "add", words[0], "--chain-id", words[1]).exit_code == 2
    assert own.read_text("utf-8") == before


def test_the_doctor_tells_what_a_node_can_do(server: Callable[..., RpcServer]) -> None:
    done = ebl("net", "doctor", "--json", f"4242={server(range_limit=1000, final=False).url}")
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert found | {"host": "", "head_age_seconds": 0} == {
        "host": "",
        "chain_id": 4242,
        "expected_chain_id": 4242,
        "client": "Node/1",
        "height": 500_000,
        "head_age_seconds": 0,
        "safe": None,
        "finalized": None,
        "log_range": 1000,
        "log_range_is_whole_chain": False,
        "proofs": "none",
        "archive": False,
        "block_hashes": True,
        "batches": True,
    }


def test_the_doctor_speaks_in_words_too(server: Callable[..., RpcServer]) -> None:
    text = ebl("net", "doctor", f"4242={server().url}").stdout
    assert "499990 (10 behind)" in text and "the whole chain" in text and "no eth_getProof" in text


def test_a_node_of_another_chain_or_none_is_not_well(server: Callable[..., RpcServer]) -> None:
    wrong = ebl("net", "doctor", f"1={server().url}")
    assert wrong.exit_code == 3
    assert "4242; expected 1" in wrong.stdout
    one = server()
    one.stop()
    dead = ebl("net", "doctor", "--json", f"4242={one.url}")
    assert dead.exit_code == 3
    assert json.loads(dead.stdout)["error"]["code"] == "chain.unreachable"


def test_a_chain_without_a_listed_node_says_how_to_name_one() -> None:
    done = ebl("net", "doctor", "polygon")
    assert done.exit_code == 2
    assert "ebl net doctor 137=URL" in done.stderr
