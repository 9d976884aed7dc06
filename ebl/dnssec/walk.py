"""Validation from a trust anchor down to a name, step by step.

1. From the closest anchor, query DS at every name on the path down. Each is a signed delegation, or provably an unsigned
   one (everything below is then insecure), or provably no delegation.
2. At a signed delegation, a DNSKEY that a DS record names must sign the zone's DNSKEY RRset.
3. Query the records. Verify them with the keys of the zone, or verify the proof that there are none. If a wildcard was
   expanded, verify also that nothing matches better. At an alias, start again with its target.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import dns.exception
import dns.name
import dns.rcode
import dns.rrset
from dns.rdatatype import CNAME, DNAME, DNSKEY, DS, RdataType
from dns.rdtypes.ANY.DS import DS as DsRecord
from dns.rdtypes.ANY.NSEC import NSEC as NsecRecord
from dns.rdtypes.ANY.NSEC3 import NSEC3 as Nsec3Record
from dns.rdtypes.ANY.RRSIG import RRSIG

from ebl.codec.broken import Reason
from ebl.dnssec.anchors import Anchors
from ebl.dnssec.answer import Answer, Limits, Status
from ebl.dnssec.denial import Absent, Nsec3Chain, NsecChain, is_known, owner_hash
from ebl.dnssec.proof import write
from ebl.dnssec.reply import DnsReply, NoAnswer, SignedRecords
from ebl.dnssec.signature import Bogus, Budget, ZoneKey, entry_keys, expanded, usable, verify, zone_keys


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone on the path: its keys, or the reason why it has none that count (``unsigned``).

    ``above`` is the signed zone in whose opt-out span an unsigned zone may begin, if any.
    """

    name: dns.name.Name
    keys: tuple[ZoneKey, ...] = ()
    unsigned: Reason | None = None
    above: Zone | None = None


