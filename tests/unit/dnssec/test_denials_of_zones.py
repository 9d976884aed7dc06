"""What a zone's NSEC and NSEC3 records are read to prove is true of the zone, whichever of them a reply holds.

A small zone is made up, with the records that deny what it lacks. Its content says what is true of a name; the records are
never to prove anything else, however many are kept back, and all of them together are to prove all of it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import dns.dnssec
import dns.name
import dns.rdata
from dns.rdatatype import DS, TXT, RdataType
from hypothesis import given
from hypothesis import strategies as st

from ebl.dnssec.denial import Absent, Nsec3Chain, NsecChain
from tests.signed_zones import name

APEX = name("z.")
UNSIGNED, OWN = frozenset({"NS"}), ("TXT", "CNAME", "DNAME", "NS", "NS DS")
LABELS = st.sampled_from(["a", "b", "m", "*"])


@dataclass(frozen=True)
class Content:
    """The types that a zone has at each name which owns records, without names that a cut or a DNAME hides."""

    types: dict[dns.name.Name, frozenset[str]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "types", {at: own for at, own in self.types.items() if not self.hides(at)})

    def hides(self, at: dns.name.Name) -> bool:
        """Whether a name lies below a delegation or a DNAME, so that this zone does not speak for it."""
        above = [parent for parent in parents(at) if parent != APEX]
        return any({"NS", "DNAME"} & self.types.get(parent, frozenset()) for parent in above)

    def exists(self, at: dns.name.Name) -> bool:
        return any(owner.is_subdomain(at) for owner in self.types)

    def encloser(self, at: dns.name.Name) -> dns.name.Name:
        return next(parent for parent in parents(at) if self.exists(parent))

    def lacks(self, at: dns.name.Name, rdtype: RdataType) -> Absent | None:
        """What is not there, by RFC 1034 and RFC 4592; None where the records are there, or are not this zone's to deny."""
        if self.hides(at):
            return None
        if self.exists(at):
            return self._lacks_type(self.types.get(at, frozenset()), at, rdtype)
        wildcard = dns.name.Name((b"*", *self.encloser(at).labels))
        if not self.exists(wildcard):
            return Absent.NAME
        lacking = self._lacks_type(self.types.get(wildcard, frozenset()), wildcard, rdtype)
        return lacking if lacking is Absent.TYPE else None

    @staticmethod
    def _lacks_type(own: frozenset[str], at: dns.name.Name, rdtype: RdataType) -> Absent | None:
        if rdtype.name in own or "CNAME" in own or (at == APEX and rdtype == DS):
            return None
        if "NS" in own and at != APEX:
            return Absent.DELEGATION_KEYS if rdtype == DS else None
        return Absent.TYPE


def parents(at: dns.name.Name) -> Iterator[dns.name.Name]:
    while at != APEX:
        at = at.parent()
        yield at


def chain1(content: Content, kept: frozenset[int]) -> NsecChain:
    owners = sorted(content.types)
    links = zip(owners, [*owners[1:], owners[0]], strict=True)
    records = [
        (owner, dns.rdata.from_text("IN", "NSEC", f"{after} {' '.join(content.types[owner])} RRSIG NSEC"))
        for owner, after in links
    ]
    return NsecChain(APEX, tuple(record for at, record in enumerate(records) if at not in kept))


def chain3(content: Content, kept: frozenset[int], *, opt_out: bool) -> Nsec3Chain:
    signed = [owner for owner, own in content.types.items() if not opt_out or owner == APEX or own != UNSIGNED]
    names = {parent for owner in signed for parent in (owner, *parents(owner))}
    hashed = {dns.dnssec.nsec3_hash(owner, "AB", 0, 1): content.types.get(owner, frozenset()) for owner in names}
    links = zip(sorted(hashed), [*sorted(hashed)[1:], min(hashed)], strict=True)
    records = [
        (
            base64.b32hexdecode(owner),
            dns.rdata.from_text("IN", "NSEC3", f"1 {int(opt_out)} 0 AB {after} {' '.join(hashed[owner])}"),
        )
        for owner, after in links
    ]
    return Nsec3Chain(APEX, tuple(record for at, record in enumerate(records) if at not in kept))


NAMES = st.lists(LABELS, max_size=3).map(lambda labels: dns.name.Name((*(x.encode() for x in labels), *APEX.labels)))
CONTENTS = st.dictionaries(NAMES, st.sampled_from(OWN).map(lambda own: frozenset(own.split())), max_size=6).map(
    lambda types: Content({**types, APEX: frozenset({"SOA", "NS", "DNSKEY"})})
)
TYPES = st.sampled_from([TXT, DS])
KEPT_BACK = st.frozensets(st.integers(0, 12), max_size=6)


@given(CONTENTS, NAMES, TYPES, KEPT_BACK)
def test_nsec_records_prove_what_is_true(
    content: Content, at: dns.name.Name, rdtype: RdataType, kept: frozenset[int]
) -> None:
    truth = content.lacks(at, rdtype)
    assert chain1(content, frozenset()).absent(at, rdtype) is truth
    assert chain1(content, kept).absent(at, rdtype) in (truth, None)


@given(CONTENTS, NAMES, TYPES, KEPT_BACK)
def test_nsec3_records_prove_what_is_true(
    content: Content, at: dns.name.Name, rdtype: RdataType, kept: frozenset[int]
) -> None:
    truth = content.lacks(at, rdtype)
    assert chain3(content, frozenset(), opt_out=False).absent(at, rdtype) is truth
    assert chain3(content, kept, opt_out=False).absent(at, rdtype) in (truth, None)


@given(CONTENTS, NAMES, TYPES, KEPT_BACK)
def test_opt_out_leaves_open_no_more_than_unsigned_delegations(
    content: Content, at: dns.name.Name, rdtype: RdataType, kept: frozenset[int]
) -> None:
    truth = content.lacks(at, rdtype)
    whole, part = (chain3(content, back, opt_out=True).absent(at, rdtype) for back in (frozenset[int](), kept))
    if not any(owner.is_wild() for owner in content.types):  # beside an unsigned empty name, one is taken to match
        assert truth is None or whole is not None
    for proved in (whole, part):
        if proved in (Absent.MAYBE_UNSIGNED, Absent.NAME_UNLESS_UNSIGNED):
            signed = content.types.get(at, UNSIGNED) != UNSIGNED
            assert not signed
        else:
            assert proved in (truth, None)


@given(CONTENTS, NAMES, KEPT_BACK)
def test_a_wildcard_is_used_only_where_nothing_matches_better(
    content: Content, at: dns.name.Name, kept: frozenset[int]
) -> None:
    usable = [parent for parent in parents(at) if not content.hides(dns.name.Name((b"*", *parent.labels)))]
    for encloser in usable:
        closest = not content.hides(at) and not content.exists(at) and content.encloser(at) == encloser
        truth = Absent.NAME if closest else None
        assert chain1(content, frozenset()).nothing_closer(at, encloser) is truth
        assert chain1(content, kept).nothing_closer(at, encloser) in (truth, None)
        next_closer = dns.name.Name(at.labels[-1 - len(encloser) :])
        truth = None if content.exists(next_closer) else Absent.NAME
        assert chain3(content, frozenset(), opt_out=False).nothing_closer(at, encloser) is truth
        assert chain3(content, kept, opt_out=False).nothing_closer(at, encloser) in (truth, None)
        assert chain3(content, frozenset(), opt_out=True).nothing_closer(at, encloser) in (Absent.MAYBE_UNSIGNED, None)
