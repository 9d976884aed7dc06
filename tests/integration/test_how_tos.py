"""The how-tos for carriers, banks and traders, and the README, typed into a shell: every command ends as the text says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebl.chain.signers import LocalKey
from ebl.net.connect import connect
from ebl.registry import deploy_factory, deploy_registry, deploy_store, send
from ebl.testing.bills import bill
from ebl.testing.chain import LocalChain
from ebl.testing.dns import DnsServer
from ebl.wrap import to_json, wrap
from tests.patience import PATIENT

ROOT = Path(__file__).parents[2]
DOMAIN = "carrier.example"

# A terminal would be asked before anything is sent, and the system's resolver is not for tests.
EBL = r"""
ebl() {
    local more=
    case "$1 $2" in
        "title show" | "title can" | "title history" | "store status") ;;
        store\ * | registry\ * | title\ *) more=--yes ;;
    esac
    case "$*" in
        *--offline* | *--resolver*) ;;
        verify*) more="--resolver $RESOLVER" ;;
    esac
    "$PYTHON" -m ebl "$@" $more
    local code=$?
    echo "$code ebl $*" >> "$LOG"
    return $code
}
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What ``ebl demo --keep`` gives its reader: keys in files, contracts that the DNS vouches for, and their addresses."""
    home = tmp_path_factory.mktemp("reader")
    with LocalChain() as chain, DnsServer() as dns:
        (home / "keys").mkdir()
        (home / "bills").mkdir()  # where the demo's hundred bills are: wrapped, so in the way of others
        (home / "bills" / "bill-0001.json").write_bytes(
            to_json(wrap(bill(1, store="0x" + "11" * 20, domain=DOMAIN, chain_id=1)))
        )
        for account in chain.accounts:
            (home / "keys" / f"{account.name}.key").write_text(account.key, "utf-8")
            (home / "keys" / f"{account.name}.key").chmod(0o600)
        key, number = LocalKey.from_hex(chain.account("carrier").key), chain.chain_id
        sending = {"signer": key, "node": connect(chain.url)}
        store = send(deploy_store(number, name="Blue Heron Lines", owner=key.address), **sending).contract
        factory = send(deploy_factory(number), **sending).contract or ""
        registry = send(deploy_registry(number, name="Blue Heron", symbol="BHL", factory=factory), **sending).contract
        for contract in (store, registry):
            dns.zone.txt(DOMAIN, f"openatts net=ethereum netId={number} addr={contract}")
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith(("EBL_", "OA_"))},
            "HOME": str(home),
            "XDG_STATE_HOME": str(home),
            "PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
            "LOG": str(home / "log.txt"),
            "NODE": f"{number}={chain.url}",
            "CHAIN": str(number),
            "RESOLVER": dns.url,
            "STORE": store or "",
            "REGISTRY": registry or "",
        }


def type_in(text: str, world: dict[str, str]) -> str:
    """Type all commands of a page into one shell; what was printed. Fails where one ends otherwise than the page says."""
    typed = "".join(re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    log = Path(world["LOG"])
    log.write_text("", "utf-8")
    shell = ["bash", "-u", "-c", EBL + typed]
    done = subprocess.run(
        shell, cwd=world["HOME"], env=world, capture_output=True, text=True, timeout=5 * PATIENT, check=False
    )
    ended = log.read_text("utf-8").splitlines()
    said = [
        int(code[1]) if (code := re.search(r"# .*exit code (\d)", line)) else 0
        for line in typed.splitlines()
        if re.search(r"(^|\$\()ebl ", line)
    ]
    assert said
    assert [int(line[0]) for line in ended] == said, "\n".join([*ended, done.stdout, done.stderr])
    return done.stdout


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def test_a_carrier_issues_and_a_bank_verifies_until_it_is_taken_back(world: dict[str, str]) -> None:
    issuing, mark, taking_back = page("shipper/issuing.md").partition("## Taking one back")
    assert mark
    assert "VALID  out/one.json" in type_in(issuing, world)
    said = type_in(page("bank/verifying.md"), world)
    assert "carrier.example" in said and "policy.unexpected_issuer" in said
    assert (Path(world["HOME"]) / "report.jsonl").read_text("utf-8").count('"verdict": "valid"') == 1
    assert "status.revoked" in type_in(taking_back, world)
    assert '"verdict": "valid"' in type_in((ROOT / "README.md").read_text("utf-8"), world)


def test_a_title_goes_from_hand_to_hand_and_back(world: dict[str, str]) -> None:
    said = type_in(page("shipper/titles.md"), world)
    assert "'pledge'" in said and "status.taken_out" in said


def test_a_credential_is_shown_in_part_and_presented(world: dict[str, str]) -> None:
    said = type_in(page("shipper/credentials.md"), world)
    assert "source.offline" in said and "VALID  presented.json" in said
    (program,) = re.findall(r"^```python\n(.*?)^```", page("shipper/credentials.md"), re.DOTALL | re.MULTILINE)
    shell = [sys.executable, "-c", f"{program}\nassert report.verdict == 'valid', report"]
    subprocess.run(shell, cwd=world["HOME"], env=world, timeout=PATIENT, check=True)
