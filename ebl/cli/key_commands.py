"""``ebl key``: keys that sign credentials."""

from __future__ import annotations

from pathlib import Path

import click

from ebl.cli import own_files as files
from ebl.cli import secrets
from ebl.cli.group import EblGroup
from ebl.cli.output import result, result_json, say
from ebl.config.files import MAX_SECRET
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import KeyType

SUITES = {"ecdsa-sd-2023": KeyType.P256, "bbs-2023": KeyType.BLS12_381}

key = EblGroup(
    name="key",
    commands_at={
        "new": ("ebl.cli.key_commands:new", "Make a key that signs credentials, in a file that only you can read."),
        "show": ("ebl.cli.key_commands:show", "Show whose key a file holds, and its public half."),
    },
    help="Keys that sign credentials.",
)


@click.command()
@click.option(
    "--suite",
    type=click.Choice(list(SUITES)),
    default="ecdsa-sd-2023",
    show_default=True,
    help="The cryptosuite that it will sign with.",
)
@click.option(
    "--did",
    metavar="DID",
    help="The DID that owns the key, such as did:web:carrier.example. Default: the key's own did:key.",
)
@click.option("--name", default="keys-1", show_default=True, help="What the key is called in the DID document.")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help="The file to write, readable only by you; - prints it, including the secret.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def new(suite: str, did: str | None, name: str, output: str, as_json: bool) -> None:
    """Make a key that signs credentials, in a file that only you can read.

    Prints the key's id, never its secret (unless FILE is -). An existing file is not overwritten.
    """
    if output == "-" and as_json:
        raise click.UsageError("--json needs -o FILE: the key itself would go to stdout.")
    if output != "-":
        files.require_new(Path(output), "a key that is overwritten is lost")
    with IssuerKey.generate(SUITES[suite], did=did, fragment=name) as made:
        if output == "-":
            files.put(output, made.to_json())
            return
        files.save(Path(output), made.to_json(), private=True)
        _tell(made, as_json=as_json)
    say(f"The secret key is in {output}: back it up, and show it to no one.")


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(file: str, as_json: bool) -> None:
    """Show whose key a file holds, and its public half. The secret is not shown."""
    with read(file) as held:
        _tell(held, as_json=as_json)


def read(name: str) -> IssuerKey:
    """The key in a file (``-``: stdin). Raises `ebl.cli.output.OwnInput` if it cannot be read."""
    secrets.warn_of_open_file(name, "secret key")
    with files.own("the key file"):
        return IssuerKey.from_json(files.load(name, limit=MAX_SECRET))


def _tell(held: IssuerKey, *, as_json: bool) -> None:
    if as_json:
        result_json(held.to_method())
    else:
        result(f"{held.id}\n{held.public.kind}")
