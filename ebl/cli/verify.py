"""``ebl verify``: many files, one verdict each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebl.cli import files
from ebl.cli.output import Exit, printable, result, result_json, say, worst
from ebl.errors import InvalidInput, Unreadable
from ebl.policy import AllOf, HeldBy, OwnedBy, Policy, UnsafeAnyIssuer
from ebl.primitives.address import checksummed
from ebl.report import Report, Verdict
from ebl.run import Run
from ebl.sources import BlockTag, Sources
from ebl.verify import examine_all

if TYPE_CHECKING:
    from ebl.rules import Trusted

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
_MARKS = {"passed": ("✔", "green"), "failed": ("✘", "red"), "unknown": ("?", "yellow"), "note": ("·", "blue")}


@click.command()
@click.argument("words", metavar="FILE…", nargs=-1, required=True)
@click.option("--offline", is_flag=True, help="Ask nobody: checks what the file alone can show.")
@click.option(
    "--rpc", multiple=True, metavar="ID=URL", help="A node for a chain, e.g. 1337=http://127.0.0.1:8545. Repeatable."
)
@click.option(
    "--resolver",
    multiple=True,
    metavar="SPEC",
    help="system (default), udp://IP:PORT, tls://HOST, https://…, or public or china, which name several. Repeatable.",
)
@click.option(
    "--dnssec", type=click.Choice(["require", "prefer", "off"]), help="Whether DNS records need a proof.  [prefer]"
)
@click.option("--agree", type=click.IntRange(1, 20), help="How many resolvers must say the same.  [1]")
@click.option("--nodes-agree", type=click.IntRange(1, 20), help="How many nodes of a chain must say the same.  [1]")
@click.option(
    "--finality",
    type=click.Choice(["latest", "safe", "finalized"]),
    help="Read chains at their newest block, or their newest that is safe or final.  [latest]",
)
@click.option(
    "--policy", "policy_file", type=click.Path(path_type=Path), help="A TOML file of rules: see ebl policy explain."
)
@click.option(
    "--issuer", multiple=True, metavar="DOMAIN|DID", help="Accept only this issuer. Repeatable: any one of them."
)
@click.option("--holder", metavar="ADDRESS", help="Accept only a title in circulation that this address holds.")
@click.option(
    "--owner", metavar="ADDRESS", help="Accept only a title in circulation whose beneficiary is this address."
)
@click.option(
    "--evidence", type=click.Path(path_type=Path), help="Keep every question and its answer in this file, a new one."
)
@click.option("--replay", type=click.Path(), help="Ask nobody: take the answers from this file of evidence.")
@click.option(
    "--at-issuance", type=click.Path(), help="Evidence from when it was issued: says who stood behind it then."
)
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a file (JSON Lines), as in schemas/report.schema.json."
)
@click.pass_context
def verify(
    ctx: click.Context,
    words: tuple[str, ...],
    offline: bool,
    rpc: tuple[str, ...],
    resolver: tuple[str, ...],
    dnssec: str | None,
    agree: int | None,
    nodes_agree: int | None,
    finality: BlockTag | None,
    policy_file: Path | None,
    issuer: tuple[str, ...],
    holder: str | None,
    owner: str | None,
    evidence: Path | None,
    replay: str | None,
    at_issuance: str | None,
    as_json: bool,
) -> None:
    """Verify bills: unaltered, issued and not revoked, and who stands behind them.

    FILE may be a file, a folder (every .json below it) or - for stdin. Without --issuer or --policy any issuer is accepted,
    and the answer says so.
    """
    if offline and replay:
        raise click.UsageError("--offline has no answers and --replay has kept ones, so they do not go together.")
    if (offline or replay) and (rpc or resolver or dnssec or agree or nodes_agree or finality or evidence):
        word = "--offline" if offline else "--replay"
        raise click.UsageError(f"{word} asks nobody, so options that say whom or what to ask do not go with it.")
    if evidence and evidence.exists():
        raise click.UsageError(f"{evidence} exists already, and evidence that is overwritten is lost.")
    if policy_file and issuer:
        raise click.UsageError("--policy says whom to accept, so --issuer does not go with it.")
    asked = Asking(resolver, dnssec, agree, finality, nodes_agree)
    policy = accepted(issuer)
    if policy_file:
        policy, asked = from_file(policy_file, asked)
    parties = [*_by("--holder", HeldBy, holder), *_by("--owner", OwnedBy, owner)]
    policy = AllOf(policy, *parties) if parties else policy
    # One run for all the files: one block a chain, and no question asked twice.
    run = Run(kept(replay) if replay else Sources.offline() if offline else online(rpc, asked))
    then = kept(at_issuance) if at_issuance else None
    names = list(files.named(words))
    codes = [
        _shown(name, raw, report, as_json=as_json, brief=len(names) > 1)
        for name, raw, report in _examined(names, policy, run.once, then)
    ]
    if evidence:
        from ebl.evidence import record

        files.save(evidence, record(run))
    if len(names) > 1 and not as_json:
        say(_tally(codes))
    ctx.exit(worst(codes))


@dataclass(frozen=True, slots=True)
class Asking:
    """How the world is to be asked; None where it was not said."""

    resolvers: tuple[str, ...] = ()
    dnssec: str | None = None
    agree: int | None = None
    finality: BlockTag | None = None
    nodes_agree: int | None = None


def accepted(issuers: tuple[str, ...]) -> Policy:
    """The policy that ``--issuer`` means: domains, or DIDs."""
    if not issuers:
        return UnsafeAnyIssuer()
    try:
        from ebl.rules import IssuedByTrusted

        return IssuedByTrusted(*map(_trusted, issuers))
    except InvalidInput as bad:
        raise click.BadParameter(str(bad), param_hint="--issuer") from bad


def _by(option: str, rule: Callable[[str], Policy], address: str | None) -> Iterator[Policy]:
    """The rule about a party that an option means, if it was given."""
    if address is not None:
        try:
            yield rule(checksummed(address))
        except ValueError as bad:
            raise click.BadParameter(str(bad), param_hint=option) from bad


def _trusted(word: str) -> Trusted:
    from ebl.rules import Trusted

    return Trusted(did=word) if word.startswith("did:") else Trusted(domain=word.lower().rstrip("."))


def from_file(path: Path, asked: Asking) -> tuple[Policy, Asking]:
    """The policy in a file, and how to ask so that it can be met; what was said on the command line goes first."""
    from ebl.cli.net import table
    from ebl.policy_file import load

    found = load(path, known=table())
    return found.policy, Asking(
        asked.resolvers or found.resolvers,
        asked.dnssec or found.dnssec,
        asked.agree or found.agree,
        asked.finality or found.finality,
        asked.nodes_agree or found.nodes_agree,
    )


def online(rpc: tuple[str, ...], asked: Asking) -> Sources:
    """Live sources, as ``--rpc``, ``--resolver`` and the policy say."""
    urls: dict[int, list[str]] = {}
    for word in rpc:
        number, equals, url = word.partition("=")
        if not (
            equals
            and number.isascii()
            and number.isdigit()
            and len(number) < 20
            and url.startswith(("http://", "https://"))
        ):
            raise click.BadParameter("expected ID=URL, e.g. 1337=http://127.0.0.1:8545", param_hint="--rpc")
        urls.setdefault(int(number), []).append(url)
    try:
        return Sources.online(
            rpc=urls,
            resolver=asked.resolvers or "system",
            dnssec=asked.dnssec or "prefer",
            agree=asked.agree or 1,
            nodes_agree=asked.nodes_agree or 1,
            finality=asked.finality or "latest",
        )
    except InvalidInput as bad:
        raise click.UsageError(str(bad)) from bad


def kept(name: str) -> Sources:
    """The answers in a file of evidence."""
    from ebl.evidence import read, replay

    return replay(read(files.load(name)))


def _examined(
    names: list[str], policy: Policy, sources: Sources, then: Sources | None
) -> Iterator[tuple[str, bytes, Report | Unreadable]]:
    """Each file's content and report, in order; many files are examined several at a time."""
    loaded: deque[tuple[str, bytes, Unreadable | None]] = deque()

    def contents() -> Iterator[bytes]:
        for name in names:
            try:
                loaded.append((name, files.load(name), None))
            except Unreadable as bad:
                loaded.append((name, b"", bad))
            yield loaded[-1][1]

    overlap = len(names) == 1
    for report in examine_all(contents(), policy, sources=sources, overlap=overlap, at_issuance=then):
        name, raw, trouble = loaded.popleft()
        yield name, raw, trouble or report


