"""Authenticated denial of existence: what NSEC and NSEC3 records prove absent (RFC 4035, section 5.4; RFC 5155, section 8).

The terms are those of RFC 5155, section 1.3: a record *matches* a name or *covers* it, a name has a *closest encloser* and a
*next closer name*, and the wildcard at the encloser is its *source of synthesis* (RFC 4592, section 3.3.1). There is no I/O:
the caller has verified the records, with the labels of their owners.
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
    """What the records prove absent."""

    NAME = "no such name"
    TYPE = "the name has no such type"
    DELEGATION_KEYS = "a delegation to an unsigned zone"
    MAYBE_UNSIGNED = "nothing signed: the span may hold unsigned delegations (opt-out)"
    NAME_UNLESS_UNSIGNED = "no such name, unless it is an unsigned delegation (opt-out)"


@dataclass(frozen=True, slots=True)
class NsecChain:
    """NSEC records of one zone, by owner."""

    zone: dns.name.Name
    records: tuple[tuple[dns.name.Name, NSEC], ...]

    def absent(self, name: dns.name.Name, rdtype: RdataType) -> Absent | None:
        """Returns what the records deny of a name and type (RFC 4035, section 5.4); None if they prove nothing."""
        for owner, nsec in self.records:
            if owner == name:  # no data (section 3.1.3.1)
                return _denied_at(nsec, name, rdtype)
        for owner, nsec in self.records:
            if not self._covers(owner, nsec, name):
                continue
            if nsec.next.is_subdomain(name):
                return Absent.TYPE  # an empty non-terminal (RFC 4592, section 2.2.2): something is below the name
            wildcard = _source_of_synthesis(_closest_encloser(owner, nsec, name))
            if (found := self._first_about(wildcard)) is None:
                continue
            other, its = found
            if other == wildcard:  # wildcard no data (section 3.1.3.4)
                return Absent.TYPE if _denied_at(its, wildcard, rdtype) is Absent.TYPE else None
            # Name error (section 3.1.3.2). A wildcard with a name below it exists as well.
            return Absent.TYPE if its.next.is_subdomain(wildcard) else Absent.NAME
        return None

    def nothing_closer(self, name: dns.name.Name, encloser: dns.name.Name) -> Absent | None:
        """Returns NAME if a wildcard right below ``encloser`` is proved to be the closest match for ``name`` (section 5.3.4)."""
        for owner, nsec in self.records:
            if self._covers(owner, nsec, name) and _closest_encloser(owner, nsec, name) == encloser:
                return Absent.NAME
        return None

    def _first_about(self, name: dns.name.Name) -> tuple[dns.name.Name, NSEC] | None:
        """Returns the first record that matches a name or covers it."""
        for owner, nsec in self.records:
            if owner == name or self._covers(owner, nsec, name):
                return owner, nsec
        return None

    def _covers(self, owner: dns.name.Name, nsec: NSEC, name: dns.name.Name) -> bool:
        if name.is_subdomain(owner) and _is_of_ancestor(nsec):
            return False
        if nsec.next == self.zone:  # the last record points back to the apex (RFC 4034, section 4.1.1)
            return bool(owner < name)
        return bool(owner < name < nsec.next)


def _closest_encloser(owner: dns.name.Name, nsec: NSEC, name: dns.name.Name) -> dns.name.Name:
    """Returns the longest existing ancestor of a name between two neighbours: its longest common suffix with either."""
    common = max(name.fullcompare(owner)[2], name.fullcompare(nsec.next)[2])
    return dns.name.Name(name.labels[-common:])


def _source_of_synthesis(encloser: dns.name.Name) -> dns.name.Name:
    return dns.name.Name((b"*", *encloser.labels))


@dataclass(frozen=True, slots=True)
class Nsec3Chain:
    """NSEC3 records of one zone with the same parameters, by the hash of their owner."""

    zone: dns.name.Name
    records: tuple[tuple[bytes, NSEC3], ...]

    def absent(self, name: dns.name.Name, rdtype: RdataType) -> Absent | None:
        """Returns what the records deny of a name and type (RFC 5155, 8.4 to 8.7 and 8.9); None if they prove nothing."""
        if not self.records:
            return None
        if (matching := self._matching(name)) is not None:  # no data (sections 8.5 and 8.6)
            return _denied_at(matching, name, rdtype)
        if (proof := self._closest_encloser_proof(name)) is None:
            return None
        encloser, next_closer = proof
        opt_out = bool(next_closer.flags & _OPT_OUT)
        wildcard = _source_of_synthesis(encloser)
        its = self._matching(wildcard)
        if its is not None and not (
            opt_out and rdtype == DS
        ):  # wildcard no data (section 8.7), except as in section 8.6
            if _denied_at(its, wildcard, rdtype) is not Absent.TYPE:
                return None
            return Absent.MAYBE_UNSIGNED if opt_out else Absent.TYPE
        if self._covering(wildcard) is not None:  # name error (section 8.4)
            return Absent.NAME_UNLESS_UNSIGNED if opt_out else Absent.NAME
        return Absent.MAYBE_UNSIGNED if opt_out else None  # no data for DS, a referral (sections 8.6 and 8.9)

    def nothing_closer(self, name: dns.name.Name, encloser: dns.name.Name) -> Absent | None:
        """Returns NAME if a wildcard right below ``encloser`` is proved to be the closest match for ``name`` (section 8.8)."""
        if not self.records:
            return None
        next_closer = self._covering(_next_closer_name(name, encloser))
        if next_closer is None:
            return None
        return Absent.MAYBE_UNSIGNED if next_closer.flags & _OPT_OUT else Absent.NAME

    def _closest_encloser_proof(self, name: dns.name.Name) -> tuple[dns.name.Name, NSEC3] | None:
        """Returns the closest (provable) encloser, and the record that covers the next closer name (section 8.3)."""
        encloser, matching = name, None
        while matching is None and encloser != self.zone:
            encloser = encloser.parent()
            matching = self._matching(encloser)
        if matching is None or _is_of_ancestor(matching):
            return None
        covering = self._covering(_next_closer_name(name, encloser))
        return None if covering is None else (encloser, covering)

    def _matching(self, name: dns.name.Name) -> NSEC3 | None:
        digest = self._hash(name)
        return next((nsec3 for owner, nsec3 in self.records if owner == digest), None)

    def _covering(self, name: dns.name.Name) -> NSEC3 | None:
        digest = self._hash(name)
        for owner, nsec3 in self.records:
            inside = owner < digest < nsec3.next
            at_the_end = owner >= nsec3.next and (digest > owner or digest < nsec3.next)
            if inside or at_the_end:
                return nsec3
        return None

    def _hash(self, name: dns.name.Name) -> bytes:
        """Returns the hash of a name (section 5)."""
        first = self.records[0][1]
        return base64.b32hexdecode(dns.dnssec.nsec3_hash(name, first.salt, first.iterations, 1))


def _next_closer_name(name: dns.name.Name, encloser: dns.name.Name) -> dns.name.Name:
    """Returns the name one label longer than the closest encloser."""
    return dns.name.Name(name.labels[-1 - len(encloser) :])


def is_known(record: NSEC3) -> bool:
    """Returns whether a record's hash algorithm and flags are known; others must be ignored (RFC 5155, section 8.2)."""
    return record.algorithm == 1 and record.flags in (0, _OPT_OUT) and len(record.next) == 20


