"""What is said of an issuer's record is what each resolver sees, DNSSEC and all, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ebl.diagnose.dns_setup import Checked, check_record
from ebl.did.domain import read_domain
from ebl.identity.dns_records import ContractRecord
from ebl.net import resolvers as lookup
from ebl.testing.dns import DnsServer, Fault, spoof
from tests.unit.net.test_resolvers import FORGED, world

EXPECTED = ContractRecord(1, "0x" + "11" * 20)


@pytest.fixture(scope="module")
def built() -> Iterator[tuple[DnsServer, Any]]:
    server, anchors = world()
    with server:
        yield server, anchors


def checked(built: tuple[DnsServer, Any], name: str, fault: Any = None) -> Checked:
    server, anchors = built
    server.heal()
    if fault is not None:
        server.fail(*fault)
    return check_record(read_domain(name), EXPECTED, lookup.resolver(server.url, anchors=anchors))


def test_a_record_is_there_and_its_dnssec_state_is_said(built: tuple[DnsServer, Any]) -> None:
    for name, fault, state, advice in (
        ("carrier.example", None, "secure", ()),
        ("plain.example", None, "insecure", ("enable DNSSEC for plain.example",)),
        ("carrier.example", ("*", Fault.NO_SIGNATURES), "unchecked", ("--resolver public",)),
        ("x.any.carrier.example", None, "secure", ("Publish a TXT record", "A wildcard record matches")),
    ):
        found = checked(built, name, fault)
        assert [one.dnssec for one in found.seen] == [state]
        assert len(found.fixes) == len(advice) + ("x.any" in name), found.fixes
        assert all(any(word in str(fix) for fix in found.fixes) for word in advice)


def test_signatures_that_do_not_hold_are_called_that_and_not_an_outage(built: tuple[DnsServer, Any]) -> None:
    found = checked(built, "carrier.example", ("carrier.example", spoof(FORGED), "TXT"))
    assert (found.there, found.seen[0].dnssec) == (None, "bogus")
    (fix,) = found.fixes
    assert "The signatures of carrier.example do not hold" in str(fix)


def test_an_outage_is_one(built: tuple[DnsServer, Any]) -> None:
    found = checked(built, "carrier.example", ("carrier.example", Fault.SERVFAIL, "TXT"))
    assert (found.there, found.seen[0].dnssec) == (None, None)
    assert "did not respond" in str(found.fixes[0])
