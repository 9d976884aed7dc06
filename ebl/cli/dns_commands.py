"""``ebl dns``: the DNS record that names an issuer: what to publish, and whether every resolver has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from ebl.cli import own_files as files
from ebl.cli.group import EblGroup
from ebl.cli.language_option import with_language
from ebl.cli.net_commands import chain_id
from ebl.cli.output import Exit, printable, result, result_json, worst
from ebl.codec.strict_json import shown
from ebl.diagnose.dns_setup import Checked, Record, Seen, check_record, document_records
from ebl.did.did_syntax import NotADid, split_key_id
from ebl.did.domain import Domain, read_domain
from ebl.errors import InvalidInput, Refuted
from ebl.ethereum.address import NotAnAddress, checksummed
from ebl.identity.dns_records import ContractRecord, KeyRecord
from ebl.identity.title_registry import domain_of
from ebl.messages import explained
from ebl.messages.catalogue import phrase, render, word
from ebl.messages.languages import Language

F = TypeVar("F", bound=Callable[..., Any])

dns = EblGroup(
    name="dns",
    commands_at={
        "record": ("ebl.cli.dns_commands:record", "Print the TXT record to publish."),
        "check": (
            "ebl.cli.dns_commands:check",
            "Query every resolver for the record, and show how to fix what is wrong.",
        ),
    },
    help="The TXT record in which a domain names a contract or a key.",
)

_DNSSEC = {"secure": "secure", "insecure": "insecure", "unchecked": "signatures_omitted"}


def _options(command: F) -> F:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="One JSON object for each record."),
        click.option("--key", metavar="KEY", help="The DID key that the domain names (DNS-DID), did:…#…"),
        click.option("--chain", metavar="NET", help="The contract's chain: a name, or its id."),
        click.option("--address", metavar="0x…", help="The document store or token registry."),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("what", metavar="DOMAIN|DID|FILE")
@_options
def record(what: str, address: str | None, chain: str | None, key: str | None, as_json: bool) -> None:
    """Print the TXT record to publish: for a domain (or a did:web) and a contract or key, or for a document.

    The registry of a W3C title is published at the domain of its issuer's did:web.
    """
    for domain, expected in _wanted(what, address, chain, key):
        if as_json:
            result_json({"domain": domain.name, "type": "TXT", "text": str(expected)})
        else:
            result(f"{domain.name}. IN TXT {_strings(str(expected))}")


def _strings(text: str) -> str:
    """A text as the character-strings of a zone file, each of at most 255 bytes (RFC 1035, section 3.3)."""
    return " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))


@click.command()
@click.argument("what", metavar="DOMAIN|DID|FILE")
@_options
@click.option(
    "--resolver",
    multiple=True,
    metavar="SPEC",
    help="system (default), udp://IP:PORT, tls://HOST, https://…, public, china. Repeatable: each is queried.",
)
@with_language
@click.pass_context
def check(
    ctx: click.Context,
    what: str,
    address: str | None,
    chain: str | None,
    key: str | None,
    as_json: bool,
    resolver: tuple[str, ...],
    languages: tuple[Language, ...],
) -> None:
    """Query every resolver for the record, and show what was expected, what was found, and how to fix it.

    Exit code 0: every resolver has the record; 1: one returns that there is none; 3: some returned no answer.
    """
    from ebl.net import resolvers as lookup

    try:
        resolvers = lookup.resolver(resolver or "system")
    except InvalidInput as bad:
        raise click.UsageError(str(bad)) from bad
    codes = []
    for domain, expected in _wanted(what, address, chain, key):
        checked = check_record(domain, expected, resolvers)
        if as_json:
            result_json(checked.to_dict())
        else:
            for language in languages:
                result("\n".join(_lines(checked, language)))
        codes.append({True: Exit.DONE, False: Exit.INVALID, None: Exit.INDETERMINATE}[checked.there])
    ctx.exit(worst(codes))


def _wanted(what: str, address: str | None, chain: str | None, key: str | None) -> list[tuple[Domain, Record]]:
    """The records that the arguments mean. Raises `InvalidInput` and click's usage errors."""
    number = None if chain is None else chain_id(chain)
    if what == "-" or Path(what).is_file():
        return _of_document(what, number)
    try:
        domain = read_domain(_domain_of_did(what) if what.startswith("did:") else what.lower().rstrip("."))
    except Refuted as no:
        raise click.BadParameter(
            f"there is no such file, and as a domain: {no.detail}", param_hint="DOMAIN|DID|FILE"
        ) from no
    if key is not None and address is None:
        with files.own("the key"):
            _require_key(key)
        return [(domain, KeyRecord(key))]
    if key is not None or address is None or number is None:
        raise click.UsageError("Name a contract with --address and --chain, or a key with --key.")
    try:
        return [(domain, ContractRecord(number, checksummed(address).lower()))]
    except NotAnAddress as bad:
        raise click.BadParameter(str(explained(bad.reason)), param_hint="--address") from bad


