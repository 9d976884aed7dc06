"""The same steps on two makes of a contract, and the traces that they leave."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import Any

from people import Ledger, Refused


@dataclass(frozen=True, repr=False)
class Twins:
    """A node, and the released contracts. No repr: it would be as long as their code."""

    ledger: Ledger
    released: dict[str, Any]


@dataclass(frozen=True)
class Step:
    """Somebody calls a function of a contract. People and contracts by name, also among the arguments."""

    by: str
    to: str
    function: Any
    arguments: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.by} to {self.to}: {self.function.signature} {self.arguments}"


@dataclass(frozen=True)
class Outcome:
    """What one step came to; ``storage_root`` is of the contract that was called (for titles, of the escrow)."""

    returned: bytes = b""
    refused: bytes | None = None
    logs: tuple[Any, ...] = ()
    storage_root: str = ""


ROLES = {"the beneficiary": 2, "the holder": 3}
"""Who is meant by these is read from a slot of the escrow."""


def take(step: Step, names: dict[str, str], ledger: Ledger) -> Outcome:
    """Do one step. Raises nothing where a contract refuses: that is an outcome."""
    if step.by in ROLES:
        names = names | {step.by: f"0x{ledger.slot(names['escrow'], ROLES[step.by])[12:].hex()}"}
    arguments = [names.get(value, value) if isinstance(value, str) else value for value in step.arguments]
    try:
        sent = ledger.send(names[step.to], step.function(*arguments), by=names[step.by])
    except Refused as refused:
        return Outcome(refused=refused.data)
    watched = names.get("escrow", names[step.to])
    root = str(ledger.node.rpc("eth_getProof", watched, [], "latest")["storageHash"])
    return Outcome(returned=sent.returned, logs=sent.logs, storage_root=root)


def storage(ledger: Ledger, *contracts: str) -> list[dict[int, str]]:
    """All storage of some contracts: slot -> value, without zeros."""
    accounts = json.loads(gzip.decompress(bytes.fromhex(ledger.node.rpc("anvil_dumpState")[2:])))["accounts"]
    kept = (accounts.get(contract.lower(), {}).get("storage", {}) for contract in contracts)
    return [{int(slot, 16): value for slot, value in slots.items() if int(value, 16)} for slots in kept]
