"""Result of a validation: the verdict, the records, and the proof to keep."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype

from ebl.codec.broken import Reason


class Status(StrEnum):
    """The four verdicts of RFC 4033, section 5.

    SECURE         a chain of signatures leads from a trust anchor to the records, or to the proof that there are none
    INSECURE       the zone is proved to be unsigned: any source may have made the records
    BOGUS          a valid signature or proof is required and is not there
    INDETERMINATE  a required answer could not be obtained, or no trust anchor is above the name
    """

    SECURE = "secure"
    INSECURE = "insecure"
    BOGUS = "bogus"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one resolution. The owner of a zone decides how much work its names are, so ebl sets every bound.

    ``queries``        queries sent
    ``seconds``        time taken, checked before every query
    ``aliases``        CNAME and DNAME steps
    ``signatures``     signatures tried for one RRset, and ``keys`` of one tag tried for one signature
    ``verifications``  public-key operations and key digests in total
    ``denials``        NSEC and NSEC3 RRsets read in one answer
    ``zone_keys``      DNSKEYs of one zone
    ``iterations``     NSEC3 iterations beyond which a zone counts as unsigned (RFC 9276, section 3.2)
    """

    queries: int = 64
    seconds: float = 10.0
    aliases: int = 8
    signatures: int = 4
    keys: int = 4
    verifications: int = 256
    denials: int = 8
    zone_keys: int = 64
    iterations: int = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one query. It has records only if the status is SECURE or INSECURE.

    ``records``     the RRset at ``owner``; empty with ``rcode`` NOERROR (no such type) or NXDOMAIN (no such name)
    ``aliases``     the names passed through, the first being the name of the query
    ``wildcard``    whether the answer, or an alias that led to it, was expanded from a wildcard
    ``reason``      why it is not SECURE; None if it is
    ``proof``       the records that show it (RFC 9102, section 3); empty without a verdict
    ``not_before``  and ``not_after``: when every signature in the proof is valid (seconds since 1970, both included)
    """

    status: Status
    name: dns.name.Name
    rdtype: dns.rdatatype.RdataType
    rcode: dns.rcode.Rcode | None = None
    records: tuple[dns.rdata.Rdata, ...] = ()
    aliases: tuple[dns.name.Name, ...] = ()
    wildcard: bool = False
    reason: Reason | None = None
    proof: bytes = b""
    not_before: int = 0
    not_after: int = 2**32 - 1
    queries: int = 0

    @property
    def owner(self) -> dns.name.Name:
        """The owner name of the records: the name of the query, or the name that its aliases lead to."""
        return self.aliases[-1] if self.aliases else self.name
