"""Examining files and printing what was found, for people or as JSON: what every command that verifies shares."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.folders import NOTHING, Found, PassedOver, named, tally
from ebl.cli.output import Exit, printable, result, result_json, say, worst
from ebl.document import Document
from ebl.errors import InvalidInput, Unreadable
from ebl.formats import read
from ebl.policy import Policy
from ebl.primitives.duration import in_words
from ebl.report import Moment, Report, Verdict
from ebl.sources import Block, Sources
from ebl.verify import examine_all

if TYPE_CHECKING:
    from ebl.cli.repeats import Repeats

Reader = Callable[[bytes], Document]

EXIT = {
    Verdict.VALID: Exit.DONE,
    Verdict.INVALID: Exit.INVALID,
    Verdict.INDETERMINATE: Exit.INDETERMINATE,
}
_WORDS = {
    Verdict.VALID: ("VALID", "green"),
    Verdict.INVALID: ("NOT VALID", "red"),
    Verdict.INDETERMINATE: ("CANNOT BE DETERMINED", "yellow"),
}
_MARKS = {
    "passed": ("✔", "green"),
    "failed": ("✘", "red"),
    "unknown": ("?", "yellow"),
    "condition": ("!", "yellow"),
    "note": ("·", "blue"),
}


with_strictness = click.option(
    "--fail-on-conditions",
    "strict",
    is_flag=True,
    help="Exit with 3, and not with 0, where a VALID rests on conditions (see docs/verifying.md).",
)


def tell(
    words: tuple[str, ...],
    policy: Policy,
    sources: Sources,
    *,
    as_json: bool,
    then: Sources | None = None,
    reader: Reader = read,
    strict: bool = False,
    only_documents: bool = False,
) -> Exit:
    """Examine files and folders and print a report of each file; the exit code for all. One that is no document stops no other.

    ``sources`` are those of one run (`ebl.run.Run.once`): all files are examined as of one time.

    ``strict``: a VALID with conditions counts as undetermined in the exit code, for scripts that read nothing else. A file of a
    folder that may hold a document and was not looked into counts so too, except (``only_documents``) archives and the like.
    Raises `InvalidInput` if there was nothing to verify.
    """
    found = named(words)
    codes: list[Exit] = []
    skipped: list[PassedOver] = []
    repeats = None if len(found) == 1 else _repeats()
    blocks: dict[int, Block] = {}
    left = 0
    for name, raw, report in _examined(found, policy, sources, then, reader):
        if isinstance(report, PassedOver):
            skipped.append(report)
            left += report.is_left(only_documents=only_documents)
            _show_skipped(report, as_json=as_json)
        else:
            if repeats is not None and isinstance(report, Report):
                report = repeats.noted(name, report)
            codes.append(_shown(name, raw, report, as_json=as_json, brief=len(found) > 1, strict=strict))
            if isinstance(report, Report):
                blocks |= {block.chain_id: block for block in report.moment.blocks}
    if len(found) > 1 and not as_json:
        for line in _as_of(Moment(sources.now, tuple(blocks.values()))):
            say(line)
        repeated = [f"{repeats.count} the same as one before"] if repeats and repeats.count else []
        say("; ".join([_tally(codes), *repeated, *([tally(skipped)] if skipped else [])]))
    if not codes and not left:
        raise InvalidInput(NOTHING, fix="Name the files themselves.")
    return worst([*codes, *([Exit.INDETERMINATE] if left else [])])


def _repeats() -> Repeats:
    from ebl.cli.repeats import Repeats  # a single file needs none of it

    return Repeats()


def _examined(
    found: list[Found], policy: Policy, sources: Sources, then: Sources | None, reader: Reader
) -> Iterator[tuple[str, bytes, Report | Unreadable | PassedOver]]:
    """Each file's content and report, in order; many files are examined several at a time."""
    loaded: deque[tuple[str, bytes, Unreadable | PassedOver | None]] = deque()

    def contents() -> Iterator[bytes]:
        for one in found:
            try:
                raw = one.load()
            except Unreadable as bad:
                loaded.append((one.name, b"", bad))
            else:
                loaded.append((one.name, b"", raw) if isinstance(raw, PassedOver) else (one.name, raw, None))
            yield loaded[-1][1]

    overlap = len(found) == 1
    for report in examine_all(contents(), policy, sources=sources, overlap=overlap, at_issuance=then, reader=reader):
        name, raw, instead = loaded.popleft()
        yield name, raw, instead or report


