"""The released contracts, out of the npm packages: ABIs and bytecode, and what the ABIs come to in selectors and topics."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INSTALLED = (HERE / "node_modules" / "@tradetrust-tt" / "document-store").exists()
WHY_NOT = "the JavaScript packages of tests/interop are not installed (npm ci)"


@cache
def contracts() -> dict[str, dict[str, Any]]:
    """``{"TitleEscrow_v5": {"abi", "creation", …}}``."""
    done = subprocess.run(["node", "released.mjs"], cwd=HERE, capture_output=True, text=True, check=True)
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def surface(abi: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Functions, events and errors of an ABI: canonical signature -> selector or topic, with what a function returns."""
    from eth_utils import keccak

    found: dict[str, dict[str, Any]] = {"functions": {}, "events": {}, "errors": {}}
    for row in abi:
        if row["type"] not in ("function", "event", "error"):
            continue
        types = [entry["type"] for entry in row["inputs"]]
        digest = keccak(text=f"{row['name']}({','.join(types)})").hex()
        match row["type"]:
            case "function":
                returns = ",".join(entry["type"] for entry in row["outputs"])
                found["functions"][f"{row['name']}({','.join(types)})"] = [digest[:8], returns]
            case "event":
                marked = [entry["type"] + " indexed" * entry["indexed"] for entry in row["inputs"]]
                found["events"][f"{row['name']}({', '.join(marked)})"] = digest
            case "error":
                found["errors"][f"{row['name']}({','.join(types)})"] = digest[:8]
    return {kind: dict(sorted(rows.items())) for kind, rows in found.items()}
