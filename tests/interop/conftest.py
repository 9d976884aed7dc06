"""The official JavaScript packages: run with node, required in CI, left out elsewhere with a reason."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from people import Ledger, Title, Titles, deploy

from ebl.testing.anvil import Anvil, find_anvil
from ebl.testing.chain import LocalChain, LocalNode
from tests.needs import ANVIL, JAVASCRIPT, SOLC, need
from tests.patience import PATIENT

HERE = Path(__file__).parent
Js = Callable[[str, Any], Any]


@pytest.fixture(scope="session")
def js() -> Js:
    """``js("verify.cjs", payload)``: run a script of ``tests/interop/js``, JSON in, JSON out."""
    need(shutil.which("node") and (HERE / "node_modules").exists(), JAVASCRIPT)

    def run(script: str, payload: Any) -> Any:
        done = subprocess.run(
            ["node", f"js/{script}"],
            input=json.dumps(payload),
            capture_output=True,
            text=True,
            cwd=HERE,
            timeout=5 * PATIENT,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def compiler() -> Path:
    """The folder of the Solidity compiler."""
    folder = HERE / "node_modules" / "solc"
    need(shutil.which("node") and folder.exists(), SOLC)
    return folder


@pytest.fixture(scope="session")
def released(js: Js) -> dict[str, Any]:
    """The released contracts: ``{"TitleEscrow_v5": {"abi", "creation", …}}``."""
    found: dict[str, Any] = js("released.mjs", None)
    return found


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    """A fresh anvil node with chain id 1337."""
    need(find_anvil(), ANVIL)
    with Anvil() as node:
        yield node


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Everything runs on every make; what version 4 lacks, on the others."""
    if "deployed" in metafunc.fixturenames:
        makes = ["ours", "v5", "ours, embedded"] + ["v4"] * ("newer" not in metafunc.fixturenames)
        metafunc.parametrize("deployed", makes, indirect=True, scope="module")


@pytest.fixture(scope="module")
def deployed(request: pytest.FixtureRequest) -> Iterator[Titles]:
    make, _, embedded = request.param.partition(", ")
    need(embedded or find_anvil(), ANVIL)
    released = {} if make == "ours" else request.getfixturevalue("released")
    node: LocalNode = LocalChain() if embedded else Anvil()
    with node:
        if isinstance(node, Anvil):
            node.rpc("anvil_autoImpersonateAccount", True)
        yield deploy(make, Ledger(node), released)


@pytest.fixture
def titles(deployed: Titles) -> Iterator[Titles]:
    snapshot = deployed.ledger.node.snapshot()
    yield deployed
    deployed.ledger.node.revert(snapshot)


@pytest.fixture
def newer(titles: Titles) -> Titles:
    """Of version 5."""
    return titles


@pytest.fixture
def split(titles: Titles) -> Title:
    """A title whose beneficiary is the shipper and whose holder is the bank."""
    return titles.mint("shipper", "bank")


@pytest.fixture
def whole(titles: Titles) -> Title:
    """A title of the shipper, who is both."""
    return titles.mint("shipper", "shipper")


@pytest.fixture
def returned(whole: Title) -> Title:
    whole.move("return_to_issuer", by="shipper")
    return whole


@pytest.fixture
def taken_out(returned: Title) -> Title:
    returned.titles.move("burn", token_id=7)
    return returned
