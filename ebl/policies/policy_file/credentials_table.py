"""The table ``[credentials]`` of a policy file: what is accepted when W3C credentials are read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ebl.config import files
from ebl.config.toml_table import TomlTable, shown
from ebl.credentials.accepted import Accepted
from ebl.did.did_syntax import is_did
from ebl.policies.policy_file.tables import TEXT, WORD, made

if TYPE_CHECKING:
    from ebl.jsonld.contexts import Contexts

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_CONTEXT = '{ url = "https://carrier.example/v1", file = "v1.json", sha256 = "…" }'


def accepted(table: TomlTable, folder: Path) -> Accepted:
    """What the table accepts. The files of contexts are looked for in ``folder``; mistakes are added to the table's."""
    dids: tuple[str, ...] = table.texts("list_issuers", WORD, 'DIDs, such as "did:web:lists.example"')
    for at, did in enumerate(dids):
        if not is_did(did):
            table.wrong(f"list_issuers/{at}", 'a DID, such as "did:web:lists.example"', shown(did))
    contexts: Contexts | None = None
    for entry in table.tables("contexts", lambda _: _CONTEXT):
        contexts = _context(entry, contexts, folder)
    table.end()
    return Accepted(contexts, tuple(filter(is_did, dids)))


def _context(entry: TomlTable, contexts: Contexts | None, folder: Path) -> Contexts | None:
    """The contexts and one more, whose bytes are in a file; without it, and with its mistake noted, if it is not accepted."""
    from ebl.credentials.linked_data import with_context
    from ebl.jsonld.contexts import known  # a table of thousands of terms, which few policies add to

    given = {
        "url": entry.text("url", None, WORD, "the URL of the context, in quotes"),
        "file": entry.text("file", None, TEXT, "the name of a file, in quotes"),
        "sha256": entry.text("sha256", None, _SHA256, "the SHA-256 of that file, 64 hex digits in quotes"),
    }
    entry.end()
    if entry.is_wrong():
        return contexts
    for key, value in given.items():
        if value is None:
            entry.wrong(key, f"a value, as in {_CONTEXT}", "nothing")
            return contexts
    try:
        raw = files.load(folder / given["file"])
    except files.TooLarge:
        entry.wrong("file", f"a file of at most {files.MAX_DOCUMENT:,} bytes", "a larger one")
        return contexts
    except OSError as trouble:
        entry.wrong("file", "a file that can be read", f"{shown(given['file'])} ({trouble.strerror or trouble})")
        return contexts
    before = known() if contexts is None else contexts
    return (
        made(entry, "", "a context", lambda: with_context(before, given["url"], raw, sha256=given["sha256"]))
        or contexts
    )