def _show_skipped(one: PassedOver, *, as_json: bool) -> None:
    if as_json:
        result_json(one.to_dict())
    else:
        result(one.line())


def _shown(name: str, raw: bytes, report: Report | Unreadable, *, as_json: bool, brief: bool, strict: bool) -> Exit:
    if isinstance(report, Unreadable):
        if as_json:
            error = {"code": report.code, "message": str(report)}
            result_json({"file": name, "format": None, "verdict": None, "error": error})
        else:
            word = click.style("UNREADABLE", fg="red")
            result(f"{word}  {printable(name)}\n  {report.code}: {printable(str(report))}")
        return Exit.UNREADABLE
    if as_json:
        result_json({"file": name, **_ids(raw, report), **report.to_dict()})
    else:
        result("\n".join(lines(name, report, brief=brief)))
    if strict and report.verdict is Verdict.VALID and report.conditions:
        return Exit.INDETERMINATE
    return EXIT[report.verdict]


def _ids(raw: bytes, report: Report) -> dict[str, Any]:
    from ebl.content_ids import content_ids

    return {} if report.document is None else {"content_ids": content_ids(raw, report.document).to_dict()}


def lines(name: str, report: Report, *, brief: bool) -> Iterator[str]:
    """A report for people: the verdict, then the findings.

    ``brief`` gives those that passed in one line, and no remarks; conditions are given always.
    """
    word, colour = _WORDS[report.verdict]
    yield f"{click.style(word, fg=colour, bold=True)}  {printable(name)}"
    whole = report.to_dict()
    rows = whole["findings"]
    if not brief:
        yield from _issuers(whole["issuers"], whole["as_of"].get("issuance"))
    for row in rows:
        if not brief or row["outcome"] in ("failed", "unknown", "condition"):
            yield _row(row)
    if not brief:
        yield from _as_of(report.moment)
    if brief and report.verdict is not Verdict.VALID:
        held = dict.fromkeys(row["group"] for row in rows if row["outcome"] == "passed" and row["group"] != "policy")
        if held:
            yield f"  {click.style('✔', fg='green')} {', '.join(held)}"


def _as_of(moment: Moment) -> Iterator[str]:
    """When it was found out, and how old the blocks were that it was read from."""
    yield f"  as of {_utc(moment.now)}"
    for block in moment.blocks:
        kind = "" if block.finality == "latest" else f", {block.finality}"
        age = moment.now - block.time
        old = f"{in_words(age)} old" if age >= timedelta() else f"{in_words(-age)} ahead of the clock"
        yield f"    chain {block.chain_id} at block {block.number}{kind}, {_utc(block.time)}, {old}"


def _utc(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _issuers(issuers: list[dict[str, Any]], issuance: str | None) -> Iterator[str]:
    """Who it is from: what is proved first, and then what the document says of itself."""
    for issuer in issuers:
        yield f"  issued by {_all(issuer['identity_now'])}"
        if issuance is not None:
            yield f"            {click.style(f'as of {issuance}:', dim=True)} {_all(issuer['identity_at_issuance'])}"
        proved = {who["did"] for who in issuer["identity_now"]}
        claimed = ", ".join(printable(str(text)) for text in issuer["claimed"].values() if text and text not in proved)
        if claimed:
            yield f"            {click.style('claimed, not proved:', dim=True)} {claimed}"


def _all(proved: list[dict[str, Any]]) -> str:
    return "; ".join(map(_who, proved)) or click.style("nobody that is proved", fg="yellow")


def _who(who: dict[str, Any]) -> str:
    if who["domain"] is None:
        return printable(str(who["did"]))
    shown = "" if who["shown"] == who["domain"] else f" ({printable(who['shown'])})"
    how = f"DNS, {printable(who['assurance'])}" if who["assurance"] else "its DID"
    return f"{click.style(printable(who['domain']), bold=True)}{shown} (proved by {how})"


def _row(row: dict[str, Any]) -> str:
    mark, colour = _MARKS[row["outcome"]]
    code = f"{row['code']}: " if row["code"] else ""
    return f"  {click.style(mark, fg=colour)} {row['group']:<9} {code}{printable(row['message'] or row['check'])}"


def _tally(codes: list[Exit]) -> str:
    words = {
        Exit.DONE: "valid",
        Exit.INVALID: "not valid",
        Exit.INDETERMINATE: "undetermined",
        Exit.UNREADABLE: "unreadable",
    }
    counts = ", ".join(f"{codes.count(code)} {word}" for code, word in words.items() if code in codes)
    return f"{len(codes)} files: {counts}"
