"""Anvil, a fast native node, as a local chain on a free port."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ebl.errors import InvalidInput
from ebl.testing.chain import BALANCE, CHAIN_ID, ROLES, Account, LocalNode
from ebl.testing.rpc_server import RpcError

_LISTENING = re.compile(rb"Listening on 127\.0\.0\.1:(\d+)")
_START_SECONDS = 60


def find_anvil(root: Path | None = None) -> str | None:
    """The anvil binary: under ``tests/interop/node_modules`` of a project (default: the working directory), or on PATH.

    The npm package has the binary in a package for the platform. Its launcher is not used, because it leaves a child process.
    """
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    package = f"anvil-{platform.system().lower().replace('windows', 'win32')}-{machine}"
    for base in (root or Path.cwd(), *(root or Path.cwd()).parents):
        for modules in ("tests/interop/node_modules", "node_modules"):
            binary = base / modules / "@foundry-rs" / package / "bin" / ("anvil.exe" if os.name == "nt" else "anvil")
            if binary.is_file():
                return str(binary)
    return shutil.which("anvil")


class Anvil(LocalNode):
    """An anvil process on a free loopback port. ``arguments`` are added to its command line.

    Raises `InvalidInput` if the binary is missing or does not start.
    """

    def __init__(
        self,
        binary: str | None = None,
        *,
        chain_id: int = CHAIN_ID,
        roles: Sequence[str] = ROLES,
        arguments: Sequence[str] = (),
    ) -> None:
        binary = binary or find_anvil()
        if binary is None:
            raise InvalidInput("anvil was not found.", fix="npm install @foundry-rs/anvil, or put it on PATH.")
        self.chain_id = chain_id
        self.accounts = tuple(Account.named(name) for name in roles)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process)
        self._process = subprocess.Popen(  # noqa: S603
            [binary, "--port", "0", "--chain-id", str(chain_id), "--accounts", "0", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        # No proxy: HTTP_PROXY must not apply to the loopback.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            self.url = f"http://127.0.0.1:{self._port()}"
            for account in self.accounts:
                self.rpc("anvil_setBalance", account.address, hex(BALANCE))
            # The state root of block 0 is that of the empty trie, so nothing could be proved against it.
            self.mine()
        except BaseException:
            self.stop()
            raise

    def rpc(self, method: str, *params: Any) -> Any:
        """The result of one method, called over HTTP."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url, body, headers)  # noqa: S310 (our own loopback address)
        with self._opener.open(request, timeout=60) as response:
            answer = json.loads(response.read())
        if "error" in answer:
            error = answer["error"]
            raise RpcError(error["code"], error["message"], error.get("data"))
        return answer["result"]

    def stop(self) -> None:
        """Ends the process group: first by a request, then by force."""
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
                self._process.wait(60)
        self._log.close()

    def _signal(self, number: int) -> None:
        if os.name == "nt":
            self._process.terminate()
        else:
            os.killpg(self._process.pid, number)

    def _port(self) -> int:
        """The port that the system chose, which anvil prints when it listens."""
        deadline = time.monotonic() + _START_SECONDS
        while True:
            said = self._said()
            if found := _LISTENING.search(said):
                return int(found[1])
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise InvalidInput(f"anvil did not start: {said[-500:].decode(errors='replace')}")
            time.sleep(0.01)

    def _said(self) -> bytes:
        # pread: the child process shares the file's position, and must continue to write at the end.
        return os.pread(self._log.fileno(), 1 << 20, 0)
