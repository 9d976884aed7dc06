"""``ebl did``: DID documents to host, and the document of a did:key."""

from __future__ import annotations

from typing import Any

import click

from ebl.cli import own_files as files
from ebl.cli.group import EblGroup
from ebl.cli.key_commands import read
from ebl.cli.net_commands import chain_id
from ebl.cli.output import say
from ebl.did.did_syntax import web_url
from ebl.did.document_writer import key_document, web_document
from ebl.model.contract import Contract

did = EblGroup(
    name="did",
    commands_at={
        "web": ("ebl.cli.did_commands:web", "Write the did.json to host for a did:web, from its key files."),
        "check": ("ebl.cli.did_check_command:check", "Compare the did.json that is hosted with your key files."),
        "key": ("ebl.cli.did_commands:key", "Write the DID document of a key file's did:key."),
    },
    help="DID documents.",
)


@click.command()
@click.argument("key_files", metavar="KEYFILE…", nargs=-1, required=True)
@click.option(
    "--registry",
    "registries",
    type=(str, str),
    multiple=True,
    metavar="CHAIN ADDRESS",
    help="A token registry that the DID's titles are in: the chain's name or id, and the address. Repeatable.",
)
@click.option("-o", "--output", metavar="FILE", default="-", help="The file to write; default: stdout.")
def web(key_files: tuple[str, ...], registries: tuple[tuple[str, str], ...], output: str) -> None:
    """Write the did.json to host for a did:web, from its key files.

    All keys must be of one DID. The document contains public keys only. If it no longer lists a key, the signatures by that key
    no longer verify, including earlier ones. The same holds for a registry: keep each as long as titles in it are to verify.
    """
    keys = []
    for name in key_files:
        with read(name) as held:
            keys.append((held.did, held.id, held.public))
    whose = keys[0][0]
    with files.own("the did.json"):
        named = [Contract(chain_id(chain), address) for chain, address in registries]
        made = web_document(whose, [(key_id, public) for _, key_id, public in keys], registries=named)
    _write(made, output)
    say(f"Host it at {web_url(whose)} as application/json.")


@click.command()
@click.argument("key_file", metavar="KEYFILE")
@click.option("-o", "--output", metavar="FILE", default="-", help="The file to write; default: stdout.")
def key(key_file: str, output: str) -> None:
    """Write the DID document of a key file's did:key. It needs no hosting, because it is computed from the key."""
    with read(key_file) as held:
        _write(key_document(held.public), output)


def _write(document: dict[str, Any], output: str) -> None:
    files.put(output, files.json_text(document, indent=2))
