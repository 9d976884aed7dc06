"""The issuer's domain names the contract in a TXT record: ``openatts net=ethereum netId=1 addr=0x…``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebl.codes import Failure, Remark
from ebl.errors import Refuted
from ebl.identity.domain import Domain, read_domain
from ebl.identity.openatts import read_contract
from ebl.report import Claim, Group, Identified, Note, Who
from ebl.sources import Sources, TxtRecords


@dataclass(frozen=True, slots=True)
class DnsTxt(Claim):
    """``domain`` vouches for the contract at ``address`` on a chain (None: the only chain that is configured)."""

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "dns_txt"

    domain: str
    chain_id: int | None
    address: str


@dataclass(frozen=True, slots=True)
class VouchedByDomain(Identified):
    """The domain's TXT records name the contract. ``records`` is what was found, and why it is believed."""

    claim: DnsTxt
    chain_id: int
    records: TxtRecords
    domain: Domain

    def __str__(self) -> str:
        return (
            f"the DNS of {self.domain.name} names {self.claim.address} on chain {self.chain_id}"
            f" (assurance: {self.records.assurance})"
        )

    @property
    def who(self) -> Who:
        return by_domain(self.domain, self.records)


def check(claim: DnsTxt, sources: Sources) -> VouchedByDomain:
    """Ask the DNS of the claimed domain.

    Raises `Refuted` for a name that is not a plain lower-case domain, where the records name the contract's address on other
    chains only (``status.wrong_chain``: an address on another chain is another contract), and where none names it at all.
    Not checked: who registered the domain, and since when.
    """
    domain = read_domain(claim.domain)
    chain_id = claim.chain_id if claim.chain_id is not None else sources.chain(None).id
    records = sources.dns.txt(domain.name)
    found = [record for text in records.texts if (record := read_contract(text)) is not None]
    chains = {record.chain_id for record in found if record.address == claim.address.lower()}
    if chains and chain_id not in chains:
        raise Refuted(
            Failure.WRONG_CHAIN,
            f"{domain.name} names {claim.address} on chain {', '.join(map(str, sorted(chains)[:5]))} and not on"
            f" {chain_id}, which was asked: an address on another chain is another contract",
        )
    if not chains:
        others = "; ".join(str(record) for record in found[:5]) or "none"
        raise Refuted(
            Failure.NO_DNS_RECORD,
            f"{domain.name} has no TXT record for {claim.address} on chain {chain_id} (openatts records found: {others})",
        )
    return VouchedByDomain(claim, chain_id, records, domain, notes=notes_on(domain, records))


def by_domain(domain: Domain, records: TxtRecords, *, did: str | None = None) -> Who:
    """Whom a domain's records prove."""
    return Who(
        domain=domain.name,
        shown=domain.shown,
        registered=domain.registered,
        did=did,
        assurance=records.assurance,
        wildcard=records.wildcard,
    )


def notes_on(domain: Domain, records: TxtRecords) -> tuple[Note, ...]:
    """What is worth knowing of a name and of the answer about it."""
    notes = [*domain.notes]
    if records.wildcard:
        detail = f"a wildcard answers for {domain.name}: it would for any other name there"
        notes.append(Note.of(Remark.WILDCARD, detail))
    if records.dissent:
        notes.append(Note.of(Remark.RESOLVER_DISSENT, f"not all resolvers agreed: {'; '.join(records.dissent)}"))
    if records.dnssec == "unchecked":
        detail = (
            f"whether {domain.name} is signed with DNSSEC was not found out, so that its records are as good as who said them"
            f" ({records.assurance})"
        )
        notes.append(Note.of(Remark.DNS_NOT_CHECKED, detail))
    return tuple(notes)