def _domain_of_did(did: str) -> str:
    """The domain in whose DNS a did:web names its contracts. Raises `InvalidInput` if it has none."""
    if (domain := domain_of(did)) is not None:
        return domain
    raise InvalidInput(
        f"{shown(did)} is not a did:web of a whole domain, so no DNS record applies to it.",
        fix="A did:web with a path names its registries in its DID document (ebl did web --registry); for another DID,"
        " verifiers list them in their policy.",
    )


def _of_document(name: str, number: int | None) -> list[tuple[Domain, Record]]:
    from ebl.checking.formats import read

    found = document_records(read(files.load(name)), number)
    for _, expected in found:
        if isinstance(expected, KeyRecord):
            _require_key(expected.key)
    if not found:
        raise InvalidInput(
            f"{name} names no domain that would need a record.",
            fix="If it names no chain, add --chain; else name a domain yourself. A did:web with a path names its registries"
            " in its DID document: ebl did web --registry.",
        )
    try:
        return [(read_domain(domain), expected) for domain, expected in found]
    except Refuted as no:
        raise InvalidInput(f"{name}: {no.detail}.", fix="The document has to be issued again.") from no


def _require_key(key: str) -> None:
    """Raises `InvalidInput` if the text is anything but the name of a DID's key: it is published unchanged."""
    try:
        split_key_id(key)
    except NotADid as bad:
        raise InvalidInput(f"{shown(key)} is not the name of a DID's key: {explained(bad.reason)}.") from bad


def _lines(checked: Checked, language: Language) -> Iterator[str]:
    domain = checked.domain
    shown = "" if domain.shown == domain.name else f" ({domain.shown})"
    yield click.style(f"{domain.name}{shown}", bold=True)
    yield f"  {word('dns_text', 'expected', language)}  {checked.expected}"
    for note in domain.notes:
        yield f"  {click.style('·', fg='blue')} {note.remark}: {printable(render(note.message, language))}"
    for seen in checked.seen:
        yield from _seen(seen, language)
    label = word("dns_text", "fix", language)
    for fix in checked.fixes:
        text = printable(render(fix, language))
        yield f"  {click.style(label, bold=True)}{'' if label.endswith('：') else ' '}{text}"


def _seen(seen: Seen, language: Language) -> Iterator[str]:
    if seen.trouble is not None:
        why = f"{seen.trouble.doubt}: {printable(render(seen.trouble.message, language))}"
        yield f"  {click.style('?', fg='yellow')} {seen.resolver}: {why}"
        return
    state = word("dns_text", _DNSSEC[seen.dnssec or "unchecked"], language)
    told = phrase("dns_text", "found" if seen.there else "not_found", language, resolver=seen.resolver, state=state)
    yield f"  {click.style('✔', fg='green') if seen.there else click.style('✘', fg='red')} {told}"
    if seen.there:
        return
    label = word("dns_text", "found_text", language)
    for difference in seen.differences:
        yield f"      {label}  {printable(render(difference, language))}"
    if not seen.found:
        yield f"      {label}  {word('dns_text', 'no_record', language)}"
