"""The programs of docs/embedding.md run: a FastAPI service, a Celery task, a notebook, and a typed test."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ebl.policy import IssuedBy
from ebl.registry import LocalKey, Store, connect, deploy_store, deployed, issue, send
from ebl.sources import Sources, online
from ebl.testing import DnsServer, LocalChain, bill
from ebl.verify import examine
from ebl.wrap import to_json, wrap
from tests.needs import JAVASCRIPT, need
from tests.patience import PATIENT

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "embedding"
PAGE = (ROOT / "docs" / "embedding.md").read_text("utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
PYRIGHT = ROOT / "tests" / "interop" / "node_modules" / ".bin" / "pyright"
DOMAIN = "carrier.example"


def load(name: str) -> ModuleType:
    spec = spec_from_file_location(f"embedding_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # FastAPI and Celery look the annotations up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def issued() -> Iterator[tuple[bytes, LocalChain, DnsServer]]:
    """A bill that is issued on a local chain, with a DNS record that names its store."""
    with LocalChain() as chain, DnsServer() as dns:
        key, node = LocalKey.from_hex(chain.accounts[0].key), connect(chain.url)
        store = deployed(send(deploy_store(1337, name="Carrier", owner=key.address), signer=key, node=node))
        dns.zone.txt(DOMAIN, f"openatts net=ethereum netId=1337 addr={store}")
        wrapped = wrap(bill(1, store=store, domain=DOMAIN, chain_id=1337))
        send(issue(Store(1337, store), bytes.fromhex(wrapped["signature"]["merkleRoot"])), signer=key, node=node)
        yield to_json(wrapped), chain, dns


@pytest.fixture
def sources(issued: tuple[bytes, LocalChain, DnsServer]) -> Sources:
    return online(rpc={1337: issued[1].url}, resolver=issued[2].url)


@pytest.mark.parametrize("number", [0, 1])
def test_what_the_page_shows_is_in_the_files(number: int) -> None:
    assert any(PROGRAMS[number] in path.read_text("utf-8") for path in EXAMPLES.glob("*.py"))


def test_a_service_reports_what_examine_reports(issued: tuple[bytes, LocalChain, DnsServer], sources: Sources) -> None:
    from starlette.testclient import TestClient

    raw = issued[0]
    example = load("service")
    with TestClient(example.service(sources, IssuedBy(DOMAIN))) as client:
        answer = client.post("/verify", content=raw)
        assert answer.status_code == 200 and answer.json()["verdict"] == "valid"
        changed = client.post("/verify", content=raw.replace(b"BHLU", b"BHLX"))
        assert changed.status_code == 200 and changed.json()["verdict"] == "invalid"
        assert client.post("/verify", content=b"no bill").json()["detail"]["code"] == "document.not_json"
        assert client.post("/verify", content=bytes(example.LARGEST + 1)).status_code == 413


def test_a_task_retries_what_could_not_be_determined(
    issued: tuple[bytes, LocalChain, DnsServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, chain, dns = issued
    for name, value in {"ISSUER": DOMAIN, "CHAIN_ID": "1337", "NODE": chain.url, "RESOLVER": dns.url}.items():
        monkeypatch.setenv(name, value)
    example = load("tasks")
    example.app.conf.task_always_eager = True
    assert example.verify_bill.delay(raw.decode()).get()["verdict"] == "valid"
    monkeypatch.setenv("NODE", "http://127.0.0.1:9")
    example.sources.cache_clear()
    retried: list[Any] = []
    monkeypatch.setattr(
        example.verify_bill, "retry", lambda **options: retried.append(options) or RuntimeError("again")
    )
    with pytest.raises(RuntimeError, match="again"):
        example.verify_bill.delay(raw.decode()).get()
    assert retried == [{"countdown": 30}]


@pytest.mark.exhaustive
def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat
    from nbclient import NotebookClient

    kernels = tmp_path / "kernels" / "ours"
    kernels.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernels / "kernel.json").write_text(json.dumps({"argv": command, "display_name": "ours", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    notebook = nbformat.read(EXAMPLES / "notebook.ipynb", as_version=4)
    NotebookClient(notebook, kernel_name="ours", timeout=PATIENT).execute()
    shown, listed = (cell["outputs"][-1]["data"] for cell in notebook.cells if cell["cell_type"] == "code")
    assert "CANNOT BE DETERMINED" in shown["text/html"]
    assert "'integrity', 'passed'" in listed["text/plain"]


def test_the_typed_test_of_the_page_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PROGRAMS[2])
    pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist").assert_outcomes(passed=1)


@pytest.mark.exhaustive
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_its_types_are_strict(tmp_path: Path, checker: str) -> None:
    (tmp_path / "test_bill.py").write_text(PROGRAMS[2])
    (tmp_path / "service.py").write_text((EXAMPLES / "service.py").read_text("utf-8"))
    if checker == "mypy":
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "test_bill.py", "service.py"]
    else:
        need(PYRIGHT.exists(), JAVASCRIPT)
        (tmp_path / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict"}))
        command = [str(PYRIGHT), "--pythonpath", sys.executable]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MYPYPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=5 * PATIENT, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_verification_logs_and_prints_nothing(
    issued: tuple[bytes, LocalChain, DnsServer],
    sources: Sources,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with caplog.at_level(logging.DEBUG):
        examine(issued[0], IssuedBy(DOMAIN), sources=sources)
        examine(issued[0], IssuedBy(DOMAIN), sources=online(rpc={1337: "http://127.0.0.1:9"}, resolver=issued[2].url))
    assert [record for record in caplog.records if record.name.startswith("ebl")] == []
    assert capfd.readouterr() == ("", "")
