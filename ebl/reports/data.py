"""A report as JSON data, by ``schemas/report.schema.json``. It has everything that a program needs, so none parses a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from ebl import __version__
from ebl.codec.timestamp import format_timestamp
from ebl.codes import Condition, Failure
from ebl.errors import DocumentError
from ebl.messages import Message
from ebl.model.document import Document
from ebl.model.findings import (
    AtIssuance,
    Claim,
    Fact,
    Failed,
    File,
    Finding,
    Moment,
    Noted,
    Passed,
    TitleClaim,
    TitleFact,
    Unknown,
    Who,
)
from ebl.model.wholeness import Wholeness

if TYPE_CHECKING:
    from ebl.bill import Entry

SCHEMA: Final = "urn:ebl:schema:report:2"
"""The ``$id`` of the schema. Its number changes whenever a member is added, removed or changed."""

Json = dict[str, Any]

TELLING: Final = {
    *("chain_id", "address", "domain", "did", "key", "key_id", "signature", "kind", "location", "issuer", "by"),
    *("root", "target", "url", "index", "purpose", "start", "end", "cryptosuite", "created", "expires", "at"),
    *("challenge", "domains", "assurance", "dialect", "derived", "proved"),
}
"""The fields of claims and facts that identify what they are about. The others are their payload, such as all leaves."""

_TELLABLE: Final = (str, int, bytes, datetime, tuple, NoneType)
_PARTS: Final = {"proof", "block", "records", "title"}
"""The fields of which some fields are reported too."""

_STATES: Final = {Failure.NOT_MINTED: "not_minted", Failure.HOSTILE_REGISTRY: "hostile"}
"""The states in which a title is not established."""

_MOST_ENTRIES: Final = 10
_LONGEST_TEXT: Final = 400
"""How many characters of a field of a bill are reported. The document has the rest."""

_TITLE: Final = (
    *("version", "state", "holder", "beneficiary", "nominee", "previous_holder", "previous_beneficiary"),
    *("remark", "paused", "escrow", "code"),
)


def head(file: File | None) -> Json:
    """The first members of every line of ``ebl verify --json``, also for a file that is not a document."""
    return {
        "schema": SCHEMA,
        "made_by": {"program": "ebl", "version": __version__},
        "file": None if file is None else of_file(file),
    }


def of_file(file: File) -> Json:
    """A file whose bytes were read, with its content id (CID) in a content-addressed storage."""
    from ebl.codec import cid  # a verification without JSON output needs none

    return {**file.to_dict(), "content_id": cid.of_sha256(file.sha256)}


def of_unread_file(name: str) -> Json:
    """A file whose bytes were not read."""
    return {"name": name, "size": None, "sha256": None, "content_id": None}


def of_unreadable(file: Json, bad: DocumentError) -> Json:
    """The line of a file that is not a document. ``file`` is from `of_file` or `of_unread_file`."""
    return {**head(None), "file": file, "verdict": None, "error": {"code": bad.code, "message": str(bad)}}


def of_passed_over(name: str, about: Json) -> Json:
    """The line of a file that was passed over. ``about`` has the reason."""
    return {**head(None), "file": of_unread_file(name), "verdict": None, "passed_over": about}


def of_document(document: Document, whole: Wholeness) -> Json:
    """What the document states about itself; ``whole`` is how much of it is shown."""
    from ebl.model.content_ids import document_id

    # The salted data has as many leaves as the plain data, which may not have been unsalted yet.
    shown = document.raw.get("data") if document.format == "oa2" else document.data
    return {
        "format": document.format,
        "id": document.id or None,
        "hash": _hex(document.digest),
        "root": _hex(document.root),
        "leaves": _count(shown),
        "whole": whole.to_dict(),
        "credentials": [*_credentials(document)],
        "content_id": document_id(document),
    }


def of_bill(document: Document, whole: Wholeness) -> Json:
    """The content of the document as a bill, by the names of `ebl.bill`. Long fields are cut, and long lists end after ten.

    A field of the table that is not among ``fields`` is unknown if the bill is not ``complete``. If the bill is complete, the
    field is absent, or unknown if the vocabulary of the document has no name for it (`ebl.bill.bill` returns which).
    """
    from ebl.bill import bill  # only JSON output needs the table of names

    read = bill(document, whole=whole)
    told = (one for one in read if (one.entries or one.strange) and not one.facets)
    return {
        "complete": read.complete,
        "fields": {
            one.name: {
                "state": str(one.state),
                "complete": one.complete,
                "count": len(one.entries),
                "entries": [_of_entry(entry) for entry in one.entries[:_MOST_ENTRIES]],
            }
            for one in told
        },
    }


def _of_entry(entry: Entry) -> Json:
    told, is_cut = entry.to_dict(), len(entry.text) > _LONGEST_TEXT
    return {
        "text": entry.text[:_LONGEST_TEXT],
        "value": None if is_cut else told["value"],
        "unit": None if entry.unit is None else entry.unit[:_LONGEST_TEXT],
        "path": told["path"],
        "is_cut": is_cut,
    }


def of_issuer(document: Document, at: int, proved: Sequence[Who], then: AtIssuance | None) -> Json:
    """One issuer: first what is verified, then what is only claimed."""
    return {
        "identity_now": [who.to_dict() for who in proved],
        "identity_at_issuance": None if then is None else [who.to_dict() for who in then.issuers[at]],
        **document.issuers[at].to_dict(),
    }


def of_titles(document: Document, findings: Sequence[Finding]) -> Iterator[Json]:
    """Every title that the document names, in the order of the findings, established or not."""
    known: set[TitleClaim] = set()
    for finding in findings:
        claim = finding.claim
        if not isinstance(claim, TitleClaim) or claim in known or isinstance(finding, Noted):
            continue
        known.add(claim)
        fact = finding.fact if isinstance(finding, Passed) else None
        read: Mapping[str, Any] = fact.title.to_dict() if isinstance(fact, TitleFact) else {}
        code = of_finding(finding)["code"]
        yield {
            "chain_id": read.get("chain_id", claim.chain_id),
            "registry": claim.address,
            "token_id": f"0x{claim.token_id:064x}",
            **{name: read.get(name) for name in _TITLE},
            "state": read.get("state", _STATES.get(code)),
            "proved": isinstance(fact, TitleFact) and fact.proved,
            "not_established": code,
            "issuers": [
                at for at, issuer in enumerate(document.issuers) if claim in issuer.status or claim in document.status
            ],
        }


def of_moment(moment: Moment, then: AtIssuance | None) -> Json:
    """The verification time, and the age of each chain's block at that time."""
    made: Json = {
        "time": format_timestamp(moment.now, to="auto"),
        "blocks": [
            {**block.to_dict(), "age_seconds": int((moment.now - block.time).total_seconds())}
            for block in moment.blocks
        ],
    }
    return made if then is None else {**made, "issuance": format_timestamp(then.time, to="auto")}


