"""The proof as bytes: the records in wire form without compression, each RRset before its signatures (RFC 9102, section 3).

The answer comes first (after its aliases), then the keys from the queried zone up to the root.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.wire
from dns.rdatatype import CNAME, DNAME, NSEC, NSEC3, RRSIG

from ebl.codec.broken import Broken
from ebl.dnssec.reply import DnsReply, NoAnswer

MAX_BYTES = 65_536
MAX_RECORDS = 512


class DnssecProofError(Broken):
    """The bytes are not a proof; ``reason`` states why."""

    subject = "dnssec"


@dataclass(frozen=True, slots=True)
class Records:
    """The RRsets of a stored proof. Queries get the replies of a server that has only these records."""

    rrsets: tuple[dns.rrset.RRset, ...]

    def reply(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> DnsReply:
        """Returns the part of the proof that answers a query. Raises `NoAnswer` if no part does."""
        answer = [rrset for rrset in self.rrsets if _answers(rrset, name, rdtype)]
        authority = [rrset for rrset in self.rrsets if _of(rrset) in (NSEC, NSEC3)]
        if not answer and not authority:
            raise NoAnswer("not_in_proof")
        return DnsReply(None, answer, authority)


def _answers(rrset: dns.rrset.RRset, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> bool:
    kind = _of(rrset)
    if rrset.name == name:
        return kind in (rdtype, CNAME)
    return kind == DNAME and name.is_subdomain(rrset.name)


def _of(rrset: dns.rrset.RRset) -> dns.rdatatype.RdataType:
    return rrset.covers if rrset.rdtype == RRSIG else rrset.rdtype


def write(rrsets: Iterable[dns.rrset.RRset]) -> bytes:
    """Writes the records of some RRsets, one after another."""
    out = io.BytesIO()
    for rrset in rrsets:
        rrset.to_wire(out, origin=dns.name.root, want_shuffle=False)
    return out.getvalue()


def parse(data: bytes) -> Records:
    """Reads the output of `write`. Raises `DnssecProofError` if the bytes are anything else."""
    if len(data) > MAX_BYTES:
        raise DnssecProofError("proof_size", most=MAX_BYTES, came=len(data))
    rrsets: dict[tuple[object, ...], dns.rrset.RRset] = {}
    parser = dns.wire.Parser(data)
    try:
        for _ in range(MAX_RECORDS):
            if not parser.remaining():
                return Records(tuple(rrsets.values()))
            _read_record(parser, rrsets)
    except DnssecProofError:
        raise
    except (dns.exception.DNSException, ValueError) as bad:
        raise DnssecProofError("proof_form", fault=type(bad).__name__, at=parser.current) from bad
    raise DnssecProofError("proof_records", most=MAX_RECORDS)


def _read_record(parser: dns.wire.Parser, rrsets: dict[tuple[object, ...], dns.rrset.RRset]) -> None:
    name = parser.get_name()
    number, rdclass, ttl, length = parser.get_struct("!HHIH")
    if rdclass != dns.rdataclass.IN:
        raise DnssecProofError("proof_class", came=int(rdclass))
    rdtype = dns.rdatatype.RdataType.make(number)
    with parser.restrict_to(length):
        rdata = dns.rdata.from_wire_parser(rdclass, rdtype, parser)
    covers = rdata.covers()
    rrset = rrsets.setdefault((name, rdtype, covers), dns.rrset.RRset(name, dns.rdataclass.IN, rdtype, covers))
    rrset.add(rdata, ttl & 0x7FFFFFFF)
