"""The bench of the trials in ``shared/trials``, whose `report` goes through the doors of now."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.messages import own_words
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import Page, offline
from ebl.verify import examine

_found = spec_from_file_location("shared_lab", Path(__file__).parents[3] / "shared" / "trials" / "lab.py")
assert _found is not None and _found.loader is not None
_shared = sys.modules["shared_lab"] = module_from_spec(_found)
_found.loader.exec_module(_shared)
globals().update({name: value for name, value in vars(_shared).items() if not name.startswith("__")})


def report(document: Any, pages: dict[str, Any] | None = None, policy: Any = None, now: Any = None) -> Any:
    """What `ebl.verify.examine` reports, the web being ``pages``, and any issuer accepted unless a policy is given."""

    def fetch(url: str, *, accept: object) -> Page:
        if url not in (pages or {}):
            raise SourceError(Doubt.WEB_UNREACHABLE, own_words(f"no page {url}"))
        return Page(url, "application/json", json.dumps((pages or {})[url]).encode())

    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    sources = replace(offline(now=now) if now else offline(), fetch=fetch)
    return examine(raw, policy or UnsafeAnyIssuer(), sources=sources)


_shared.report = report  # type: ignore[attr-defined]