def owner_hash(owner: dns.name.Name, zone: dns.name.Name) -> bytes | None:
    """Returns the hash in the owner name of an NSEC3 record of a zone; None if it is not one."""
    if len(owner) != len(zone) + 1 or not owner.is_subdomain(zone):
        return None
    try:
        digest = base64.b32hexdecode(owner.labels[0].upper())
    except (binascii.Error, ValueError):
        return None
    return digest if len(digest) == 20 else None


def _denied_at(record: NSEC | NSEC3, name: dns.name.Name, rdtype: RdataType) -> Absent | None:
    """Returns what the record that matches a name denies of a type (RFC 4035, section 5.4; RFC 5155, sections 8.5 and 8.6)."""
    if _has(record, rdtype) or _has(record, CNAME):  # RFC 6840, section 4.3
        return None
    if rdtype == DS:
        if _has(record, SOA) and name != dns.name.root:
            return None  # the child's apex proves nothing about the parent's side (RFC 4035, section 5.2)
        return Absent.DELEGATION_KEYS if _has(record, NS) else Absent.TYPE  # RFC 6840, section 4.4
    # A delegation of an ancestor denies only DS (RFC 6840, section 4.1).
    return None if _has(record, NS) and not _has(record, SOA) else Absent.TYPE


def _is_of_ancestor(record: NSEC | NSEC3) -> bool:
    """Returns whether a record proves nothing below its owner: an ancestor's delegation, or a DNAME (RFC 6840, section 4.1)."""
    return _has(record, DNAME) or (_has(record, NS) and not _has(record, SOA))


def _has(record: NSEC | NSEC3, rdtype: RdataType) -> bool:
    window, rest = divmod(int(rdtype), 256)
    byte, bit = divmod(rest, 8)
    return any(w == window and len(bits) > byte and bits[byte] & (0x80 >> bit) for w, bits in record.windows)
