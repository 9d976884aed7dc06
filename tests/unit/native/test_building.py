"""How the core is built: as one wheel for every Python, with sanitizers, and what is said where it cannot be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import dev
from tests.needs import NATIVE, SANITIZERS, need

ROOT = Path(__file__).parents[3]
CC = (sysconfig.get_config_var("CC") or "cc").split()[0]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The sources without what an earlier build has left."""
    need(shutil.which(CC), NATIVE)
    folder = tmp_path / "native"
    shutil.copytree(ROOT / "native", folder, ignore=shutil.ignore_patterns("build", "*.egg-info", "*.so"))
    return folder


def pythons() -> Iterator[str]:
    """Every Python of at least 3.11 that is at hand."""
    places = [*os.environ["PATH"].split(os.pathsep), *Path.home().glob(".pyenv/versions/*/bin")]
    found = {path.resolve() for place in places for path in Path(place).glob("python3.*") if path.name[9:].isdecimal()}
    for path in sorted(found):
        version = [str(path), "-c", "import sys; print(sys.version_info >= (3, 11))"]
        if subprocess.run(version, capture_output=True, text=True, check=False).stdout.strip() == "True":
            yield str(path)


@pytest.mark.exhaustive
def test_one_wheel_is_built_and_passes_its_self_test_on_every_python_at_hand(source: Path, tmp_path: Path) -> None:
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        str(source),
    ]
    built = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    [wheel] = tmp_path.glob("*.whl")
    assert "-cp311-abi3-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
        names = [Path(name).name for name in archive.namelist()]
    assert {"LICENSE", "NOTICE"} <= set(names)
    assert len([name for name in names if name.startswith("ebl_native.")]) == 1
    tell = "from ebl.native import core as native; print(native.BACKEND, native.WHY)"
    environment = {"PYTHONPATH": f"{tmp_path / 'site'}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    told = {
        python: subprocess.run([python, "-c", tell], env=environment, capture_output=True, text=True, check=False)
        for python in {*pythons(), sys.executable}
    }
    assert {python: done.stderr for python, done in told.items() if not done.stdout.startswith("ebl-native ")} == {}


@pytest.mark.exhaustive
def test_the_source_archive_builds_the_wheel(source: Path, tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-c", "import setuptools.build_meta as b; b.build_sdist('..')"],
        cwd=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    [archive] = tmp_path.glob("*.tar.gz")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        str(archive),
    ]
    built = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert [*tmp_path.glob("*.whl")]


COMPARE = """
import ebl_native
from ebl.native import core as native
from tests.differential import differences
assert ebl_native.__version__ == "sanitized" and native.CORE is ebl_native, native.WHY
for lanes in (1, 4, 8):
    ebl_native.lanes(lanes)
    for kind in ("oa2", "oa3"):
        assert differences(ebl_native, kind, 400, lanes) == []
"""


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform != "linux", reason="the sanitizers are preloaded as on Linux")
def test_the_sanitizers_find_nothing(source: Path, tmp_path: Path) -> None:
    libraries = [
        subprocess.run([CC, f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    need(all(Path(library).is_absolute() for library in libraries), SANITIZERS)
    flags = ["-g", "-O1", "-shared", "-fPIC", "-fno-strict-aliasing", "-fno-omit-frame-pointer", "-std=gnu11"]
    flags += ["-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    headers = f"-I{sysconfig.get_paths()['include']}"
    sources = [str(path) for path in (source / "src").glob("*.c")]
    module = tmp_path / "ebl_native.abi3.so"
    subprocess.run([CC, *flags, headers, '-DEBL_NATIVE_VERSION="sanitized"', *sources, "-o", str(module)], check=True)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EBL_")},
        "LD_PRELOAD": " ".join(libraries),
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:allocator_may_return_null=1",
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
        "ETH_HASH_BACKEND": "pysha3",  # pycryptodome loads its libraries in a way that sanitizers do not bear
    }
    cases = "tests/unit/native/test_same_as_python.py"
    for command in (
        ["-c", COMPARE],
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", cases, "-k", "not documents_have"],
    ):
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]


@pytest.mark.slow
def test_without_a_compiler_a_clear_line_is_printed_and_nothing_fails(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CC", "/nowhere/cc")
    monkeypatch.setattr(dev, "NATIVE", source)
    (stamps := tmp_path / "stamps").mkdir()
    monkeypatch.setattr(dev, "VENV", stamps)  # where it remembers what is built
    monkeypatch.setattr(dev, "PIP", (sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"))
    dev.setup_native()
    said = capsys.readouterr().err
    assert "ebl-native was not built (error: " in said
    assert "ebl works without it, in pure Python, with the same results." in said
    assert not [*stamps.iterdir()]  # it is tried again


def test_building_for_a_python_without_the_gil_is_refused_in_words(source: Path) -> None:
    pretend = "import runpy, sysconfig; sysconfig.get_config_vars()['Py_GIL_DISABLED'] = 1"
    program = f"{pretend}; runpy.run_path('setup.py', run_name='x')"
    done = subprocess.run([sys.executable, "-c", program], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not built for a Python without the GIL" in done.stderr


def test_the_c_code_refuses_it_too(source: Path, tmp_path: Path) -> None:
    (tmp_path / "pyconfig.h").write_text("#define Py_GIL_DISABLED 1\n")
    headers = [f"-I{tmp_path}", f"-I{sysconfig.get_paths()['include']}"]
    done = subprocess.run(
        [CC, "-fsyntax-only", *headers, str(source / "src" / "module.c")], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "used there in pure Python" in done.stderr


def test_the_numbers_of_the_interface_are_one() -> None:
    from ebl.native import core as native

    assert f'"INTERFACE", {native.INTERFACE})' in (ROOT / "native" / "src" / "module.c").read_text("utf-8")
