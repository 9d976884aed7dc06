"""Whatever one host is called, its word counts once among those that must agree."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.net import distinct_hosts
from ebl.net import resolvers as lookup
from ebl.net.distinct_hosts import DistinctHosts, host_key, require_distinct_hosts
from ebl.net.nodes import Nodes

OURS = (
    *("127.0.0.1", "127.0.0.2", "127.255.255.254", "localhost", "LOCALHOST", "localhost.", "node.localhost", "0.0.0.0"),
    *(
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]",
        "127.1",
        "0x7f000001",
        "2130706433",
    ),
    *("u:p@127.0.0.1", "ip6-localhost"),
)


@pytest.mark.parametrize("one", OURS)
@pytest.mark.parametrize("other", OURS)
def test_the_names_of_this_machine_are_one_and_only_its_ports_tell_nodes_apart(one: str, other: str) -> None:
    assert host_key(f"http://{one}:8545/a") == host_key(f"https://{other}:8545/b") != host_key(f"http://{other}:8546")
    with pytest.raises(InvalidInput, match="several are at port 8545 of this system, which counts once"):
        require_distinct_hosts(2, [f"http://{one}:8545", f"http://{other}:8545", "http://127.0.0.1:1"], "nodes")


@pytest.mark.parametrize(
    "other",
    (
        *("https://node.example/b", "http://node.example", "https://NODE.example", "https://node.example.:8545/key"),
        *("https://u:p@node.example", "https://node.example:443?key=2", "tls://node.example", "tls://node.example:54"),
    ),
)
def test_a_host_is_one_whatever_else_its_url_holds(other: str) -> None:
    assert host_key(other) == host_key("https://node.example/a") != host_key("https://other.example/a")


def test_an_address_is_one_in_each_of_its_spellings() -> None:
    for one, other in (
        ("192.0.2.1", "[::ffff:192.0.2.1]"),
        ("192.0.2.1", "[64:ff9b::192.0.2.1]"),
        ("192.0.2.1", "0xc0.0.2.1"),
        ("[2001:db8::1]", "[2001:0db8:0:0::0001]"),
        ("bücher.example", "xn--bcher-kva.example"),
    ):
        assert host_key(f"https://{one}") == host_key(f"https://{other}:99")


@given(st.ip_addresses(), st.integers(1, 65535), st.integers(1, 65535))
def test_no_port_makes_two_of_one_address_elsewhere(address: IPv4Address | IPv6Address, one: int, other: int) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    heard = {host_key(f"https://{host}:{port}") for port in (one, other)}
    assert len(heard) == 1 or all(isinstance(each, tuple) for each in heard)


def test_an_address_of_this_machine_is_this_machine() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but its loopback")
        own = probe.getsockname()[0]
    assert host_key(f"http://{own}:8545") == host_key("http://127.0.0.1:8545")


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names lead to; the others cannot be looked up."""
    known: dict[str, list[str]] = {}

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        if host not in known:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]

    monkeypatch.setattr(distinct_hosts.socket, "getaddrinfo", look_up)
    return known


def test_names_that_lead_to_one_address_are_one(addresses: dict[str, list[str]]) -> None:
    addresses |= {
        "a.example": ["192.0.2.1", "192.0.2.2"],
        "b.example": ["192.0.2.2"],
        "c.example": ["192.0.2.3"],
        "here.example": ["127.0.0.1"],
        "there.example": ["127.0.0.9"],
    }
    urls = ["https://a.example/x", "https://b.example", "https://c.example", "https://gone.example", "http://192.0.2.3"]
    assert DistinctHosts().distinct(urls) == (0, 2, 3)
    assert DistinctHosts().distinct(["http://here.example:1", "http://there.example:1", "http://127.0.0.1:2"]) == (0, 2)


def test_what_a_name_leads_to_is_looked_up_once_in_an_hour(addresses: dict[str, list[str]]) -> None:
    addresses |= {"a.example": ["192.0.2.1"], "b.example": ["192.0.2.2"]}
    heard, urls = DistinctHosts(), ["https://a.example", "https://b.example"]
    assert heard.distinct(urls) == (0, 1)
    addresses["b.example"] = ["192.0.2.1"]
    assert heard.distinct(urls) == (0, 1)
    assert DistinctHosts().distinct(urls) == (0,)


def test_a_host_behind_a_proxy_is_not_looked_up(
    addresses: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses |= {"a.example": ["192.0.2.1"], "b.example": ["192.0.2.1"]}
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    assert DistinctHosts().distinct(["https://a.example", "https://b.example"]) == (0, 1)


def test_nodes_whose_names_lead_to_one_address_do_not_agree_with_each_other(addresses: dict[str, list[str]]) -> None:
    addresses |= {"a.example": ["192.0.2.1"], "b.example": ["192.0.2.1"]}
    with pytest.raises(SourceError, match=r"some of a\.example, b\.example are at one address") as found:
        Nodes({1: ["https://a.example/key", "https://b.example/key"]}, agree=2)(1)
    assert found.value.doubt is Doubt.CHAIN_TOO_FEW and "key" not in found.value.detail


def test_resolvers_whose_names_lead_to_one_address_do_not_agree_with_each_other(
    addresses: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses |= {"a.example": ["192.0.2.1"]}
    monkeypatch.setattr("ebl.net.dns_query.system_servers", lambda: [("192.0.2.1", 53)])
    for words in (
        ["tls://a.example", "udp://192.0.2.1:5353"],
        ["system", "tls://a.example"],
        ["system", "udp://192.0.2.1"],
    ):
        asked = lookup.resolver(words, agree=2, mode="off")
        with pytest.raises(SourceError, match="at one address") as found:
            asked.txt("carrier.example")
        assert found.value.doubt is Doubt.DNS_TOO_FEW
    with pytest.raises(InvalidInput, match="counts once"):
        lookup.resolver(["udp://192.0.2.1", "tls://192.0.2.1"], agree=2)
