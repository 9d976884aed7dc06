"""Sign, derive and verify one credential with both suites, alternating with the official JavaScript packages.

Both sides start from parsed JSON in memory and look up the key without any network.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from ebl.credentials import bbs_2023 as bbs  # noqa: E402
from ebl.credentials import (  # noqa: E402
    ecdsa_sd,
    vc,
)
from ebl.credentials.issuer_keys import IssuerKey  # noqa: E402
from ebl.crypto.multikey import MULTIKEY_CONTEXT  # noqa: E402
from ebl.did.document_writer import key_document  # noqa: E402
from ebl.sources import offline  # noqa: E402

INTEROP = ROOT / "tests" / "interop"
CASE = "01-tr-qr-render"
SUITES: dict[str, Any] = {"ecdsa-sd-2023": ecdsa_sd, "bbs-2023": bbs}
OPERATIONS = ("verify, 2 claims shown", "verify, whole subject shown", "sign", "derive")
SOURCES = offline()


def measured(rounds: int, seconds: float, *, peer: bool) -> Iterator[tuple[str, str, list[float], list[float]]]:
    """Yields suite, operation, and the milliseconds of processor time that one took ebl and the peer, in each round."""
    for suite in SUITES:
        mine: list[list[float]] = [[] for _ in OPERATIONS]
        theirs: list[list[float]] = [[] for _ in OPERATIONS]
        for _ in range(rounds):
            if peer:
                for row, taken in zip(theirs, javascript(suite, seconds), strict=True):
                    row.append(taken)
            for row, work in zip(mine, python(suite), strict=True):
                row.append(timed(work, seconds))
        for operation, ours, others in zip(OPERATIONS, mine, theirs, strict=True):
            yield suite, operation, ours, others


def case(suite: str) -> Any:
    return json.loads((ROOT / "tests" / "vectors" / "trustvc" / f"{suite}-{CASE}.json").read_text())


def python(suite: str) -> list[Callable[[], object]]:
    """Returns the operations in the order of `OPERATIONS`."""
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
        return claim(document).check(SOURCES)

    def sign() -> object:
        return module.sign(plain, key, mandatory=mandatory, **dated)

    def derive() -> object:
        return module.derive(claim(signed), made["selectivePointers"])

    return [lambda: verify(made["derived"]), lambda: verify(made["derivedFullSubject"]), sign, derive]


def javascript(suite: str, seconds: float) -> list[float]:
    """Returns milliseconds of the same operations with the official packages."""
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
    return [answer["milliseconds"] for answer in json.loads(done.stdout)]


def timed(work: Callable[[], object], seconds: float) -> float:
    """Returns milliseconds of processor time of one call, after one that is not counted."""
    work()
    count, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds or count < 2:
        work()
        count += 1
    return 1000 * spent / count
