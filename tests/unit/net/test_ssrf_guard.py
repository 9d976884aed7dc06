"""A URL in a document may lead to public addresses only, whatever they are wrapped in."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.net.ssrf_guard import is_public

HIDDEN_V4 = (
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.9", "192.0.0.192", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
)  # fmt: skip
HIDDEN_V6 = (
    "::", "::1", "::7f00:1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "100::1",
    "2001:db8::1", "3fff::1", "2001:10::1", "2001:20::1", "64:ff9b:1::7f00:1", "4000::1", "5f00::1",
)  # fmt: skip
PUBLIC = ("1.1.1.1", "9.9.9.9", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2400:3200::1")


@pytest.mark.parametrize("address", (*HIDDEN_V4, *HIDDEN_V6))
def test_a_private_or_special_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "text", ("", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "1.1.1.1/32", "[::1]")
)
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


def wrapped(address: str) -> dict[str, str]:
    number = int(IPv4Address(address))
    return {
        "mapped": f"::ffff:{address}",
        "nat64": str(IPv6Address((0x64FF9B << 96) | number)),
        "6to4": str(IPv6Address((0x2002 << 112) | number << 80 | 1)),
        "teredo client": str(
            IPv6Address((0x20010000 << 96) | int(IPv4Address("9.9.9.9")) << 64 | (number ^ 0xFFFFFFFF))
        ),
        "teredo relay": str(
            IPv6Address((0x20010000 << 96) | number << 64 | (int(IPv4Address("9.9.9.9")) ^ 0xFFFFFFFF))
        ),
    }


@pytest.mark.parametrize("address", HIDDEN_V4)
def test_wrapping_a_hidden_address_does_not_make_it_public(address: str) -> None:
    assert [kind for kind, text in wrapped(address).items() if is_public(text)] == []


def test_a_public_address_stays_public_when_it_is_wrapped() -> None:
    assert [kind for kind, text in wrapped("1.1.1.1").items() if not is_public(text)] == []


@given(st.ip_addresses())
def test_whatever_python_calls_private_is_not_public(address: IPv4Address | IPv6Address) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        carried = isinstance(address, IPv6Address) and (address.sixtofour or address.teredo or address.ipv4_mapped)
        assert carried or not is_public(str(address))
