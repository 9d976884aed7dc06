"""Distinction between a contract's revert and a node's error."""

from __future__ import annotations

import re
from typing import Any

_HALTED = ("revert", "invalid opcode", "invalidfeopcode", "bad instruction", "bad jump destination")
_NESTED = ("data", "result", "output")


def reverted(code: int, message: str, data: Any) -> bytes | None:
    """Returns what the contract returned when it reverted; None if the error is not the contract's.

    Nodes differ: code 3 with the data as its own member, -32000 or -32015 with it in the text, one or two levels down, or
    left out.
    """
    inner = data
    while isinstance(inner, dict):
        inner = next((inner[name] for name in _NESTED if name in inner), None)
    text = inner if isinstance(inner, str) else ""
    said = f"{message} {text}".lower()
    if not (code == 3 and text.startswith("0x")) and not any(word in said for word in _HALTED):
        return None
    found = re.search(r"0x((?:[0-9a-fA-F]{2})*)", text)
    return bytes.fromhex(found[1]) if found else b""
