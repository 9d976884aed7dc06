"""Measures this library against the official JavaScript packages, alternating in one run; `python dev.py bench` calls it.

Times are processor time, and everything runs on one core. They are the times of an idle machine with one core, and change
little on a busy machine.

    run.py [--quick] [--folder COUNT] [--only WORD] [--write]

``--quick`` takes two minutes and leaves the large batches out. ``--folder`` also wraps a folder of this many bills. ``--only``
measures only the tables with this word in their title. ``--write`` writes the results into docs/integrator/performance.md.
The peer is left out if node or its packages are not installed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE)]

import bills  # noqa: E402
import credentials  # noqa: E402

from ebl.ethereum.keccak import BACKEND  # noqa: E402
from ebl.native import core as native  # noqa: E402
from ebl.wrap import to_json, wrap  # noqa: E402

NODE = shutil.which("node") if (ROOT / "tests/interop/node_modules/@tradetrust-tt/tradetrust").exists() else None
# Bytecode is kept, as after any installation.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
SIZES = (20, 60, 300, 3000)
WHAT = {
    "wrap": "wrap, with the schema",
    "digest": "the hash and its proof alone",
    "verify": "verify the integrity",
    "read": "read and verify",
    "examine": "the whole report, offline",
}
SIDES = ("core", "python", "peer")
LAUNCH = (
    "import os, sys\n"
    "child = os.fork()\n"
    "if not child:\n"
    "    null = os.open(os.devnull, os.O_WRONLY)\n"
    "    os.dup2(null, 1), os.dup2(null, 2), os.execvp(sys.argv[1], sys.argv[1:])\n"
    "used = os.wait4(child, 0)[2]\n"
    "print(used.ru_utime + used.ru_stime, used.ru_maxrss)"
)
"""Runs a command and prints what it used. A child's peak counts from its parent's size, so the parent must be small."""


class Worker:
    """A process that measures: reads one JSON command a line, writes one JSON response a line.

    It is started by a shell, which is small: see ``LAUNCH``.
    """

    def __init__(self, *command: str, pure: bool = False) -> None:
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", '"$@"; exit $?', "sh", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "EBL_PURE": "1" if pure else ""},
        )

    def ask(self, **command: Any) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        self.process.communicate()


def ours(*, pure: bool = False) -> Worker:
    return Worker(sys.executable, str(HERE / "ours.py"), pure=pure)


def peer() -> Worker:
    return Worker(str(NODE), "--max-old-space-size=6000", str(HERE / "peer.cjs"))


def started(side: str) -> Worker | None:
    """Starts a process for a side: ebl with the C core, ebl without, or the peer. None if it is not installed."""
    match side:
        case "core":
            return None if isinstance(native.CORE, native.Pure) else ours()
        case "python":
            return ours(pure=True)
    return peer() if NODE else None


@contextmanager
def workers() -> Iterator[dict[str, Worker | None]]:
    """Yields every side, each in its own process."""
    found = {side: started(side) for side in SIDES}
    try:
        yield found
    finally:
        for worker in found.values():
            if worker:
                worker.close()


def documents(folder: Path, name: str, count: int, make: Callable[[int], dict[str, Any]]) -> str:
    path = folder / f"{name}.jsonl"
    path.write_bytes(b"".join(to_json(make(number)) + b"\n" for number in range(count)))
    return str(path)


def per_document(folder: Path, rounds: int, seconds: float) -> list[list[str]]:
    """Measures every operation on one document, for bills of several sizes; v3 for the usual size."""
    rows = []
    kinds = [("v2", leaves, bills.oa2) for leaves in SIZES] + [("v3", 60, bills.oa3)]
    with workers() as sides:
        for kind, leaves, make in kinds:
            count = max(2, 600 // leaves)
            raw = documents(folder, f"raw-{kind}-{leaves}", count, lambda n, m=make, k=leaves: m(n, k))
            wrapped = documents(folder, f"wrapped-{kind}-{leaves}", count, lambda n, m=make, k=leaves: wrap(m(n, k)))
            for what, name in WHAT.items():
                file = raw if what == "wrap" else wrapped
                times: dict[str, list[float]] = {side: [] for side in SIDES}
                for _ in range(rounds):
                    for side, worker in sides.items():
                        if worker is None or (side, kind, what) == (
                            "peer",
                            "v3",
                            "wrap",
                        ):  # it fetches contexts from the web
                            continue
                        run = worker.ask(do="time", what=what, file=file, seconds=seconds)
                        times[side].append(run["microseconds"])
                rows.append([f"{kind}, {leaves} leaves", name, *side_by_side(times, "µs")])
    return rows


def batches(folder: Path, sizes: tuple[int, ...], rounds: int) -> list[list[str]]:
    """Measures batches of 60-leaf bills under one root, with the peak of memory; every run in a fresh process."""
    rows, medians = [], {}
    for size in sizes:
        file = documents(folder, f"batch-{size}", size, lambda n: bills.oa2(n, 60))
        runs: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
        for _ in range(rounds if size <= 10_000 else max(1, rounds // 2)):
            for side in SIDES:
                if (side == "peer" and size > 20_000) or (worker := started(side)) is None:
                    continue
                runs[side].append(worker.ask(do="batch", file=file))
                worker.close()
        times = {side: [run["seconds"] for run in found] for side, found in runs.items()}
        mine = runs["core"] or runs["python"]
        memory = [
            f"{max(run['megabytes'] for run in found):.0f} MB" if found else "–" for found in (mine, runs["peer"])
        ]
        medians[size] = statistics.median(run["seconds"] for run in mine)
        rows.append([f"{size:,} bills", *side_by_side(times, "s"), *memory])
        Path(file).unlink()
    if {10_000, 50_000} <= set(medians):
        growth = medians[50_000] / (5 * medians[10_000])
        rows.append(["50,000 against five times 10,000", f"{growth:.2f}", *[""] * 6])
    return rows


def signed_credentials(rounds: int, seconds: float) -> list[list[str]]:
    """Measures one credential of 44 statements: verified with 2 claims or its whole subject disclosed, signed, and derived."""
    measured = credentials.measured(rounds, seconds, peer=NODE is not None)
    return [[suite, what, *compared(mine, other, "ms")] for suite, what, mine, other in measured]


def start_up(folder: Path, rounds: int) -> list[list[str]]:
    """Measures the time from the start of the command to the verdict on one file, offline."""
    file = folder / "one.json"
    file.write_bytes(to_json(wrap(bills.oa2(1, 60))))
    mine_command = [sys.executable, "-m", "ebl", "verify", "--offline", str(file)]
    their_command = [str(NODE), str(HERE / "peer_cli.cjs"), str(file)]
    mine, other = [], []
    for _ in range(rounds + 1):
        if NODE:
            other.append(process(their_command))
        mine.append(process(mine_command))
    mine, other = mine[1:], other[1:]  # the first runs fill the disk cache
    row = compared([run[0] for run in mine], [run[0] for run in other], "ms")
    memory = [f"{statistics.median(run[1] for run in runs):.0f} MB" if runs else "–" for runs in (mine, other)]
    return [["verify --offline FILE", *row, *memory]]


def process(command: list[str]) -> tuple[float, float]:
    """Returns milliseconds and peak megabytes of a process."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCH, *command],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=ENVIRONMENT,
    )
    seconds, peak = map(float, done.stdout.split())
    return seconds * 1000, peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def whole_folder(folder: Path, count: int) -> list[list[str]]:
    """Measures a folder wrapped as one batch, from files to files."""
    source, out = folder / "bills", folder / "wrapped"
    source.mkdir()
    for number in range(count):
        (source / f"{number:06d}.json").write_bytes(to_json(bills.oa2(number, 60)))
    worker = ours()
    run = worker.ask(do="folder", source=str(source), out=str(out))
    worker.close()
    return [[f"{count:,} files", f"{run['seconds']:.0f} s", f"{run['elapsed']:.0f} s", f"{run['megabytes']:.0f} MB"]]


