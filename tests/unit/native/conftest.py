"""The core in C, if it is built; what needs it is left out otherwise, and fails in CI."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from tests.needs import NATIVE, need


@pytest.fixture(scope="session")
def core() -> Any:
    """The module itself, whatever EBL_PURE says."""
    try:
        found = import_module("ebl_native")
    except ImportError:
        found = None
    need(found, NATIVE)
    return found
