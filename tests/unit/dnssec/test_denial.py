"""What a record at a cut proves: to each side of it what is that side's, and no more."""

from __future__ import annotations

import base64

import dns.dnssec
import dns.name
import dns.rdata
import pytest
from dns.rdatatype import DS, TXT, A, RdataType

from ebl.dnssec.denial import Absent, Nsec3Chain, NsecChain

ZONE, CUT = dns.name.from_text("example."), dns.name.from_text("cut.example.")


def nsec(types: str) -> NsecChain:
    return NsecChain(ZONE, ((CUT, dns.rdata.from_text("IN", "NSEC", f"z.example. {types}")),))  # type: ignore[arg-type]


def nsec3(types: str) -> Nsec3Chain:
    digest = base64.b32hexdecode(dns.dnssec.nsec3_hash(CUT, b"", 0, 1))
    return Nsec3Chain(ZONE, ((digest, dns.rdata.from_text("IN", "NSEC3", f"1 0 0 - {'v' * 32} {types}")),))  # type: ignore[arg-type]


@pytest.mark.parametrize("chain", (nsec, nsec3))
@pytest.mark.parametrize(
    ("types", "asked", "verdict"),
    (
        ("NS", DS, Absent.DELEGATION_KEYS),
        ("NS", TXT, None),  # the child's
        ("NS DS", DS, None),  # there are some
        ("NS SOA", DS, None),  # the child does not speak for its parent
        ("NS SOA", TXT, Absent.TYPE),
        ("A", TXT, Absent.TYPE),
        ("A", DS, Absent.TYPE),
        ("A", A, None),
        ("CNAME", TXT, None),  # its target's
    ),
)
def test_a_record_at_a_name_denies_what_is_its_zones(
    chain: type[NsecChain | Nsec3Chain], types: str, asked: RdataType, verdict: Absent | None
) -> None:
    assert chain(types).absent(CUT, asked) is verdict  # type: ignore[arg-type, call-arg]
