"""Sets up a development environment and runs one command in it; only git and python3 >= 3.11 are needed.

    python3 dev.py demo     install, then run `ebl demo`
    python3 dev.py test     install (with npm and Debian parts if available), then run the tests;
                            --fast: those of single parts, in two minutes; --exhaustive: only those that take long
    python3 dev.py soak     run the property tests repeatedly on new examples: [MINUTES], 10 by default
    python3 dev.py check    ruff and mypy
    python3 dev.py docs     write docs/api.md from the exports of the doors, and the manual as a site in site/
    python3 dev.py release-check
                            build the distributions into dist/, and list the obstacles to a release
    python3 dev.py bench    measure against the official JavaScript packages (--quick: two minutes)
    python3 dev.py COMMAND… any command inside the environment

Everything goes into .venv next to this file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
LOCK = HERE / "requirements.lock"
NATIVE = HERE / "native"
FONTS = HERE / "fonts"
INTEROP = HERE / "tests" / "interop"
PIP = (BIN / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check")
DEBIAN = ("bind9-dnsutils", "fish", "poppler-utils", "python3-unbound", "qpdf", "zsh")


def main(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help"):
        print(__doc__)
        return 2
    if sys.version_info < (3, 11):
        print(f"python3 >= 3.11 is needed; this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    setup_python()
    setup_native()
    setup_fonts()
    match words:
        case ["demo", *rest]:
            return subprocess.run([BIN / "ebl", "demo", *rest], check=False).returncode
        case ["test", "--fast", *rest]:
            return test(["-m", "not exhaustive and not slow", *(rest or ["tests/unit", "tests/vectors"])])
        case ["test", "--exhaustive", *rest]:
            return test(["-m", "exhaustive", *rest])
        case ["test", *rest]:
            return test(rest)
        case ["soak", *rest]:
            return soak(*rest)
        case ["bench", *rest]:
            setup_interop()
            return run([BIN / "python", HERE / "benchmarks" / "run.py", *rest])
        case ["docs"]:
            return run([BIN / "python", "-m", "tests.api_page"]) or run([BIN / "python", "-m", "tools.site"])
        case ["release-check"]:
            return run([BIN / "python", HERE / "tools" / "release_check.py"])
        case ["check"]:
            commands = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"])
            return max(run([BIN / tool, *rest]) for tool, *rest in commands)
        case [program, *rest] if (BIN / program).exists():
            return run([BIN / program, *rest])
        case [program, *_]:
            print(f"there is no {program} in .venv; see python3 dev.py --help", file=sys.stderr)
            return 2
    return 2


def test(words: list[str]) -> int:
    """Runs pytest in as many processes as there are processors. A later ``-n 0`` keeps it to one."""
    setup_interop()
    setup_debian()
    return run([BIN / "python", "-m", "pytest", "-n", "auto", "--dist", "worksteal", *words])


def soak(minutes: str = "10", *words: str) -> int:
    """Tries new examples until the time is over or one fails. A failing example becomes a fixed `@example` of its test."""
    end = time.monotonic() + 60 * float(minutes)
    os.environ["EBL_SOAK"] = "1"
    while time.monotonic() < end:
        seed = int.from_bytes(os.urandom(4))
        print(f"seed {seed}", file=sys.stderr)
        if code := test(["-m", "hypothesis", "-x", f"--hypothesis-seed={seed}", *words]):
            return code
    return 0


def setup_python() -> None:
    """Makes .venv and installs the locked packages, unless the lock has not changed since the last time."""
    done = VENV / "installed"
    wanted = hashlib.sha256(LOCK.read_bytes() + (HERE / "pyproject.toml").read_bytes()).hexdigest()
    if done.exists() and done.read_text() == wanted:
        return
    print("setting up .venv (a minute the first time) …", file=sys.stderr)
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except subprocess.CalledProcessError:
        print("this python3 cannot make environments; on Debian: apt-get install python3-venv", file=sys.stderr)
        sys.exit(2)
    must([*PIP, "--require-hashes", "--requirement", LOCK])
    must([*PIP, "--no-deps", "--no-build-isolation", "--editable", HERE])
    done.write_text(wanted)


def setup_native() -> None:
    """Builds the C core from `native/`, unless it has not changed. Without it everything works in pure Python."""
    sources = [path for path in (*NATIVE.glob("*.*"), *NATIVE.glob("src/*")) if path.is_file()]
    done, wanted = VENV / "native", hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()
    if done.exists() and done.read_text() == wanted:
        return
    print("building ebl-native …", file=sys.stderr)
    command = [*PIP, "--no-deps", "--no-build-isolation", "--force-reinstall", NATIVE]
    built = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if built.returncode == 0:
        done.write_text(wanted)
        return
    words = [line.strip() for line in built.stderr.splitlines() if "error: " in line or "GIL" in line]
    why = next((line for line in words if "subprocess-exited" not in line), "pip failed")
    print(f"ebl-native was not built ({why}).", file=sys.stderr)
    print(
        "It needs a C compiler and the headers of Python (on Debian: apt-get install gcc python3-dev)."
        " ebl works without it, in pure Python, with the same results.",
        file=sys.stderr,
    )


def setup_fonts() -> None:
    """Installs the fonts of PDF files from `fonts/`, unless they have not changed."""
    sources = [FONTS / "pyproject.toml", *(path for path in FONTS.glob("ebl_fonts/*.*") if path.is_file())]
    done, wanted = VENV / "fonts", hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()
    if done.exists() and done.read_text() == wanted:
        return
    print("installing ebl-fonts …", file=sys.stderr)
    must([*PIP, "--no-deps", "--no-build-isolation", "--force-reinstall", FONTS])
    done.write_text(wanted)


def setup_interop() -> None:
    """Installs the official JavaScript packages and anvil, which the interoperability tests run against.

    ``ci`` installs exactly what the lock lists. To change a version, change it in ``package.json`` and run ``npm install``
    there. npm leaves the packages of other platforms out of the lock; `tests/unit/test_npm_lock.py` finds that.
    """
    done, lock = INTEROP / "node_modules" / ".ebl-installed", (INTEROP / "package-lock.json").read_text()
    if done.exists() and done.read_text() == lock:
        return
    npm = shutil.which("npm")
    if npm is None:
        print("npm was not found: the interoperability tests will be skipped and report it", file=sys.stderr)
        return
    print("installing the JavaScript packages of tests/interop …", file=sys.stderr)
    must([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=INTEROP)
    done.write_text(lock)


def setup_debian() -> None:
    """Installs validators, readers of PDF files, and shells that complete words, on Debian as root."""
    apt = shutil.which("apt-get")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    there = (
        all(map(shutil.which, ("delv", "fish", "pdftotext", "qpdf", "zsh")))
        and Path("/usr/lib/python3/dist-packages/unbound.py").exists()
    )
    if there or apt is None or not root:
        return
    print("installing delv, libunbound, poppler, qpdf, fish and zsh …", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *DEBIAN]):
        subprocess.run([apt, "-qq", *words], env=environment, check=False, stdout=subprocess.DEVNULL)


def run(command: list[object], cwd: Path = HERE) -> int:
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}", "VIRTUAL_ENV": str(VENV)}
    return subprocess.run([str(word) for word in command], cwd=cwd, env=environment, check=False).returncode


def must(command: list[object], cwd: Path = HERE) -> None:
    if code := run(command, cwd):
        print(f"dev.py: {' '.join(str(word) for word in command)} failed with exit code {code}", file=sys.stderr)
        sys.exit(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
