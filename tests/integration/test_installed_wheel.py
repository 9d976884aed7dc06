"""The wheel in a new environment away from the sources: the demo, the explanations, completion, and the pytest plugin."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has the wheel. The packages that it needs are those of this environment."""
    folder = tmp_path_factory.mktemp("installed")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT)
    venv.create(folder / "env", with_pip=True)
    bin_ = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    (wheel,) = folder.glob("*.whl")
    run([bin_ / "python", "-m", "pip", "install", "-q", "--no-index", "--no-deps", wheel], cwd=folder)
    (site,) = run([bin_ / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], cwd=folder).split(
        "\n"
    )[:1]
    # What a path file names is importable, but its own path files, such as that of an editable ebl, are not read.
    (Path(site) / "packages.pth").write_text(sysconfig.get_path("purelib"))
    return bin_


def run(command: list[object], *, cwd: Path, expected: int = 0) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == expected, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_what_runs_is_what_was_installed(programs: Path, tmp_path: Path) -> None:
    where = run([programs / "python", "-c", "import ebl; print(ebl.__file__)"], cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(programs.parent)


def test_codes_are_explained(programs: Path, tmp_path: Path) -> None:
    assert run([programs / "ebl", "explain", "status.revoked"], cwd=tmp_path).startswith("status.revoked\n")
    assert len(run([programs / "ebl", "explain", "--list"], cwd=tmp_path).splitlines()) > 100
    run([programs / "ebl", "explain", "status.revokd"], cwd=tmp_path, expected=2)


def test_a_shell_gets_its_completion(programs: Path, tmp_path: Path) -> None:
    assert "complete" in run([programs / "ebl", "completion", "bash"], cwd=tmp_path)


def test_the_demo_runs(programs: Path, tmp_path: Path) -> None:
    shown = run([programs / "ebl", "demo"], cwd=tmp_path)
    assert "VALID  " in shown and "status.revoked" in shown and "chain.unreachable" in shown


def test_the_pytest_plugin_runs_the_example(programs: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "test_our_bills.py", tmp_path)
    shown = run(
        [programs / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_our_bills.py"], cwd=tmp_path
    )
    assert "passed" in shown


def test_the_schemas_are_there(programs: Path, tmp_path: Path) -> None:
    assert '"$schema"' in run([programs / "ebl", "policy", "schema"], cwd=tmp_path)
