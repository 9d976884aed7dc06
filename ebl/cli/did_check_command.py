"""``ebl did check``: whether a DID document is hosted correctly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ebl.cli import own_files as files
from ebl.cli.key_commands import read as read_key
from ebl.cli.output import Exit, printable, result, result_json, worst
from ebl.diagnose.did_setup import Expected, Hosted, check_hosted, is_did_document, require_web
from ebl.did.did_syntax import is_did
from ebl.errors import InvalidInput, Unreadable
from ebl.model.broken_input import read_json
from ebl.sources import online


@click.command()
@click.argument("what", metavar="DID|FILE")
@click.option(
    "--key-file", "key_files", multiple=True, metavar="KEYFILE", help="A key that must be listed. Repeatable."
)
@click.option(
    "--resolver",
    multiple=True,
    metavar="SPEC",
    help="The resolvers for the site's address: system (default), or as for ebl verify. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each DID.")
@click.pass_context
def check(ctx: click.Context, what: str, key_files: tuple[str, ...], resolver: tuple[str, ...], as_json: bool) -> None:
    """Fetch the did.json of a did:web as verifiers do, and show what is missing or different, and how to fix it.

    The keys of --key-file are compared with it. FILE may be the did.json that should be hosted, a key file, or a signed
    document, whose keys must be listed. With a DID alone, only the hosted document is checked.

    Exit code 0: everything is correct; 1: something is missing or different; 3: it could not be determined.
    """
    keys = [_key(name) for name in key_files]
    try:
        sources = online(rpc={}, resolver=resolver or "system")
    except InvalidInput as bad:
        raise click.UsageError(str(bad)) from bad
    codes = []
    for did, expected, file in _wanted(what, keys):
        hosted = check_hosted(did, sources.fetch, expected, file=file, name=Path(what).name if file else "")
        if as_json:
            result_json(hosted.to_dict())
        else:
            result("\n".join(_lines(hosted, {one.id: one.source for one in expected})))
        codes.append({True: Exit.DONE, False: Exit.INVALID, None: Exit.INDETERMINATE}[hosted.there])
    ctx.exit(worst(codes))


def _wanted(what: str, keys: list[Expected]) -> list[tuple[str, list[Expected], Any]]:
    """The DIDs that ``what`` names, each with the keys that its document must list, and the whole document if one is given."""
    if is_did(what):
        try:
            require_web(what)
        except InvalidInput as bad:
            raise click.BadParameter(str(bad), param_hint="DID") from bad
        return [(what, _of(what, keys), None)]
    if what != "-" and not Path(what).is_file():
        raise click.BadParameter("there is no such file, and it is not a DID.", param_hint="DID|FILE")
    raw = files.load(what)
    parsed = _parsed(raw)
    if is_did_document(parsed):
        return [(parsed["id"], _of(parsed["id"], keys), parsed)]
    if isinstance(parsed, dict) and "secretKeyMultibase" in parsed:
        if what == "-":
            raise click.UsageError("A key file on stdin goes with a DID: ebl did check DID --key-file -.")
        keys = [_key(what), *keys]
        did = keys[0].id.partition("#")[0]
        return [(did, _of(did, keys), None)]
    return _of_document(what, raw, keys)


def _of(did: str, keys: list[Expected]) -> list[Expected]:
    for key in keys:
        if key.id.partition("#")[0] != did:
            raise click.UsageError(f"{key.source} has {key.id}, which is not a key of {did}.")
    return keys


def _key(name: str) -> Expected:
    with read_key(name) as held:
        return Expected(held.id, held.public, source=name)


def _parsed(raw: bytes) -> Any:
    try:
        return read_json(raw, any_number=True)
    except Unreadable:
        return None


def _of_document(name: str, raw: bytes, keys: list[Expected]) -> list[tuple[str, list[Expected], Any]]:
    """The keys that a signed document needs, by the did:web of each key."""
    from ebl.checking.formats import read

    document = read(raw)
    claims = [*document.identity, *(claim for issuer in document.issuers for claim in issuer.identity)]
    wanted: dict[str, list[Expected]] = {}
    for claim in claims:
        key_id = str(getattr(claim, "key_id", None) or getattr(claim, "key", None) or "")
        did = key_id.partition("#")[0]
        if did.startswith("did:web:"):
            mine = [key for key in keys if key.id == key_id]
            public = mine[0].public if mine else None
            one = Expected(key_id, public, (str(getattr(claim, "purpose", "assertionMethod")),), name)
            wanted.setdefault(did, []).append(one)
    if not wanted:
        raise InvalidInput(
            f"{name} names no key of a did:web.",
            fix="Give the DID, its did.json, a key file, or a document that a key of a did:web signed.",
        )
    for key in keys:
        did = key.id.partition("#")[0]
        if did not in wanted:
            raise click.UsageError(f"{key.source} has {key.id}, which did not sign {name}.")
        if key.id not in {one.id for one in wanted[did]}:
            wanted[did].append(key)
    return [(did, list(dict.fromkeys(expected)), None) for did, expected in wanted.items()]


def _lines(hosted: Hosted, sources: dict[str, str]) -> Iterator[str]:
    yield click.style(printable(hosted.did), bold=True)
    yield f"  at  {hosted.url}"
    if hosted.trouble is not None:
        mark = click.style("✘", fg="red") if hosted.missing else click.style("?", fg="yellow")
        yield f"  {mark} {printable(hosted.trouble)}"
    for row in hosted.rows:
        source = f" ({sources[row.what]})" if sources.get(row.what) else ""
        if row.there:
            found = "" if row.found == row.what else f": {row.found}"
            yield f"  {click.style('✔', fg='green')} {printable(f'{row.what}{source}{found}')}"
            continue
        yield f"  {click.style('✘', fg='red')} {printable(f'{row.what}{source}')}"
        for difference in row.differences:
            yield f"      {printable(difference)}"
    for key in hosted.also:
        purposes = " and ".join(key.purposes) or "nothing"
        yield f"  {click.style('·', fg='blue')} also lists {printable(f'{key.id}: {key.kind} for {purposes}')}"
    for fix in hosted.fixes:
        yield f"  {click.style('Fix:', bold=True)} {printable(fix)}"
