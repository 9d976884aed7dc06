"""Random documents digest here as the official JavaScript says, v2 and v3, in both dialects.

    python tests/interop/fuzz.py [COUNT] [SEED]

The suite runs a few thousand; the documents of one seed are always the same.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from ebl.openattestation import v2_digest  # noqa: E402
from ebl.openattestation import v3_integrity as oa3  # noqa: E402

NAMES = ("", "0", "1", "2", "10", "01", "-1", "4294967294", "4294967295", "a", "name", "constructor", "prototype")
NAMES += (
    "__proto__",
    "length",
    "toString",
    "hasOwnProperty",
    "é",
    "é",
    "漢字",
    "😀",
    "\ud800",
    "with space",
    '"',
    "\\",
    "\n",
)
TEXTS = (
    "",
    "x",
    "a:b:c",
    "0",
    "false",
    "null",
    "\x00\x07\x1f\x7f",
    "\u2028\u2029",
    "\ufeffbom",
    "\udfffx",
    "𝔘\U0010ffff",
    "/",
)
CHARACTERS = (range(0x20), range(0x20, 0x7F), range(0x7F, 0x100), range(0x4E00, 0x9FFF), range(0xD800, 0xE000))
CHARACTERS += (range(0xFFF0, 0x10000), range(0x1F300, 0x1FAFF))
NUMBERS = (0, -0.0, 1, -1, 0.1, 1e21, 1e-7, 123456789012345680000.0, 2**53, 5e-324, 1.7976931348623157e308, 100, 1e300)


def text(random: Random) -> str:
    if random.random() < 0.3:
        return random.choice(TEXTS)
    kinds = random.choices(CHARACTERS, k=random.randint(1, 12))
    return "".join(chr(random.choice(kind)) for kind in kinds)


def number(random: Random) -> float:
    match random.randrange(4):
        case 0:
            return random.choice(NUMBERS)
        case 1:
            return float(random.randint(-(10**6), 10**6))
        case 2:
            return random.uniform(-1, 1) * 10.0 ** random.randint(-12, 25)
    value: float = struct.unpack("<d", random.randbytes(8))[0]
    return value if abs(value) < float("inf") else 0.5


def name(random: Random, signs: str) -> str:
    found = random.choice(NAMES) if random.random() < 0.5 else text(random)
    return "".join(char for char in found if char not in signs)


def tree(random: Random, signs: str, depth: int = 0) -> Any:
    shape = random.random()
    if depth < 5 and shape < 0.35:
        return {name(random, signs): tree(random, signs, depth + 1) for _ in range(random.randint(0, 4))}
    if depth < 5 and shape < 0.5:
        return [tree(random, signs, depth + 1) for _ in range(random.randint(0, 4))]
    return random.choice((text(random), text(random), number(random), True, False, None))


def document(random: Random, signs: str) -> dict[str, Any]:
    data = {name(random, signs): tree(random, signs) for _ in range(random.randint(0, 6))}
    plain: dict[str, Any] = json.loads(
        json.dumps(data), parse_int=float
    )  # as JavaScript will read it: one key, one member
    return plain


def case(random: Random) -> tuple[dict[str, Any], dict[str, Any], list[tuple[str, str]]]:
    """Data of v2, a document of v3, and salts for it."""
    v3 = without_unclear_paths(document(random, ".[]"))
    return document(random, "."), v3, [(path, random.randbytes(32).hex()) for path in oa3.flatten(v3).paths]


def without_unclear_paths(v3: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has no path that leads back to it in v3: every check and every wrapping of ours refuses it."""

    def clear(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: clear(value) for key, value in node.items() if key or not isinstance(value, list)}
        return [clear(value) for value in node] if isinstance(node, list) else node

    return {key: clear(value) for key, value in v3.items() if key not in ("", "__proto__")}


def ours(v2: dict[str, Any], v3: dict[str, Any], salts: list[tuple[str, str]]) -> list[str]:
    flat, by_path = oa3.flatten(v3), dict(salts)
    both = [oa3.digest(flat, by_path, dialect=dialect).hex() for dialect in ("tradetrust", "govtech")]
    return [v2_digest.digest(v2).hex(), *both]


def differences(count: int, seed: int) -> int:
    """Compare so many documents; prints each that differs and says how many did."""
    random, found = Random(seed), 0
    with subprocess.Popen(
        ["node", "js/digests.cjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE
    ) as node:
        assert node.stdin and node.stdout
        for done in range(count):
            v2, v3, salts = case(random)
            rows = [{"value": salt, "path": path} for path, salt in salts]
            node.stdin.write(json.dumps({"v2": v2, "v3": v3, "salts": rows}) + "\n")
            node.stdin.flush()
            theirs = json.loads(node.stdout.readline())
            if theirs != (mine := ours(v2, v3, salts)):
                found += 1
                print(json.dumps({"v2": v2, "v3": v3, "ours": mine, "theirs": theirs}))
            if sys.stderr.isatty() and done % 1000 == 0:
                print(f"\r{done:,} of {count:,}", end="", file=sys.stderr)
        node.stdin.close()
    return found


if __name__ == "__main__":
    COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    FOUND = differences(COUNT, SEED)
    print(f"{COUNT:,} documents of seed {SEED}: {FOUND} differ")
    sys.exit(1 if FOUND else 0)