def keccak_limit(folder: Path) -> list[list[str]]:
    """Measures which part of the time to verify is the hash itself, one leaf at a time, against plain C on this machine."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return []
    program = folder / "keccak"
    subprocess.run([compiler, "-O3", "-march=native", str(HERE / "keccak.c"), "-o", str(program)], check=True)
    data = wrap(bills.oa2(1, 60))
    file = folder / "limit.jsonl"
    file.write_bytes(to_json(data) + b"\n")
    each = float(subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()[0])
    count = permutations(data["data"])
    limit = each * count / 1000
    rows = []
    for side, name in (("core", native.BACKEND), ("python", "pure Python")):
        if (worker := started(side)) is None:
            continue
        mine = worker.ask(do="time", what="verify", file=str(file), seconds=1)["microseconds"]
        worker.close()
        share = f"{limit / mine:.2f}"
        rows.append([f"{count} permutations of {each:.0f} ns", f"{limit:.0f} µs", name, f"{mine:.0f} µs", share])
    return rows


def permutations(data: dict[str, Any]) -> int:
    from ebl.codec.javascript_json import json_member
    from ebl.openattestation.v2_digest import flatten

    flat = flatten(data)
    leaves = [json_member(path, value) for path, value in (*zip(flat.paths, flat.values, strict=True), *flat.others)]
    return sum(len(text) // 136 + 1 for text in leaves) + (67 * len(leaves) + 1) // 136 + 1


def side_by_side(times: dict[str, list[float]], unit: str) -> list[str]:
    """Returns medians with the core, in pure Python and of the peer, and the peer's ratio to each of the first two."""
    core, core_ratio = "–", "–"
    python, other, python_ratio = compared(times["python"], times["peer"], unit)
    if times["core"]:
        core, other, core_ratio = compared(times["core"], times["peer"], unit)
    return [core, python, other, core_ratio, python_ratio]


