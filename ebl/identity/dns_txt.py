"""The claim that the issuer's domain names the contract in a TXT record: ``openatts net=ethereum netId=1 addr=0x…``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from ebl.codes import Failure, Remark
from ebl.did.domain import Domain, read_domain
from ebl.errors import Refuted
from ebl.identity.dns_records import read_contract
from ebl.messages import Message, say
from ebl.model.findings import Claim, Group, Identified, Note, Who
from ebl.model.ports import Sources, TxtRecords


@dataclass(frozen=True, slots=True)
class DnsTxt(Claim):
    """The DNS of ``domain`` names the contract at ``address`` on a chain (None: the only configured chain)."""

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "dns_txt"

    domain: str
    chain_id: int | None
    address: str

    def check(self, sources: Sources) -> VouchedByDomain:
        """Queries the DNS of the claimed domain.

        Raises `Refuted` if the name is not a plain lower-case domain; if the records name the contract's address only on other
        chains (``status.wrong_chain``: an address on another chain is another contract); or if no record names it. Not checked:
        who registered the domain, and since when.
        """
        domain = read_domain(self.domain)
        chain_id = self.chain_id if self.chain_id is not None else sources.chain(None).id
        records = sources.dns.txt(domain.name)
        found = [record for text in records.texts if (record := read_contract(text)) is not None]
        chains = {record.chain_id for record in found if record.address == self.address.lower()}
        if chains and chain_id not in chains:
            raise Refuted(
                Failure.WRONG_CHAIN,
                "named_by_domain",
                domain=domain.name,
                address=self.address,
                named=sorted(chains)[:5],
                chain=chain_id,
            )
        if not found:
            raise Refuted(
                Failure.NO_DNS_RECORD, "no_contracts", domain=domain.name, address=self.address, chain=chain_id
            )
        if not chains:
            others = [str(record) for record in found[:5]]
            raise Refuted(
                Failure.NO_DNS_RECORD,
                "other_contracts",
                domain=domain.name,
                address=self.address,
                chain=chain_id,
                found=others,
            )
        return VouchedByDomain(self, chain_id, records, domain, notes=notes_on(domain, records))


@dataclass(frozen=True, slots=True)
class VouchedByDomain(Identified):
    """The domain's TXT records name the contract. ``records`` are the records found, with their assurance."""

    claim: DnsTxt
    chain_id: int
    records: TxtRecords
    domain: Domain

    @property
    def message(self) -> Message:
        return say(
            "fact",
            "vouched_by_domain",
            domain=self.domain.name,
            address=self.claim.address,
            chain=self.chain_id,
            assurance=self.records.assurance,
        )

    @property
    def who(self) -> Who:
        return by_domain(self.domain, self.records)


def by_domain(domain: Domain, records: TxtRecords, *, did: str | None = None) -> Who:
    """Returns the identity that a domain's records prove."""
    return Who(
        domain=domain.name,
        shown=domain.shown,
        registered=domain.registered,
        did=did,
        assurance=records.assurance,
        wildcard=records.wildcard,
    )


@lru_cache(maxsize=64)
def notes_on(domain: Domain, records: TxtRecords) -> tuple[Note, ...]:
    """Returns notes for the reader on a name and on the DNS answer about it."""
    notes = [*domain.notes]
    if records.wildcard:
        notes.append(Note.of(Remark.WILDCARD, domain=domain.name))
    if records.dissent:
        notes.append(Note.of(Remark.RESOLVER_DISSENT, dissent=records.dissent))
    if records.dnssec == "unchecked":
        notes.append(Note.of(Remark.DNS_NOT_CHECKED, domain=domain.name, assurance=records.assurance))
    return tuple(notes)
