"""``ebl policy``: a bank's policy file, made and read back in plain words."""

from __future__ import annotations

from pathlib import Path

import click

from ebl.cli import files
from ebl.cli.group import EblGroup
from ebl.cli.output import printable, result, result_json

policy = EblGroup(
    name="policy",
    commands_at={
        "new": ("ebl.cli.policy_new:new", "Write a policy file from your answers, with the strict rules on."),
        "explain": ("ebl.cli.policy:explain", "Say in plain words what a policy file asks for."),
    },
    help="Policy files for ebl verify --policy.",
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def explain(file: Path, as_json: bool) -> None:
    """Say in plain words what a policy file asks for, a sentence a rule; or name every mistake in it.

    The smallest one:

    \b
      [issuers]
      trusted = [{ domain = "carrier.example" }]
    """
    from ebl.cli.net import table
    from ebl.net.lookup import resolver
    from ebl.policy_file import load

    with files.own("the policy"):
        found = load(file, known=table())
        if found.resolvers:
            resolver(found.resolvers, agree=found.agree)  # names what is wrong with them; nobody is asked
    if as_json:
        rules = [{"rule": rule.rule, "sentence": str(rule)} for rule in found.rules]
        settings = {
            "dnssec": found.dnssec,
            "agree": found.agree,
            "resolvers": list(found.resolvers),
            "finality": found.finality,
            "nodes_agree": found.nodes_agree,
            "max_age_minutes": found.max_age_minutes,
        }
        result_json({"file": str(file), "rules": rules, "settings": settings})
        return
    for sentence in found.explain():
        result(printable(sentence))
