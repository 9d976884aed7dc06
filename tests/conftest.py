"""The fixtures of the plugin that the package ships, and pytest's own for testing plugins. No test is timed.

Made-up examples are the same in every run, so that a run tells what a change did. `dev.py soak` draws new ones (EBL_SOAK).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

LOCAL = """
[local]
chain_id = 1337
testnet = true
confirmations = 0
max_age_minutes = 50_000_000
"""
pytest_plugins = ["ebl.testing.plugin", "pytester", "tests.messages"]

WORDS = re.compile(r"[a-z][a-z_. -]*")

settings.register_profile(
    "untimed", deadline=None, derandomize="EBL_SOAK" not in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes, and long texts that are not words, are called by their argument.

    Several processes must give a test one name, and such values may be salted or drawn at random.
    """
    is_long = isinstance(val, str | bytes) and len(val) > 30
    return argname if is_long and not (isinstance(val, str) and WORDS.fullmatch(val)) else None


@pytest.fixture(scope="session", autouse=True)
def _nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoever runs the tests has no keys, chains, journals or proxies of their own, and is left none.

    But the local chain: that of the plugin stands still at the start of 2026, and commands go by the clock of this machine.
    """
    home = tmp_path_factory.mktemp("nobody")
    (home / "networks.toml").write_text(LOCAL)
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.lower().endswith("_proxy") or (name.startswith(("EBL_", "OA_")) and name != "EBL_SOAK"):
                patch.delenv(name)
        for name in ("LC_ALL", "LC_MESSAGES", "LANG"):  # so that commands speak English wherever they are tested
            if os.environ.get(name, "").startswith("zh"):
                patch.delenv(name)
        patch.setenv("XDG_STATE_HOME", str(home))
        patch.setenv("EBL_NETWORKS", str(home / "networks.toml"))
        yield