def of_finding(finding: Finding) -> Json:
    """One finding: its group and check, its outcome, its code, its words, and what it is about."""
    fact: Fact | None = None
    match finding:
        case Passed(fact=fact):
            outcome, code = "passed", None
        case Failed(failure=failure):
            outcome, code = "failed", str(failure)
        case Unknown(doubt=doubt):
            outcome, code = "unknown", str(doubt)
        case Noted(remark=remark):
            outcome, code = "condition" if isinstance(remark, Condition) else "note", str(remark)
    return {
        "group": str(finding.group),
        "check": finding.check,
        "outcome": outcome,
        "code": code,
        **_said(finding.message),
        "about": _about(finding.claim, fact),
        "reason": finding.reason if isinstance(finding, Failed) else None,
    }


def _said(message: Message | None) -> Json:
    """The message in English, with its key and parameters (see `ebl.messages`)."""
    if message is None:
        return {"message": "", "key": None, "params": {}}
    return {"message": str(message), **message.to_dict()}


def told(one: Claim | Fact) -> Json:
    """The fields of a claim or a fact that identify what it is about (`TELLING`), as JSON data."""
    parts = [one, *(value for name, value in _fields(one) if name in _PARTS and is_dataclass(value))]
    return {
        name: _plain(value)
        for part in parts
        for name, value in _fields(part)
        if name in TELLING and isinstance(value, _TELLABLE)
    }


def _about(claim: Claim | None, fact: Fact | None) -> Json:
    """What the claim states, overwritten by what was established: a document may leave the chain to the verifier."""
    parts = [told(one) for one in (claim, fact) if one is not None]
    return {name: value for part in parts for name, value in part.items() if value not in (None, "", [])}


def _fields(one: Any) -> Iterator[tuple[str, Any]]:
    return ((field.name, getattr(one, field.name)) for field in fields(one))


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return format_timestamp(value, to="auto")
        case bytes():
            return _hex(value)
        case StrEnum():
            return str(value)
        case tuple():
            return [_plain(one) for one in value]
    return value


def _hex(value: bytes | None) -> str | None:
    return None if value is None else f"0x{value.hex()}"


def _count(tree: Any) -> int:
    """The number of leaves of a tree, as `ebl.model.paths.leaves` finds them; an empty tree has none."""
    count, left = 0, [tree] if tree else []
    while left:
        one = left.pop()
        if isinstance(one, Mapping | list) and one:
            left.extend(one.values() if isinstance(one, Mapping) else one)
        else:
            count += 1
    return count


def _credentials(document: Document) -> Iterator[Json]:
    """The W3C credentials in the file, by their own ids and types: one for each of the document's issuers, in order."""
    if document.format not in ("vc", "vp"):
        return
    shown = document.raw.get("verifiableCredential") if document.format == "vp" else document.raw
    for one in shown if isinstance(shown, list) else [shown]:
        body = one if isinstance(one, dict) else {}
        types = body.get("type")
        yield {
            "id": found if isinstance(found := body.get("id"), str) else None,
            "types": [name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str)],
        }
