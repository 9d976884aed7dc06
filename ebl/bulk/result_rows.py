"""Rows of a bulk run: one for each input, as a report or as its flat columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from ebl.bulk.ledger import PartTally
from ebl.checking.repeats import keys_of
from ebl.codec import fast_json
from ebl.codec.finite_json import json_dumps
from ebl.config.folder_files import PassedOver
from ebl.errors import Unreadable
from ebl.model.findings import Failed, File, Passed, TitleFact, Unknown
from ebl.openattestation.salting import unsalted
from ebl.reports import data
from ebl.reports.report import Report

COLUMNS: Final = (
    *("file", "verdict", "codes", "conditions", "issuer", "holder", "bill_number", "chain_id", "block", "block_hash"),
    *("sha256", "document_hash"),
)
"""The flat columns, in order. ``verdict`` may be ``unreadable`` or ``passed_over``; ``codes`` has why it is not ``valid``."""

_LONGEST_TEXT: Final = 400

Row = dict[str, Any]


def row_of(name: str, raw: bytes | None, found: Report | Unreadable | PassedOver) -> Row:
    """The flat columns of one input."""
    if isinstance(found, PassedOver):
        return _row(name, "passed_over", codes=[found.reason])
    file = found.file if isinstance(found, Report) else None
    file = File.of(raw) if file is None and raw is not None else file
    if isinstance(found, Unreadable):
        return _row(name, "unreadable", codes=[str(found.code)], sha256=file and file.sha256.hex())
    codes = [
        str(one.failure if isinstance(one, Failed) else one.doubt)
        for one in found.findings
        if isinstance(one, Failed | Unknown)
    ]
    document, blocks = found.document, found.moment.blocks
    titles = [one.fact.title for one in found.findings if isinstance(one, Passed) and isinstance(one.fact, TitleFact)]
    return _row(
        name,
        str(found.verdict),
        codes=[*dict.fromkeys(codes)],
        conditions=[*dict.fromkeys(str(one.remark) for one in found.conditions)],
        issuer=_issuer(found),
        holder=titles[0].to_dict().get("holder") if titles else None,
        bill_number=_number(found),
        chain_id=blocks[0].chain_id if blocks else None,
        block=blocks[0].number if blocks else None,
        block_hash=blocks[0].hash if blocks else None,
        sha256=file and file.sha256.hex(),
        document_hash=None if document is None or document.digest is None else f"0x{document.digest.hex()}",
    )


def report_of(name: str, raw: bytes | None, found: Report | Unreadable | PassedOver) -> Row:
    """The whole report of one input, by ``schemas/report.schema.json``."""
    if isinstance(found, PassedOver):
        return data.of_passed_over(name, found.about())
    if isinstance(found, Unreadable):
        file = data.of_unread_file(name) if raw is None else data.of_file(File.of(raw, name))
        return data.of_unreadable(file, found)
    file_ = found.file or File.of(raw or b"")
    return replace(found, file=replace(file_, name=name)).to_dict()


def flat(made: Mapping[str, Any]) -> Row:
    """The flat columns of a row that was read again, whether it is a report or has them already."""
    if "schema" not in made:
        return dict(made)
    name, sha256 = made["file"]["name"], made["file"]["sha256"]
    if "passed_over" in made:
        return _row(name, "passed_over", codes=[made["passed_over"]["reason"]])
    if "error" in made:
        return _row(name, "unreadable", codes=[made["error"]["code"]], sha256=sha256)
    document, blocks = made["document"] or {}, made["as_of"]["blocks"]
    holders = [one["holder"] for one in made["titles"] if one["not_established"] is None]
    codes = [one["code"] for one in made["findings"] if one["outcome"] in ("failed", "unknown")]
    number = ((made["bill"] or {}).get("fields") or {}).get("number") or {}
    proved = [who["domain"] or who["did"] for issuer in made["issuers"] for who in issuer["identity_now"]]
    return _row(
        name,
        made["verdict"],
        codes=[*dict.fromkeys(codes)],
        conditions=[*dict.fromkeys(one["code"] for one in made["conditions"])],
        issuer=proved[0] if proved else None,
        holder=holders[0] if holders else None,
        bill_number=number["entries"][0]["text"] if number.get("state") == "present" else None,
        chain_id=blocks[0]["chain_id"] if blocks else None,
        block=blocks[0]["number"] if blocks else None,
        block_hash=blocks[0]["hash"] if blocks else None,
        sha256=sha256,
        document_hash=document.get("hash"),
    )


def text(row: Mapping[str, Any]) -> bytes:
    """A row as one line of JSON, in ASCII: no text in it can be taken for more than one line."""
    if "schema" not in row and (orjson := fast_json.orjson()) is not None:  # flat columns have no fractions
        with suppress(TypeError):  # a lone surrogate, as in the name of a file that is not UTF-8
            made: bytes = orjson.dumps(row)
            if made.isascii() and b"\x7f" not in made:  # which the other escapes
                return made + b"\n"
    return json_dumps(row, ensure_ascii=True, compact=True).encode() + b"\n"


def note(tally: PartTally, row: Row, keys: Iterable[list[str]] = (), *, left: bool = False) -> None:
    """Count a row. ``left``: it may be a document, and was not looked into."""
    verdict = row["verdict"]
    tally.documents += 1
    tally.verdicts[verdict] += 1
    tally.conditions.update(row["conditions"])
    if verdict == "passed_over":
        tally.reasons.update(row["codes"])
    else:
        tally.codes.update(row["codes"])
        tally.issuers[row["issuer"] or ""] += 1
    tally.left += left
    tally.resting += verdict == "valid" and bool(row["conditions"])
    tally.keys += keys


def keys(name: str, found: Report | Unreadable | PassedOver) -> list[list[str]]:
    """What an input is known again by."""
    return [[kind, digest.hex(), name] for kind, digest in keys_of(found)] if isinstance(found, Report) else []


def _row(name: str, verdict: str, **columns: Any) -> Row:
    made: Row = dict.fromkeys(COLUMNS)
    return {**made, "file": name, "verdict": verdict, "codes": [], "conditions": [], **columns}


def _issuer(report: Report) -> str | None:
    for issuer in report.document.issuers if report.document is not None else ():
        for who in report.who(issuer):
            return who.domain or who.did
    return None


def _number(report: Report) -> str | None:
    document, whole = report.document, report.whole
    if document is None or whole is None:
        return None
    from ebl.bill.mapping import members_of, only_text  # a table that only bills wait for

    data: Mapping[str, Any] | None = None
    if document.format == "oa2":  # of which most has not been unsalted, since no rule asked for it
        wanted, raw = members_of("oa2", "number"), document.raw["data"]
        data = unsalted({member: raw[member] for member in raw if member in wanted})
    found = only_text(document.data if data is None else data, document.format, "number", whole=whole)
    return None if found is None else found[:_LONGEST_TEXT]


def parsed(line: bytes) -> Row:
    """A row that `text` made."""
    row: Row = json.loads(line)
    return row
