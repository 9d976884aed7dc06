"""Every address that a command prints for somebody to publish or to pay: confirmed, or said not to be, with exit code 3."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ebl.chain.contracts import events, registry_deployer, title_escrow_factory, token_registry_v5
from ebl.chain.contracts import role_names as roles
from ebl.chain.sending.transaction import Unsigned
from ebl.chain.signers import LocalKey
from ebl.cli import main
from ebl.config.networks import load
from ebl.ethereum import abi
from ebl.ethereum.address import create_address
from ebl.ethereum.keccak import keccak256
from ebl.testing.rpc_server import RpcServer, respond

pytestmark = pytest.mark.slow

KEY = LocalKey(b"\5" * 32)
SEPOLIA = load().find("sepolia")
DEPLOYER, IMPLEMENTATION = SEPOLIA.contracts[("v5", "deployer")], SEPOLIA.contracts[("v5", "token_implementation")]
REGISTRY, ATTACKER = "0x" + "66" * 20, "0x" + "99" * 20
TOPIC = next(topic for topic, shape in events.BY_TOPIC.items() if shape.makes is events.RegistryDeployed)
HASH = "0x" + "11" * 32


class Node:
    """A node of Sepolia where everything is as it should be, but for what a test changes."""

    def __init__(self, home: Path) -> None:
        self.home, self.sent = home, dict[str, Unsigned]()
        self.contract: str | None = None
        self.emitter = DEPLOYER
        self.code: dict[str, str] = {REGISTRY: f"0x{title_escrow_factory.clone(IMPLEMENTATION).hex()}"}
        self.admin, self.name, self.symbol = True, "Carrier", "CAR"

    def answer(self, method: str, params: list[Any]) -> Any:
        head = {"number": "0x10", "hash": HASH, "gasLimit": hex(30_000_000), "baseFeePerGas": hex(10**9)}
        match method:
            case "eth_sendRawTransaction":
                raw = bytes.fromhex(params[0][2:])
                tx_hash = f"0x{keccak256(raw).hex()}"
                self.sent[tx_hash] = Unsigned.of(raw)
                return tx_hash
            case "eth_getTransactionReceipt":
                return self.receipt(params[0]) if params[0] in self.sent else None
            case "eth_getCode":
                return self.code.get(params[0].lower(), "0x60")
            case "eth_call":
                return self.called(params[0])
            case "eth_getBlockByNumber":
                import time

                return head | {"timestamp": hex(int(time.time()))}
        known = {"eth_chainId": hex(11155111), "eth_estimateGas": hex(500_000), "eth_maxPriorityFeePerGas": hex(10**9)}
        known |= {"eth_getBalance": hex(10**20), "eth_getTransactionCount": hex(len(self.sent))}
        return known[method]

    def called(self, asked: dict[str, str]) -> str:
        data = bytes.fromhex(asked["data"][2:])
        if data in (roles.HAS_ROLE(role, KEY.address) for role in (roles.DEFAULT_ADMIN, roles.ISSUER)):
            return f"0x{int(self.admin):064x}"
        for function, text in ((token_registry_v5.NAME, self.name), (token_registry_v5.SYMBOL, self.symbol)):
            if data == function():
                return f"0x{abi.encode(('string',), (text,)).hex()}"
        return f"0x{0:064x}"

    def receipt(self, tx_hash: str) -> dict[str, Any]:
        sent = self.sent[tx_hash]
        row = {
            "transactionHash": tx_hash,
            "status": "0x1",
            "blockNumber": "0x10",
            "blockHash": HASH,
            "from": KEY.address,
        }
        row |= {"gasUsed": "0x5208", "effectiveGasPrice": "0x1", "logs": []}
        place = create_address(KEY.address, sent.nonce) if sent.to is None else None
        row["contractAddress"] = self.contract or place
        if sent.to == DEPLOYER:
            _, params = registry_deployer.DEPLOY.arguments(sent.data)
            data = abi.encode(("address", "bytes"), (ATTACKER, params))
            words = [f"0x{value[2:].lower():0>64}" for value in (REGISTRY, IMPLEMENTATION, KEY.address)]
            log = {"address": self.emitter, "topics": [f"0x{TOPIC.hex()}", *words], "data": f"0x{data.hex()}"}
            place_of = {"blockNumber": "0x10", "logIndex": "0x0", "transactionIndex": "0x0", "blockHash": HASH}
            row["logs"] = [log | place_of | {"transactionHash": tx_hash}]
        return row

    def run(self, *words: str) -> Result:
        environment = {"EBL_PRIVATE_KEY": KEY.secret.hex(), "XDG_STATE_HOME": str(self.home)}
        with RpcServer(lambda body: respond(body, self.answer)) as server:
            where = ("--net", "sepolia", "--rpc", server.url)
            return CliRunner().invoke(main, [*words, *where], env=environment)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    monkeypatch.setattr("ebl.cli.deploy_commands._PAUSES", (0.0, 0.0))
    return Node(tmp_path)


REGISTRY_DEPLOY = ("registry", "deploy", "--name", "Carrier", "--symbol", "CAR", "--yes")
STORE_DEPLOY = ("store", "deploy", "--name", "Carrier", "--yes")


def test_a_registry_of_the_deployers_that_is_as_asked_for_is_confirmed(node: Node) -> None:
    done = node.run(*REGISTRY_DEPLOY, "--json")
    row = json.loads(done.stdout)
    assert (done.exit_code, row["registry"].lower(), row["confirmed"], row["doubts"]) == (0, REGISTRY, True, [])
    assert row["contract"] is None


@pytest.mark.parametrize(
    ("change", "printed"),
    (
        ({"emitter": ATTACKER}, False),
        ({"admin": False}, True),
        ({"name": "Carier"}, True),
        ({"symbol": ""}, True),
        ({"code": {REGISTRY: "0x6001"}}, True),
        ({"code": {REGISTRY: "0x"}}, True),
    ),
)
@pytest.mark.parametrize("as_json", (True, False))
def test_a_registry_that_is_not_confirmed_is_never_printed_without_saying_so(
    node: Node, change: dict[str, Any], printed: bool, as_json: bool
) -> None:
    for name, value in change.items():
        setattr(node, name, value)
    node.contract = ATTACKER
    done = node.run(*REGISTRY_DEPLOY, *(("--json",) if as_json else ()))
    assert done.exit_code == 3, done.output
    assert ATTACKER not in done.stdout.lower()
    assert "Do not publish" in done.stderr
    assert (REGISTRY in done.stdout.lower()) is printed
    if as_json:
        row = json.loads(done.stdout)
        assert row["confirmed"] is False and row["doubts"] and row["tx_hash"]
        assert (row["registry"] is not None) is printed
    else:
        assert done.stdout.startswith("registry not confirmed: ")


def test_a_store_is_where_its_key_and_nonce_put_it_and_must_be_there(node: Node) -> None:
    done = node.run(*STORE_DEPLOY, "--json")
    row = json.loads(done.stdout)
    assert (done.exit_code, row["store"], row["confirmed"]) == (0, create_address(KEY.address, 0), True)
    node.code[create_address(KEY.address, 1).lower()] = "0x"
    missing = node.run("store", "deploy", "--name", "Another", "--yes")
    assert missing.exit_code == 3
    assert missing.stdout.startswith(f"store not confirmed: {create_address(KEY.address, 1)}")


def test_no_registry_is_built_on_a_factory_that_is_not_confirmed(node: Node, tmp_path: Path) -> None:
    own = tmp_path / "networks.toml"
    own.write_text("[mine]\nchain_id = 11155111\ntestnet = true\n")
    node.code[create_address(KEY.address, 0).lower()] = "0x"
    environment = {"EBL_PRIVATE_KEY": KEY.secret.hex(), "XDG_STATE_HOME": str(tmp_path), "EBL_NETWORKS": str(own)}
    with RpcServer(lambda body: respond(body, node.answer)) as server:
        words = [*REGISTRY_DEPLOY, "--net", "mine", "--rpc", server.url]
        done = CliRunner().invoke(main, words, env=environment)
    assert done.exit_code == 3 and done.stdout.startswith("factory not confirmed: "), done.output
    assert len(node.sent) == 1


def test_no_command_prints_a_contract_that_only_the_node_names(node: Node) -> None:
    node.contract = ATTACKER
    issued = node.run("store", "issue", "0x" + "12" * 20, "0x" + "13" * 32, "--yes", "--json")
    assert issued.exit_code == 0 and ATTACKER not in issued.output.lower()
    assert len(node.sent) == 1
    for tx_hash in node.sent:
        assert ATTACKER not in node.run("tx", "status", tx_hash, "--json").output.lower()
    assert node.run(*STORE_DEPLOY).exit_code == 4  # created directly, and the node names another place
    *_, tx_hash = node.sent
    told = node.run("tx", "status", tx_hash, "--json")
    assert create_address(KEY.address, node.sent[tx_hash].nonce) in told.stdout and ATTACKER not in told.output.lower()
    for path in (node.home / "ebl" / "journals").glob("*"):
        path.unlink()
    told = node.run("tx", "status", tx_hash, "--json")  # which no journal has: nobody knows where its contract is
    assert json.loads(told.stdout)["receipt"]["contract"] is None


SIGNER = """
import json, sys
from ebl.chain.signers import LocalKey
key, told = LocalKey(bytes([{secret}]) * 32), LocalKey(bytes([5]) * 32)
asked = json.load(sys.stdin)
if asked["ask"] == "address":
    print(json.dumps({{"address": told.address}}))
elif {signs}:
    print(json.dumps({{"signature": "0x" + key.sign_message(bytes.fromhex(asked["message"][2:])).hex()}}))
else:
    sys.exit(1)
"""


@pytest.mark.parametrize(("secret", "signs", "code"), ((5, True, 0), (6, True, 3), (5, False, 3)))
def test_the_address_of_another_programs_key_is_confirmed_by_its_signature(
    tmp_path: Path, secret: int, signs: bool, code: int
) -> None:
    program = tmp_path / "signer.py"
    program.write_text(SIGNER.format(secret=secret, signs=signs))
    words = ["wallet", "address", "--signer", f"cmd:{sys.executable} {program}"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == code, done.output
    assert done.stdout.strip() == (KEY.address if code == 0 else f"not confirmed: {KEY.address}")
    row = json.loads(CliRunner().invoke(main, [*words, "--json"]).stdout)
    assert row == {"address": KEY.address, "confirmed": code == 0}
