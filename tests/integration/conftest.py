"""Nodes for the integration tests, started and stopped here, on loopback and free ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebl.errors import SourceError
from ebl.net.web3_transport import connect
from ebl.transactions import Node

ANVIL = Path(__file__).parents[1] / "interop/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"


@pytest.fixture
def free_port() -> int:
    return _free_port()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def anvil_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not ANVIL.exists():
        pytest.skip("anvil is not installed (npm ci in tests/interop)")
    port = _free_port()
    log = tmp_path_factory.mktemp("anvil") / "log"
    with log.open("wb") as out:
        words = [ANVIL, "--port", str(port), "--chain-id", "1337", "--silent"]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url, process, log)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(5)


@pytest.fixture
def node(anvil_url: str) -> Node:
    return connect(anvil_url, chain_id=1337)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            connect(url)
            return
        except SourceError:
            time.sleep(0.05)
    raise RuntimeError("anvil did not start")
