"""Compiles the contracts to `ebl/chain/contracts/builds/*.json`, the same bytes on every machine.

    python contracts/build.py            write the artefacts
    python contracts/build.py --check    exit 1 if an artefact differs from what its source compiles to

Needs node and the npm packages of tests/interop (solc, @openzeppelin/contracts and -upgradeable). Nothing is downloaded.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MODULES = HERE.parent / "tests" / "interop" / "node_modules"
BUILDS = HERE.parent / "ebl" / "chain" / "contracts" / "builds"

CONTRACTS = ("DocumentStore", "TitleEscrow", "TitleEscrowFactory", "TokenRegistry")

# No metadata hash: a comment may change without changing the code, and so without changing the table of known code.
SETTINGS: dict[str, Any] = {
    "evmVersion": "paris",
    "metadata": {"bytecodeHash": "none"},
    "optimizer": {"enabled": True, "runs": 200},
}
OUTPUTS = ["abi", "evm.bytecode.object", "evm.deployedBytecode", "storageLayout"]

_IMPORT = re.compile(r'^import\s+(?:[^"]*?\sfrom\s+)?"([^"]+)";', re.MULTILINE)


def main(words: list[str]) -> int:
    artefacts = build()
    if words == ["--check"]:
        stale = [name for name, text in artefacts.items() if _path(name).read_text("utf-8") != text]
        for name in stale:
            print(f"{name}: the artefact differs from its source; run contracts/build.py", file=sys.stderr)
        return 1 if stale else 0
    BUILDS.mkdir(exist_ok=True)
    for name, text in artefacts.items():
        _path(name).write_text(text, "utf-8")
        print(f"{name}: {len(json.loads(text)['runtime']) // 2 - 1} bytes")
    return 0


def build() -> dict[str, str]:
    """Returns the text of each artefact by contract name."""
    sources = _sources(f"contracts/{name}.sol" for name in CONTRACTS)
    output = _solc(sources)
    return {name: _artefact(name, sources, output) for name in CONTRACTS}


def _artefact(name: str, sources: dict[str, str], output: dict[str, Any]) -> str:
    unit = f"contracts/{name}.sol"
    compiled = output["contracts"][unit][name]
    runtime = compiled["evm"]["deployedBytecode"]
    if runtime.get("immutableReferences"):
        raise SystemExit(f"{name} has immutables: its runtime code would differ from one deployment to the next")
    used = _closure(unit, sources)
    artefact = {
        "contract": name,
        "compiler": _version(),
        "settings": SETTINGS,
        "sources": {path: hashlib.sha256(sources[path].encode()).hexdigest() for path in sorted(used)},
        "abi": compiled["abi"],
        "storage": [
            [row["label"], row["slot"], row["offset"], row["type"]] for row in compiled["storageLayout"]["storage"]
        ],
        "creation": "0x" + compiled["evm"]["bytecode"]["object"],
        "runtime": "0x" + runtime["object"],
    }
    return json.dumps(artefact, indent=1, sort_keys=True) + "\n"


def _solc(sources: dict[str, str]) -> dict[str, Any]:
    order = {
        "language": "Solidity",
        "sources": {path: {"content": text} for path, text in sources.items()},
        "settings": {**SETTINGS, "outputSelection": {f"contracts/{name}.sol": {name: OUTPUTS} for name in CONTRACTS}},
    }
    command = ["node", str(MODULES / "solc" / "solc.js"), "--standard-json"]
    # Files, not pipes: the compiler's command line does not wait for input, and exits before long output has been written.
    with tempfile.TemporaryFile("w+") as question, tempfile.TemporaryFile("w+") as answer:
        json.dump(order, question)
        question.seek(0)
        subprocess.run(command, stdin=question, stdout=answer, check=True)
        answer.seek(0)
        text = answer.read()
    output: dict[str, Any] = json.loads(text[text.index("{") :])
    problems = [error["formattedMessage"] for error in output.get("errors", ())]
    if problems:
        raise SystemExit("\n".join(problems))
    return output


def _version() -> str:
    version: str = json.loads((MODULES / "solc" / "package.json").read_text())["version"]
    return version


def _sources(roots: Any) -> dict[str, str]:
    """Returns every source file that the roots need, by the name that the compiler has for it."""
    texts: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        unit = waiting.pop()
        if unit not in texts:
            texts[unit] = _file(unit).read_text("utf-8")
            waiting += _imports(unit, texts[unit])
    return dict(sorted(texts.items()))


def _closure(unit: str, sources: dict[str, str]) -> set[str]:
    seen: set[str] = set()
    waiting = [unit]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            waiting += _imports(here, sources[here])
    return seen


def _imports(unit: str, text: str) -> list[str]:
    return [_resolve(unit, target) for target in _IMPORT.findall(text)]


def _resolve(unit: str, target: str) -> str:
    if not target.startswith("."):
        return target
    parts = unit.split("/")[:-1]
    for step in target.split("/"):
        match step:
            case ".":
                pass
            case "..":
                parts.pop()
            case _:
                parts.append(step)
    return "/".join(parts)


def _file(unit: str) -> Path:
    return (MODULES if unit.startswith("@") else HERE.parent) / unit


def _path(name: str) -> Path:
    return BUILDS / f"{name}.json"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
