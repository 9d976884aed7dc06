"""What checked NSEC and NSEC3 records prove to be absent (RFC 4035, section 5.4; RFC 5155, section 8; RFC 6840, section 4).

Pure: the records have been verified, with the labels of their owners, before they come here.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from enum import Enum

import dns.dnssec
import dns.name
from dns.rdatatype import CNAME, DNAME, DS, NS, SOA, RdataType
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3

_OPT_OUT = 1


class Absent(Enum):
    """What is not there."""

    NAME = "no such name"
    TYPE = "the name has no such type"
    DELEGATION_KEYS = "a delegation to an unsigned zone"
    MAYBE_UNSIGNED = "nothing signed: the span may hold unsigned delegations (opt-out)"
    NAME_UNLESS_UNSIGNED = "no such name, unless it is an unsigned delegation (opt-out)"


@dataclass(frozen=True, slots=True)
class Chain1:
    """Some NSEC records of one zone, by owner."""

    zone: dns.name.Name
    records: tuple[tuple[dns.name.Name, NSEC], ...]

    def absent(self, name: dns.name.Name, rdtype: RdataType) -> Absent | None:
        """What the records say of a name and type; None where they prove nothing."""
        for owner, nsec in self.records:
            if owner == name:
                return _lacks(nsec, name, rdtype)
        for owner, nsec in self.records:
            if not self._covers(owner, nsec, name):
                continue
            if nsec.next.is_subdomain(name):
                return Absent.TYPE  # an empty non-terminal: nothing at the name, something below it
            wildcard = dns.name.Name((b"*", *_encloser(owner, nsec, name).labels))
            for other, its in self.records:
                if other == wildcard:
                    return Absent.TYPE if _lacks(its, wildcard, rdtype) is Absent.TYPE else None
                if self._covers(other, its, wildcard):  # which exists as well where there is something below it
                    return Absent.TYPE if its.next.is_subdomain(wildcard) else Absent.NAME
        return None

    def nothing_closer(self, name: dns.name.Name, encloser: dns.name.Name) -> Absent | None:
        """NAME where it is proved that a wildcard right below ``encloser`` is the closest match for ``name``."""
        for owner, nsec in self.records:
            if self._covers(owner, nsec, name) and _encloser(owner, nsec, name) == encloser:
                return Absent.NAME
        return None

    def _covers(self, owner: dns.name.Name, nsec: NSEC, name: dns.name.Name) -> bool:
        if name.is_subdomain(owner) and _belongs_elsewhere(nsec):
            return False  # it speaks for the parent's side of a cut, not for what is below
        if nsec.next == self.zone:  # the last one points back to the apex
            return bool(owner < name)
        return bool(owner < name < nsec.next)


def _encloser(owner: dns.name.Name, nsec: NSEC, name: dns.name.Name) -> dns.name.Name:
    """The longest existing ancestor of a name between two neighbours: what it shares with either of them."""
    common = max(name.fullcompare(owner)[2], name.fullcompare(nsec.next)[2])
    return dns.name.Name(name.labels[-common:])


@dataclass(frozen=True, slots=True)
class Chain3:
    """Some NSEC3 records of one zone with the same parameters, by the hash of their owner."""

    zone: dns.name.Name
    records: tuple[tuple[bytes, NSEC3], ...]

    def absent(self, name: dns.name.Name, rdtype: RdataType) -> Absent | None:
        """What the records say of a name and type; None where they prove nothing."""
        if not self.records:
            return None
        if (own := self._match(name)) is not None:
            return _lacks(own, name, rdtype)
        encloser, found = name, None
        while found is None and encloser != self.zone:
            encloser = encloser.parent()
            found = self._match(encloser)
        if found is None or _belongs_elsewhere(found):
            return None
        closer = self._cover(dns.name.Name(name.labels[-1 - len(encloser) :]))
        if closer is None:
            return None
        opt_out = bool(closer.flags & _OPT_OUT)
        wildcard = dns.name.Name((b"*", *encloser.labels))
        if (its := self._match(wildcard)) is not None and not (opt_out and rdtype == DS):  # RFC 5155, section 8.6
            lacks = _lacks(its, wildcard, rdtype) is Absent.TYPE
            return None if not lacks else Absent.MAYBE_UNSIGNED if opt_out else Absent.TYPE
        if self._cover(wildcard) is not None:
            return Absent.NAME_UNLESS_UNSIGNED if opt_out else Absent.NAME
        return Absent.MAYBE_UNSIGNED if opt_out else None

    def nothing_closer(self, name: dns.name.Name, encloser: dns.name.Name) -> Absent | None:
        """NAME where it is proved that a wildcard right below ``encloser`` is the closest match for ``name``."""
        if not self.records:
            return None
        closer = self._cover(dns.name.Name(name.labels[-1 - len(encloser) :]))
        if closer is None:
            return None
        return Absent.MAYBE_UNSIGNED if closer.flags & _OPT_OUT else Absent.NAME

    def _match(self, name: dns.name.Name) -> NSEC3 | None:
        digest = self._hash(name)
        return next((nsec3 for owner, nsec3 in self.records if owner == digest), None)

    def _cover(self, name: dns.name.Name) -> NSEC3 | None:
        digest = self._hash(name)
        for owner, nsec3 in self.records:
            inside = owner < digest < nsec3.next
            at_the_end = owner >= nsec3.next and (digest > owner or digest < nsec3.next)
            if inside or at_the_end:
                return nsec3
        return None

    def _hash(self, name: dns.name.Name) -> bytes:
        first = self.records[0][1]
        return base64.b32hexdecode(dns.dnssec.nsec3_hash(name, first.salt, first.iterations, 1))


def is_known(record: NSEC3) -> bool:
    """Whether a record's hash algorithm and flags are known; others are to be ignored (RFC 5155, section 8.2)."""
    return record.algorithm == 1 and record.flags in (0, _OPT_OUT) and len(record.next) == 20


def owner_hash(owner: dns.name.Name, zone: dns.name.Name) -> bytes | None:
    """The hash in the owner name of an NSEC3 record of a zone; None where it is not one."""
    if len(owner) != len(zone) + 1 or not owner.is_subdomain(zone):
        return None
    try:
        digest = base64.b32hexdecode(owner.labels[0].upper())
    except (binascii.Error, ValueError):
        return None
    return digest if len(digest) == 20 else None


def _lacks(record: NSEC | NSEC3, name: dns.name.Name, rdtype: RdataType) -> Absent | None:
    """What the record at a name itself says about a type."""
    if _has(record, rdtype) or _has(record, CNAME):
        return None
    if rdtype == DS:
        if _has(record, SOA) and name != dns.name.root:
            return None  # the child's apex does not speak for its parent
        return Absent.DELEGATION_KEYS if _has(record, NS) else Absent.TYPE
    return None if _has(record, NS) and not _has(record, SOA) else Absent.TYPE


def _belongs_elsewhere(record: NSEC | NSEC3) -> bool:
    """Whether names below this record's owner are not the zone's own: a delegation, or redirected by a DNAME."""
    return _has(record, DNAME) or (_has(record, NS) and not _has(record, SOA))


def _has(record: NSEC | NSEC3, rdtype: RdataType) -> bool:
    window, rest = divmod(int(rdtype), 256)
    byte, bit = divmod(rest, 8)
    return any(w == window and len(bits) > byte and bits[byte] & (0x80 >> bit) for w, bits in record.windows)
