"""``ebl wallet``: keystore files with the keys that sign transactions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebl.cli import files
from ebl.cli.group import EblGroup
from ebl.cli.output import result, result_json, say
from ebl.cli.secrets import SIGNING_KEY, SecretPlace, password, with_key, with_signer

if TYPE_CHECKING:
    from ebl.signers import LocalKey
    from ebl.transactions import TransactionSigner

wallet = EblGroup(
    name="wallet",
    commands_at={
        "new": ("ebl.cli.wallet:new", "Make a key, in a keystore file under a password."),
        "import": ("ebl.cli.wallet:import_", "Put a key that you have into a keystore file."),
        "address": ("ebl.cli.wallet:address", "Print the address of whoever would sign."),
    },
    help="Keys that sign transactions, in keystore (v3) files.",
)


@click.command()
@click.option("-o", "--output", required=True, metavar="FILE", help="The keystore file to write.")
@click.option("--password-file", metavar="FILE", help="Its password (or EBL_KEYSTORE_PASSWORD, or the prompt).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def new(output: str, password_file: str | None, as_json: bool) -> None:
    """Make a new key. Prints its address, never the key. An existing file is not overwritten."""
    from ebl.signers import LocalKey

    files.require_new(Path(output), "a key that is overwritten is lost")
    _keep(LocalKey.generate(), output, password(password_file, new=True), as_json=as_json)


@click.command("import")
@click.option("-o", "--output", required=True, metavar="FILE", help="The keystore file to write.")
@with_key("private key", usual=SIGNING_KEY)
@click.option("--password-file", metavar="FILE", help="The password (or EBL_KEYSTORE_PASSWORD, or the prompt).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def import_(output: str, key: SecretPlace, password_file: str | None, as_json: bool) -> None:
    """Put a private key into a keystore file. The key comes from a file, a descriptor or the environment, never a flag."""
    from ebl.signers import LocalKey

    files.require_new(Path(output), "a key that is overwritten is lost")
    _keep(LocalKey.from_hex(key.read()), output, password(password_file, new=True), as_json=as_json)


@click.command()
@with_signer
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def address(signer: Callable[[], TransactionSigner], as_json: bool) -> None:
    """Print the address of whoever would sign: of a keystore, a key, another program, or a KMS."""
    who = signer().address
    if as_json:
        result_json({"address": who})
    else:
        result(who)


def _keep(key: LocalKey, output: str, words: str, *, as_json: bool) -> None:
    files.save(Path(output), key.to_keystore(words), private=True)
    if as_json:
        result_json({"address": key.address, "keystore": output})
    else:
        result(key.address)
    say(f"The key is in {output}, under its password: back both up. Nobody can restore either.")
