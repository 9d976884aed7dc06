"""Validation of DNS answers (DNSSEC) from pinned trust anchors, over any transport, with a proof to re-check offline later.

There are two functions::

    answer = resolve("carrier.example", "TXT", fetch=fetch, now=now)      # queries, validates, keeps the proof
    again = recheck(answer.proof, "carrier.example", "TXT", now=then)     # no network: the same verdict from the proof

``fetch(name, rdtype)`` returns a `dns.message.Message` from any source: the transport is not trusted. It should set the
DO and CD bits, so that the answer contains signatures and a forwarder also returns answers that it would itself refuse. The
package needs dnspython and cryptography, and of the rest of ``ebl`` only ``ebl.codec.broken``, for its reasons.

The standards: RFC 4033-4035, 5155 (NSEC3), 6672 (DNAME), 6840 (clarifications), 9276 (NSEC3 iterations), 9905 (no SHA-1).
The proof has the form of RFC 9102, section 3. Not done: RFC 5011 key rollover (anchors are configured), negative trust
anchors, classes other than IN.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import dns.exception
import dns.name
import dns.rdatatype

from ebl.codec.broken import Reason
from ebl.dnssec.anchors import IANA, Anchors, read_anchors
from ebl.dnssec.answer import Answer, Limits, Status
from ebl.dnssec.proof import DnssecProofError, parse
from ebl.dnssec.reply import DnsReply, Fetch, NoAnswer, reply_of
from ebl.dnssec.walk import Walk

__all__ = [
    "IANA",
    "Anchors",
    "Answer",
    "DnssecProofError",
    "Fetch",
    "Limits",
    "NoAnswer",
    "Reason",
    "Status",
    "read_anchors",
    "recheck",
    "resolve",
]


def resolve(
    name: dns.name.Name | str,
    rdtype: dns.rdatatype.RdataType | str,
    *,
    fetch: Fetch,
    now: datetime,
    anchors: Anchors = IANA,
    limits: Limits | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Answer:
    """Queries the records of one name and type, and validates the answer from the trust anchors down.

    Errors of the network or its data are never raised: the status is `Status.INDETERMINATE` if data could not be obtained,
    and `Status.BOGUS` if it fails validation. Raises `ValueError` if the name or type cannot be queried. ``now`` is an
    aware datetime.
    """

    def ask(name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> DnsReply:
        return reply_of(fetch(name, rdtype), name, rdtype)

    question = _name(name), _type(rdtype)
    return Walk(ask, anchors, _seconds(now), limits or Limits(), monotonic).resolve(*question)


def recheck(
    proof: bytes,
    name: dns.name.Name | str,
    rdtype: dns.rdatatype.RdataType | str,
    *,
    now: datetime,
    anchors: Anchors = IANA,
    limits: Limits | None = None,
) -> Answer:
    """Re-checks the proof of an earlier answer at the time ``now``, without the network.

    The verdict is the one that `resolve` would return for these records. If the proof lacks a record, it is
    INDETERMINATE. Raises `DnssecProofError` if the bytes are not a proof.
    """
    records = parse(proof)
    question = _name(name), _type(rdtype)
    return Walk(records.reply, anchors, _seconds(now), limits or Limits(), time.monotonic).resolve(*question)


def _name(name: dns.name.Name | str) -> dns.name.Name:
    try:
        made = dns.name.from_text(name) if isinstance(name, str) else name
    except dns.exception.DNSException:
        raise ValueError(f"expected a domain name; got {name!r:.80}") from None
    if not made.is_absolute():
        raise ValueError(f"expected an absolute domain name; got {made}")
    return made


def _type(rdtype: dns.rdatatype.RdataType | str) -> dns.rdatatype.RdataType:
    try:
        made = dns.rdatatype.RdataType.make(rdtype)
    except (dns.rdatatype.UnknownRdatatype, ValueError):
        raise ValueError(f"expected a record type; got {rdtype!r:.40}") from None
    if dns.rdatatype.is_metatype(made) or made in _NOT_DATA:
        raise ValueError(f"{made.name} cannot be validated as an answer")
    return made


_NOT_DATA = {dns.rdatatype.RRSIG, dns.rdatatype.SIG, dns.rdatatype.NSEC3, dns.rdatatype.TYPE0}


def _seconds(now: datetime) -> int:
    if now.tzinfo is None:
        raise ValueError("expected a time with its zone; got one without")
    return int(now.timestamp())
