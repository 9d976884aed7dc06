"""The same bill more than once in one run: presented twice, it is still one bill."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ebl.codes import Condition
from ebl.messages import say
from ebl.model.document import Document
from ebl.model.findings import Group, Noted, Passed, Unknown, Verdict
from ebl.reports.report import Report
from ebl.status.token_registry import Titled, TokenRegistry

Key = bytes


class Repeats:
    """The digests of the files of a run: some hundred bytes for each file, and nothing of the documents.

    A file that is INVALID does not count. Otherwise a bad copy could cast a doubt on a good bill.
    """

    def __init__(self) -> None:
        self._documents: dict[Key, str] = {}
        self._credentials: dict[Key, str] = {}
        self._titles: dict[Key, str] = {}
        self.count = 0

    def noted(self, name: str, report: Report) -> Report:
        """The report of the next file, with a condition if an earlier file is the same document or names the same title."""
        if report.document is None or report.verdict is Verdict.INVALID:
            return report
        documents = dict.fromkeys(map(_digest, _documents(report.document)), name)
        credentials = dict.fromkeys(map(_digest, _credentials(report.document)), name)
        titles = dict.fromkeys(map(_digest, _titles(report)), name)
        if (first := _first(documents, self._documents)) is not None:
            found_again = say(Condition.REPEATED, "document", first=first)
        elif (first := _first(titles, self._titles)) is not None:
            found_again = say(Condition.TITLE_TWICE, "across_files", first=first)
        elif (first := _first(credentials, self._credentials)) is not None:
            found_again = say(Condition.REPEATED, "credential", first=first)
        for known, found in (
            (self._documents, documents),
            (self._credentials, credentials),
            (self._titles, titles),
        ):
            known.update((key, name) for key in found if key not in known)
        if first is None:
            return report
        self.count += 1
        noted = Noted(Group.DOCUMENT, "run", Condition(found_again.code), found_again)
        return replace(report, findings=(*report.findings, noted))

    def remember(self, name: str, keys: Iterable[tuple[str, Key]]) -> None:
        """Counts a file of an earlier part of the run, by what `keys_of` returned for it."""
        known = {"document": self._documents, "title": self._titles, "credential": self._credentials}
        for kind, key in keys:
            known[kind].setdefault(key, name)


def keys_of(report: Report) -> Iterator[tuple[str, Key]]:
    """The keys that identify a repeated document: ``document``, ``credential`` or ``title``, and a digest. None if INVALID."""
    if report.document is None or report.verdict is Verdict.INVALID:
        return
    for kind, found in (
        ("document", _documents(report.document)),
        ("title", _titles(report)),
        ("credential", _credentials(report.document)),
    ):
        for digest in dict.fromkeys(map(_digest, found)):
            yield kind, digest


def _first(found: Mapping[Key, str], known: Mapping[Key, str]) -> str | None:
    return next((known[key] for key in found if key in known), None)


def _digest(value: str) -> Key:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()[:16]


def _documents(document: Document) -> Iterator[str]:
    """What identifies the same document: its hash, or its content without the proof, which its holder may make again."""
    if document.digest is not None:
        yield document.digest.hex()
    else:
        for content in _contents(document):
            yield json.dumps(content, sort_keys=True)


def _credentials(document: Document) -> Iterator[str]:
    """The issuer and id of each W3C credential: copies of one show different fields."""
    if document.digest is None:
        for content in _contents(document):
            if isinstance(content.get("id"), str):
                issuer = content.get("issuer")
                yield json.dumps([issuer.get("id") if isinstance(issuer, dict) else issuer, content["id"]])


def _contents(document: Document) -> Iterator[Mapping[str, Any]]:
    """The credentials of a presentation, or the credential itself, without their proofs."""
    shown = document.raw.get("verifiableCredential") if document.format == "vp" else document.raw
    for one in shown if isinstance(shown, list) else [shown]:
        if isinstance(one, dict):
            yield {name: value for name, value in one.items() if name != "proof"}


def _titles(report: Report) -> Iterator[str]:
    """The titles that it names, in any format: the token id, its registry and chain."""
    for found in report.findings:
        if isinstance(found, Passed | Unknown) and isinstance(found.claim, TokenRegistry):
            claim, fact = found.claim, found.fact if isinstance(found, Passed) else None
            chain = fact.title.chain_id if isinstance(fact, Titled) else claim.chain_id
            yield f"{chain} {claim.address.lower()} {claim.root.hex()}"
