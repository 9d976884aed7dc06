"""The options that set how documents are verified, which `ebl verify` and `ebl bulk verify` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ebl import policy as policies
from ebl.checking.formats import Reader
from ebl.cli.accepting import accepted, from_file, narrowed, with_accepting
from ebl.cli.context_options import More, adding, with_context
from ebl.config.settings import Layer
from ebl.errors import InvalidInput
from ebl.policy import Policy


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy to apply, the reader for documents, and the network settings, the strongest layer first."""

    policy: Policy
    reader: Reader
    said: tuple[Layer, ...]


_OPTIONS: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    with_accepting,
    click.option("--holder", metavar="ADDRESS", help="Accept only a title in circulation that this address holds."),
    click.option(
        "--owner", metavar="ADDRESS", help="Accept only a title in circulation whose beneficiary is this address."
    ),
    click.option("--challenge", metavar="TEXT", help="Accept only a presentation for this challenge, which you sent."),
    click.option("--domain", metavar="TEXT", help="Accept only a presentation for this domain, which is yours."),
    click.option(
        "--list-issuer", multiple=True, metavar="DID", help="Accept this issuer's status lists too. Repeatable."
    ),
    with_context,
)


def with_rules(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of the policy. The command needs ``asked`` too, and gets ``rules``.

    The command calls ``rules`` with the network settings of the options, after it has refused options that do not go together.
    It returns `Rules`.
    """

    @wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        names = ("policy_file", "issuer", "holder", "owner", "challenge", "domain", "list_issuer", "more")
        mine = {name: options.pop(name) for name in names}
        return command(*args, rules=lambda asked: _rules(asked, **mine), **options)

    for decorate in reversed(_OPTIONS):
        run = decorate(run)
    return run


def _rules(
    asked: Layer,
    *,
    policy_file: Path | None,
    issuer: tuple[str, ...],
    holder: str | None,
    owner: str | None,
    challenge: str | None,
    domain: str | None,
    list_issuer: tuple[str, ...],
    more: More,
) -> Rules:
    if policy_file and issuer:
        raise click.UsageError("Give --policy or --issuer, not both: a policy names the issuers to accept.")
    of_file = from_file(policy_file, asked) if policy_file else None
    policy = accepted(issuer) if of_file is None else of_file.policy
    policy = narrowed(policy, "--holder", lambda who: policies.HeldBy(who), holder)
    policy = narrowed(policy, "--owner", lambda who: policies.OwnedBy(who), owner)
    policy = narrowed(policy, "--challenge", lambda text: policies.PresentedTo(text), challenge)
    policy = narrowed(policy, "--domain", lambda text: policies.PresentedTo(domain=text), domain)
    reader = _reader(Reader() if of_file is None else Reader.of(of_file.accepted), more, list_issuer)
    return Rules(policy, reader, (asked,) if of_file is None else (asked, of_file.said))


def _reader(reader: Reader, more: More, list_issuers: tuple[str, ...]) -> Reader:
    """A reader with the additional contexts and list issuers of the options."""
    if more:
        reader = replace(reader, contexts=adding(more, reader.contexts))
    try:
        return replace(reader, list_issuers=tuple(dict.fromkeys((*reader.list_issuers, *list_issuers))))
    except InvalidInput as bad:
        raise click.BadParameter(str(bad), param_hint="--list-issuer") from bad
