"""README and manual, typed into a shell: commands end as their page states, programs print what is below them.

A page is typed from top to bottom in a folder of its own, which is as `ebl demo --keep` leaves it for its reader. Commands are
the blocks marked `sh`; ``# … exit code N`` behind one states how it ends (0 if nothing does). Programs are the blocks marked
`python`; a block marked `text` right behind one is what it prints, in which ``…`` stands for anything. Behind commands, each line
of such a block is one that they print, on stdout or stderr, with any addresses and numbers.
"""

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
from ebl.registry import Store, deploy_factory, deploy_registry, deploy_store, issue, send
from ebl.testing.bills import bill
from ebl.testing.chain import LocalChain
from ebl.testing.dns import DnsServer
from ebl.wrap import to_json, wrap
from tests.manual import PAGES, ROOT, blocks, page
from tests.patience import PATIENT

DOMAIN = "carrier.example"
World = dict[str, str]

# Typed by another test: the pages whose commands need no chain, and run faster without a shell.
ELSEWHERE = {
    "docs/bank/bill.md": "tests/unit/docs/test_docs_bill.py",
    "docs/bank/identity.md": "tests/unit/docs/test_docs_identity.py",
    "docs/integrator/dnssec.md": "tests/unit/docs/test_docs_identity.py",
    "docs/integrator/testing.md": "tests/integration/test_plugin_in_use.py",
    "docs/embedding.md": "tests/integration/test_embedding.py",
    "docs/from-trustvc.md": "tests/interop/test_from_trustvc.py",
}
# A page that goes on where another ends, or before one of its headings.
AFTER = {
    "README.md": "docs/shipper/issuing.md#Revoke a bill",
    "README.zh-CN.md": "docs/shipper/issuing.md#Revoke a bill",
    "docs/bank/verifying.md": "docs/shipper/issuing.md#Revoke a bill",
    "docs/zh/verifying.md": "docs/shipper/issuing.md#Revoke a bill",
}
TYPED = [
    name
    for name in PAGES
    if name not in ELSEWHERE and any(one.language in ("sh", "python") for one in blocks(page(name)))
]

# A terminal would be asked before anything is sent, and the system's resolver is not for tests.
EBL = r"""
ebl() {
    local more=
    case "$1 $2" in
        "title show" | "title can" | "title history" | "title challenge" | "title answer" | "store status") ;;
        store\ * | registry\ * | title\ * | "bulk issue") more=--yes ;;
    esac
    case "$*" in
        *--offline* | *--resolver* | *--replay*) ;;
        verify*) more="--resolver $RESOLVER" ;;
    esac
    "$PYTHON" -m ebl "$@" $more
    local code=$?
    echo "$code ebl $*" >> "$LOG"
    return $code
}
python() {
    "$PYTHON" "$@" > "$1.out"
    local code=$?
    cat "$1.out"
    echo "$code python $*" >> "$LOG"
}
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, World]]:
    """What ``ebl demo --keep`` gives its reader: keys in files, contracts that the DNS vouches for, and their addresses."""
    folder = tmp_path_factory.mktemp("demo")
    with LocalChain() as chain, DnsServer() as dns:
        (folder / "keys").mkdir()
        (folder / "bills").mkdir()  # where the demo's hundred bills are: wrapped, so in the way of others
        for account in chain.accounts:
            (folder / "keys" / f"{account.name}.key").write_text(account.key, "utf-8")
            (folder / "keys" / f"{account.name}.key").chmod(0o600)
        key, number = LocalKey.from_hex(chain.account("carrier").key), chain.chain_id
        sending = {"signer": key, "node": connect(chain.url)}
        store = send(deploy_store(number, name="Blue Heron Lines", owner=key.address), **sending).contract or ""
        factory = send(deploy_factory(number), **sending).contract or ""
        registry = send(deploy_registry(number, name="Blue Heron", symbol="BHL", factory=factory), **sending).contract
        issued = wrap(bill(1, store=store, domain=DOMAIN, chain_id=number))
        send(issue(Store(number, store), bytes.fromhex(issued["signature"]["merkleRoot"])), **sending)
        (folder / "bills" / "bill-0001.json").write_bytes(to_json(issued))
        for contract in (store, registry):
            dns.zone.txt(DOMAIN, f"openatts net=ethereum netId={number} addr={contract}")
        yield (
            folder,
            {
                **{name: value for name, value in os.environ.items() if not name.startswith(("EBL_", "OA_"))},
                "PYTHON": sys.executable,
                "PYTHONPATH": str(ROOT),
                "NODE": f"{number}={chain.url}",
                "CHAIN": str(number),
                "RESOLVER": dns.url,
                "STORE": store,
                "REGISTRY": registry or "",
            },
        )


@pytest.fixture
def world(demo: tuple[Path, World], tmp_path: Path) -> World:
    """A reader's own folder, and the variables of their shell."""
    folder, variables = demo
    home = tmp_path / "reader"
    subprocess.run(["cp", "-a", str(folder), str(home)], check=True)
    return {**variables, "HOME": str(home), "XDG_STATE_HOME": str(home), "LOG": str(home / "log.txt")}


