"""What tests/vectors/contracts.json says of the released contracts is what the released packages say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eth_utils import keccak

from ebl.chain.contracts import builds

VECTORS = Path(__file__).parents[1] / "vectors" / "contracts.json"


def surface(abi: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Functions, events and errors of an ABI: canonical signature -> selector or topic, with what a function returns."""
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
    return found


def test_the_vectors_are_the_surface_of_the_released_contracts(released: dict[str, Any]) -> None:
    assert json.loads(VECTORS.read_text("utf-8")) == {name: surface(made["abi"]) for name, made in released.items()}


def test_our_contracts_have_every_function_and_event_of_the_released_ones_and_no_other_error() -> None:
    released = json.loads(VECTORS.read_text("utf-8"))
    pairs = {
        "DocumentStore": "DocumentStore_old",
        "TitleEscrow": "TitleEscrow_v5",
        "TitleEscrowFactory": "TitleEscrowFactory_v5",
        "TokenRegistry": "TradeTrustToken_v5",
    }
    assert set(pairs) == set(builds.names())
    for name, other in pairs.items():
        ours, theirs = surface(builds.load(name).abi), released[other]
        assert ours["functions"] == theirs["functions"]
        assert ours["events"] == theirs["events"]
        # Two errors that cannot happen: our registry's administrator is its deployer; the library's text of numbers fits.
        assert set(theirs["errors"]) - set(ours["errors"]) <= {"InvalidAdminAddress()"}
        assert set(ours["errors"]) - set(theirs["errors"]) <= {"StringsInsufficientHexLength(uint256,uint256)"}
