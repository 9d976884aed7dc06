"""Check of an issuer's DNS record: what each resolver returns, how that differs from the record, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ebl.checking.threads import workers
from ebl.codes import Doubt
from ebl.did.domain import Domain
from ebl.did.key_control import same_key
from ebl.errors import SourceError
from ebl.ethereum.address import checksummed
from ebl.identity.dns_records import ContractRecord, KeyRecord, read_contract, read_fields, read_key
from ebl.net.resolvers import Resolvers

Record = ContractRecord | KeyRecord


@dataclass(frozen=True, slots=True)
class Seen:
    """The response of one resolver. ``found`` are its ``openatts`` texts; ``trouble`` is why it did not respond.

    ``differences`` state for each other text how it differs from the record. ``dnssec`` is ``secure``, ``insecure``
    (the domain is not signed), ``unchecked`` (the resolver omits signatures), ``bogus`` (they do not hold), or None
    without a response.
    """

    resolver: str
    there: bool | None
    found: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    dnssec: str | None = None
    wildcard: bool = False
    trouble: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "resolver": self.resolver,
            "there": self.there,
            "found": list(self.found),
            "differences": list(self.differences),
            "dnssec": self.dnssec,
            "wildcard": self.wildcard,
            "trouble": self.trouble,
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """The responses of all resolvers about one record."""

    domain: Domain
    expected: Record
    seen: tuple[Seen, ...]
    elsewhere: str | None = None

    @property
    def there(self) -> bool | None:
        """True if every resolver has it, False if one responds that it does not exist, None if some could not determine it."""
        answers = {one.there for one in self.seen}
        return False if False in answers else None if None in answers else True

    @property
    def fixes(self) -> tuple[str, ...]:
        """What to do, in order."""
        return tuple(self._fixes())

    def _fixes(self) -> Iterator[str]:
        name = self.domain.name
        known = [one for one in self.seen if one.there is not None]
        if any(one.there for one in known) and self.there is False:
            yield "Some resolvers have it already: if it was published just now, wait for its time to live to pass."
        if self.there is False:
            yield f"Publish a TXT record at {name} with the text: {self.expected}"
            if self.elsewhere is not None:
                yield f"The record is at {self.elsewhere}; documents that name {name} need it at {name}."
        signed_at = self.domain.registered or name
        if any(one.dnssec == "bogus" for one in self.seen):
            yield (
                f"The signatures of {signed_at} do not hold, so validating resolvers refuse all its records: have the domain's"
                " DNS operator renew them, and compare its DS records at the registrar."
            )
        if any(one.trouble and one.dnssec is None for one in self.seen):
            yield "Some resolvers did not respond: retry, and ask the domain's DNS operator if the error persists."
        if known and all(one.dnssec == "insecure" for one in known):
            yield f"The domain is not signed: enable DNSSEC for {signed_at} at its registrar."
        if known and all(one.dnssec == "unchecked" for one in known):
            yield "Whether the domain is signed is unknown: name a resolver that returns signatures (--resolver public)."
        if any(one.wildcard for one in known):
            yield "A wildcard record matches the name: publish the record at the name itself."

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "domain": self.domain.name,
            "expected": str(self.expected),
            "there": self.there,
            "resolvers": [one.to_dict() for one in self.seen],
            "fixes": list(self.fixes),
        }


def check_record(domain: Domain, expected: Record, resolvers: Resolvers) -> Checked:
    """Queries each resolver separately, all at once, with DNSSEC if the resolver returns it. Outages are in the result."""
    alone = [replace(resolvers, transports=(one,), agree=1) for one in resolvers.transports]
    with workers(len(alone), name="ebl dns") as submit:
        asked = [submit(partial(_ask, one, domain, expected)) for one in alone]
        seen: tuple[Seen, ...] = tuple(future.result() for future in asked)
    checked = Checked(domain, expected, seen)
    above = domain.registered
    if checked.there is False and above is not None and above != domain.name:
        at_parent = _ask(alone[0], replace(domain, name=above), expected)
        return replace(checked, elsewhere=above if at_parent.there else None)
    return checked


def _ask(resolver: Resolvers, domain: Domain, expected: Record) -> Seen:
    label = resolver.transports[0].label
    try:
        records = resolver.txt(domain.name)
    except SourceError as trouble:
        state = "bogus" if trouble.doubt is Doubt.DNS_BOGUS else None
        return Seen(label, None, dnssec=state, trouble=f"{trouble.doubt}: {trouble.detail}")
    found = tuple(text for text in records.texts if text.strip().lower().startswith("openatts"))
    there = any(_is(text, expected) for text in found)
    differences = () if there else tuple(f"{text[:200]!r}: {_difference(text, expected)}" for text in found)
    return Seen(label, there, found, differences, records.dnssec, records.wildcard)


def _is(text: str, expected: Record) -> bool:
    if isinstance(expected, ContractRecord):
        return read_contract(text) == expected
    key = read_key(text)
    return key is not None and same_key(key.key, expected.key)


def _difference(text: str, expected: Record) -> str:
    """Returns why a text is not the record, as specifically as possible."""
    if text != text.strip() or not text.startswith("openatts "):
        return "it must begin with 'openatts ' in lower case, with no space before it"
    fields = read_fields(text)
    if fields is None:
        return _unread(text)
    wanted = read_fields(str(expected)) or {}
    wrong = [_field(name, value, fields) for name, value in wanted.items() if name != "v"]
    said = [one for one in wrong if one is not None]
    return "; ".join(said) or "it is incomplete, or has characters that do not belong there"


def _unread(text: str) -> str:
    """Returns why the fields of a record with a valid beginning cannot be read."""
    words = [word for word in text.split(" ")[1:] if word]
    for word in words:
        if "=" not in word:
            lost = "addr= is missing before it" if word.lower().startswith("0x") else "no spaces around the ="
            return f"{word[:100]!r} is not of the form name=value ({lost})"
    names = [word.partition("=")[0] for word in words]
    return f"{next(name for name in names if names.count(name) > 1)} is given twice"


def _field(name: str, wanted: str, fields: dict[str, str]) -> str | None:
    came = fields.get(name)
    if came is None:
        close = next((other for other in fields if other.lower() == name.lower()), None)
        return f"{name} is missing" if close is None else f"{close} must be written {name}"
    if came == wanted or (name == "addr" and came.lower() == wanted.lower()):
        return None
    return f"{name} is {came[:100]}, expected {wanted}"


def expected_records(claims: Sequence[object], chain_id: int | None) -> list[tuple[str, Record]]:
    """Returns the records that a document's identity claims need, each with its domain. ``chain_id`` is the default chain.

    A title's claim that its issuer names the registry needs one if the issuer is a did:web that is a domain.
    """
    from ebl.identity.dns_did import DnsDid
    from ebl.identity.dns_txt import DnsTxt
    from ebl.identity.title_registry import NamesRegistry, domain_of

    found: list[tuple[str, Record]] = []
    for claim in claims:
        if isinstance(claim, DnsTxt) and (number := claim.chain_id or chain_id) is not None:
            found.append((claim.domain, ContractRecord(number, checksummed(claim.address).lower())))
        elif isinstance(claim, DnsDid):
            found.append((claim.domain, KeyRecord(claim.key)))
        elif isinstance(claim, NamesRegistry) and (name := domain_of(claim.did or "")) is not None:
            found.append((name, ContractRecord(claim.chain_id, claim.address.lower())))
    return list(dict.fromkeys(found))
