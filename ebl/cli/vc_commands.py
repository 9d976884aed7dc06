"""``ebl vc``: W3C credentials, from composing one to presenting it. `ebl verify` verifies them."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from ebl.cli import own_files as files
from ebl.cli.context_options import More, adding, with_context
from ebl.cli.group import EblGroup
from ebl.cli.key_commands import read as read_key
from ebl.cli.output import say
from ebl.codec.timestamp import NotATimestamp, parse_timestamp
from ebl.credential import Credential, Renderer, derive, listed, sign, transferable
from ebl.credentials import vc as vc_format
from ebl.credentials.present import present
from ebl.credentials.status_list_credential import PURPOSES
from ebl.identity.title_registry import can_name
from ebl.messages import explained

vc = EblGroup(
    name="vc",
    commands_at={
        "new": ("ebl.cli.vc_commands:new", "Compose an unsigned credential."),
        "sign": ("ebl.cli.vc_commands:sign_one", "Sign a credential as its issuer."),
        "derive": ("ebl.cli.vc_commands:derive_one", "Show a part of a credential, as its holder."),
        "present": ("ebl.cli.vc_commands:present_some", "Present credentials to a verifier, as their holder."),
    },
    help="W3C credentials (ecdsa-sd-2023 and bbs-2023): new, sign, derive, present. `ebl verify` verifies them.",
)

_key_file = click.option(
    "--key-file", required=True, metavar="KEYFILE", help="The key, as `ebl key new` writes it; - for stdin."
)
_output = click.option("-o", "--output", default="-", metavar="FILE", help="The file to write; default: stdout.")


@click.command()
@click.argument("subject", metavar="FILE")
@click.option("--issuer", required=True, metavar="DID", help="The DID that will sign it.")
@click.option("--issuer-name", metavar="NAME", help="The issuer's name, for people.")
@click.option("--title", type=(int, str), metavar="CHAIN ADDRESS", help="Make it a title of this token registry.")
@click.option("--status-list", type=(str, int), metavar="URL N", help="Its status is entry N of this status list.")
@click.option(
    "--purpose", type=click.Choice(PURPOSES), default="revocation", show_default=True, help="The purpose of that list."
)
@click.option("--type", "types", multiple=True, metavar="TYPE", help="A further type of the credential. Repeatable.")
@click.option(
    "--valid-from", metavar="TIME", help="The start of its validity, such as 2026-01-31T09:00:00Z (default: now)."
)
@click.option("--valid-until", metavar="TIME", help="The end of its validity.")
@click.option("--renderer", type=(str, str), metavar="URL TEMPLATE", help="The page that displays it.")
@click.option("--qr", metavar="URL", help="The URL of its QR code.")
@click.option("--attach", "attachments", multiple=True, metavar="FILE", help="A file to attach. Repeatable.")
@click.option(
    "--data-model",
    type=click.Choice(["2.0", "1.1"]),
    default="2.0",
    show_default=True,
    help="The version of the W3C data model.",
)
@with_context
@_output
def new(
    subject: str,
    issuer: str,
    issuer_name: str | None,
    title: tuple[int, str] | None,
    status_list: tuple[str, int] | None,
    purpose: str,
    types: tuple[str, ...],
    valid_from: str | None,
    valid_until: str | None,
    renderer: tuple[str, str] | None,
    qr: str | None,
    attachments: tuple[str, ...],
    data_model: str,
    more: More,
    output: str,
) -> None:
    """Compose an unsigned credential with the content of FILE (- for stdin): a JSON object, such as
    {"type": ["BillOfLading"], "blNumber": "BL-1"}.

    The contexts of known types are added. Content that would not verify after signing is refused.
    """
    if title is not None and status_list is not None:
        raise click.UsageError("A title is its own status: give --title or --status-list.")
    status: Mapping[str, Any] | None = None
    if title is not None:
        status = transferable(chain_id=title[0], registry=title[1])
    elif status_list is not None:
        status = listed(url=status_list[0], index=status_list[1], purpose=purpose)
    made = Credential(
        issuer=issuer,
        issuer_name=issuer_name,
        subject=files.load_object(subject),
        status=status,
        types=types,
        valid_from=_moment(valid_from) or datetime.now(UTC),
        valid_until=_moment(valid_until),
        renderer=Renderer(*renderer) if renderer else None,
        qr_code=qr,
        attachments=[_attachment(name) for name in attachments],
        contexts=[url for url, _, _ in more],
        version=data_model,
        known_contexts=adding(more),
    )
    _write(made.to_dict(), output)


@click.command("sign")
@click.argument("file", metavar="FILE")
@_key_file
@click.option(
    "--mandatory",
    multiple=True,
    metavar="POINTER",
    help="A place that no holder may leave out, in addition to issuer, dates, status, type, renderer and QR code. Repeatable.",
)
@with_context
@_output
def sign_one(file: str, key_file: str, mandatory: tuple[str, ...], more: More, output: str) -> None:
    """Sign a credential as its issuer, with the suite of the key. The result goes to the holder.

    The id, and the token id of a title, are filled in if they are missing.
    """
    credential = files.load_object(file)
    with read_key(key_file) as key:
        signed = sign(credential, key, mandatory=mandatory, contexts=adding(more))
    _write(signed, output)
    if _names_registry(signed):
        by = "name it with ebl dns record or ebl did web --registry"
        if not can_name(key.did):
            by = "ask them to list it among your registries in their policy"
        say(f"The credential is a title. Verifiers need to know that its registry is yours: {by}.")
    if "validUntil" not in signed and "expirationDate" not in signed:
        say(
            'It has no end of validity, and a holder could have left one out: a policy with whole = "require" leaves it open.'
        )
        say("Fix: Compose it with ebl vc new --valid-until TIME.")


def _names_registry(credential: Mapping[str, Any]) -> bool:
    status = credential.get("credentialStatus")
    return isinstance(status, dict) and status.get("type") == vc_format.TRANSFERABLE


@click.command("derive")
@click.argument("file", metavar="FILE")
@click.option(
    "--show", "pointers", multiple=True, metavar="POINTER", help="A place to show, such as /credentialSubject/blNumber."
)
@click.option("--all", "everything", is_flag=True, help="Show everything (but not the secrets of the base proof).")
@with_context
@_output
def derive_one(file: str, pointers: tuple[str, ...], everything: bool, more: More, output: str) -> None:
    """Show a part of a credential, as its holder: the mandatory parts, and the places that you name."""
    if everything == bool(pointers):
        raise click.UsageError("Name what to show: --show POINTER (repeatable), or --all.")
    _write(derive(files.load_object(file), [""] if everything else pointers, contexts=adding(more)), output)


@click.command("present")
@click.argument("names", metavar="FILE…", nargs=-1, required=True)
@_key_file
@click.option("--challenge", metavar="TEXT", help="The challenge that the verifier sent, which prevents reuse.")
@click.option("--domain", metavar="TEXT", help="The verifier's domain.")
@click.option("--minutes", type=click.IntRange(1, 525_600), default=10, show_default=True, help="How long it is valid.")
@with_context
@_output
def present_some(
    names: tuple[str, ...],
    key_file: str,
    challenge: str | None,
    domain: str | None,
    minutes: int,
    more: More,
    output: str,
) -> None:
    """Present credentials to a verifier, as their holder. A credential as issued is shown whole: derive it first."""
    now = datetime.now(UTC)
    credentials = [files.load_object(name) for name in names]
    with read_key(key_file) as key:
        shown = present(
            credentials,
            key,
            expires=now + timedelta(minutes=minutes),
            challenge=challenge,
            domain=domain,
            created=now,
            contexts=adding(more),
        )
    _write(shown, output)
    if challenge is None:
        say("It has no challenge: any recipient could show it to others until it expires.")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_timestamp(text)
    except NotATimestamp as bad:
        raise click.UsageError(f"{text}: {explained(bad.reason)}.") from bad


def _attachment(name: str) -> dict[str, str]:
    with files.own("the attachment"):
        content = files.load(name)
    return {
        "data": base64.b64encode(content).decode(),
        "filename": Path(name).name,
        "mimeType": mimetypes.guess_type(name)[0] or "application/octet-stream",
    }


def _write(document: dict[str, Any], output: str) -> None:
    files.put(output, files.json_text(document))
