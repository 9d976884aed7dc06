"""The tools of an assistant: they read, and change nothing. Each returns JSON data, and raises `ebl.errors.Error`."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ebl.config.code_pages import code_page
from ebl.config.files import as_document, load
from ebl.diagnose.dns_setup import check_record, document_records
from ebl.diagnose.inspection import inspect_bytes
from ebl.did.domain import read_domain
from ebl.errors import InvalidInput
from ebl.ethereum.address import NotAnAddress, checksummed
from ebl.messages import explained
from ebl.messages.languages import Language
from ebl.net.resolvers import Resolvers
from ebl.policy import Policy
from ebl.registry import Registry, capabilities_of_parties, history, title
from ebl.sources import Sources
from ebl.verify import Reader, examine

MAX_TEXT: Final = 1 << 20
"""The most characters of a document that a tool is given as text."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools, with what the person who started them decided: the policy, the sources, and the folders that may be read.

    ``sources`` makes the sources of one call, so that each call has a verification time of its own. An assistant can choose
    none of this. Without ``resolvers``, no DNS record is checked. Files in the ``folders`` are read by their path, and no others.
    """

    policy: Policy
    reader: Reader
    sources: Callable[[], Sources]
    resolvers: Resolvers | None
    folders: tuple[Path, ...] = ()

    def verify_document(self, file: str = "", text: str = "", language: Language = "en") -> dict[str, Any]:
        """Returns the report of a document under the policy, as data and as lines of text."""
        raw = self._document(file, text)
        report = examine(raw, self.policy, sources=self.sources(), reader=self.reader)
        return {
            "verdict": str(report.verdict),
            "lines": list(report.lines(language=language)),
            "report": report.to_dict(),
        }

    def inspect_document(self, file: str = "", text: str = "") -> dict[str, Any]:
        """Returns what a document claims, the fields of its bill, and all its fields. Nothing is verified."""
        return {"verified": False, **inspect_bytes(self._document(file, text)).to_dict()}

    def explain_code(self, code: str, language: Language = "en") -> dict[str, Any]:
        """Returns the page of a code of a report, in Markdown: what it means and what to do."""
        from ebl.codes import Condition, Doubt, Failure, Remark

        codes = [str(one) for kind in (Failure, Doubt, Condition, Remark) for one in kind]
        if code not in codes:
            raise InvalidInput(
                f"There is no code {code[:80]!r}.", fix="Use a code as a report shows it: status.revoked."
            )
        return {"code": code, "page": code_page(code, language)}

    def title_state(self, chain: int, registry: str, token: str) -> dict[str, Any]:
        """Returns who holds and owns a title, its state, and what each party can do with it, as of one block."""
        reading = self.sources().chain(chain)
        found = title(reading, *_title(reading.id, registry, token))
        return {**found.to_dict(), "parties": [one.to_dict() for one in capabilities_of_parties(found, chain=reading)]}

    def title_history(self, chain: int, registry: str, token: str) -> dict[str, Any]:
        """Returns what happened to a title, oldest first, and whether that is complete."""
        reading = self.sources().chain(chain)
        return history(reading, *_title(reading.id, registry, token)).to_dict()

    def check_dns(self, file: str = "", text: str = "", chain: int | None = None) -> dict[str, Any]:
        """Returns, for each DNS record that a document needs, what each resolver returns and how to fix what is wrong."""
        if self.resolvers is None:
            raise InvalidInput("This server was started with --offline, so it queries no resolver.")
        records = document_records(inspect_bytes(self._document(file, text)).document, chain)
        checked = [check_record(read_domain(domain), expected, self.resolvers) for domain, expected in records]
        return {"records": [one.to_dict() for one in checked]}

    def _document(self, file: str, text: str) -> bytes:
        """The bytes of the document that a call names. Raises `InvalidInput` for a path outside the folders."""
        if bool(file) == bool(text):
            raise InvalidInput("Expected a document.", fix="Give either `file`, a path, or `text`, the content.")
        if text:
            if len(text) > MAX_TEXT:
                raise InvalidInput(
                    f"Expected at most {MAX_TEXT} characters; got {len(text)}.", fix="Give its path as `file`."
                )
            return text.encode("utf-8", "surrogatepass")
        refused = InvalidInput(
            "The file is not in a folder that this server may read.",
            fix="Name a file in one of the folders that ebl mcp was started with.",
        )
        for folder in self.folders:
            try:
                path = (folder / file).resolve(strict=True)  # where links lead to
                inside = path.is_relative_to(folder.resolve()) and stat.S_ISREG(path.stat().st_mode)
            except (OSError, RuntimeError, ValueError):
                continue
            if inside:
                with as_document(file):
                    return load(path)
        raise refused


def _title(chain: int, registry: str, token: str) -> tuple[Registry, int]:
    try:
        number = int(token, 16) if token.lower().startswith("0x") else -1
    except ValueError:
        number = -1
    if not 0 <= number < 1 << 256:
        raise InvalidInput("Expected a token id: 0x and up to 64 hex digits.", fix="`inspect_document` shows it.")
    try:
        return Registry(chain, checksummed(registry)), number
    except NotAnAddress as bad:
        raise InvalidInput(f"The registry: {explained(bad.reason)}.") from bad
