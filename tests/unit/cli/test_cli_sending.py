"""What commands that send show, ask and sign: whatever the node answers in between, it is the same."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from ebl.chain.sending.transaction import Unsigned
from ebl.cli import main
from ebl.cli.acting import of_bill
from ebl.cli.send_options import RESTS_ON, _about
from ebl.config.networks import GWEI, load
from ebl.ethereum.keccak import keccak256
from ebl.model.document import Document
from ebl.testing.rpc_server import RpcServer, respond
from tests.patience import PATIENT

HASH = "0x" + "11" * 32


class World:
    """A node whose answers a test changes, a terminal whose answers a test gives, and everything that was sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
        self.chain_id, self.estimate, self.base_fee, self.tip = 4242, 100_000, GWEI, GWEI
        self.questions: list[str] = []
        self.sent: list[Unsigned] = []
        self.refusals: list[str] = []
        self.environment = {
            "EBL_PRIVATE_KEY": "05" * 32,
            "XDG_STATE_HOME": str(home),
            "EBL_NETWORKS": str(home / "none"),
        }
        self.on_question = lambda: True
        monkeypatch.setattr("ebl.cli.send_options._at_terminal", lambda: True)
        monkeypatch.setattr(click, "confirm", self.confirm)

    def confirm(self, text: str, **_: Any) -> bool:
        self.questions.append(text)
        return self.on_question()

    def answer(self, method: str, params: list[Any]) -> Any:
        if method == "eth_sendRawTransaction":
            raw = bytes.fromhex(params[0][2:])
            if (sent := Unsigned.of(raw)) not in self.sent:  # what waits is broadcast again
                self.sent.append(sent)
            if self.refusals:
                raise ValueError(self.refusals.pop(0))
            return f"0x{keccak256(raw).hex()}"
        head = {"number": "0x10", "hash": HASH, "timestamp": hex(int(time.time())), "gasLimit": hex(30_000_000)}
        known = {
            "eth_chainId": hex(self.chain_id),
            "eth_getCode": "0x60",
            "eth_call": "0x" + "00" * 32,
            "eth_getBalance": hex(10**27),
            "eth_estimateGas": hex(self.estimate),
            "eth_maxPriorityFeePerGas": hex(self.tip),
            "eth_getTransactionCount": "0x0",
            "eth_getTransactionReceipt": None,
            "eth_getTransactionByHash": None,
            "eth_getBlockByNumber": head | {"baseFeePerGas": hex(self.base_fee)},
        }
        return known[method]

    def run(self, *words: str, url: str, timeout: float = 0) -> Result:
        where = ("--rpc", f"{self.chain_id}={url}", "--timeout", str(timeout))
        return CliRunner().invoke(main, [*words, *where], env=self.environment)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    return World(monkeypatch, tmp_path)


@pytest.fixture
def url(world: World) -> Iterator[str]:
    with RpcServer(lambda body: respond(body, world.answer)) as node:
        yield node.url


DEPLOY = ("store", "deploy", "--name", "X")


def shown(text: str) -> list[tuple[int, str, str, str]]:
    """Of every plan in a text: gas, price of a unit, tip, and the whole."""
    found = re.findall(
        r"gas +at most ([\d,]+), each at most ([\d.]+) gwei \(tip ([\d.]+) gwei\)\n +at most +(\S+) ", text
    )
    return [(int(gas.replace(",", "")), limit, tip, cost) for gas, limit, tip, cost in found]


def last_shown(world: World, done: Result, at: int) -> None:
    """The transaction sent after question ``at`` is the plan shown before it."""
    gas, limit, tip, cost = shown(done.stderr)[at]
    sent = world.sent[-1]
    assert (sent.gas, sent.fees.limit, sent.fees.tip) == (gas, round(float(limit) * GWEI), round(float(tip) * GWEI))
    assert sent.cost <= round(float(cost) * 10**18) + 10**6
    assert f"Keccak-256 {keccak256(sent.data).hex()}" in done.stderr


