"""Sign, derive and verify one credential by both suites, in turns with the official JavaScript packages.

    python benchmarks/credentials.py [--seconds 1.5] [--passes 2]

Prints operations a second (the range over the passes) and how many times faster Python is. Needs node and the packages of
``tests/interop``. Both sides start from parsed JSON in memory and look up the key without any network.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from ebl.formats import vc  # noqa: E402
from ebl.identity.did_document import key_document  # noqa: E402
from ebl.keys import MULTIKEY_CONTEXT, IssuerKey  # noqa: E402
from ebl.proofs import bbs, ecdsa_sd  # noqa: E402
from ebl.sources import Sources  # noqa: E402

INTEROP = ROOT / "tests" / "interop"
CASE = "01-tr-qr-render"
SUITES: dict[str, Any] = {"ecdsa-sd-2023": ecdsa_sd, "bbs-2023": bbs}
OPERATIONS = ("verify 2 claims", "verify whole subject", "sign", "derive")
SOURCES = Sources.offline()


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seconds", type=float, default=1.5, help="for each operation in each pass")
    words.add_argument("--passes", type=int, default=2)
    asked = words.parse_args()
    print(f"{'suite':<15}{'operation':<23}{'JavaScript /s':>16}{'Python /s':>18}{'times':>9}")
    for suite in SUITES:
        theirs: list[list[float]] = [[] for _ in OPERATIONS]
        mine: list[list[float]] = [[] for _ in OPERATIONS]
        for _ in range(asked.passes):
            for row, speed in zip(theirs, javascript(suite, asked.seconds), strict=True):
                row.append(speed)
            for row, work in zip(mine, python(suite), strict=True):
                row.append(timed(work, asked.seconds))
        for name, js, py in zip(OPERATIONS, theirs, mine, strict=True):
            times = sum(py) / sum(js)
            print(f"{suite:<15}{name:<23}{spread(js):>16}{spread(py):>18}{times:>8.1f}x")


def case(suite: str) -> Any:
    return json.loads((ROOT / "tests" / "vectors" / "trustvc" / f"{suite}-{CASE}.json").read_text())


def python(suite: str) -> list[Callable[[], object]]:
    """The operations in the order of `OPERATIONS`."""
    made, module = case(suite), SUITES[suite]
    key = IssuerKey.from_json(json.dumps(made["keypair"]).encode())
    signed = made["signed"]
    mandatory = list(module.parse_value(signed["proof"]["proofValue"]).mandatory)
    plain = {name: value for name, value in signed.items() if name != "proof"}
    dated = {} if suite == "bbs-2023" else {"created": "2026-01-01T00:00:00Z"}

    def claim(document: Any) -> Any:
        (integrity,) = vc.read(document).integrity
        return integrity

    def verify(document: Any) -> object:
        return module.check(claim(document), SOURCES)

    def sign() -> object:
        return module.sign(plain, key, mandatory=mandatory, **dated)

    def derive() -> object:
        return module.derive(claim(signed), made["selectivePointers"])

    return [lambda: verify(made["derived"]), lambda: verify(made["derivedFullSubject"]), sign, derive]


def javascript(suite: str, seconds: float) -> list[float]:
    """The same operations by the official packages."""
    made = case(suite)
    key = IssuerKey.from_json(json.dumps(made["keypair"]).encode())
    known = {key.did: key_document(key.public), key.id: {"@context": MULTIKEY_CONTEXT, **key.to_method()}}
    sign = {"op": "sign", "credential": made["input"], "keyPair": made["keypair"], "suite": suite}
    calls = [
        {"op": "verify", "credential": made["derived"]},
        {"op": "verify", "credential": made["derivedFullSubject"]},
        {**sign, "mandatory": made["mandatoryPointers"]},
        {"op": "derive", "credential": made["signed"], "pointers": made["selectivePointers"]},
    ]
    payload = json.dumps({"known": known, "calls": calls, "seconds": seconds})
    done = subprocess.run(
        ["node", "js/credentials.cjs"], input=payload, capture_output=True, text=True, cwd=INTEROP, check=True
    )
    return [answer["ops"] for answer in json.loads(done.stdout)]


def timed(work: Callable[[], object], seconds: float) -> float:
    """Operations a second, after one that is not counted."""
    work()
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds or count < 2:
        work()
        count += 1
    return count / spent


def spread(speeds: list[float]) -> str:
    low, high = min(speeds), max(speeds)
    digits = 1 if high < 100 else 0
    return f"{low:.{digits}f}-{high:.{digits}f}"


if __name__ == "__main__":
    main()
