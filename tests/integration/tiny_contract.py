"""A contract of a few instructions, assembled by hand, so that tests of nodes need no compiler.

The first byte of the calldata says what to do; the word after it is the argument:

    01  return the stored word                 04  revert with the argument
    02  store the argument and log it          05  revert with nothing
    03  return the argument                    06  an invalid instruction
"""

from __future__ import annotations

_ARGUMENT = "600135"  # CALLDATALOAD(1)


def _case(number: int, body: str, at: int) -> str:
    """Compare the first byte; where it is not this case, jump over the body (PUSH1 dest JUMPI … JUMPDEST)."""
    head = f"5f3560f81c60{number:02x}1415"
    end = at + len(head) // 2 + 3 + len(body) // 2
    return f"{head}60{end:02x}57{body}5b"


def runtime() -> bytes:
    bodies = {
        1: "5f545f5260205ff3",
        2: f"{_ARGUMENT}5f55{_ARGUMENT}5f52{_ARGUMENT}60205fa100",
        3: f"{_ARGUMENT}5f5260205ff3",
        4: f"{_ARGUMENT}5f5260205ffd",
        5: "5f5ffd",
        6: "fe",
    }
    code = ""
    for number, body in bodies.items():
        code += _case(number, body, len(code) // 2)
    return bytes.fromhex(code)


def creation() -> bytes:
    """PUSH1 length, DUP1, PUSH1 offset, PUSH0, CODECOPY, PUSH0, RETURN, then the code."""
    code = runtime()
    return bytes.fromhex(f"60{len(code):02x}8060095f395ff3") + code


def asking(number: int, argument: int = 0) -> bytes:
    return bytes([number]) + argument.to_bytes(32, "big")