@pytest.mark.slow
def test_what_a_node_changes_after_the_question_is_asked_about_again_or_not_signed(world: World, url: str) -> None:
    dice = random.Random(3)

    def turn_hostile() -> bool:
        world.estimate = dice.choice((21_000, 100_000, 16_000_000, 25_000_000))
        world.base_fee = dice.choice((1, GWEI, 30_000 * GWEI))
        world.tip = dice.choice((1, GWEI, 40_000 * GWEI))
        world.refusals = dice.choice(([], ["nonce too low"], ["max fee per gas less than block base fee"]))
        return True

    world.on_question = turn_hostile
    asked_again = 0
    for number in range(25):
        world.estimate, world.base_fee, world.tip, world.refusals = 100_000, GWEI, GWEI, []
        before = len(world.sent)
        world.questions.clear()
        done = world.run("store", "deploy", "--name", f"Store {number}", url=url)
        assert len(shown(done.stderr)) in (len(world.questions), len(world.questions) + 1), done.output
        assert len(world.sent) - before <= len(world.questions)
        if len(world.sent) > before and "outcome is not known" in done.stderr:
            last_shown(world, done, len(world.questions) - 1)
        asked_again += len(world.questions) > 1
        assert done.exit_code in (3, 4), done.output
    assert asked_again > 3


def test_a_price_that_rose_is_a_new_plan_and_a_new_question(world: World, url: str) -> None:
    def answer() -> bool:
        world.base_fee = 30 * GWEI
        return len(world.questions) == 1

    world.on_question = answer
    done = world.run(*DEPLOY, url=url)
    assert done.exit_code == 2 and "you answered no" in done.stderr
    assert [limit for _, limit, _, _ in shown(done.stderr)] == ["3", "61"]
    assert "base fee is 30 gwei now; the plan allows 3 gwei" in done.stderr
    assert world.sent == []


@pytest.mark.parametrize("act", ["cancel", "speed-up"])
def test_a_replacement_shows_its_price_and_that_is_what_is_signed(world: World, url: str, act: str) -> None:
    first = re.findall(r"0x[0-9a-f]{64}", world.run(*DEPLOY, url=url).stderr)[-1]
    world.tip = 40_000 * GWEI
    world.questions.clear()
    done = world.run("tx", act, first, url=url)
    assert len(world.questions) == 1 and len(shown(done.stderr)) == 1
    assert first in done.stderr.partition("outcome is not known")[0]
    last = world.sent[-1]
    gas, limit, _, cost = shown(done.stderr)[0]
    assert (last.gas, last.fees.limit, last.nonce) == (gas, round(float(limit) * GWEI), world.sent[0].nonce)
    assert float(cost) * 10**18 >= last.cost > 0.8 * 10**18
    count = len(world.sent)
    for refused in (("--max-cost", "0.5"), ("--gas-ceiling", "1000")):
        assert world.run("tx", act, first, *refused, url=url).exit_code == 4
    dry = world.run("tx", act, first, "--dry-run", url=url)
    assert dry.exit_code == 0 and "at most" in dry.stdout
    assert len(world.sent) == count and len(world.questions) == 1


def test_a_question_that_is_broken_off_is_no_verdict(world: World, url: str) -> None:
    def broken_off() -> bool:
        raise click.Abort

    world.on_question = broken_off
    done = world.run(*DEPLOY, url=url)
    assert (done.exit_code, world.sent) == (130, [])
    assert "Stopped." in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_a_yes_that_was_typed_before_the_question_does_not_count(world: World, url: str) -> None:
    import pty

    ours, theirs = pty.openpty()
    words = [*DEPLOY, "--rpc", f"{world.chain_id}={url}", "--timeout", "0"]
    os.write(ours, b"y\ny\n")
    run = subprocess.Popen(
        [sys.executable, "-m", "ebl", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, **world.environment},
    )
    os.close(theirs)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(ours, 4096)
    os.write(ours, b"n\n")
    with suppress(OSError):  # the terminal is gone once the command has ended
        while part := os.read(ours, 4096):
            said += part
    os.close(ours)
    assert run.wait(PATIENT) == 2, said
    assert b"you answered no" in said and world.sent == []


def test_yes_on_a_public_chain_needs_a_bound(world: World, url: str) -> None:
    done = world.run(*DEPLOY, "--yes", url=url)
    assert done.exit_code == 2 and "--max-cost" in done.stderr and "chain 4242" in done.stderr
    assert world.run("tx", "cancel", HASH, "--yes", url=url).exit_code == 2
    assert world.sent == []
    assert world.run(*DEPLOY, "--yes", "--gas-ceiling", "3", url=url).exit_code == 3
    assert world.run("store", "deploy", "--name", "Y", "--yes", "--max-cost", "0.00036", url=url).exit_code == 3
    assert len(world.sent) == 2
    over = world.run("store", "deploy", "--name", "Z", "--yes", "--max-cost", "0.00035", url=url)
    assert (
        over.exit_code == 4 and "0.00036 of the chain's coin; the limit is 0.00035 of the chain's coin" in over.stderr
    )
    assert len(world.sent) == 2


