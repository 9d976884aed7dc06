"""Published documents of others read, and their integrity comes out as the official packages say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_oa import outcome

from ebl.checking.formats import read
from ebl.errors import DocumentError

FIXTURES = Path(__file__).parents[2].parent / "shared" / "fixtures"


def documents() -> list[Any]:
    if not FIXTURES.exists():
        return []
    index = json.loads((FIXTURES / "index.json").read_text(encoding="utf-8"))["documents"]
    return [pytest.param(entry, id=entry["file"]) for entry in index if entry.get("version") in ("v2", "v3")]


@pytest.mark.skipif(not FIXTURES.exists(), reason="the published fixtures are not here")
@pytest.mark.parametrize("entry", documents())
def test_a_published_document_is_found_intact_or_not_as_officially(entry: dict[str, Any]) -> None:
    text = (FIXTURES / entry["file"]).read_text(encoding="utf-8")
    stated = entry["official_integrity_tradetrust_6_10_3"]
    if stated is None:
        with pytest.raises(DocumentError, match="wrapped"):
            read(text.encode())
        return
    came = outcome(text)
    assert came[0] == ("passed" if stated else "failed"), came
