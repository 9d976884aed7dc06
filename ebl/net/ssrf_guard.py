"""IP addresses that a URL found in a document may lead to: public ones, however they are encoded."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Listed here, though `ipaddress` knows most of them, because its result differs between releases of Python.
_NEVER_V4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # a cloud's own services respond here, inside its machines
    )
)  # fmt: skip
_GLOBAL_V6 = IPv6Network("2000::/3")
_NEVER_V6 = tuple(
    IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "3fff::/20", "2620:4f:8000::/48")
)  # protocol assignments, documentation, AS112
_MAPPED, _NAT64 = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR, _TEREDO = IPv6Network("2002::/16"), IPv6Network("2001::/32")


def is_public(address: str) -> bool:
    """Whether an address is a public unicast one.

    An IPv6 address with an embedded IPv4 one (mapped, NAT64, 6to4, Teredo) is public if the IPv4 address is. Scoped addresses
    and texts that are not addresses are not public.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return _is_public_v4(parsed)
    inner = carried(parsed)
    if inner is not None:
        return all(_is_public_v4(one) for one in inner)
    return parsed.scope_id is None and parsed in _GLOBAL_V6 and not any(parsed in net for net in _NEVER_V6)


def _is_public_v4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in net for net in _NEVER_V4)


def carried(address: IPv6Address) -> tuple[IPv4Address, ...] | None:
    """Returns the IPv4 addresses inside an IPv6 one; None if it has none."""
    number = int(address)
    if address in _MAPPED or address in _NAT64:
        return (IPv4Address(number & 0xFFFFFFFF),)
    if address in _SIX_TO_FOUR:
        return (IPv4Address(number >> 80 & 0xFFFFFFFF),)
    if address in _TEREDO:  # the relay, and the client with its bits inverted (RFC 4380, section 4)
        return IPv4Address(number >> 64 & 0xFFFFFFFF), IPv4Address(~number & 0xFFFFFFFF)
    return None