@pytest.mark.parametrize("wrong", ["-1", "nan", "1e3", "0.5 ETH"])
def test_a_bound_that_is_no_number_is_refused(world: World, url: str, wrong: str) -> None:
    assert world.run(*DEPLOY, f"--max-cost={wrong}", url=url).exit_code == 2
    assert world.run(*DEPLOY, f"--gas-ceiling={wrong}", url=url).exit_code == 2


@pytest.mark.parametrize(
    "network", [one for one in load() if one.chain_id not in (1337, 31337)], ids=lambda one: str(one.name)
)
def test_every_network_of_the_table_has_a_ceiling_that_is_kept_without_an_option(
    world: World, url: str, network: Any
) -> None:
    assert network.gas.ceiling is not None and network.currency
    world.chain_id, world.tip, world.base_fee = network.chain_id, 50_000 * GWEI, 0
    if network.gas.kind != "zero":
        done = world.run(*DEPLOY, "--yes", url=url)
        assert done.exit_code == 4 and "the limit is" in done.stderr, done.output
    assert world.sent == []


def test_an_amount_has_the_name_of_its_coin_and_is_never_in_coins(world: World, url: str) -> None:
    root = Path(__file__).parents[3]
    for path in (*(root / "ebl").rglob("*.py"), *(root / "docs").rglob("*.md"), root / "README.md"):
        assert not re.search(r"\bcoins\b", path.read_text("utf-8")), path
    world.chain_id = 137
    done = world.run(*DEPLOY, "--dry-run", url=url)
    assert done.exit_code == 0 and re.search(r"at most [\d.]+ POL for gas", done.stdout)


def commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    with click.Context(group) as ctx:
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            assert command is not None
            if isinstance(command, click.Group):
                yield from commands(command, *path, name)
            else:
                yield (*path, name), command


def test_every_command_that_sends_shows_its_plan_and_takes_limits() -> None:
    """All of them go through one door: `Sending.carry_out`."""
    limits = {"--dry-run", "--max-cost", "--gas-ceiling"}
    senders = {
        path: limits <= options
        for path, command in commands(main)
        if {"--yes", "--signer"} <= (options := {word for param in command.params for word in param.opts})
    }
    assert len(senders) > 15 and all(senders.values()), senders


def test_only_one_place_signs_one_sends_and_one_command_line_calls_it() -> None:
    root = Path(__file__).parents[3] / "ebl"
    source = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*.py")}

    def where(pattern: str) -> set[str]:
        return {name for name, text in source.items() if re.search(pattern, text)}

    assert where(r"\.sign_transaction\(") == {"chain/sending/submission.py"}
    assert where(r"eth_sendRawTransaction") == {"chain/sending/node.py", "testing/local_node.py"}
    sends = r"from ebl\.(registry|chain\.sending\w*(?:\.\w+)?) import \(?[^)\n]*\b(send|cancel|speed_up)\b"
    assert {name for name in where(sends) if name.startswith("cli/")} == {"cli/send_options.py", "cli/demo_command.py"}


def test_a_chain_that_is_added_without_a_ceiling_says_so(tmp_path: Path) -> None:
    environment = {"EBL_NETWORKS": str(tmp_path / "networks.toml")}

    def add(name: str, *words: str) -> str:
        done = CliRunner().invoke(main, ["net", "add", name, *words], env=environment)
        assert done.exit_code == 0, done.output
        return done.stderr

    assert "no fee cap" in add("one", "--chain-id", "771")
    assert "no fee cap" not in add("two", "--chain-id", "772", "--gas-ceiling", "30")
    assert "no fee cap" not in add("three", "--chain-id", "773", "--testnet")


def test_a_text_of_a_bill_cannot_look_like_another_line_of_the_plan() -> None:
    shown = dict(of_bill(Document("oa2", None, (), (), {"shipper": "A" + " " * 70 + "issuer    bank.example"}, {})))
    assert shown["shipper"] == "A issuer bank.example"


def test_every_condition_is_in_the_json_of_a_plan() -> None:
    bill = [("number", "BL-1"), (RESTS_ON, "document.withheld: one"), (RESTS_ON, "status.bound_by_id: two")]
    assert _about(bill, ["no record"]) == {
        "bill": {"number": "BL-1"},
        "conditions": ["document.withheld: one", "status.bound_by_id: two"],
        "doubts": ["no record"],
    }
    assert _about([], []) == {}
