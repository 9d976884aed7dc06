"""Trust anchors: DS records of zones that are trusted without proof, from which validation starts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.ANY.DS import DS

Anchors = Mapping[dns.name.Name, tuple[DS, ...]]
"""The digests of the keys that are trusted without proof, by the name of their zone."""


def read_anchors(text: str) -> Anchors:
    """Reads DS records in zone-file form, one a line: ``. IN DS 20326 8 2 E06D…`` (class and TTL may be left out).

    Raises `ValueError` with the line that is not a DS record.
    """
    found: dict[dns.name.Name, tuple[DS, ...]] = {}
    for line in text.splitlines():
        words = line.partition(";")[0].split()
        if not words:
            continue
        owner, rest = words[0], words[1:]
        while rest and (rest[0].isdigit() or rest[0].upper() == "IN"):
            rest = rest[1:]
        try:
            if not rest or rest[0].upper() != "DS":
                raise ValueError("not DS")
            name = dns.name.from_text(owner)
            ds = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DS, " ".join(rest[1:]))
        except (dns.exception.DNSException, ValueError):
            raise ValueError(f"expected a line such as '. IN DS 20326 8 2 E06D…'; got {line.strip()[:80]!r}") from None
        assert isinstance(ds, DS)
        found[name] = (*found.get(name, ()), ds)
    if not found:
        raise ValueError("expected at least one DS record; got none")
    return MappingProxyType(found)


IANA: Anchors = read_anchors(
    """
    . IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
    . IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
    """
)
"""The root's key-signing keys as IANA publishes them (https://data.iana.org/root-anchors/): KSK-2017 and KSK-2024."""
