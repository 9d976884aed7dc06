"""``ebl encrypt``, ``ebl decrypt`` and ``ebl qr``: documents as an encrypted file and a link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ebl.cli import own_files as files
from ebl.cli.group import EblGroup
from ebl.cli.output import printable, result, result_json, say
from ebl.cli.secrets import SecretPlace, with_key
from ebl.codes import Failure
from ebl.errors import InvalidInput, Unreadable
from ebl.sharing.encryption import MAX_BYTES, Encrypted, key_from_hex, new_key
from ebl.sharing.encryption import decrypt as opened
from ebl.sharing.encryption import encrypt as sealed
from ebl.sharing.links import HOST, ActionLink, qr_png, qr_svg

_with_key = with_key("key of the document", usual=("EBL_DOCUMENT_KEY",))

qr = EblGroup(
    name="qr",
    commands_at={
        "make": ("ebl.cli.encryption_commands:make", "Make the link to an encrypted document, and its QR code."),
        "read": ("ebl.cli.encryption_commands:read", "Show where a link leads. Fetches nothing."),
    },
    help="Links to encrypted documents, and their QR codes.",
)


@click.command()
@click.argument("name", metavar="FILE")
@click.option("-o", "--output", metavar="FILE", required=True, help="The encrypted file to write.")
@click.option(
    "--key-out", metavar="FILE", help="Write the key to this file, readable only by you, instead of printing it."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def encrypt(name: str, output: str, key_out: str | None, as_json: bool) -> None:
    """Encrypt a document under a new key, so that it can be kept in any storage.

    Prints the key in hex: any party with the key and the file can read the document. Put it into a link with `ebl qr make`. An
    existing file is not overwritten.
    """
    files.require_new(Path(output))
    try:
        text = files.load(name).decode()
    except UnicodeDecodeError:
        raise Unreadable(Failure.NOT_JSON, "not_utf8", file=name) from None
    key = new_key()
    encrypted = sealed(text, key).to_json() + b"\n"
    if key_out is not None:
        if Path(key_out).resolve() == Path(output).resolve():
            raise click.UsageError("--output and --key-out name the same file. Name two files.")
        _keep(key, Path(key_out))
    files.save(Path(output), encrypted)
    if as_json:
        shown = {"key_file": key_out} if key_out is not None else {"key": key.hex()}
        result_json({"file": name, "encrypted": output, **shown})
    elif key_out is None:
        result(key.hex())
    say(f"{printable(name)} is encrypted in {printable(output)}; send the key by another channel than the file.")


@click.command()
@click.argument("name", metavar="FILE")
@_with_key
@click.option("--link-file", metavar="FILE", help="A file with the link that contains the key; - for stdin.")
@click.option("-o", "--output", metavar="FILE|-", default="-", help="The file to write; default: stdout.")
def decrypt(name: str, key: SecretPlace, link_file: str | None, output: str) -> None:
    """Decrypt a document. It is not verified: use `ebl verify` afterwards."""
    encrypted = Encrypted.read(files.load(name, limit=MAX_BYTES))
    if link_file is not None:
        if key.is_named:
            raise click.UsageError("Give the key or the link, not both.")
        held = _link(link_file).key
        if held is None:
            raise InvalidInput("The link has no key.", fix="Give the key itself, with --key-file.")
    else:
        held = _key(key)
    files.put(output, opened(encrypted, held).encode())


@click.command()
@click.argument("uri", metavar="URI")
@click.option("-o", "--output", metavar="FILE", help="The QR code to write: a .png or .svg file.")
@_with_key
@click.option("--plain", is_flag=True, help="The document is not encrypted: the link has no key.")
@click.option("--chain-id", type=click.IntRange(1), metavar="N", help="The chain that the document is on.")
@click.option("--redirect", metavar="URL", help="The page that shows the document.")
@click.option("--at", default=HOST, show_default=True, metavar="URL", help="The page that the link opens.")
@click.option(
    "--key-in-fragment", is_flag=True, help="Put the key behind the #, so that the page's server does not see it."
)
@click.option("--scale", type=click.IntRange(1, 100), default=8, show_default=True, help="Pixels for each module.")
def make(
    uri: str,
    output: str | None,
    key: SecretPlace,
    plain: bool,
    chain_id: int | None,
    redirect: str | None,
    at: str,
    key_in_fragment: bool,
    scale: int,
) -> None:
    """Make the link to an encrypted document at URI, and its QR code.

    Prints the link. It contains the key: any party with the link can read the document.
    """
    draw = None if output is None else {".svg": qr_svg, ".png": qr_png}.get(Path(output).suffix.lower())
    if output is not None and draw is None:
        raise click.UsageError("-o takes a file that ends in .png or .svg.")
    held = None if plain else _key(key)
    with files.own("the link"):
        link = ActionLink(uri=uri, key=held, chain_id=chain_id, redirect=redirect)
        url = link.to_url(at, key_in_fragment=key_in_fragment)
    if output is not None and draw is not None:
        files.save(Path(output), draw(url, scale=scale), private=held is not None)
    result(url)


@click.command()
@click.argument("name", metavar="FILE|-")
@click.option("--key-out", metavar="FILE", help="Write the key to this file, readable only by you.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, without the key.")
def read(name: str, key_out: str | None, as_json: bool) -> None:
    """Show where a link leads. Fetches nothing, and does not print the key.

    FILE contains the link, which is not an argument because it has a key in it; - reads it from stdin.
    """
    link = _link(name)
    if key_out is not None:
        if link.key is None:
            raise InvalidInput("The link has no key.")
        _keep(link.key, Path(key_out))
    rows: dict[str, Any] = {
        "type": link.type,
        "uri": link.uri,
        "host": link.host,
        "has_key": link.key is not None,
        "chain_id": link.chain_id,
        "permitted_actions": list(link.permitted_actions),
        "redirect": link.redirect,
        "more": dict(link.more),
    }
    if as_json:
        result_json(rows)
        return
    for label, value in rows.items():
        if value not in (None, [], {}):
            result(f"{label.replace('_', ' '):<18} {printable(_words(value))}")


def _key(place: SecretPlace) -> bytes:
    """The key that the caller gave. Raises `ebl.cli.output.OwnInput` if there is none, or it is malformed."""
    text = place.read()
    with files.own("the key"):
        return key_from_hex(text)


def _link(name: str) -> ActionLink:
    raw = files.load(name)
    try:
        return ActionLink.parse(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        from ebl.codec.file_kind import kind_of

        if (kind := kind_of(raw[:4096])) is None:
            raise Unreadable(Failure.LINK, "not_text") from None
        raise Unreadable(Failure.LINK, "file", kind=kind.what) from None


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _keep(key: bytes, path: Path) -> None:
    files.require_new(path, "may contain another document's key")
    files.save(path, key.hex().encode() + b"\n", private=True)
