"""What tests/vectors/contracts.json says of the released contracts is what the released packages say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.interop import released

VECTORS = Path(__file__).parents[1] / "vectors" / "contracts.json"


@pytest.mark.skipif(not released.INSTALLED, reason=released.WHY_NOT)
def test_the_vectors_are_the_surface_of_the_released_contracts() -> None:
    found = {name: released.surface(made["abi"]) for name, made in released.contracts().items()}
    assert json.loads(VECTORS.read_text("utf-8")) == found