def type_in(text: str, world: World) -> str:
    """Type a page into one shell; what was printed. Fails if a command ends, or a program prints, otherwise than it states."""
    typed, ends, prints, lines = [EBL], [], [], []
    for number, block in enumerate(shown := blocks(text)):
        if block.language == "sh":
            typed.append(block.text)
            ends += [
                int(code[1]) if (code := re.search(r"# .*(?:exit code|退出代码) (\d)", line)) else 0
                for line in block.text.splitlines()
                if re.search(r"(^|\$\()ebl ", line)
            ]
        elif block.language == "python":
            program = f"program-{block.line}.py"
            Path(world["HOME"], program).write_text(block.text, "utf-8")
            typed.append(f"python {program}\n")
            ends.append(0)
            if shown[number + 1 :] and shown[number + 1].language == "text":
                prints.append((f"{program}.out", shown[number + 1].text))
        elif block.language == "text" and number and shown[number - 1].language == "sh":
            lines += block.text.splitlines()
    log = Path(world["LOG"])
    log.write_text("", "utf-8")
    done = subprocess.run(
        ["bash", "-u", "-c", "".join(typed)],
        cwd=world["HOME"],
        env=world,
        capture_output=True,
        text=True,
        timeout=5 * PATIENT,
        check=False,
    )
    ended = log.read_text("utf-8").splitlines()
    assert ends
    assert [int(line.split()[0]) for line in ended] == ends, "\n".join([*ended, done.stdout, done.stderr])
    for file, expected in prints:
        pattern = ".*".join(map(re.escape, expected.split("…")))
        printed = Path(world["HOME"], file).read_text("utf-8")
        assert re.fullmatch(pattern, printed), f"{file} prints\n{printed}"
    for line in lines:
        assert re.search(f"(?m)^{of_another_run(line)}$", done.stdout + done.stderr), (
            f"{line}\n{done.stdout}\n{done.stderr}"
        )
    return done.stdout


def of_another_run(line: str) -> str:
    """A pattern for a line of output: what `…` leaves out is anything, and hex and numbers are others every time."""
    parts = re.split(r"(…|0x[0-9a-fA-F]+|\d[\d,.]*)", line)
    kinds = {"…": ".*", "0": r"0x[0-9a-fA-F]+"}
    return "".join(
        re.escape(part) if place % 2 == 0 else kinds.get(part[0] if part[:2] in ("…", "0x") else "", r"\d[\d,.]*")
        for place, part in enumerate(parts)
    )


@pytest.mark.parametrize("name", TYPED)
def test_a_page_can_be_typed_as_it_is(name: str, world: World) -> None:
    if name in AFTER:
        before, _, heading = AFTER[name].partition("#")
        first, mark, _ = page(before).partition(f"## {heading}\n")
        assert mark
        type_in(first, world)
    type_in(page(name), world)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_page_that_is_not_typed_here_is_typed_elsewhere(name: str) -> None:
    assert Path(name).name in (ROOT / ELSEWHERE[name]).read_text("utf-8")
