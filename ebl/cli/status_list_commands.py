"""``ebl status-list``: the lists in which an issuer revokes and suspends credentials."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from ebl import sources
from ebl.cli import own_files as files
from ebl.cli.group import EblGroup
from ebl.cli.key_commands import read as read_key
from ebl.cli.output import printable, result, result_json, say
from ebl.codec.bitstring import MIN_BITS
from ebl.codec.broken import Broken
from ebl.codec.timestamp import format_timestamp
from ebl.codes import Failure
from ebl.credentials import status_list_credential as list_credential
from ebl.credentials.status_list_credential import PURPOSES, ListKind, StatusList
from ebl.errors import InvalidInput, Malformed

_KINDS = {"bitstring": ListKind.BITSTRING, "2021": ListKind.STATUS_2021}

status_list = EblGroup(
    name="status-list",
    commands_at={
        "create": ("ebl.cli.status_list_commands:create", "Make and sign a list in which nothing is revoked."),
        "update": ("ebl.cli.status_list_commands:update", "Set and clear entries of a list, and sign it again."),
        "show": ("ebl.cli.status_list_commands:show", "Show the content of a list; its proof is not checked."),
    },
    help="The lists in which an issuer revokes and suspends credentials.",
)

_key_file = click.option(
    "--key-file", required=True, metavar="KEYFILE", help="The issuer's key, as `ebl key new` writes it; - for stdin."
)
_days = click.option(
    "--days", type=click.IntRange(1, 3660), help="How long verifiers may rely on it (default: until it is replaced)."
)


@click.command()
@click.argument("url", metavar="URL")
@_key_file
@click.option(
    "--purpose",
    type=click.Choice(PURPOSES),
    default="revocation",
    show_default=True,
    help="The meaning of its entries.",
)
@click.option(
    "--kind",
    type=click.Choice(list(_KINDS)),
    default="bitstring",
    show_default=True,
    help="Bitstring Status List 1.0, or Status List 2021.",
)
@click.option(
    "--entries", type=int, default=MIN_BITS, show_default=True, help="The number of credentials that it has room for."
)
@click.option("--multibase", is_flag=True, help="Encode it as the standard does; TrustVC cannot read that.")
@_days
@click.option("-o", "--output", required=True, metavar="FILE", help="The file to host at URL; - for stdout.")
def create(
    url: str, key_file: str, purpose: str, kind: str, entries: int, multibase: bool, days: int | None, output: str
) -> None:
    """Make and sign a list in which nothing is revoked, to be hosted at URL (https).

    The key's DID is the issuer. An existing file is not overwritten: its revocations would be lost.
    """
    if output != "-":
        files.require_new(Path(output), "its revocations would be lost", fix="Change it with `ebl status-list update`.")
    now = datetime.now(UTC)
    with read_key(key_file) as key:
        made = list_credential.new_list(
            url=url,
            issuer=key.did,
            purpose=purpose,
            valid_from=now,
            valid_until=_until(now, days),
            kind=_KINDS[kind],
            entries=entries,
            multibase=multibase,
        )
        files.put(output, files.json_text(list_credential.signed(made, key, created=now)))
    say(f"Host it at {printable(url)} as application/vc or application/json.")


@click.command()
@click.argument("file", metavar="FILE")
@_key_file
@click.option(
    "--set", "to_set", type=click.IntRange(0), multiple=True, metavar="N", help="Revoke or suspend entry N. Repeatable."
)
@click.option("--clear", type=click.IntRange(0), multiple=True, metavar="N", help="Undo that for entry N. Repeatable.")
@_days
@click.option(
    "--file-unverified",
    "unverified",
    is_flag=True,
    help="Sign the content of FILE without checking that its issuer signed it.",
)
@click.option("-o", "--output", metavar="FILE", help="Where the new list goes (default: FILE); - for stdout.")
def update(
    file: str,
    key_file: str,
    to_set: tuple[int, ...],
    clear: tuple[int, ...],
    days: int | None,
    unverified: bool,
    output: str | None,
) -> None:
    """Set and clear entries of a list, and sign it again with dates from now on. It works on your own copy of the list.

    Updates of one file wait for each other, by a lock file next to it (.FILE.lock), so that no entry is lost.

    Without --set and --clear the list is only signed again. A list with --days must be signed again before they pass.

    FILE must be a list that its issuer signed whole. Otherwise the new signature could make revoked bills valid again. A proof by
    the same key is checked locally. A proof by another key of the issuer (before a change of keys) needs the issuer's DID
    document, which is fetched.
    """
    if both := sorted(set(to_set) & set(clear)):
        raise click.UsageError(f"Entry {both[0]} cannot be both set and cleared.")
    now = datetime.now(UTC)
    bits = {**dict.fromkeys(to_set, True), **dict.fromkeys(clear, False)}
    in_place = output in (None, file) and file != "-"
    with read_key(key_file) as key, files.changing(Path(file)) if in_place else nullcontext():
        old = files.load_object(file)
        if not unverified:
            list_credential.require_own(old, key, sources=sources.online(rpc={}))
        changed = list_credential.updated(old, bits, valid_from=now, valid_until=_until(now, days))
        signed = files.json_text(list_credential.signed(changed, key, created=now))
        if in_place:
            files.overwrite(Path(file), signed)  # the list goes on in its place
    if not in_place:
        files.put(output or file, signed)
    say(f"{len(to_set)} set, {len(clear)} cleared; host the new list in place of the old one.")


@click.command()
@click.argument("file", metavar="FILE")
@click.argument("indexes", metavar="[N…]", type=click.IntRange(0), nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(file: str, indexes: tuple[int, ...], as_json: bool) -> None:
    """Show the content of a list, and whether the entries N are set. Its proof is not checked."""
    credential = files.load_object(file)
    try:
        held = list_credential.parse(credential)
    except Broken as bad:
        raise Malformed(Failure.SCHEMA, "status_list", because=bad.reason) from bad
    if beyond := [index for index in indexes if index >= len(held.bits)]:
        raise InvalidInput(f"The list has {len(held.bits)} entries; there is no number {beyond[0]}.")
    row = _row(held, indexes)
    if as_json:
        result_json(row)
        return
    asked = row.pop("asked")
    for name, value in row.items():
        result(f"{name:<12} {'open' if value is None else printable(str(value))}")
    for index, is_set in asked.items():
        result(f"entry {index:<6} {'set' if is_set else 'not set'}")


def _row(held: StatusList, indexes: tuple[int, ...]) -> dict[str, Any]:
    return {
        "url": held.url,
        "issuer": held.issuer,
        "kind": str(held.kind),
        "purpose": held.purposes[0] if len(held.purposes) == 1 else list(held.purposes),
        "valid_from": held.valid_from and format_timestamp(held.valid_from),
        "valid_until": held.valid_until and format_timestamp(held.valid_until),
        "entries": len(held.bits),
        "set": sum(octet.bit_count() for octet in held.bits.octets),
        "asked": {str(index): held.bits[index] for index in indexes},
    }


def _until(now: datetime, days: int | None) -> datetime | None:
    return None if days is None else now + timedelta(days=days)