def compared(mine: list[float], other: list[float], unit: str) -> list[str]:
    """Returns ebl's median, the peer's median, and the ratio of each round: its median and range."""
    digits = 2 if unit == "s" or statistics.median(mine) < 10 else 1 if statistics.median(mine) < 100 else 0
    us = f"{statistics.median(mine):,.{digits}f} {unit}"
    if not other:
        return [us, "–", "–"]
    ratios = sorted(theirs / ours_ for theirs, ours_ in zip(other, mine, strict=True))
    ratio = f"**{statistics.median(ratios):.1f}×** ({ratios[0]:.1f}–{ratios[-1]:.1f})"
    return [us, f"{statistics.median(other):,.{digits}f} {unit}", ratio]


def table(title: str, head: list[str], rows: list[list[str]]) -> str:
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    load = f", at a load of {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    when = f"Measured on {date.today().isoformat()}{load}.\n\n"
    return f"\n### {title}\n\n{when}" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def machine() -> str:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists() and (found := re.search(r"model name\s*: (.*)", info.read_text())):
        cpu = found[1]
    names = ("jsonschema-rs", "orjson", "pybase64", "tiny-keccak", "safe-pysha3")
    packages = ", ".join(f"{name} {version(name)}" for name in names if name in BACKEND or "keccak" not in name)
    node = (
        subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        if NODE
        else "none"
    )
    lock = json.loads((ROOT / "tests/interop/package.json").read_text())["dependencies"]
    peers = ", ".join(f"{name} {lock[name]}" for name in ("@tradetrust-tt/tradetrust", "@tradetrust-tt/tt-verify"))
    return (
        f"{cpu}, one core of {os.cpu_count()}. Python {platform.python_version()}"
        f" ({packages}; Keccak from {BACKEND}; {native.BACKEND}); node {node} ({peers}).\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folder", type=int, default=0, metavar="COUNT")
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rounds, seconds = (3, 0.3) if asked.quick else (7, 0.7)
    sizes = (1_000, 2_000) if asked.quick else (1_000, 5_000, 10_000, 20_000, 50_000)
    sides = ["ours", "official JavaScript", "ratio (range over the rounds)"]
    three = [
        "with the core",
        "pure Python",
        "official JavaScript",
        "ratio with the core (range)",
        "ratio in pure Python (range)",
    ]
    if not NODE:
        print(
            "The official packages are not installed (npm ci in tests/interop): only ours is measured.", file=sys.stderr
        )
    parts = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, head, measure in (
            ("One document", ["document", "what", *three], lambda: per_document(folder, rounds, seconds)),
            (
                "A batch in memory, 60 leaves each",
                ["batch", *three, "peak, ours", "peak, theirs"],
                lambda: batches(folder, sizes, 3),
            ),
            ("The command", ["command", *sides, "peak, ours", "peak, theirs"], lambda: start_up(folder, rounds)),
            (
                "W3C credentials",
                ["suite", "what", *sides],
                lambda: signed_credentials(min(rounds, 5), 2 * seconds),
            ),
            (
                "A folder",
                ["folder", "processor time", "by the clock", "peak"],
                lambda: whole_folder(folder, asked.folder) if asked.folder else [],
            ),
            (
                "Against the hash in plain C",
                ["one bill of 60 leaves", "the hash in C, one leaf at a time", "with", "verify", "share"],
                lambda: keccak_limit(folder),
            ),
        ):
            if asked.only.lower() not in title.lower():
                continue
            part = table(title, head, measure())
            print(part, flush=True)
            parts.append(part)
    if asked.write:
        write(parts, whole=not asked.only)


def write(parts: list[str], *, whole: bool) -> None:
    """Writes the tables between the two marks of the page on performance: all of them, or those with the same title."""
    path = ROOT / "docs" / "integrator" / "performance.md"
    before, mark, rest = path.read_text("utf-8").partition("<!-- measured -->\n")
    tables, end, after = rest.partition("<!-- end -->\n")
    if not whole:
        _, *kept = re.split(r"(?=\n### )", tables)
        fresh = {part.split("\n", 2)[1]: part for part in parts if part}
        parts = [fresh.get(table.split("\n", 2)[1], table) for table in kept]
    path.write_text(f"{before}{mark}{machine()}{''.join(parts)}{end}{after}", "utf-8")


if __name__ == "__main__":
    main()
