"""The issuer's domain names the contract in a TXT record: ``openatts net=ethereum netId=1 addr=0x…``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from ebl.errors import Refuted
from ebl.report import Claim, Fact, Failure, Group
from ebl.sources import Sources, TxtRecords

_NAME = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class DnsTxt(Claim):
    """``domain`` vouches for the contract at ``address`` on a chain (None: the only chain that is configured)."""

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "dns_txt"

    domain: str
    chain_id: int | None
    address: str


@dataclass(frozen=True, slots=True)
class VouchedByDomain(Fact):
    """The domain's TXT records name the contract. ``records`` is what was found, and why it is believed."""

    claim: DnsTxt
    chain_id: int
    records: TxtRecords

    def __str__(self) -> str:
        return (
            f"the DNS of {self.claim.domain} names {self.claim.address} on chain {self.chain_id}"
            f" (assurance: {self.records.assurance})"
        )


def check(claim: DnsTxt, sources: Sources) -> VouchedByDomain:
    """Ask the DNS of the claimed domain.

    Raises `Refuted` for a name that is not a plain lower-case domain, and where no record names the contract on the chain
    that was asked. Not checked: who registered the domain, and since when.
    """
    if not _NAME.fullmatch(claim.domain):
        raise Refuted(Failure.BAD_DOMAIN, f"expected a lower-case domain name in A-labels; got {claim.domain[:80]!r}")
    chain_id = claim.chain_id if claim.chain_id is not None else sources.chain(None).id
    records = sources.dns.txt(claim.domain)
    found = [record for text in records.texts if (record := parse(text)) is not None]
    if not any(r.chain_id == chain_id and r.address == claim.address.lower() for r in found):
        others = "; ".join(str(record) for record in found[:5]) or "none"
        raise Refuted(
            Failure.NO_DNS_RECORD,
            f"{claim.domain} has no TXT record for {claim.address} on chain {chain_id} (openatts records found: {others})",
        )
    return VouchedByDomain(claim, chain_id, records)


@dataclass(frozen=True, slots=True)
class Record:
    """One ``openatts`` record. ``address`` is lower case."""

    chain_id: int
    address: str

    def __str__(self) -> str:
        return f"openatts net=ethereum netId={self.chain_id} addr={self.address}"


def parse(text: str) -> Record | None:
    """Read one TXT record, or return None where it is not a complete ``openatts`` record for an Ethereum contract.

    Tolerated: any order, further fields, a ``;`` after a value, several spaces. Not tolerated: a field given twice.
    """
    kind, *rest = text.split(" ")
    if kind != "openatts":
        return None
    fields: dict[str, str] = {}
    for token in filter(None, rest):
        key, _, value = token.partition("=")
        if key in fields:
            return None
        fields[key] = value.removesuffix(";").strip()
    net_id, address = fields.get("netId", ""), fields.get("addr", "")
    if fields.get("net") != "ethereum" or not re.fullmatch(r"[1-9][0-9]{0,18}", net_id):
        return None
    if not re.fullmatch(r"0x[0-9a-fA-F]{40}", address):
        return None
    return Record(int(net_id), address.lower())
