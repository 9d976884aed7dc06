"""The arrows between modules point one way, and starting up stays cheap."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ebl.chain.titles.title_state import Title
from ebl.checking.formats import FORMATS
from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.credentials.data_integrity import Proof
from ebl.model.findings import Claim, Fact
from ebl.model.ports import Block, TxtRecords
from ebl.reports.data import _PARTS, TELLING
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap

ROOT = Path(__file__).parents[2]


def imports_of(path: Path, *, top_level: bool) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level else ast.walk(tree)
    typing_only = {
        id(n) for b in ast.walk(tree) if isinstance(b, ast.If) and "TYPE_CHECKING" in ast.dump(b.test) for n in b.body
    }
    found: set[str] = set()
    for node in nodes:
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names} | {node.module}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


def test_the_page_about_the_design_says_what_is_in_every_room() -> None:
    page = (ROOT / "docs" / "contributor" / "design.md").read_text(encoding="utf-8")
    rooms = {
        name
        for row in page.split("## To add something")[0].splitlines()
        if row[:1] == "|"
        for name in re.findall(r"`(\w+)`", row)
    }
    direct = {path.stem if path.suffix == ".py" else path.name for path in (ROOT / "ebl").iterdir()}
    assert rooms == direct - {"__init__", "__main__", "__pycache__", "py.typed", "schemas"}


@pytest.mark.slow
def test_no_module_needs_another_that_only_unix_has() -> None:
    unix = {"fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"}
    modules = (ROOT / "ebl").rglob("*.py")
    assert [str(path.relative_to(ROOT)) for path in modules if imports_of(path, top_level=True) & unix] == []


@pytest.mark.slow
def test_only_net_and_testing_open_sockets() -> None:
    sockets = {
        "socket",
        "ssl",
        "http.client",
        "urllib.request",
        "requests",
        "httpx",
        "urllib3",
        "dns.query",
        "dns.resolver",
    }
    offenders = []
    for path in (ROOT / "ebl").rglob("*.py"):
        room = path.relative_to(ROOT / "ebl").parts[0].removesuffix(".py")
        if room not in {"net", "testing"} and imports_of(path, top_level=False) & sockets:
            offenders.append(str(path.relative_to(ROOT)))
    assert offenders == []


def test_one_module_locks_files_and_one_makes_them_and_nothing_touches_the_umask() -> None:
    """`ebl.config.durable_files` writes whole files with their mode from the start; whoever writes by itself says why here."""
    only = {
        r"\b(?:fcntl|msvcrt)\b": {"config/file_lock.py"},
        r"\.umask\(|\bchmod\(|\bmkstemp\(|\bNamedTemporaryFile\(|\bmktemp\(": set(),
        r"\bos\.open\(|\bO_CREAT\b": {"config/file_lock.py", "config/durable_files.py"},
        r"\.write_(?:bytes|text)\((?!record\(run\))": set(),  # what is left is in a docstring, for callers
        r"\bopen\(\s*[\"'](?:w|a|x|r\+)": {"config/durable_files.py"},
    }
    sources = {
        path.relative_to(ROOT / "ebl").as_posix(): path.read_text("utf-8") for path in (ROOT / "ebl").rglob("*.py")
    }
    for pattern, allowed in only.items():
        found = {name for name, text in sources.items() if re.search(pattern, text) and not name.startswith("testing/")}
        assert found <= allowed, pattern


def test_verifying_imports_nothing_heavy() -> None:
    heavy = (
        "web3",
        "eth_account",
        "eth_abi",
        "jsonschema",
        "pydantic",
        "dns.resolver",
        "py_arkworks_bls12381",
        "eth_tester",
    )
    code = f"import sys, ebl.verify; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_help_imports_no_command() -> None:
    code = "import sys; from ebl.cli import main; main(['--help'], standalone_mode=False); print('ebl.verify' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    codes = {str(code) for kind in (Failure, Doubt, Condition, Remark) for code in kind}
    pages = {path.stem for path in (ROOT / "docs" / "codes").glob("*.md")} - {"README"}
    assert pages == codes


def test_every_code_is_given_by_something() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "ebl").rglob("*.py"))
    given = set(re.findall(r"\b(?:Failure|Doubt|Condition|Remark)\.[A-Z0-9_]+\b", source))
    assert given == {f"{kind.__name__}.{code.name}" for kind in (Failure, Doubt, Condition, Remark) for code in kind}


def test_every_claim_of_ours_has_a_check() -> None:
    without = {kind.__name__ for kind in everything_in_the_rooms_of_claims(Claim) if kind.check is Claim.check}
    assert without == {"Claim", "TitleClaim", "HolderClaim", "ListedClaim", "Signed"}  # each is a base of others
    for *_, module in FORMATS:
        assert callable(import_module(module).read), module


def subclasses(kind: type) -> set[type]:
    return {kind}.union(*map(subclasses, kind.__subclasses__()))


def everything_in_the_rooms_of_claims(kind: type) -> set[Any]:
    """The classes of this kind that stand in the package."""
    for room in ("model", "status", "identity", "openattestation", "credentials"):
        for path in (ROOT / "ebl" / room).glob("*.py"):
            import_module(f"ebl.{room}.{path.stem}")
    return {found for found in subclasses(kind) if found.__module__.startswith("ebl.")}


def test_what_is_shown_of_claims_and_facts_are_fields_that_they_have() -> None:
    ours = everything_in_the_rooms_of_claims(Claim) | everything_in_the_rooms_of_claims(Fact)
    named = {field.name for kind in ours if is_dataclass(kind) for field in fields(kind)}
    parts = {field.name for kind in (Proof, Block, TxtRecords, Title) for field in fields(kind)}
    assert named >= _PARTS
    assert named | parts >= TELLING


@pytest.mark.parametrize(
    ("kind", "unneeded"),
    [("documentStore", "ebl.chain.titles.title_state"), ("tokenRegistry", "ebl.chain.contracts.storage_layouts")],
)
def test_verifying_one_document_loads_no_other_format_and_no_check_that_it_does_not_need(
    tmp_path: Path, kind: str, unneeded: str
) -> None:
    others = (
        "ebl.credentials.vc",
        "ebl.openattestation.v3",
        "ebl.credentials.bbs_2023",
        "ebl.identity.did",
        "ebl.chain.stores.store_proof",
        "ebl.chain.titles.title_proof",
        "ebl.cli.net_commands",
        "ebl.config.networks",
        "ebl.jsonld.contexts",
        unneeded,
        "orjson",
    )
    raw = bill(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337)
    raw["issuers"][0][kind] = raw["issuers"][0].pop("documentStore")
    (tmp_path / "bill.json").write_bytes(to_json(wrap(raw)))
    code = (
        "import sys; from ebl.cli import main\n"
        f"try: main(['verify', '--offline', {str(tmp_path / 'bill.json')!r}])\n"
        f"except SystemExit as end: print(end.code, [m for m in {others!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "3 []"
