"""The compiled contracts that ship with the package belong to the sources beside them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from ebl.chain.contracts import builds

ROOT = Path(__file__).parents[4]
LIMIT = 24_576  # EIP-170


@pytest.mark.parametrize("name", builds.names())
def test_an_artefact_was_made_from_our_sources_as_they_are_now(name: str) -> None:
    build = builds.load(name)
    ours = {unit: digest for unit, digest in build.sources.items() if unit.startswith("contracts/")}
    assert f"contracts/{name}.sol" in ours
    assert ours == {unit: hashlib.sha256((ROOT / unit).read_bytes()).hexdigest() for unit in ours}


@pytest.mark.parametrize("name", builds.names())
def test_a_contract_fits_on_a_chain_and_is_contained_in_what_deploys_it(name: str) -> None:
    build = builds.load(name)
    assert 0 < len(build.runtime) <= LIMIT
    assert build.runtime in build.creation


def test_a_build_that_does_not_exist_is_named_in_the_error() -> None:
    with pytest.raises(KeyError, match=r"no build of '../secret'; there are .*DocumentStore"):
        builds.load("../secret")


def test_the_sizes_in_the_documentation_are_those_of_the_artefacts() -> None:
    page = (ROOT / "docs" / "operator" / "contracts.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| ([\d,]+) \|$", page, re.MULTILINE))
    assert rows == {name: f"{len(builds.load(name).runtime):,}" for name in builds.names()}
