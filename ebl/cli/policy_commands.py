"""``ebl policy``: a bank's policy file: write one, and explain one in plain words."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebl.cli import own_files as files
from ebl.cli.group import EblGroup
from ebl.cli.language_option import with_language
from ebl.cli.output import printable, result, result_json
from ebl.messages.languages import Language

if TYPE_CHECKING:
    from ebl.policy import PolicyFile

policy = EblGroup(
    name="policy",
    commands_at={
        "new": ("ebl.cli.policy_new_command:new", "Write a policy file from your answers, with the strict rules on."),
        "explain": ("ebl.cli.policy_commands:explain", "Explain in plain words what a policy file requires."),
        "schema": ("ebl.cli.policy_commands:schema", "Write the JSON Schema of policy files, for editors."),
    },
    help="Policy files for ebl verify --policy.",
)


@click.command()
@click.option("-o", "--output", default="-", metavar="FILE", help="The file to write; default: stdout.")
def schema(output: str) -> None:
    """Write the JSON Schema of policy files, with which an editor completes keys and marks mistakes.

    Name it in the first line of a policy file, for editors that know the directive of Taplo and Even Better TOML:

    \b
      #:schema ./policy.schema.json
    """
    from ebl.config.schemas import raw

    files.put(output, raw("policy.schema.json"))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_language
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def explain(file: Path, as_json: bool, languages: tuple[Language, ...]) -> None:
    """Explain in plain words what a policy file requires, one sentence for each rule; or list every mistake in it.

    The smallest one:

    \b
      [issuers]
      trusted = [{ domain = "carrier.example" }]
    """
    from ebl.cli.net_commands import table
    from ebl.net.resolvers import resolver
    from ebl.policy import load

    with files.own("the policy"):
        found = load(file, known=table())
        settings = found.settings
        if "resolver" in found.said:
            resolver(
                settings.resolver, agree=settings.resolvers_agree
            )  # raises what is wrong with them; no source is queried
    if as_json:
        rules = [{"rule": rule.rule, "sentence": str(rule)} for rule in found.rules]
        result_json(
            {"file": str(file), "rules": rules, "settings": _settings(found), "credentials": _credentials(found)}
        )
        return
    for language in languages:
        for sentence in found.explain(language):
            result(printable(sentence))


def _settings(found: PolicyFile) -> dict[str, Any]:
    """The network settings of a file as JSON data, by their names in it; null for settings that it does not have."""
    said, settings = found.said, found.settings
    return {
        "dnssec": said.get("dnssec"),
        "agree": settings.resolvers_agree,
        "resolvers": list(said.get("resolver", ())),
        "finality": said.get("finality"),
        "nodes_agree": settings.nodes_agree,
        "max_age_minutes": said["max_age"] // timedelta(minutes=1) if "max_age" in said else None,
        "prove": settings.prove,
    }


def _credentials(found: PolicyFile) -> dict[str, Any]:
    """What the file accepts when credentials are read, as JSON data."""
    contexts = [{"url": url, "sha256": sha256} for url, sha256 in found.contexts.items()]
    return {"list_issuers": list(found.accepted.list_issuers), "contexts": contexts}
