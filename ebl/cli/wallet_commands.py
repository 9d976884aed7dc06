"""``ebl wallet``: keystore files with the keys that sign transactions."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebl.cli import own_files as files
from ebl.cli.group import EblGroup
from ebl.cli.output import Exit, printable, result, result_json, say
from ebl.cli.secrets import SIGNING_KEY, SecretPlace, password, with_key, with_signer
from ebl.errors import TransactionError
from ebl.ethereum import secp256k1

if TYPE_CHECKING:
    from ebl.chain.sending import TransactionSigner
    from ebl.chain.signers import LocalKey

wallet = EblGroup(
    name="wallet",
    commands_at={
        "new": ("ebl.cli.wallet_commands:new", "Make a key, in a keystore file under a password."),
        "import": ("ebl.cli.wallet_commands:import_", "Put a key that you have into a keystore file."),
        "address": ("ebl.cli.wallet_commands:address", "Print the address of the signer."),
    },
    help="Keys that sign transactions, in keystore (v3) files.",
)


@click.command()
@click.option("-o", "--output", required=True, metavar="FILE", help="The keystore file to write.")
@click.option("--password-file", metavar="FILE", help="Its password (or EBL_KEYSTORE_PASSWORD, or the prompt).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def new(output: str, password_file: str | None, as_json: bool) -> None:
    """Make a new key. Prints its address, never the key. An existing file is not overwritten."""
    from ebl.chain.signers import LocalKey

    files.require_new(Path(output), "a key that is overwritten is lost")
    _keep(LocalKey.generate(), output, password(password_file, new=True), as_json=as_json)


@click.command("import")
@click.option("-o", "--output", required=True, metavar="FILE", help="The keystore file to write.")
@with_key("private key", usual=SIGNING_KEY)
@click.option("--password-file", metavar="FILE", help="The password (or EBL_KEYSTORE_PASSWORD, or the prompt).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def import_(output: str, key: SecretPlace, password_file: str | None, as_json: bool) -> None:
    """Put a private key into a keystore file. The key comes from a file, a descriptor or the environment, never a flag."""
    from ebl.chain.signers import LocalKey

    files.require_new(Path(output), "a key that is overwritten is lost")
    _keep(LocalKey.from_hex(key.read()), output, password(password_file, new=True), as_json=as_json)


@click.command()
@with_signer
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def address(ctx: click.Context, signer: Callable[[], TransactionSigner], as_json: bool) -> None:
    """Print the address of the signer: a keystore, a key, another program, or a KMS.

    A program or a KMS first signs a random message, to show that it has the key of the address that it names. If it does not,
    the address is printed as not confirmed, with exit code 3.
    """
    key = signer()
    doubt = _doubt(key)
    if as_json:
        result_json({"address": key.address, "confirmed": doubt is None})
    else:
        result(key.address if doubt is None else f"not confirmed: {key.address}")
    if doubt is not None:
        say(f"{click.style('not confirmed', fg='red', bold=True)}  {printable(doubt)}")
        say("Grant no role to this address, and send nothing to it, until its signer has signed something.")
        ctx.exit(Exit.INDETERMINATE)


def _doubt(key: TransactionSigner) -> str | None:
    """Why the signer may not have the key of its address; None if it has. The address of a local key is computed from the key."""
    from ebl.chain.signers import LocalKey

    if isinstance(key, LocalKey):
        return None
    try:
        signature = key.sign_message(message := f"ebl: whose key is this? {secrets.token_hex(16)}".encode())  # type: ignore[attr-defined]
        signed_by = secp256k1.recover(secp256k1.personal_digest(message), signature)
    except TransactionError as no:
        return no.message
    except ValueError as bad:
        return f"The signer returned no usable signature: {bad}."
    return None if signed_by == key.address else f"The signer signed as {signed_by}, not as {key.address}."


def _keep(key: LocalKey, output: str, words: str, *, as_json: bool) -> None:
    files.save(Path(output), key.to_keystore(words), private=True)
    if as_json:
        result_json({"address": key.address, "keystore": output})
    else:
        result(key.address)
    say(f"The key is in {output}, under its password: back both up. No one can restore either.")
