"""Signed zones in memory, which answer as a recursive resolver would, for testing validation.

It makes what a signer makes (NSEC, NSEC3 with and without opt-out, every algorithm that we use, wildcards, empty
non-terminals, DNAME, islands and unsigned zones), and answers questions without a socket. Tests bend the answers.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataset
import dns.rdatatype as rt
import dns.rrset
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from dns.rdataclass import IN
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rdtypes.util import Bitmap

NOW = 1_800_000_000
WEEK = 7 * 86_400


def name(text: str) -> dns.name.Name:
    return dns.name.from_text(text)


@cache
def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)  # slow to make, so one for all


MAKERS: dict[str, Callable[[], Any]] = {
    "RSASHA1": _rsa,
    "RSASHA256": _rsa,
    "RSASHA512": _rsa,
    "ECDSAP256SHA256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ECDSAP384SHA384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ED25519": ed25519.Ed25519PrivateKey.generate,
    "ED448": ed448.Ed448PrivateKey.generate,
}


@dataclass
class Key:
    private: Any
    dnskey: Any

    @classmethod
    def make(cls, algorithm: str, flags: int) -> Key:
        private = MAKERS[algorithm]()
        return cls(private, dns.dnssec.make_dnskey(private.public_key(), algorithm, flags=flags))


@dataclass
class Zone:
    """One zone: ``text`` is its records; ``denial`` nsec, nsec3 or none (then it is not signed at all)."""

    origin: str
    text: str = ""
    denial: str = "nsec"
    opt_out: bool = False
    iterations: int = 0
    salt: bytes = b""
    algorithm: str = "ECDSAP256SHA256"
    digests: tuple[str, ...] = ("SHA256",)
    with_ds: bool = True
    inception: int = NOW - 86_400
    expiration: int = NOW + WEEK
    data: dict[dns.name.Name, dict[RdataType, dns.rdataset.Rdataset]] = field(default_factory=dict)
    signatures: dict[tuple[dns.name.Name, RdataType], dns.rdataset.Rdataset] = field(default_factory=dict)
    hashes: dict[bytes, dns.name.Name] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = name(self.origin)
        self.ksk, self.zsk = Key.make(self.algorithm, 257), Key.make(self.algorithm, 256)
        head = "@ 300 IN SOA ns.invalid. h.invalid. 1 7200 900 1209600 60\n@ 300 IN NS ns.invalid.\n"
        parsed = dns.zone.from_text(head + self.text, origin=self.name, relativize=False, check_origin=False)
        for owner, node in parsed.items():
            self.data[owner] = {rdataset.rdtype: rdataset for rdataset in node.rdatasets}

    @property
    def signed(self) -> bool:
        return self.denial != "none"

    def put(self, owner: dns.name.Name, rdtype: RdataType, *rdatas: Any, ttl: int = 300) -> None:
        self.data.setdefault(owner, {})[rdtype] = dns.rdataset.from_rdata_list(ttl, list(rdatas))

    def ds(self) -> list[Any]:
        allow = dns.dnssec.allow_all_policy
        return [dns.dnssec.make_ds(self.name, self.ksk.dnskey, digest, policy=allow) for digest in self.digests]

    def cuts(self) -> set[dns.name.Name]:
        return {owner for owner, sets in self.data.items() if owner != self.name and rt.NS in sets}

    def exists(self, owner: dns.name.Name) -> bool:
        return any(known.is_subdomain(owner) for known in self.data)

    def sign(self) -> None:
        """Make keys, the chain of denial, and a signature over each authoritative RRset."""
        if not self.signed:
            return
        self.put(self.name, rt.DNSKEY, self.ksk.dnskey, self.zsk.dnskey)
        if self.denial == "nsec":
            self._chain_nsec()
        else:
            self._chain_nsec3()
        cuts = self.cuts()
        for owner, sets in self.data.items():
            for rdtype, rdataset in sets.items():
                if owner not in cuts or rdtype in (rt.DS, rt.NSEC):
                    self.sign_rrset(owner, rdtype, rdataset)

    def sign_rrset(self, owner: dns.name.Name, rdtype: RdataType, rdataset: dns.rdataset.Rdataset) -> None:
        key = self.ksk if rdtype == rt.DNSKEY else self.zsk
        made = dns.dnssec.sign(
            (owner, rdataset), key.private, self.name, key.dnskey,
            inception=self.inception, expiration=self.expiration, policy=dns.dnssec.allow_all_policy,
        )  # fmt: skip
        self.signatures[owner, rdtype] = dns.rdataset.from_rdata_list(rdataset.ttl, [made])

    def _types(self, owner: dns.name.Name, *more: RdataType) -> tuple[tuple[int, bytes], ...]:
        own = set(self.data.get(owner, {})) | set(more)
        return Bitmap.from_rdtypes(sorted(own)).windows

    def _chain_nsec(self) -> None:
        owners = sorted(self.data)
        for owner, after in zip(owners, owners[1:] + owners[:1], strict=True):
            windows = self._types(owner, rt.NSEC, rt.RRSIG)
            self.put(owner, rt.NSEC, rt_nsec(after, windows), ttl=60)

    def _chain_nsec3(self) -> None:
        self.put(self.name, rt.NSEC3PARAM, dns.rdata.from_text("IN", "NSEC3PARAM", f"1 0 0 {self.salt.hex() or '-'}"))
        cuts = self.cuts()
        owners = {o for o in self.data if not (self.opt_out and o in cuts and rt.DS not in self.data[o])}
        for owner in tuple(owners):
            while owner != self.name:
                owners.add(owner)
                owner = owner.parent()
        self.hashes = {self.hash(owner): owner for owner in owners}
        digests = sorted(self.hashes)
        for digest, after in zip(digests, digests[1:] + digests[:1], strict=True):
            owner = self.hashes[digest]
            signed = owner in self.data and (owner not in cuts or rt.DS in self.data[owner])
            windows = self._types(owner, *([rt.RRSIG] if signed else []))
            record = NSEC3(IN, rt.NSEC3, 1, int(self.opt_out), self.iterations, self.salt, after, windows)
            self.put(self.hashed_owner(digest), rt.NSEC3, record, ttl=60)

    def hash(self, owner: dns.name.Name) -> bytes:
        return base64.b32hexdecode(dns.dnssec.nsec3_hash(owner, self.salt, self.iterations, "SHA1"))

    def hashed_owner(self, digest: bytes) -> dns.name.Name:
        return dns.name.Name((base64.b32hexencode(digest).lower(), *self.name.labels))

    # proofs of absence ----------------------------------------------------------------------------------------------

    def closest(self, owner: dns.name.Name) -> dns.name.Name:
        while not self.exists(owner):
            owner = owner.parent()
        return owner

    def denial_of(self, owner: dns.name.Name, *, wildcard: bool = True) -> list[dns.name.Name]:
        """The owners of the records that a server sends: for a name that exists, or (with its wildcard) does not."""
        encloser = self.closest(owner)
        star = dns.name.Name((b"*", *encloser.labels))
        if self.denial == "nsec":
            found = [self._before(owner)]
            if owner != encloser and wildcard:
                found.append(self._before(star))
            return list(dict.fromkeys(found))
        if owner == encloser and self.hash(owner) in self.hashes:
            return [self.hashed_owner(self.hash(owner))]
        while self.hash(encloser) not in self.hashes:  # opt-out left it out
            encloser = encloser.parent()
        closer = dns.name.Name(owner.labels[-1 - len(encloser) :])
        found = [self.hashed_owner(self.hash(encloser)), self._around(closer)]
        if wildcard:
            found.append(self._around(dns.name.Name((b"*", *encloser.labels))))
        return list(dict.fromkeys(found))

    def _before(self, owner: dns.name.Name) -> dns.name.Name:
        return max(known for known, sets in self.data.items() if rt.NSEC in sets and known <= owner)

    def _around(self, owner: dns.name.Name) -> dns.name.Name:
        digest = self.hash(owner)
        below = [known for known in self.hashes if known <= digest]
        return self.hashed_owner(max(below) if below else max(self.hashes))


def rt_nsec(after: dns.name.Name, windows: Any) -> Any:
    from dns.rdtypes.ANY.NSEC import NSEC

    return NSEC(IN, rt.NSEC, after, windows)


class Zones:
    """Zones from the root down. Call ``answer`` as a resolver's ``fetch``; ``asked`` keeps the questions."""

    def __init__(self, *zones: Zone) -> None:
        self.zones = sorted(zones, key=lambda zone: -len(zone.name))
        self.asked: list[tuple[str, str]] = []
        self.bent: dict[tuple[str, str], Callable[[dns.message.Message], dns.message.Message]] = {}
        for zone in self.zones:
            parent = next((z for z in self.zones if z is not zone and zone.name.is_subdomain(z.name)), None)
            if parent is None:
                continue
            parent.put(zone.name, rt.NS, dns.rdata.from_text("IN", "NS", "ns.invalid."))
            if zone.signed and zone.with_ds:
                parent.put(zone.name, rt.DS, *zone.ds())
        for zone in self.zones:
            zone.sign()

    @property
    def anchors(self) -> dict[dns.name.Name, tuple[Any, ...]]:
        return {dns.name.root: tuple(self["."].ds())}

    def __getitem__(self, origin: str) -> Zone:
        return next(zone for zone in self.zones if zone.name == name(origin))

    def zone_of(self, owner: dns.name.Name, rdtype: RdataType) -> Zone:
        return next(
            z
            for z in self.zones
            if owner.is_subdomain(z.name) and not (rdtype == rt.DS and owner == z.name and owner != dns.name.root)
        )

    def answer(self, owner: dns.name.Name, rdtype: RdataType) -> dns.message.Message:
        """The full answer with every signature, along aliases, as with the DO and CD bits set; bent where it is to be."""
        question = (owner.to_text().lower(), rdtype.name)
        self.asked.append(question)
        return self.bent.get(question, lambda message: message)(self.honest(owner, rdtype))

    def honest(self, owner: dns.name.Name, rdtype: RdataType) -> dns.message.Message:
        """The answer as the zones have it."""
        query = dns.message.make_query(owner, rdtype, want_dnssec=True)
        reply = dns.message.make_response(query, recursion_available=True)
        for _ in range(12):
            following = self._add(reply, owner, rdtype)
            if following is None:
                break
            owner = following
        return reply

    def _add(self, reply: dns.message.Message, owner: dns.name.Name, rdtype: RdataType) -> dns.name.Name | None:
        zone = self.zone_of(owner, rdtype)
        for above in self._above(zone, owner):
            if rt.DNAME in zone.data.get(above, {}):
                self._put(reply.answer, zone, above, rt.DNAME)
                target = zone.data[above][rt.DNAME][0].target
                made = dns.name.Name((*owner.labels[: len(owner) - len(above)], *target.labels))
                reply.answer.append(dns.rrset.from_text(owner, 300, "IN", "CNAME", made.to_text()))
                return made
        sets, source = zone.data.get(owner), owner
        if sets is None and not zone.exists(owner):
            source = dns.name.Name((b"*", *zone.closest(owner).labels))
            sets = zone.data.get(source)
            if not zone.exists(source):
                reply.set_rcode(dns.rcode.NXDOMAIN)
        for found in (rdtype, rt.CNAME):
            if sets and found in sets:
                self._put(reply.answer, zone, source, found, owner)
                if source != owner:
                    self._deny(reply, zone, owner, wildcard=False)
                return sets[rt.CNAME][0].target if found == rt.CNAME != rdtype else None
        self._put(reply.authority, zone, zone.name, rt.SOA)
        self._deny(reply, zone, owner, wildcard=True)
        return None

    @staticmethod
    def _above(zone: Zone, owner: dns.name.Name) -> Iterator[dns.name.Name]:
        while owner != zone.name:
            owner = owner.parent()
            yield owner

    def _deny(self, reply: dns.message.Message, zone: Zone, owner: dns.name.Name, *, wildcard: bool) -> None:
        if zone.signed:
            for source in zone.denial_of(owner, wildcard=wildcard):
                self._put(reply.authority, zone, source, rt.NSEC if zone.denial == "nsec" else rt.NSEC3)

    @staticmethod
    def _put(
        section: list[dns.rrset.RRset],
        zone: Zone,
        source: dns.name.Name,
        rdtype: RdataType,
        owner: dns.name.Name | None = None,
    ) -> None:
        made = dns.rrset.from_rdata_list(owner or source, 300, list(zone.data[source][rdtype]))
        if made in section:
            return
        section.append(made)
        if (source, rdtype) in zone.signatures:
            section.append(dns.rrset.from_rdata_list(owner or source, 300, list(zone.signatures[source, rdtype])))