def _shown(name: str, raw: bytes, report: Report | Unreadable, *, as_json: bool, brief: bool) -> Exit:
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
    return EXIT[report.verdict]


def _ids(raw: bytes, report: Report) -> dict[str, Any]:
    from ebl.content_ids import content_ids

    return {} if report.document is None else {"content_ids": content_ids(raw, report.document).to_dict()}


def lines(name: str, report: Report, *, brief: bool) -> Iterator[str]:
    """A report for people: the verdict, then the findings (``brief``: those that passed in one line)."""
    word, colour = _WORDS[report.verdict]
    yield f"{click.style(word, fg=colour, bold=True)}  {printable(name)}"
    whole = report.to_dict()
    rows = whole["findings"]
    if not brief:
        yield from _issuers(whole["issuers"], whole["as_of"].get("issuance"))
    for row in rows:
        if not brief or row["outcome"] in ("failed", "unknown"):
            yield _row(row)
    if brief and report.verdict is not Verdict.VALID:
        held = dict.fromkeys(row["group"] for row in rows if row["outcome"] == "passed" and row["group"] != "policy")
        if held:
            yield f"  {click.style('✔', fg='green')} {', '.join(held)}"


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
    how = f"DNS, {who['assurance']}" if who["assurance"] else "its DID"
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
