"""Which core is used, and why it is not: a core that is missing, odd or wrong leaves everything to Python."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ebl.ethereum import merkle
from ebl.native import core as native
from ebl.native import self_test
from ebl.openattestation import v2_digest
from ebl.openattestation import v2_integrity as oa2
from ebl.openattestation import v3_integrity as oa3
from tests.differential import using

ROOT = Path(__file__).parents[3]
TELL = "from ebl.native import core as native; print(native.BACKEND, '|', native.WHY)"


def told(environment: dict[str, str], before: str = "") -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EBL_")}
    done = subprocess.run(
        [sys.executable, "-c", before + TELL], env={**clean, **environment}, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip() + done.stderr


def test_the_core_is_used_where_it_is_installed(core: Any) -> None:
    assert told({}) == f"ebl-native {core.__version__} ({core.LANES} at once) |"


def test_it_is_turned_off_by_the_environment() -> None:
    assert told({"EBL_PURE": "1"}) == "python | EBL_PURE is set"


def test_where_it_is_not_installed_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    hide = "import sys; sys.modules['ebl_native'] = None\n"
    assert told({}, hide) == "python | ebl-native is not installed"


def wrapped(core: Any, **other: object) -> SimpleNamespace:
    names = (name for name in dir(core) if not name.startswith("__"))
    return SimpleNamespace(**{name: getattr(core, name) for name in names}, __version__="0", **other)


def loading(monkeypatch: pytest.MonkeyPatch, module: object) -> tuple[str, str, native.Core]:
    monkeypatch.delenv("EBL_PURE", raising=False)
    monkeypatch.setitem(sys.modules, "ebl_native", module)
    return native._load()


@pytest.mark.parametrize(
    "name", ["oa2_examine", "oa2_salt", "oa3_examine", "is_canonical", "list_hash", "leads", "layers"]
)
@pytest.mark.parametrize("answer", [None, (bytes(32), 0), 1.0], ids=["nothing", "another", "a number"])
def test_a_core_with_one_wrong_result_is_not_used_and_the_reason_is_logged(
    core: Any, name: str, answer: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = wrapped(core)
    setattr(wrong, name, lambda *_: answer)
    with caplog.at_level(logging.WARNING, "ebl"):
        backend, why, used = loading(monkeypatch, wrong)
    assert backend == "python"
    assert why.startswith("its self-test failed")
    assert isinstance(used, native.Pure)
    assert "Pure Python gives the same results" in caplog.text


def test_one_that_raises_is_left(core: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = wrapped(core)
    wrong.layers = lambda *_: 1 / 0
    assert loading(monkeypatch, wrong)[1] == "its self-test failed (ZeroDivisionError: division by zero)"


def test_one_of_another_version_is_left(core: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other = wrapped(core)
    other.INTERFACE = native.INTERFACE + 1
    backend, why, _ = loading(monkeypatch, other)
    assert (backend, why) == (
        "python",
        "its version does not match this ebl: install the ebl-native released with it",
    )


def test_one_that_does_not_load_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ebl_native.abi3.so").write_bytes(b"no library")
    (tmp_path / "ebl_native.pyd").write_bytes(b"no library")
    monkeypatch.delenv("EBL_PURE", raising=False)
    monkeypatch.delitem(sys.modules, "ebl_native", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    backend, why, _ = native._load()
    assert backend == "python"
    assert why.startswith("it cannot be loaded on this system")


def test_a_python_without_the_gil_is_told_so_and_the_core_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[[str], Any] = sysconfig.get_config_var
    monkeypatch.setattr(sysconfig, "get_config_var", lambda name: 1 if name == "Py_GIL_DISABLED" else real(name))
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    backend, why, _ = loading(monkeypatch, None)
    assert (backend, why) == ("python", "this Python is built without the GIL, which ebl-native needs")


def test_the_self_test_expects_the_results_of_python() -> None:
    right, an = self_test._EXPECTED, self_test
    withheld = ("5d" * 32,)
    with using(native.Pure()):
        assert right["oa2_examine"] == (v2_digest.digest(an._PLAIN, withheld), 0)
        assert oa2._is_well_salted(v2_digest.flatten(an._PLAIN))
        assert right["oa2_examine of what is odd"] == (v2_digest.digest(an._ODD), 15)
        flat, by_path = oa3.flatten(an._OA3), dict(zip(an._PATHS, an._SALTS, strict=True))
        loose = [("a", "1.5"), ("b[0].c", None), ("b[2].d", None)]
        assert right["oa3_examine"] == (oa3.digest(flat, by_path), flat.empty, loose)
        assert right["list_hash"] == v2_digest.digest_of(an._PATHS, [an._LONG] * 4, withheld)
        tree = merkle.Tree(an._NODES)
        assert right["layers"] == [len(layer) for layer in tree._layers]
        assert right["layers, the root"] == tree.root


def test_the_salts_of_the_self_test_make_what_python_makes_of_them(core: Any) -> None:
    noise = bytes(range(256)) * 4
    copy, digest = core.oa2_salt(self_test._RAW, lambda count: noise[:count], False)
    with using(native.Pure()):
        assert v2_digest.digest(copy) == digest == self_test._EXPECTED["oa2_salt"]
    assert copy["a"][:4] == [
        "f0f1f2f3-f4f5-46f7-b8f9-fafbfcfdfeff:number:1",
        "e0e1e2e3-e4e5-46e7-a8e9-eaebecedeeef:number:9007199254740992",
        "d0d1d2d3-d4d5-46d7-98d9-dadbdcdddedf:number:-2.5",
        "c0c1c2c3-c4c5-46c7-88c9-cacbcccdcecf:number:1e-7",
    ]


def test_what_is_tested_again_in_pure_python_is_there() -> None:
    [line] = [line for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines() if line.startswith("EBL_PURE=1")]
    places = [word for word in line.split() if word.startswith("tests/")]
    assert places
    assert all((ROOT / place).exists() for place in places)