class Insecure(Exception):
    """The records are proved to be unsigned; ``reason`` states why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Walk:
    """One resolution. Use it only once: it stores the replies, the records used, and the limits left."""

    def __init__(
        self,
        ask: Callable[[dns.name.Name, RdataType], DnsReply],
        anchors: Anchors,
        now: int,
        limits: Limits,
        monotonic: Callable[[], float],
    ) -> None:
        self._ask, self._anchors, self._now, self._limits = ask, anchors, now, limits
        self._monotonic, self._deadline = monotonic, monotonic() + limits.seconds
        self._replies: dict[tuple[dns.name.Name, RdataType], DnsReply] = {}
        self._verified: dict[tuple[int, dns.name.Name], RRSIG] = {}
        self._zones: dict[dns.name.Name, Zone] = {}
        self._budget = Budget(limits.verifications)
        self._answers: list[dns.rrset.RRset] = []
        self._chain: list[dns.rrset.RRset] = []
        self._window = (0, 2**32 - 1)
        self._wildcard = False

    def resolve(self, name: dns.name.Name, rdtype: RdataType) -> Answer:
        """Returns the answer; the status covers every error of the network."""
        aliases: list[dns.name.Name] = []
        reasons: list[Reason] = []
        try:
            for _ in range(self._limits.aliases + 1):
                aliases.append(name)
                zone = self._zone_of(name, rdtype)
                try:
                    rcode, found, target = self._secure(zone, name, rdtype)
                except Insecure as why:
                    reasons.append(why.reason)
                    rcode, found, target = self._insecure(name, rdtype)
                if target is None:
                    return self._answer(aliases, rdtype, rcode, found, _all_of(reasons))
                name = target
            raise Bogus("aliases", most=self._limits.aliases)
        except Bogus as no:
            return self._without_records(Status.BOGUS, aliases, rdtype, no.reason)
        except NoAnswer as none:
            return self._without_records(Status.INDETERMINATE, aliases, rdtype, none.reason)
        except (dns.exception.DNSException, OSError) as trouble:
            fault = Reason.of("dnssec", "fault", fault=str(trouble) or type(trouble).__name__)
            return self._without_records(Status.INDETERMINATE, aliases, rdtype, fault)

    # path from the anchor to the zone ----------------------------------------------------------------------------------

    def _zone_of(self, name: dns.name.Name, rdtype: RdataType) -> Zone:
        """Returns the zone that answers for a name (for DS: the parent's side of the zone cut)."""
        last = name.parent() if rdtype == DS and name != dns.name.root else name
        zone = self._anchored(last)
        for depth in range(len(zone.name) + 1, len(last) + 1):
            if zone.unsigned:
                return zone
            cut = dns.name.Name(last.labels[-depth:])
            if cut in self._zones:
                zone = self._zones[cut]
                continue
            step = self._authenticate_referral(zone, cut)
            if step is None:
                return zone  # nothing exists below this name, so no zone does either
            zone = self._zones[cut] = step
        return zone

    def _anchored(self, name: dns.name.Name) -> Zone:
        above = [anchor for anchor in self._anchors if name.is_subdomain(anchor)]
        if not above:
            raise NoAnswer("no_anchor", name=str(name))
        top = max(above, key=len)
        if top not in self._zones:
            self._zones[top] = self._authenticate_keys(top, self._anchors[top])
        return self._zones[top]

    def _authenticate_referral(self, zone: Zone, cut: dns.name.Name) -> Zone | None:
        """Returns the zone of ``cut`` (RFC 4035, section 5.2).

        Without a delegation, that is the parent's zone. None means that no name can be below ``cut``.
        """
        reply = self._reply(cut, DS)
        if (ds := reply.at(cut, DS)) is not None:
            _require_existing(reply, cut)
            if expanded(cut, self._verify(ds, zone)) is not None:
                raise Bogus("wildcard_ds", name=str(cut))
            self._keep_verified(self._chain, ds)
            return self._authenticate_keys(cut, tuple(record for record in ds.rrset if isinstance(record, DsRecord)))
        if (alias := reply.alias(cut)) is not None:
            proof: tuple[SignedRecords, ...] = ()
            with contextlib.suppress(
                Insecure
            ):  # the zone's own name, so not a delegation, even if the proof is incomplete
                proof = self._alias_proof(reply, zone, cut, alias)
            self._keep_verified(self._chain, alias, *proof)
            return None if alias.rrset.rdtype == DNAME else zone
        try:
            absent, proof = self._denial_of_existence(reply, zone, cut, DS)
        except Insecure as why:
            return Zone(cut, unsigned=why.reason, above=zone)
        self._keep_verified(self._chain, *proof)
        if absent is Absent.DELEGATION_KEYS:
            return Zone(cut, unsigned=Reason.of("dnssec", "delegated", name=str(cut), zone=str(zone.name)))
        if absent in (Absent.MAYBE_UNSIGNED, Absent.NAME_UNLESS_UNSIGNED):
            return Zone(cut, unsigned=_opt_out(zone, cut), above=zone)
        return None if absent is Absent.NAME else zone

    def _authenticate_keys(self, name: dns.name.Name, records: tuple[DsRecord, ...]) -> Zone:
        """Authenticates the keys of a signed zone by its DS records or trust anchors (RFC 4035, sections 5.1 and 5.2)."""
        good = usable(records)
        if not good:
            return Zone(name, unsigned=Reason.of("dnssec", "algorithms", name=str(name)))
        reply = self._reply(name, DNSKEY)
        if (signed := reply.at(name, DNSKEY)) is None:
            raise Bogus("no_dnskey", name=str(name))
        _require_existing(reply, name)
        keys = zone_keys(signed, self._limits)
        entries = entry_keys(name, good, keys, self._budget)
        if not entries:
            raise Bogus("no_key_fits", name=str(name))
        if expanded(name, self._verify(signed, Zone(name, entries))) is not None:
            raise Bogus("wildcard_dnskey", name=str(name))
        self._keep_verified(self._chain, signed)
        return Zone(name, keys)

    # the answer ------------------------------------------------------------------------------------------------------

    def _secure(
        self, zone: Zone, name: dns.name.Name, rdtype: RdataType
    ) -> tuple[dns.rcode.Rcode, dns.rrset.RRset | None, dns.name.Name | None]:
        """Returns the verified rcode and records at a name, or the target of its alias. Raises `Insecure` if unsigned."""
        reply = self._reply(name, rdtype)
        if zone.above is not None and reply.is_signed_by(zone.above.name, name, rdtype):
            zone = zone.above  # the zone above answers itself, so what it signs must be valid
        if zone.unsigned:
            raise Insecure(zone.unsigned)
        if (signed := reply.at(name, rdtype)) is not None:
            _require_existing(reply, name)
            proof = self._wildcard_expansion(reply, zone, name, signed)
            self._keep_verified(self._answers, signed, *proof)
            self._wildcard |= bool(proof)
            return dns.rcode.NOERROR, signed.rrset, None
        if rdtype != CNAME and (alias := reply.alias(name)) is not None:
            proof = self._alias_proof(reply, zone, name, alias)
            self._keep_verified(self._answers, alias, *proof)
            self._wildcard |= bool(proof)
            return dns.rcode.NOERROR, None, _target(alias.rrset, name)
        absent, proof = self._denial_of_existence(reply, zone, name, rdtype)
        self._keep_verified(self._answers, *proof)
        if reply.rcode == dns.rcode.NXDOMAIN and absent not in (Absent.NAME, Absent.NAME_UNLESS_UNSIGNED):
            raise Bogus("name_not_denied", name=str(name))
        if reply.rcode == dns.rcode.NOERROR and absent is Absent.NAME:
            raise Bogus("name_denied", name=str(name))
        if absent in (Absent.MAYBE_UNSIGNED, Absent.NAME_UNLESS_UNSIGNED):
            raise Insecure(_opt_out(zone, name))
        return dns.rcode.NXDOMAIN if absent is Absent.NAME else dns.rcode.NOERROR, None, None

    def _insecure(
        self, name: dns.name.Name, rdtype: RdataType
    ) -> tuple[dns.rcode.Rcode, dns.rrset.RRset | None, dns.name.Name | None]:
        """Returns the same as `_secure`, without verification."""
        reply = self._reply(name, rdtype)
        if (found := reply.at(name, rdtype)) is not None:
            if reply.rcode == dns.rcode.NXDOMAIN:
                raise NoAnswer("contradiction", name=str(name))
            self._keep_unproved(found.rrset)
            return dns.rcode.NOERROR, found.rrset, None
        if rdtype != CNAME and (alias := reply.alias(name)) is not None:
            self._keep_unproved(alias.rrset)
            return dns.rcode.NOERROR, None, _target(alias.rrset, name)
        return dns.rcode.NOERROR if reply.rcode is None else reply.rcode, None, None

    # proofs ----------------------------------------------------------------------------------------------------------

    def _alias_proof(
        self, reply: DnsReply, zone: Zone, name: dns.name.Name, alias: SignedRecords
    ) -> tuple[SignedRecords, ...]:
        if alias.rrset.rdtype == DNAME:
            if expanded(alias.rrset.name, self._verify(alias, zone)) is not None:
                raise Bogus("wildcard_dname", name=str(alias.rrset.name))
            return ()
        return self._wildcard_expansion(reply, zone, name, alias)

    def _wildcard_expansion(
        self, reply: DnsReply, zone: Zone, name: dns.name.Name, signed: SignedRecords
    ) -> tuple[SignedRecords, ...]:
        """Proves that nothing matches better, if records are from a wildcard (RFC 4035, section 5.3.4; RFC 5155, section 8.8).

        Raises `Insecure` in an opt-out span.
        """
        encloser = expanded(name, self._verify(signed, zone))
        if encloser is None:
            return ()
        if not encloser.is_subdomain(zone.name):
            raise Bogus("wildcard_outside", name=str(name), zone=str(zone.name))
        proof, chains = self._denials(reply, zone)
        verdicts = [chain.nothing_closer(name, encloser) for chain in chains]
        if Absent.NAME in verdicts:
            return proof
        if Absent.MAYBE_UNSIGNED in verdicts:
            self._keep_verified(self._answers, signed, *proof)
            raise Insecure(_opt_out(zone, name))
        raise Bogus("wildcard_unproved", name=str(name))

    def _denial_of_existence(
        self, reply: DnsReply, zone: Zone, name: dns.name.Name, rdtype: RdataType
    ) -> tuple[Absent, tuple[SignedRecords, ...]]:
        """Returns what the reply's records deny, and these records (RFC 4035, section 5.4)."""
        proof, chains = self._denials(reply, zone)
        for chain in chains:
            if (absent := chain.absent(name, rdtype)) is not None:
                return absent, proof
        raise Bogus("no_denial", name=str(name), type=rdtype.name)

    def _denials(
        self, reply: DnsReply, zone: Zone
    ) -> tuple[tuple[SignedRecords, ...], tuple[NsecChain | Nsec3Chain, ...]]:
        """Returns the verified NSEC and NSEC3 records of a zone in a reply. One invalid record makes the whole reply invalid."""
        proof: list[SignedRecords] = []
        most = (
            self._limits.denials if reply.rcode is not None else len(reply.authority)
        )  # a stored proof has every record
        for signed in reply.denials():
            if signed.rrsigs is None or not any(rrsig.signer == zone.name for rrsig in signed.rrsigs):
                continue
            if len(proof) == most:
                raise Bogus("denials", most=most)
            if expanded(signed.rrset.name, self._verify(signed, zone)) is not None:
                raise Bogus("wildcard_nsec", name=str(signed.rrset.name))
            proof.append(signed)
        nsecs = [(one.rrset.name, nsec) for one in proof for nsec in one.rrset if isinstance(nsec, NsecRecord)]
        nsec3s = [
            (digest, nsec3)
            for one in proof
            if (digest := owner_hash(one.rrset.name, zone.name)) is not None
            for nsec3 in one.rrset
            if isinstance(nsec3, Nsec3Record) and is_known(nsec3)
        ]
        parameters = {(nsec3.salt, nsec3.iterations) for _, nsec3 in nsec3s}
        if len(parameters) > 1:  # RFC 5155, section 8.2
            raise Bogus("nsec3_parameters", zone=str(zone.name))
        if any(iterations > self._limits.iterations for _, iterations in parameters):  # RFC 9276, section 3.2
            self._keep_verified(self._chain, *proof)
            raise Insecure(Reason.of("dnssec", "iterations", zone=str(zone.name), most=self._limits.iterations))
        return tuple(proof), (NsecChain(zone.name, tuple(nsecs)), Nsec3Chain(zone.name, tuple(nsec3s)))

    # queries and records kept ------------------------------------------------------------------------------------------

    def _reply(self, name: dns.name.Name, rdtype: RdataType) -> DnsReply:
        question = name, rdtype
        if question not in self._replies:
            if len(self._replies) >= self._limits.queries:
                raise NoAnswer("questions", most=self._limits.queries)
            if self._monotonic() > self._deadline:
                raise NoAnswer("out_of_time", within=timedelta(seconds=self._limits.seconds))
            self._replies[question] = self._ask(name, rdtype)
        return self._replies[question]

    def _verify(self, signed: SignedRecords, zone: Zone) -> RRSIG:
        which = id(signed.rrset), zone.name  # the replies are stored, so an id is never reused
        if which not in self._verified:
            self._verified[which] = verify(
                signed, zone.name, zone.keys, now=self._now, limits=self._limits, budget=self._budget
            )
        return self._verified[which]

    def _keep_verified(self, where: list[dns.rrset.RRset], *proof: SignedRecords) -> None:
        """Stores RRsets that the verdict depends on, each with its valid signature."""
        for signed in proof:
            if signed.rrset in (*self._answers, *self._chain):
                continue
            rrsig = next(sig for (which, _), sig in self._verified.items() if which == id(signed.rrset))
            rrsigs = dns.rrset.from_rdata(signed.rrset.name, rrsig.original_ttl, rrsig)
            pair = [signed.rrset, rrsigs]
            where[:] = [*where, *pair] if where is self._answers else [*pair, *where]
            self._window = max(self._window[0], rrsig.inception), min(self._window[1], rrsig.expiration)

    def _keep_unproved(self, rrset: dns.rrset.RRset) -> None:
        """Stores an RRset without proof, unless it is stored already."""
        if rrset not in (*self._answers, *self._chain):
            self._answers.append(rrset)

    def _answer(
        self,
        aliases: list[dns.name.Name],
        rdtype: RdataType,
        rcode: dns.rcode.Rcode,
        rrset: dns.rrset.RRset | None,
        reason: Reason | None,
    ) -> Answer:
        return Answer(
            Status.SECURE if reason is None else Status.INSECURE,
            aliases[0],
            rdtype,
            rcode,
            tuple(rrset or ()),
            tuple(aliases),
            self._wildcard,
            reason,
            write((*self._answers, *self._chain)),
            *self._window,
            queries=len(self._replies),
        )

    def _without_records(
        self, status: Status, aliases: list[dns.name.Name], rdtype: RdataType, reason: Reason
    ) -> Answer:
        return Answer(status, aliases[0], rdtype, aliases=tuple(aliases), reason=reason, queries=len(self._replies))


def _require_existing(reply: DnsReply, name: dns.name.Name) -> None:
    if reply.rcode == dns.rcode.NXDOMAIN:
        raise Bogus("contradiction", name=str(name))


def _opt_out(zone: Zone, name: dns.name.Name) -> Reason:
    return Reason.of("dnssec", "opt_out", zone=str(zone.name), name=str(name))


def _all_of(reasons: Sequence[Reason]) -> Reason | None:
    """Joins several reasons into one, without duplicates; None if there are none."""
    found = tuple(dict.fromkeys(reasons))
    return found[0] if len(found) == 1 else Reason.of("any", "several", all=found) if found else None


def _target(alias: dns.rrset.RRset, name: dns.name.Name) -> dns.name.Name:
    """Returns the target of an alias: of a CNAME, or the name with a DNAME's owner replaced (RFC 6672, section 2.2)."""
    if len(alias) != 1:
        raise Bogus("several_aliases", aliases=len(alias), name=str(alias.name))
    target: dns.name.Name = alias[0].target
    if alias.rdtype == CNAME:
        return target
    prefix = name.labels[: len(name) - len(alias.name)]
    try:
        return dns.name.Name((*prefix, *target.labels))
    except dns.name.NameTooLong:
        raise Bogus("dname_too_long", name=str(alias.name)) from None
