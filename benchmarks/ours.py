"""Worker that measures this library for benchmarks/run.py: reads one JSON command a line, writes one JSON response a line."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ebl.checking.formats import read  # noqa: E402
from ebl.codec import strict_json  # noqa: E402
from ebl.ethereum import merkle  # noqa: E402
from ebl.openattestation import v2 as oa2  # noqa: E402
from ebl.openattestation import v2_digest  # noqa: E402
from ebl.openattestation import v3 as oa3  # noqa: E402
from ebl.openattestation import v3_integrity as proofs3  # noqa: E402
from ebl.openattestation.wrap_files import wrap_files  # noqa: E402
from ebl.policy import UnsafeAnyIssuer  # noqa: E402
from ebl.sources import offline  # noqa: E402
from ebl.verify import examine  # noqa: E402
from ebl.wrap import wrap, wrap_batch  # noqa: E402

OFFLINE = offline()


def wrapping(lines: list[bytes]) -> Callable[[int], object]:
    inputs = [json.loads(line) for line in lines]
    return lambda n: wrap(inputs[n % len(inputs)])


def digesting(lines: list[bytes]) -> Callable[[int], object]:
    """Measures, from the parsed document, the hash and the proof alone, as the peer's library does: no strict rule."""
    inputs = [json.loads(line) for line in lines]
    hold = digests_2 if "data" in inputs[0] else digests_3
    return lambda n: hold(inputs[n % len(inputs)]) or fail()


def digests_2(document: dict[str, Any]) -> bool:
    signature = document["signature"]
    target = v2_digest.digest(document["data"], document.get("privacy", {}).get("obfuscatedData", ()))
    return target.hex() == signature["targetHash"] and leads(target, signature["proof"], signature["merkleRoot"])


def digests_3(document: dict[str, Any]) -> bool:
    proof = document["proof"]
    content = {name: value for name, value in document.items() if name != "proof"}
    target = proofs3.digest_of(content, proof["salts"], tuple(proof["privacy"]["obfuscated"]))
    return target.hex() == proof["targetHash"] and leads(target, proof["proofs"], proof["merkleRoot"])


def leads(target: bytes, proof: list[str], root: str) -> bool:
    return merkle.leads(target, tuple(map(bytes.fromhex, proof)), bytes.fromhex(root))


def fail() -> None:
    raise AssertionError("a document of the benchmark does not verify")


def verifying(lines: list[bytes]) -> Callable[[int], object]:
    """Measures, from the parsed document, the format's rules about hashes, then every strict rule of integrity."""
    inputs = [json.loads(line) for line in lines]
    claim = oa2.integrity_of if "data" in inputs[0] else oa3.integrity_of
    return lambda n: claim(inputs[n % len(inputs)]).check(OFFLINE)


def reading(lines: list[bytes]) -> Callable[[int], object]:
    """Measures, from the bytes, strict JSON, every claim, then integrity."""
    return lambda n: read(lines[n % len(lines)]).integrity[0].check(OFFLINE)


def examining(lines: list[bytes]) -> Callable[[int], object]:
    """Measures, from the bytes, the whole report with every finding, offline."""
    policy = UnsafeAnyIssuer()
    return lambda n: examine(lines[n % len(lines)], policy, sources=OFFLINE)


WORK = {"wrap": wrapping, "digest": digesting, "verify": verifying, "read": reading, "examine": examining}


def per_document(what: str, file: str, seconds: float) -> dict[str, Any]:
    work = WORK[what](Path(file).read_bytes().splitlines())
    for n in range(60):
        work(n)  # orjson is loaded after many calls
    done, begin = 0, time.process_time()
    while time.process_time() < begin + seconds:
        for _ in range(32):
            work(done)
            done += 1
    return {"microseconds": (time.process_time() - begin) * 1e6 / done}


def batch(file: str) -> dict[str, Any]:
    with Path(file).open("rb") as lines:
        inputs = [strict_json.parse(line, any_number=True) for line in lines]
    begin = time.process_time()
    wrapped = wrap_batch(inputs)
    seconds = time.process_time() - begin
    return {"seconds": seconds, "count": len(wrapped.documents), "megabytes": peak()}


def folder(source: str, out: str) -> dict[str, Any]:
    jobs = [(str(path), path.name) for path in sorted(Path(source).iterdir())]
    begin, elapsed = time.process_time(), time.perf_counter()
    done = wrap_files(jobs, Path(out))
    return {
        "seconds": time.process_time() - begin,
        "elapsed": time.perf_counter() - elapsed,
        "count": done.count,
        "megabytes": peak(),
    }


def peak() -> float:
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / (1024 * 1024 if sys.platform == "darwin" else 1024)


def answer(command: dict[str, Any]) -> dict[str, Any]:
    match command.pop("do"):
        case "batch":
            return batch(**command)
        case "folder":
            return folder(**command)
        case _:
            return per_document(**command)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
