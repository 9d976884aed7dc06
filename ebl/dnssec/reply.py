"""One DNS reply as validation uses it: RRsets with their signatures, from any sender."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdatatype import CNAME, DNAME, NSEC, NSEC3, RRSIG

from ebl.codec.broken import Broken

Fetch = Callable[[dns.name.Name, dns.rdatatype.RdataType], dns.message.Message]
"""Returns the response to a query for a name and a type. It may raise whatever its transport raises."""


class NoAnswer(Broken):
    """No usable reply was received. A transport raises this (or an `OSError`, or a dnspython error)."""

    subject = "dnssec"


@dataclass(frozen=True, slots=True)
class SignedRecords:
    """An RRset and the signatures received with it, checked or not; ``rrsigs`` is None if there were none."""

    rrset: dns.rrset.RRset
    rrsigs: dns.rrset.RRset | None


@dataclass(frozen=True, slots=True)
class DnsReply:
    """The RRsets of one reply. ``rcode`` is None if it is not known (a stored proof does not contain it)."""

    rcode: dns.rcode.Rcode | None
    answer: Sequence[dns.rrset.RRset]
    authority: Sequence[dns.rrset.RRset]

    def at(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> SignedRecords | None:
        """Returns the RRset of exactly this name and type from the answer section."""
        return _find(self.answer, name, rdtype)

    def alias(self, name: dns.name.Name) -> SignedRecords | None:
        """Returns the DNAME above a name, or else the CNAME at it. A DNAME comes first: the CNAME made from it is unsigned."""
        for rrset in self.answer:
            if rrset.rdtype == DNAME and name != rrset.name and name.is_subdomain(rrset.name):
                return _find(self.answer, rrset.name, DNAME)
        return self.at(name, CNAME)

    def is_signed_by(self, zone: dns.name.Name, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> bool:
        """Returns whether the records have a signature that claims to be by a zone or one above it.

        Without records, the proof of their absence must have one. Data of other names is ignored."""
        found = self.at(name, rdtype) or self.alias(name)
        section = self.authority if found is None else [r for r in self.answer if r.name == found.rrset.name]
        rrsigs = (rrset for rrset in section if rrset.rdtype == RRSIG)
        return any(zone.is_subdomain(rrsig.signer) for rrset in rrsigs for rrsig in rrset)

    def denials(self) -> Iterator[SignedRecords]:
        """Yields the NSEC and NSEC3 RRsets of the authority section."""
        for rrset in self.authority:
            if rrset.rdtype in (NSEC, NSEC3) and (found := _find(self.authority, rrset.name, rrset.rdtype)) is not None:
                yield found


def reply_of(message: dns.message.Message, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> DnsReply:
    """Reads the reply to a query from a message. Raises `NoAnswer` if it does not answer the query. The AD bit is ignored."""
    asked = message.question[0] if len(message.question) == 1 else None
    if asked is None or asked.name != name or asked.rdtype != rdtype or asked.rdclass != dns.rdataclass.IN:
        raise NoAnswer("another_question")
    if not message.flags & dns.flags.QR or message.opcode() != dns.opcode.QUERY:
        raise NoAnswer("not_a_reply")
    if message.flags & dns.flags.TC:
        raise NoAnswer("cut_off")
    if message.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        raise NoAnswer("rcode", rcode=dns.rcode.to_text(message.rcode()))
    return DnsReply(message.rcode(), tuple(message.answer), tuple(message.authority))


def _find(
    section: Sequence[dns.rrset.RRset], name: dns.name.Name, rdtype: dns.rdatatype.RdataType
) -> SignedRecords | None:
    rrset = rrsigs = None
    for candidate in section:
        if candidate.name != name or candidate.rdclass != dns.rdataclass.IN:
            continue
        if candidate.rdtype == rdtype:
            rrset = candidate
        elif candidate.rdtype == RRSIG and candidate.covers == rdtype:
            rrsigs = candidate
    return SignedRecords(rrset, rrsigs) if rrset else None
