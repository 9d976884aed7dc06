"""The options that set whom a command accepts: ``--issuer`` and ``--policy``, and those that add a single rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebl.cli import own_files as files
from ebl.errors import InvalidInput
from ebl.policy import AllOf, Policy, UnsafeAnyIssuer, contradiction

if TYPE_CHECKING:
    from ebl.config.settings import Layer
    from ebl.policy import PolicyFile, Trusted


def with_accepting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that set whom to accept. The command gets ``policy_file`` and ``issuer``."""
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


def accepted(issuers: tuple[str, ...]) -> Policy:
    """The policy of ``--issuer``: domains or DIDs."""
    if not issuers:
        return UnsafeAnyIssuer()
    try:
        from ebl.policy import IssuedByTrusted

        return IssuedByTrusted(*map(_trusted, issuers))
    except InvalidInput as bad:
        raise click.BadParameter(str(bad), param_hint="--issuer") from bad


def _trusted(word: str) -> Trusted:
    from ebl.policy import Trusted

    return Trusted(did=word) if word.startswith("did:") else Trusted(domain=word.lower().rstrip("."))


def from_file(path: Path, asked: Layer) -> PolicyFile:
    """The policy in a file. Raises click's usage error if the settings of the options cannot meet one of its rules."""
    from ebl.cli.net_commands import table
    from ebl.policy import load

    with files.own("the policy"):
        found = load(path, known=table())
    for option, name, rule in (
        ("--dnssec", "dnssec", "dns.dnssec"),
        ("--finality", "finality", "blocks.finality"),
        ("--nodes-agree", "nodes_agree", "blocks.agree"),
    ):
        setting = asked.get(name)
        if setting is not None and not found.can_be_met(rule, setting):
            raise click.UsageError(
                f"{option} {setting} and [{rule}] of the policy contradict each other: with this option, the rule cannot be"
                " met. Remove the option, or change the rule."
            )
    return found


def narrowed(policy: Policy, option: str, rule: Callable[[str], Policy], value: str | None) -> Policy:
    """A policy with the additional rule of an option, if the option was given."""
    if value is None:
        return policy
    try:
        more = rule(value)
    except InvalidInput as bad:
        raise click.BadParameter(str(bad), param_hint=option) from bad
    if (why := contradiction(policy, more)) is not None:
        raise click.UsageError(f"{option} {value} and the policy contradict each other: {why}.")
    return AllOf(policy, more)
