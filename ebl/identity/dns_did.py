"""The claim that the issuer's domain names the DID key in a TXT record: ``openatts a=dns-did; p=<key>; v=1.0;``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebl.codes import Failure
from ebl.did.domain import Domain, read_domain
from ebl.did.key_control import require_key_of, same_key
from ebl.errors import Refuted
from ebl.identity.dns_records import read_key
from ebl.identity.dns_txt import by_domain, notes_on
from ebl.messages import Message, say
from ebl.model.findings import Claim, Group, Identified, Who
from ebl.model.ports import Sources, TxtRecords


@dataclass(frozen=True, slots=True)
class DnsDid(Claim):
    """The DNS of ``domain`` names the DID key ``key``, which belongs to ``did``."""

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "dns_did"

    domain: str
    did: str
    key: str

    def check(self, sources: Sources) -> KeyVouchedByDomain:
        """Queries the DNS of the claimed domain.

        Raises `Refuted` if the key belongs to another DID, if the name is not a plain lower-case domain, or if no record names
        the key. Not checked here: that the key signed, and that its DID still lists it.
        """
        require_key_of(self.key, self.did)
        domain = read_domain(self.domain)
        records = sources.dns.txt(domain.name)
        found = [record for text in records.texts if (record := read_key(text)) is not None]
        if not any(same_key(record.key, self.key) for record in found):
            if not found:
                raise Refuted(Failure.NO_DNS_RECORD, "no_keys", domain=domain.name, key=self.key)
            others = [str(record) for record in found[:5]]
            raise Refuted(Failure.NO_DNS_RECORD, "other_keys", domain=domain.name, key=self.key, found=others)
        return KeyVouchedByDomain(self, records, domain, notes=notes_on(domain, records))


@dataclass(frozen=True, slots=True)
class KeyVouchedByDomain(Identified):
    """The domain's TXT records name the key. ``records`` are the records found, with their assurance."""

    claim: DnsDid
    records: TxtRecords
    domain: Domain

    @property
    def message(self) -> Message:
        return say(
            "fact",
            "key_vouched_by_domain",
            domain=self.domain.name,
            key=self.claim.key,
            assurance=self.records.assurance,
        )

    @property
    def who(self) -> Who:
        return by_domain(self.domain, self.records, did=self.claim.did)
