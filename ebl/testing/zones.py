"""DNS zones that tests write to, plain or signed (DNSSEC with NSEC or NSEC3), and their answers to queries.

Each zone makes its own keys, and signs only what is queried, so that changes cost little. RFC 1034 section 4.3.2 defines the
lookup of a name; RFC 4035 section 3.1 and RFC 5155 section 7.2 define what a signed zone adds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import dns.dnssec
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
from dns.name import Name
from dns.rdatatype import RdataType

IN = dns.rdataclass.IN
TTL = 60


@dataclass(slots=True)
class Lookup:
    """The answer of one zone to one query. ``onward`` is the target of an alias, where the rest of the answer is."""

    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    answer: list[dns.rrset.RRset] = field(default_factory=list)
    authority: list[dns.rrset.RRset] = field(default_factory=list)
    onward: Name | None = None


def absolute(name: str | Name) -> Name:
    """An absolute name, in lower case."""
    return (dns.name.from_text(name) if isinstance(name, str) else name).canonicalize()


class LocalZone:
    """An unsigned zone. Write records with `add` or `txt`, at any time. Names are absolute, without a final dot."""

    def __init__(self, origin: str = ".") -> None:
        self.origin = absolute(origin)
        self._lock = threading.RLock()
        self._nodes: dict[Name, dict[RdataType, dns.rdataset.Rdataset]] = {}
        self.add(origin, "SOA", f"ns.invalid. hostmaster.invalid. 1 7200 900 1209600 {TTL}")
        self.add(origin, "NS", "ns.invalid.")

    def add(self, name: str, rdtype: str, *values: str) -> None:
        """Adds records in the text form of RFC 1035; names in values end with a dot."""
        kind = dns.rdatatype.from_text(rdtype)
        records = [dns.rdata.from_text(IN, kind, value, origin=dns.name.root, relativize=False) for value in values]
        with self._lock:
            node = self._nodes.setdefault(absolute(name), {})
            node[kind] = dns.rdataset.from_rdata_list(TTL, [*node.get(kind, ()), *records])
            self._changed()

    def txt(self, name: str, *texts: str) -> None:
        """Adds a TXT record for each text, cut into character-strings of at most 255 bytes."""
        for text in texts:
            data = text.encode()
            strings = [data[at : at + 255] for at in range(0, len(data), 255)] or [b""]
            self.add(name, "TXT", " ".join(f'"{_quoted(string)}"' for string in strings))

    def remove(self, name: str, rdtype: str = "TXT") -> None:
        """Removes the records of one type. A name without records does not exist any more."""
        with self._lock:
            node = self._nodes.get(absolute(name), {})
            node.pop(dns.rdatatype.from_text(rdtype), None)
            if not node:
                self._nodes.pop(absolute(name), None)
            self._changed()

    def delegate(self, child: LocalZone) -> None:
        """Delegates a part of the name space to another zone: NS, and DS if the child is signed."""
        name = child.origin.to_text()
        self.add(name, "NS", "ns.invalid.")
        if isinstance(child, SignedZone):
            self.add(name, "DS", child.ds().to_text())

    def lookup(self, name: Name, rdtype: RdataType) -> Lookup:
        """The answer of this zone about a name at or under its origin."""
        with self._lock:
            return self._lookup(absolute(name), rdtype)

    def _lookup(self, name: Name, rdtype: RdataType) -> Lookup:
        alias = self._dname_above(name)
        if alias is not None:
            return self._synthesised(alias, name)
        if self._exists(name):
            return self._at(name, name, rdtype)
        encloser = self._closest_encloser(name)
        wildcard = dns.name.Name((b"*", *encloser.labels))
        if wildcard in self._nodes:
            found = self._at(wildcard, name, rdtype)
            found.authority += self._cover(self._next_closer(name, encloser))
            return found
        return Lookup(dns.rcode.NXDOMAIN, [], [*self._soa(), *self._prove_no_name(name, encloser)])

    def _at(self, owner: Name, asked: Name, rdtype: RdataType) -> Lookup:
        node = self._nodes.get(owner, {})
        if rdtype in node:
            return Lookup(answer=self._rrset(owner, rdtype, asked))
        if dns.rdatatype.CNAME in node:
            target: Any = node[dns.rdatatype.CNAME][0]
            return Lookup(answer=self._rrset(owner, dns.rdatatype.CNAME, asked), onward=target.target)
        return Lookup(authority=[*self._soa(), *self._match(owner)])

    def _dname_above(self, name: Name) -> Name | None:
        while name != self.origin:
            name = name.parent()
            if dns.rdatatype.DNAME in self._nodes.get(name, {}):
                return name
        return None

    def _synthesised(self, owner: Name, name: Name) -> Lookup:
        """A DNAME and the CNAME that follows from it for this name (RFC 6672)."""
        record: Any = self._nodes[owner][dns.rdatatype.DNAME][0]
        onward = dns.name.Name(name.relativize(owner).labels + record.target.labels)
        cname = dns.rrset.from_text(name, TTL, IN, dns.rdatatype.CNAME, onward.to_text())
        return Lookup(answer=[*self._rrset(owner, dns.rdatatype.DNAME), cname], onward=onward)

    def _exists(self, name: Name) -> bool:
        """Whether there is anything at or under a name (an empty non-terminal exists)."""
        return name in self._nodes or any(node.is_subdomain(name) for node in self._nodes)

    def _closest_encloser(self, name: Name) -> Name:
        while not self._exists(name):
            name = name.parent()
        return name

    @staticmethod
    def _next_closer(name: Name, encloser: Name) -> Name:
        return dns.name.Name(name.labels[-len(encloser.labels) - 1 :])

    def _soa(self) -> list[dns.rrset.RRset]:
        return self._rrset(self.origin, dns.rdatatype.SOA)

    def _rrset(self, owner: Name, rdtype: RdataType, asked: Name | None = None) -> list[dns.rrset.RRset]:
        return [dns.rrset.from_rdata_list(asked or owner, TTL, list(self._nodes[owner][rdtype]))]

    # Overridden by a signed zone:

    def _changed(self) -> None:
        """Called when the records have changed."""

    def _match(self, name: Name) -> list[dns.rrset.RRset]:
        """Proof of which types there are at a name that exists."""
        return []

    def _cover(self, name: Name) -> list[dns.rrset.RRset]:
        """Proof that there is no such name."""
        return []

    def _prove_no_name(self, name: Name, encloser: Name) -> list[dns.rrset.RRset]:
        """Proof that there is neither the name nor a wildcard for it."""
        return []


@dataclass(frozen=True, slots=True)
class ZoneKeyPair:
    """A zone's key: the private half, and the DNSKEY record."""

    private: Any
    record: Any

    @classmethod
    def new(cls, flags: int, algorithm: str) -> ZoneKeyPair:
        """A new key. Flags are 257 for the key in the parent's DS record, 256 for the key that signs the zone."""
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

        match algorithm:
            case "ECDSAP256SHA256":
                private: Any = ec.generate_private_key(ec.SECP256R1())
            case "ECDSAP384SHA384":
                private = ec.generate_private_key(ec.SECP384R1())
            case "ED25519":
                private = ed25519.Ed25519PrivateKey.generate()
            case _:
                private = rsa.generate_private_key(65537, 2048)
        return cls(private, dns.dnssec.make_dnskey(private.public_key(), algorithm, flags=flags))


