"""Verification that a zone signed an RRset and that the signature is valid now, within limits on keys and signatures."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass

import dns.dnssec
import dns.exception
import dns.name
import dns.rdataset
import dns.rrset
from cryptography.exceptions import UnsupportedAlgorithm
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rdtypes.dnskeybase import Flag

from ebl.codec.broken import Broken
from ebl.dnssec.answer import Limits
from ebl.dnssec.reply import SignedRecords

# RSASHA256, RSASHA512, ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448. Nothing with SHA-1 (RFC 9905).
ALGORITHMS = frozenset({8, 10, 13, 14, 15, 16})
_DIGESTS: dict[int, Callable[[bytes], hashlib._Hash]] = {2: hashlib.sha256, 4: hashlib.sha384}
_MAX_KEY_BYTES = 516  # RSA of 4096 bits (RFC 5702, section 2.1) with its exponent: larger keys only cost time


class Bogus(Broken):
    """Validation of received records failed; ``reason`` states why."""

    subject = "dnssec"


@dataclass(frozen=True, slots=True)
class ZoneKey:
    """A zone key that may sign, with its tag and wire form computed once."""

    tag: int
    dnskey: DNSKEY
    wire: bytes


@dataclass(slots=True)
class Budget:
    """The number of public-key operations and key digests left."""

    left: int

    def spend(self) -> None:
        if self.left <= 0:
            raise Bogus("signature_work")
        self.left -= 1


def zone_keys(signed: SignedRecords, limits: Limits) -> tuple[ZoneKey, ...]:
    """Returns the usable keys of a DNSKEY RRset that may sign zone data (RFC 4034, section 2.1; RFC 5011, section 2.1)."""
    if len(signed.rrset) > limits.zone_keys:
        raise Bogus("zone_keys", zone=str(signed.rrset.name), most=limits.zone_keys)
    return tuple(
        ZoneKey(dns.dnssec.key_id(key), key, key.to_wire() or b"")
        for key in signed.rrset
        if isinstance(key, DNSKEY)
        and key.flags & Flag.ZONE
        and not key.flags & Flag.REVOKE
        and key.protocol == 3
        and key.algorithm in ALGORITHMS
        and len(key.key) <= _MAX_KEY_BYTES
    )


def usable(records: tuple[DS, ...]) -> tuple[DS, ...]:
    """Returns the DS records to use: those of known algorithms, and among them only those of the strongest digest.

    If a weaker digest were accepted in addition to a stronger one, breaking the weaker would be enough (RFC 4509, section 3).
    """
    known = [ds for ds in records if ds.algorithm in ALGORITHMS and ds.digest_type in _DIGESTS]
    strongest = max((int(ds.digest_type) for ds in known), default=0)
    return tuple(ds for ds in known if ds.digest_type == strongest)


def entry_keys(
    zone: dns.name.Name, records: tuple[DS, ...], keys: tuple[ZoneKey, ...], budget: Budget
) -> tuple[ZoneKey, ...]:
    """Returns the keys of a zone that its DS records name."""
    owner = zone.canonicalize().to_wire()
    assert owner is not None
    found = []
    for ds in records:
        for key in keys:
            if key.tag != ds.key_tag or key.dnskey.algorithm != ds.algorithm:
                continue
            budget.spend()
            if _DIGESTS[ds.digest_type](owner + key.wire).digest() == ds.digest:
                found.append(key)
    return tuple(found)


def verify(
    signed: SignedRecords, zone: dns.name.Name, keys: tuple[ZoneKey, ...], *, now: int, limits: Limits, budget: Budget
) -> RRSIG:
    """Returns the valid signature by a key of the zone (RFC 4035, section 5.3). Raises `Bogus` if there is none.

    Not checked: ``labels``. A signature over a wildcard also matches the names below it (see `expanded`); the caller checks.
    """
    rrset = signed.rrset
    if signed.rrsigs is None:
        raise Bogus("not_signed", name=str(rrset.name), type=rrset.rdtype.name)
    if not rrset.name.is_subdomain(zone):
        raise Bogus("outside", name=str(rrset.name), type=rrset.rdtype.name, zone=str(zone))
    trouble, tried = "", 0
    for rrsig in signed.rrsigs:
        if not isinstance(rrsig, RRSIG) or rrsig.signer != zone:
            continue
        matching = [k for k in keys if k.tag == rrsig.key_tag and k.dnskey.algorithm == rrsig.algorithm]
        if not matching:
            continue
        if not rrsig.inception <= now <= rrsig.expiration:
            trouble = "expired" if now > rrsig.expiration else "not_yet_valid"
            continue
        if tried == limits.signatures:
            break
        tried += 1
        for key in matching[: limits.keys]:
            budget.spend()
            if _holds(rrset, rrsig, key, now):
                return rrsig
        trouble = "wrong"
    name, kind = str(rrset.name), rrset.rdtype.name
    match trouble:
        case "expired":
            raise Bogus("expired", name=name, type=kind)
        case "not_yet_valid":
            raise Bogus("not_yet_valid", name=name, type=kind)
        case "wrong":
            raise Bogus("wrong_signature", name=name, type=kind)
    raise Bogus("no_key", name=name, type=kind, zone=str(zone))


def _holds(rrset: dns.rrset.RRset, rrsig: RRSIG, key: ZoneKey, now: int) -> bool:
    try:
        dns.dnssec.validate_rrsig(rrset, rrsig, {rrsig.signer: dns.rdataset.from_rdata(0, key.dnskey)}, now=now)
    except (dns.exception.DNSException, ValueError, struct.error, UnsupportedAlgorithm):
        return False  # refused by dnspython, or the parser below it could not read the key
    return True


def expanded(name: dns.name.Name, rrsig: RRSIG) -> dns.name.Name | None:
    """Returns the parent of the wildcard that was expanded to make this name; None if none was (RFC 4035, section 5.3.4)."""
    labels = len(name) - 1 - (1 if name.is_wild() else 0)
    return dns.name.Name(name.labels[-1 - rrsig.labels :]) if rrsig.labels < labels else None
