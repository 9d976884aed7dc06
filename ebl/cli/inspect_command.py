"""``ebl inspect``: what a file is and what it claims. It queries no source and verifies nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from shlex import quote
from typing import Any

import click

from ebl.bill import Bill, Field, FieldState, bill
from ebl.cli import own_files as files
from ebl.cli.output import printable, result, result_json, say
from ebl.config.documentation import page
from ebl.diagnose.inspection import Inspection, inspect_bytes, leaves
from ebl.errors import Unreadable
from ebl.model import paths
from ebl.model.findings import Claim
from ebl.model.not_known_here import NotKnownHere
from ebl.model.wholeness import Extent
from ebl.openattestation.redact import redact
from ebl.reports.data import told
from ebl.wrap import to_json

_FORMATS = {
    "oa2": "OpenAttestation v2",
    "oa3": "OpenAttestation v3",
    "vc": "W3C Verifiable Credential",
    "vp": "W3C Verifiable Presentation",
}


@click.command(epilog=f"The names of the fields of a bill: {page('bill')}.")
@click.argument("name", metavar="FILE")
@click.option(
    "--without", multiple=True, metavar="PATH", help="Show what a reader will see if this is withheld. Repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def inspect(name: str, without: tuple[str, ...], as_json: bool) -> None:
    """Show what a file is, what it claims, the content of its bill, and its fields. Nothing is verified, no source queried.

    The lines under `bill` are the fields of a bill of lading that the table of names has, with the place of each.

    For a document that cannot be verified, the fields are listed too, with the reason.

    A field's path is what `ebl redact` takes; --without shows the result first. The content id of `file` identifies the bytes
    of the file. That of `document` identifies its canonical form (RFC 8785), which is the same for every copy.
    """
    raw = files.load(name)
    try:
        found = inspect_bytes(raw)
    except Unreadable as bad:
        if without or not _tell_of_did(name, raw, as_json=as_json):
            raise bad
        return
    if without and found.broken is not None:
        raise found.broken
    if without:
        redaction = redact(found.document.raw, without)
        found = inspect_bytes(to_json(redaction.document) + b"\n")
        say(f"As if written by: ebl redact {printable(name)} {printable(' '.join(map(quote, without)))}")
    if as_json:
        preview = {"withheld_now": list(redaction.withheld), "emptied": list(redaction.emptied)} if without else {}
        result_json({"file": name, **found.to_dict(), **preview})
        return
    for line in _lines(name, found):
        result(line)


def _tell_of_did(name: str, raw: bytes, *, as_json: bool) -> bool:
    """Prints what a DID document lists. Returns False, and prints nothing, if the file is not one."""
    from ebl.diagnose.did_setup import described, is_did_document, listed
    from ebl.model.broken_input import read_json

    try:
        parsed = read_json(raw, any_number=True)
    except Unreadable:
        return False
    if not is_did_document(parsed):
        return False
    did = parsed["id"]
    keys, services = listed(parsed, did), described(parsed, did)
    if as_json:
        shown = {"format": "did", "did": did, "keys": [key.to_dict() for key in keys]}
        result_json({"file": name, **shown, "services": parsed.get("service", [])})
        return True
    result(f"{click.style(printable(name), bold=True)}  DID document of {printable(did)}, not verified")
    for key in keys:
        purposes = " and ".join(key.purposes) or "nothing"
        result(f"  key        {printable(f'{key.id}  {key.kind}  for {purposes}')}")
        if key.why:
            result(f"    {click.style('!', fg='yellow')} {printable(key.why)}")
    for service in services:
        result(f"  service    {printable(service)}")
    say(f"Compare it with what is hosted: ebl did check {printable(quote(name))}")
    return True


def _lines(name: str, found: Inspection) -> Iterator[str]:
    document, ids = found.document, found.ids
    yield f"{click.style(printable(name), bold=True)}  {_FORMATS[document.format]}, not verified"
    for code, reason in found.reasons.items():
        yield f"  {click.style('!', fg='yellow')} cannot be verified: {code}: {printable(reason)}"
    if document.digest:
        yield f"  hash       0x{document.digest.hex()}"
    yield f"  content id {ids.file}  (file)"
    yield f"             {ids.document or 'none: its text has no canonical form'}  (document)"
    for issuer in document.issuers:
        yield f"  issuer     {printable(issuer.name or '(no name)')}  (claimed)"
        for claim in (*issuer.status, *issuer.identity):
            yield f"    {claim.name:<15} {_words(claim)}"
    for claim in (*document.status, *document.identity):
        yield f"  {claim.name:<17} {_words(claim)}"
    for note in document.notes:
        yield f"  {click.style('·', fg='blue')} {note.remark}: {printable(note.detail)}"
    yield from _bill(bill(document))
    shown, whole = list(leaves(document.data)), document.whole
    yield f"  fields     {len(shown)}{f', and {whole.withheld} withheld' if whole.withheld else ''}"
    if whole.extent is Extent.DERIVED:
        yield f"  derived    its holder chose what it shows; the hidden parts could include: {', '.join(whole.may_hide)}"
    for path, value in shown:
        yield f"    {printable(path)} = {printable(_text(value))}"


def _bill(read: Bill) -> Iterator[str]:
    """The fields of the bill that have a value or are not understood, by their names in the table."""
    shown = [one for one in read if (one.entries or one.strange) and not one.facets]
    rest = [one for one in read if one.state is FieldState.UNKNOWN and not one.strange and not one.facets]
    hidden = sum(one.sayable for one in rest)
    also = f"; {hidden} others are unknown, since they may be withheld" if hidden else ""
    if nameless := len(rest) - hidden:
        also += f"; its vocabulary has no name for {nameless} others"
    yield f"  bill       {len(shown)} fields are known by name{also}"
    for one in shown:
        yield from _field(one)


def _field(one: Field) -> Iterator[str]:
    """The lines of a field: its name, and each value. A field with several values that differ is marked as ambiguous."""
    label = f"    {one.name:<26} "
    if one.state is FieldState.AMBIGUOUS:
        yield f"{label}ambiguous: the values differ"
    for number, entry in enumerate(one.entries[:_MOST_VALUES]):
        head = " " * len(label) if number or one.state is FieldState.AMBIGUOUS else label
        unit = f" {printable(entry.unit)}" if entry.unit and not entry.text.endswith(entry.unit) else ""
        yield f"{head}{printable(_text(entry.text))}{unit}  ({printable(entry.path)})"
    if (more := len(one.entries) - _MOST_VALUES) > 0:
        yield f"{' ' * len(label)}and {more} more"
    for path in one.strange[:_MOST_VALUES]:
        yield f"{' ' * len(label) if one.entries else label}has an unknown form  ({printable(paths.text(path))})"


_MOST_VALUES = 20


def _words(claim: Claim) -> str:
    if isinstance(claim, NotKnownHere):
        return f"not supported ({claim.doubt})"
    rows = told(claim).items()
    return "  ".join(f"{name} {printable(str(value))}" for name, value in rows if value not in (None, "", []))


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text)} characters)"