class SignedZone(LocalZone):
    """A zone signed with DNSSEC: a key-signing and a zone-signing key, and proofs of what does not exist.

    ``denial`` chooses NSEC or NSEC3 (``iterations``, ``salt`` in hex, ``opt_out`` of unsigned delegations); ``inception``
    and ``expiration`` (Unix seconds) set the validity of the signatures.
    """

    def __init__(
        self,
        origin: str = ".",
        *,
        denial: Literal["nsec", "nsec3"] = "nsec",
        algorithm: str = "ECDSAP256SHA256",
        inception: int | None = None,
        expiration: int | None = None,
        iterations: int = 0,
        salt: str = "",
        opt_out: bool = False,
    ) -> None:
        self.denial = denial
        self.iterations, self.salt, self.opt_out = iterations, salt, opt_out
        self.inception = inception if inception is not None else int(time.time()) - 3600
        self.expiration = expiration if expiration is not None else int(time.time()) + 7 * 86400
        self.ksk, self.zsk = ZoneKeyPair.new(257, algorithm), ZoneKeyPair.new(256, algorithm)
        self._signatures: dict[tuple[Name, RdataType], Any] = {}
        self._chain: dict[Any, dns.rrset.RRset] | None = None
        super().__init__(origin)
        self.add(origin, "DNSKEY", self.ksk.record.to_text(), self.zsk.record.to_text())
        if denial == "nsec3":
            self.add(origin, "NSEC3PARAM", f"1 0 {iterations} {salt or '-'}")

    def ds(self, digest: str = "SHA256") -> Any:
        """The DS record for the parent, or for a resolver's trust anchor."""
        return dns.dnssec.make_ds(self.origin, self.ksk.record, digest)

    def _changed(self) -> None:
        self._signatures.clear()
        self._chain = None

    def _rrset(self, owner: Name, rdtype: RdataType, asked: Name | None = None) -> list[dns.rrset.RRset]:
        plain = super()._rrset(owner, rdtype, asked)
        cut = self._is_cut(owner)
        if cut and rdtype not in (dns.rdatatype.DS, dns.rdatatype.NSEC):
            return plain
        place = (owner, rdtype)
        if place not in self._signatures:
            self._signatures[place] = self._signed(owner, self._nodes[owner][rdtype])
        return [*plain, dns.rrset.from_rdata_list(asked or owner, TTL, [self._signatures[place]])]

    def _signed(self, owner: Name, records: Any) -> Any:
        key = self.ksk if records.rdtype == dns.rdatatype.DNSKEY else self.zsk
        return dns.dnssec.sign(
            (owner, records),
            key.private,
            self.origin,
            key.record,
            inception=self.inception,
            expiration=self.expiration,
        )

    def _is_cut(self, name: Name) -> bool:
        return name != self.origin and dns.rdatatype.NS in self._nodes.get(name, {})

    def _match(self, name: Name) -> list[dns.rrset.RRset]:
        place = self._place(name)
        if place in self._links():
            return self._proof(place)
        if self.denial == "nsec":  # an empty non-terminal: the record before it leads under it
            return self._cover(name)
        return _unique([*self._match(name.parent()), *self._cover(name)])  # an unsigned delegation, opted out

    def _cover(self, name: Name) -> list[dns.rrset.RRset]:
        before = [place for place in self._links() if place < self._place(name)]
        return self._proof(max(before) if before else max(self._links()))

    def _prove_no_name(self, name: Name, encloser: Name) -> list[dns.rrset.RRset]:
        wildcard = dns.name.Name((b"*", *encloser.labels))
        if self.denial == "nsec":
            return _unique([*self._cover(name), *self._cover(wildcard)])
        next_closer = self._next_closer(name, encloser)
        return _unique([*self._match(encloser), *self._cover(next_closer), *self._cover(wildcard)])

    def _place(self, name: Name) -> Any:
        """The position of a name in the chain of proofs: in canonical order, or in the order of hashes."""
        if self.denial == "nsec":
            return name
        return dns.dnssec.nsec3_hash(name, self.salt or None, self.iterations, "SHA1")

    def _proof(self, place: Any) -> list[dns.rrset.RRset]:
        rrset = self._links()[place]
        signature = (rrset.name, rrset.rdtype)
        if signature not in self._signatures:
            self._signatures[signature] = self._signed(rrset.name, rrset)
        return [rrset, dns.rrset.from_rdata_list(rrset.name, TTL, [self._signatures[signature]])]

    def _links(self) -> dict[Any, dns.rrset.RRset]:
        """The NSEC or NSEC3 records by their place, made when first needed after a change."""
        if self._chain is None:
            types = {self._place(name): kinds for name, kinds in self._names()}
            places = sorted(types)
            self._chain = {
                place: self._link(place, places[(number + 1) % len(places)], types[place])
                for number, place in enumerate(places)
            }
        return self._chain

    def _link(self, place: Any, following: Any, types: set[RdataType]) -> dns.rrset.RRset:
        text = " ".join(dns.rdatatype.to_text(kind) for kind in sorted(types))
        if self.denial == "nsec":
            return dns.rrset.from_text(place, TTL, IN, "NSEC", f"{following} {text}")
        owner = dns.name.Name((place.lower().encode(), *self.origin.labels))
        fields = f"1 {int(self.opt_out)} {self.iterations} {self.salt or '-'} {following} {text}"
        return dns.rrset.from_text(owner, TTL, IN, "NSEC3", fields.rstrip())

    def _names(self) -> Iterator[tuple[Name, set[RdataType]]]:
        """Every name that a proof covers, with its types. Glue below a delegation is not covered by this zone."""
        cuts = {name for name in self._nodes if self._is_cut(name)}
        seen = set()
        for name, node in self._nodes.items():
            if any(name != cut and name.is_subdomain(cut) for cut in cuts):
                continue
            types = set(node)
            if name in cuts:
                types &= {dns.rdatatype.NS, dns.rdatatype.DS}
            unsigned_cut = name in cuts and dns.rdatatype.DS not in types
            if self.denial == "nsec":
                yield name, types | {dns.rdatatype.NSEC, dns.rdatatype.RRSIG}
                continue
            if unsigned_cut and self.opt_out:
                continue
            yield name, types if unsigned_cut else types | {dns.rdatatype.RRSIG}
            seen.add(name)
            # NSEC3 also has a record for each empty name between one with records and the origin.
            while name != self.origin and (name := name.parent()) not in seen and name not in self._nodes:
                seen.add(name)
                yield name, set()


def _unique(rrsets: list[dns.rrset.RRset]) -> list[dns.rrset.RRset]:
    return [rrset for at, rrset in enumerate(rrsets) if rrset not in rrsets[:at]]


def _quoted(data: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03d}" for b in data)
