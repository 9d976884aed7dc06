"""``ebl verify``: many files, one verdict each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebl.cli import files
from ebl.cli.folders import with_only_documents
from ebl.cli.place import as_age, with_finality, with_max_age, with_nodes_agree
from ebl.cli.reports import tell, with_strictness
from ebl.errors import InvalidInput
from ebl.policy import AllOf, HeldBy, OwnedBy, Policy, UnsafeAnyIssuer, contradiction
from ebl.run import Run
from ebl.sources import BlockTag, Sources

if TYPE_CHECKING:
    from ebl.rules import Trusted


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom to ask, and how; None and nothing where it was not said. ``rpc`` are ID=URL, ``max_age`` is in minutes."""

    rpc: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
    dnssec: str | None = None
    agree: int | None = None
    finality: BlockTag | None = None
    nodes_agree: int | None = None
    max_age: int | None = None


def with_resolving(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say how domains are asked about. It gets ``resolver``, ``dnssec`` and ``agree``."""
    resolver = click.option(
        "--resolver",
        multiple=True,
        metavar="SPEC",
        help="system (default), udp://IP:PORT, tls://HOST, https://…, or public or china, which name several. Repeatable.",
    )
    dnssec = click.option(
        "--dnssec", type=click.Choice(["require", "prefer", "off"]), help="Whether DNS records need a proof.  [prefer]"
    )
    agree = click.option("--agree", type=click.IntRange(1, 20), help="How many resolvers must say the same.  [1]")
    return resolver(dnssec(agree(command)))


def with_accepting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say whom to accept. It gets ``policy_file`` and ``issuer``."""
    policy = click.option(
        "--policy",
        "policy_file",
        type=click.Path(path_type=Path),
        help="A TOML file of rules: see ebl policy explain.",
    )
    issuer = click.option(
        "--issuer", multiple=True, metavar="DOMAIN|DID", help="Accept only this issuer. Repeatable: any one of them."
    )
    return policy(issuer(command))


def with_asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say whom to ask, and how. It gets ``offline`` and ``asked``."""

    @click.option("--offline", is_flag=True, help="Ask nobody: checks what the file alone can show.")
    @click.option(
        "--rpc",
        multiple=True,
        metavar="ID=URL",
        help="A node for a chain, e.g. 1337=http://127.0.0.1:8545. Repeatable.  [the nodes that you gave ebl net add]",
    )
    @with_resolving
    @with_nodes_agree
    @with_finality
    @with_max_age
    @wraps(command)
    def run(
        *args: Any,
        rpc: tuple[str, ...],
        resolver: tuple[str, ...],
        dnssec: str | None,
        agree: int | None,
        nodes_agree: int | None,
        finality: BlockTag | None,
        max_age: int | None,
        **options: Any,
    ) -> Any:
        asked = Asking(rpc, resolver, dnssec, agree, finality, nodes_agree, max_age)
        return command(*args, asked=asked, **options)

    return run


@click.command()
@click.argument("words", metavar="FILE…", nargs=-1, required=True)
@with_asking
@click.option("--prove", is_flag=True, help="Have stores and titles proved by their storage, not said by the node.")
@with_accepting
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
@with_strictness
@with_only_documents
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a file (JSON Lines), as in schemas/report.schema.json."
)
@click.pass_context
def verify(
    ctx: click.Context,
    words: tuple[str, ...],
    offline: bool,
    asked: Asking,
    prove: bool,
    policy_file: Path | None,
    issuer: tuple[str, ...],
    holder: str | None,
    owner: str | None,
    evidence: Path | None,
    replay: str | None,
    at_issuance: str | None,
    strict: bool,
    only_documents: bool,
    as_json: bool,
) -> None:
    """Verify bills: unaltered, issued and not revoked, and who stands behind them.

    FILE may be a file, a folder or - for stdin. Every file of a folder is accounted for: JSON is read whatever its name, and
    anything else is listed. An archive, a PDF or an e-mail in it may hold a bill, so that the exit code is 3 unless you say
    --only-documents. Without --issuer or --policy any issuer is accepted, and the answer says so. What each code means, and
    what to do, is in docs/codes.
    """
    if offline and replay:
        raise click.UsageError("--offline has no answers and --replay has kept ones, so they do not go together.")
    asks_nobody = (
        Asking(max_age=asked.max_age) if replay else Asking()
    )  # kept answers have an age too, as of their time
    if (offline or replay) and (asked != asks_nobody or evidence):
        raise nobody_is_asked("--offline" if offline else "--replay")
    if offline and prove:
        raise click.UsageError("--offline asks nobody, so nothing can be proved by the storage of a contract.")
    if evidence and str(evidence) == "-":
        raise click.UsageError("--evidence needs a file: stdout has the verdicts.")
    if evidence and evidence.exists():
        raise click.UsageError(f"{evidence} exists already, and evidence that is overwritten is lost.")
    if policy_file and issuer:
        raise click.UsageError("--policy says whom to accept, so --issuer does not go with it.")
    policy = accepted(issuer)
    if policy_file:
        policy, asked = from_file(policy_file, asked)
    for option, rule, address in (("--holder", HeldBy, holder), ("--owner", OwnedBy, owner)):
        if address is not None:
            policy = _by(policy, option, rule, address)
    # One run for all the files: one block a chain, and no question asked twice.
    sources = kept(replay, asked) if replay else Sources.offline() if offline else online(asked)
    run = Run(replace(sources, prove=prove))
    then = kept(at_issuance, asked) if at_issuance else None
    code = tell(words, policy, run.once, as_json=as_json, then=then, strict=strict, only_documents=only_documents)
    if evidence:
        from ebl.evidence import record

        files.save(evidence, record(run))
    ctx.exit(code)


def accepted(issuers: tuple[str, ...]) -> Policy:
    """The policy that ``--issuer`` means: domains, or DIDs."""
    if not issuers:
        return UnsafeAnyIssuer()
    try:
        from ebl.rules import IssuedByTrusted

        return IssuedByTrusted(*map(_trusted, issuers))
    except InvalidInput as bad:
        raise click.BadParameter(str(bad), param_hint="--issuer") from bad


def nobody_is_asked(word: str) -> click.UsageError:
    """The error for an option that asks nobody, beside one that says whom to ask."""
    return click.UsageError(f"{word} asks nobody, so options that say whom or what to ask do not go with it.")


def _by(policy: Policy, option: str, rule: Callable[[str], Policy], address: str) -> Policy:
    """A policy with the rule about a party that an option means."""
    try:
        party = rule(address)
    except InvalidInput as bad:
        raise click.BadParameter(str(bad), param_hint=option) from bad
    if (why := contradiction(policy, party)) is not None:
        raise click.UsageError(f"{option} {address} and the policy contradict each other: {why}.")
    return AllOf(policy, party)


def _trusted(word: str) -> Trusted:
    from ebl.rules import Trusted

    return Trusted(did=word) if word.startswith("did:") else Trusted(domain=word.lower().rstrip("."))


def from_file(path: Path, asked: Asking) -> tuple[Policy, Asking]:
    """The policy in a file, and how to ask so that it can be met; what was said on the command line goes first."""
    from ebl.cli.net import table
    from ebl.policy_file import load

    with files.own("the policy"):
        found = load(path, known=table())
    for option, setting, rule in (
        ("--dnssec", asked.dnssec, "dns.dnssec"),
        ("--finality", asked.finality, "blocks.finality"),
        ("--nodes-agree", asked.nodes_agree, "blocks.agree"),
    ):
        if setting is not None and not found.can_be_met(rule, setting):
            raise click.UsageError(
                f"{option} {setting} and [{rule}] of the policy contradict each other: nothing that is read so can meet"
                " it. Leave the option out, or change the rule."
            )
    return found.policy, Asking(
        asked.rpc,
        asked.resolvers or found.resolvers,
        asked.dnssec or found.dnssec,
        asked.agree or found.agree,
        asked.finality or found.finality,
        asked.nodes_agree or found.nodes_agree,
        asked.max_age or found.max_age_minutes,
    )


def online(asked: Asking) -> Sources:
    """Live sources, as ``--rpc``, ``--resolver`` and the policy say; without ``--rpc``, the nodes of the user's own list."""
    from ebl.cli.net import numbered, own_nodes, table

    urls: dict[int, list[str]] = {} if asked.rpc else own_nodes()
    for number, url in map(numbered, asked.rpc):
        urls.setdefault(number, []).append(url)
    try:
        return Sources.online(
            rpc=urls,
            resolver=asked.resolvers or "system",
            dnssec=asked.dnssec or "prefer",
            agree=asked.agree or 1,
            nodes_agree=asked.nodes_agree or 1,
            finality=asked.finality or "latest",
            max_age=as_age(asked.max_age),
            networks=table(),
        )
    except InvalidInput as bad:
        raise click.UsageError(str(bad)) from bad


def kept(name: str, asked: Asking) -> Sources:
    """The answers in a file of evidence, whose blocks may be as old, at its time, as those that are asked for now."""
    from ebl.cli.net import table
    from ebl.evidence import read, replay

    with files.own("the evidence"):
        return replace(replay(read(files.load(name))), max_age=as_age(asked.max_age), networks=table())
