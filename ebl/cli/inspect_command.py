"""``ebl inspect``: what a file is and what it claims. It queries no source and verifies nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from ebl.bill import Bill, Field, FieldState, bill
from ebl.cli import own_files as files
from ebl.cli.language_option import with_language
from ebl.cli.output import printable, result, result_json, say
from ebl.codec.cells import padded
from ebl.config.documentation import page
from ebl.diagnose.inspection import Inspection, inspect_bytes, leaves
from ebl.errors import Unreadable
from ebl.messages.catalogue import Filling, phrase, render, word
from ebl.messages.languages import Language
from ebl.model import paths
from ebl.model.findings import Claim
from ebl.model.not_known_here import NotKnownHere
from ebl.model.wholeness import Extent
from ebl.openattestation.redact import redact
from ebl.reports.data import told
from ebl.wrap import to_json

if TYPE_CHECKING:
    from ebl.diagnose.did_setup import Listed

_SECTION = "inspected"


@click.command(epilog=f"The names of the fields of a bill: {page('bill')}.")
@click.argument("name", metavar="FILE")
@click.option(
    "--without", multiple=True, metavar="PATH", help="Show what a reader will see if this is withheld. Repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@with_language
def inspect(name: str, without: tuple[str, ...], as_json: bool, languages: tuple[Language, ...]) -> None:
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
        if without or not _tell_of_did(name, raw, languages, as_json=as_json):
            raise bad
        return
    if without and found.broken is not None:
        raise found.broken
    if without:
        redaction = redact(found.document.raw, without)
        found = inspect_bytes(to_json(redaction.document) + b"\n")
        command = " ".join(("ebl redact", printable(name), *(printable(quote(one)) for one in without)))
        for language in languages:
            say(phrase(_SECTION, "without", language, command=command))
    if as_json:
        preview = {"withheld_now": list(redaction.withheld), "emptied": list(redaction.emptied)} if without else {}
        result_json({"file": name, **found.to_dict(), **preview})
        return
    for language in languages:
        for line in _Lines(language).document(name, found):
            result(line)


def _tell_of_did(name: str, raw: bytes, languages: tuple[Language, ...], *, as_json: bool) -> bool:
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
    for language in languages:
        for line in _Lines(language).did_document(name, did, keys, services):
            result(line)
        say(phrase(_SECTION, "compare", language, command=f"ebl did check {printable(quote(name))}"))
    return True


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a file in one language. Names of claims, fields and paths are the same in each."""

    language: Language

    def word(self, name: str) -> str:
        return word(_SECTION, name, self.language)

    def said(self, name: str, **params: Filling) -> str:
        return phrase(_SECTION, name, self.language, **params)

    def row(self, label: str, text: str) -> str:
        return f"  {padded(self.word(label) if label else '', 10)} {text}"

    def did_document(self, name: str, did: str, keys: tuple[Listed, ...], services: tuple[str, ...]) -> Iterator[str]:
        yield f"{click.style(printable(name), bold=True)}  {printable(self.said('did_document', did=did))}"
        for key in keys:
            purposes = self.said("for", purposes=", ".join(key.purposes)) if key.purposes else self.word("for_nothing")
            yield self.row("key", printable(f"{key.id}  {key.kind}  {purposes}"))
            if key.why:
                yield f"    {click.style('!', fg='yellow')} {printable(key.why)}"
        for service in services:
            yield self.row("service", printable(service))

    def document(self, name: str, found: Inspection) -> Iterator[str]:
        document, ids = found.document, found.ids
        yield f"{click.style(printable(name), bold=True)}  {self.word(f'format_{document.format}')}"
        for code, why in found.reasons.items():
            yield f"  {click.style('!', fg='yellow')} {printable(self.said('cannot', code=code, why=why))}"
        if document.digest:
            yield self.row("hash", f"0x{document.digest.hex()}")
        yield self.row("content_id", f"{ids.file}  {self.word('of_file')}")
        yield self.row("", f"{ids.document or self.word('no_canonical_form')}  {self.word('of_document')}")
        for issuer in document.issuers:
            yield self.row("issuer", f"{printable(issuer.name or self.word('no_name'))}  {self.word('claimed')}")
            for claim in (*issuer.status, *issuer.identity):
                yield f"    {claim.name:<15} {self.claim(claim)}"
        for claim in (*document.status, *document.identity):
            yield f"  {claim.name:<17} {self.claim(claim)}"
        for note in document.notes:
            yield f"  {click.style('·', fg='blue')} {note.remark}: {printable(render(note.message, self.language))}"
        yield from self.bill(bill(document))
        shown, whole = list(leaves(document.data)), document.whole
        count = self.said("with_withheld", n=len(shown), withheld=whole.withheld) if whole.withheld else str(len(shown))
        yield self.row("fields", count)
        if whole.extent is Extent.DERIVED:
            yield self.row("derived", printable(self.said("holder_chose", parts=", ".join(whole.may_hide))))
        for path, value in shown:
            yield f"    {printable(path)} = {printable(_text(value))}"

    def claim(self, claim: Claim) -> str:
        if isinstance(claim, NotKnownHere):
            return self.said("not_supported", code=claim.doubt)
        rows = told(claim).items()
        return "  ".join(f"{name} {printable(str(value))}" for name, value in rows if value not in (None, "", []))

    def bill(self, read: Bill) -> Iterator[str]:
        """The fields of the bill that have a value or are not understood, by their names in the table."""
        shown = [one for one in read if (one.entries or one.strange) and not one.facets]
        rest = [one for one in read if one.state is FieldState.UNKNOWN and not one.strange and not one.facets]
        hidden = sum(one.sayable for one in rest)
        counts = [self.said("fields_known", n=len(shown))]
        counts += [self.said("hidden", n=hidden)] if hidden else []
        counts += [self.said("nameless", n=len(rest) - hidden)] if len(rest) > hidden else []
        yield self.row("bill", word("style", "messages", self.language).join(counts))
        for one in shown:
            yield from self.field(one)

    def field(self, one: Field) -> Iterator[str]:
        """The lines of a field: its name, and each value. A field with several values that differ is marked as ambiguous."""
        label = f"    {one.name:<26} "
        if one.state is FieldState.AMBIGUOUS:
            yield f"{label}{self.word('ambiguous')}"
        for number, entry in enumerate(one.entries[:_MOST_VALUES]):
            head = " " * len(label) if number or one.state is FieldState.AMBIGUOUS else label
            unit = f" {printable(entry.unit)}" if entry.unit and not entry.text.endswith(entry.unit) else ""
            yield f"{head}{printable(_text(entry.text))}{unit}  ({printable(entry.path)})"
        if (more := len(one.entries) - _MOST_VALUES) > 0:
            yield f"{' ' * len(label)}{self.said('more', n=more)}"
        for path in one.strange[:_MOST_VALUES]:
            head = " " * len(label) if one.entries else label
            yield f"{head}{self.word('strange')}  ({printable(paths.text(path))})"


_MOST_VALUES = 20


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text)} characters)"
