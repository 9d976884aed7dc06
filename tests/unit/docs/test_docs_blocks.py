"""Every block of code in README and manual is run or compared by a test: none is only shown."""

from __future__ import annotations

import re

import pytest

from tests.manual import PAGES, ROOT, blocks, page

# `sh` and `python`, and the `text` that they print, are typed by `tests/integration/test_how_tos.py`. These are read by others.
READ = {
    ("README.md", "text"): "tests/integration/test_demo.py",
    ("README.md", "console"): "tests/integration/test_examples.py",
    ("docs/bank/bill.md", "toml"): "tests/unit/docs/test_docs_bill.py",
    ("docs/bank/identity.md", "toml"): "tests/unit/docs/test_docs_identity.py",
    ("docs/bank/trade-data.md", "toml"): "tests/unit/policies/test_trade_rules.py",
    ("docs/bank/policies.md", "toml"): "tests/unit/docs/test_docs_policies.py",
    ("docs/integrator/assistants.md", "json"): "tests/integration/test_mcp.py",
    ("docs/integrator/testing.md", "text"): "tests/integration/test_plugin_in_use.py",
}
SETS_UP = re.compile(
    r"\$ (?:python3 dev\.py (?:demo|test|bench|docs|check|soak)\b|pip install \./native|uv pip compile )"
)


@pytest.mark.parametrize("name", PAGES)
def test_every_block_of_a_page_is_run_or_compared(name: str) -> None:
    before = ""
    for block in blocks(page(name)):
        typed = block.language in ("sh", "python") or (block.language == "text" and before in ("python", "sh"))
        sets_up = block.language == "console" and all(SETS_UP.match(line) for line in block.text.splitlines())
        if not typed and not sets_up:
            assert (name, block.language) in READ, f"{name}:{block.line}: no test reads this block"
        before = block.language


@pytest.mark.parametrize(("name", "language"), READ)
def test_the_test_that_reads_a_block_names_its_page(name: str, language: str) -> None:
    assert any(block.language == language for block in blocks(page(name)))
    assert name.rpartition("/")[2] in (ROOT / READ[name, language]).read_text("utf-8")
