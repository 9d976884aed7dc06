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
from ebl.messages import Message, say
from ebl.model.document import Document
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
    differences: tuple[Message, ...] = ()
    dnssec: str | None = None
    wildcard: bool = False
    trouble: SourceError | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "resolver": self.resolver,
            "there": self.there,
            "found": list(self.found),
            "differences": list(map(str, self.differences)),
            "dnssec": self.dnssec,
            "wildcard": self.wildcard,
            "trouble": None if self.trouble is None else f"{self.trouble.doubt}: {self.trouble.detail}",
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
    def fixes(self) -> tuple[Message, ...]:
        """What to do, in order."""
        return tuple(self._fixes())

    def _fixes(self) -> Iterator[Message]:
        name = self.domain.name
        known = [one for one in self.seen if one.there is not None]
        if any(one.there for one in known) and self.there is False:
            yield say("dns_fix", "wait")
        if self.there is False:
            yield say("dns_fix", "publish", name=name, record=str(self.expected))
            if self.elsewhere is not None:
                yield say("dns_fix", "elsewhere", above=self.elsewhere, name=name)
        signed_at = self.domain.registered or name
        if any(one.dnssec == "bogus" for one in self.seen):
            yield say("dns_fix", "bogus", zone=signed_at)
        if any(one.trouble and one.dnssec is None for one in self.seen):
            yield say("dns_fix", "retry")
        if known and all(one.dnssec == "insecure" for one in known):
            yield say("dns_fix", "sign", zone=signed_at)
        if known and all(one.dnssec == "unchecked" for one in known):
            yield say("dns_fix", "unchecked")
        if any(one.wildcard for one in known):
            yield say("dns_fix", "wildcard")

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "domain": self.domain.name,
            "expected": str(self.expected),
            "there": self.there,
            "resolvers": [one.to_dict() for one in self.seen],
            "fixes": list(map(str, self.fixes)),
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
        return Seen(label, None, dnssec=state, trouble=trouble)
    found = tuple(text for text in records.texts if text.strip().lower().startswith("openatts"))
    there = any(_is(text, expected) for text in found)
    differences = () if there else tuple(_difference(text, expected) for text in found)
    return Seen(label, there, found, differences, records.dnssec, records.wildcard)


def _is(text: str, expected: Record) -> bool:
    if isinstance(expected, ContractRecord):
        return read_contract(text) == expected
    key = read_key(text)
    return key is not None and same_key(key.key, expected.key)


def _difference(text: str, expected: Record) -> Message:
    """Returns why a text is not the record, as specifically as possible."""
    return say("dns_text", "differs", text=text[:200], why=_differences(text, expected))


def _differences(text: str, expected: Record) -> list[Message]:
    if text != text.strip() or not text.startswith("openatts "):
        return [say("dns_text", "begin")]
    fields = read_fields(text)
    if fields is None:
        return [_unread(text)]
    wanted = read_fields(str(expected)) or {}
    wrong = [_field(name, value, fields) for name, value in wanted.items() if name != "v"]
    said = [one for one in wrong if one is not None]
    return said or [say("dns_text", "incomplete")]


def _unread(text: str) -> Message:
    """Returns why the fields of a record with a valid beginning cannot be read."""
    words = [word for word in text.split(" ")[1:] if word]
    for word in words:
        if "=" not in word:
            is_address = word.lower().startswith("0x")
            return say("dns_text", "no_addr" if is_address else "no_value", word=word[:100])
    names = [word.partition("=")[0] for word in words]
    return say("dns_text", "twice", name=next(name for name in names if names.count(name) > 1))


def _field(name: str, wanted: str, fields: dict[str, str]) -> Message | None:
    came = fields.get(name)
    if came is None:
        close = next((other for other in fields if other.lower() == name.lower()), None)
        return (
            say("dns_text", "missing", name=name)
            if close is None
            else say("dns_text", "spelling", came=close, name=name)
        )
    if came == wanted or (name == "addr" and came.lower() == wanted.lower()):
        return None
    return say("dns_text", "other", name=name, came=came[:100], wanted=wanted)


def document_records(document: Document, chain_id: int | None) -> list[tuple[str, Record]]:
    """Returns the records that a document needs, its titles' too, each with its domain. ``chain_id`` is the default chain."""
    from ebl.checking.vouching import titles_of

    claims = [claim for issuer in document.issuers for claim in issuer.identity]
    titles = [one.asked for one in titles_of(document) if one.asked is not None]
    return expected_records([*claims, *document.identity, *titles], chain_id)


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
