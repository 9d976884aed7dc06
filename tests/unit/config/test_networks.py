"""Networks are data: the table in the package is whole, and a user's file adds to it or is told what is wrong."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from ebl.config.networks import ROLES, VERSIONS, Networks, load, parse
from ebl.errors import InvalidInput
from ebl.ethereum.address import checksummed

PUBLIC = (1, 11155111, 137, 80002, 50, 51, 101010, 20180427, 1338, 21002)


def test_every_public_chain_has_the_released_contracts_of_both_versions() -> None:
    table = load()
    assert {network.chain_id for network in table} == {1337, 31337, *PUBLIC}
    for chain_id in PUBLIC:
        network = table.find(chain_id)
        assert set(network.contracts) == {(version, role) for version in VERSIONS for role in ROLES}
        assert all(address == checksummed(address.lower()) for address in network.contracts.values())
        assert network.explorer is not None
    assert table.find("local").contracts == table.find("anvil").contracts == {}


def test_an_address_belongs_to_a_chain_a_version_and_a_role() -> None:
    table = load()
    address = "0xfcafea839e576967b96ad1FBFB52b5CA26cd1D25"
    assert table.find("sepolia").contract("v5", "title_escrow_factory") == address
    assert table.find("amoy").contract("v5", "deployer") == address
    assert table.find("apothem").contract("v5", "title_escrow_factory") == checksummed(
        "0xca70f36aeeda435c1048fd372bf286a41ac538be"
    )


def test_networks_are_found_by_name_alias_and_id() -> None:
    table = load()
    assert table.find("matic") is table.find("137") is table.find(137) is table.find("Polygon") is table.by_id(137)
    assert table.by_id(4) is None
    with pytest.raises(InvalidInput, match="sepolia"):
        table.find("goerli")


def test_no_default_node_needs_a_key() -> None:
    urls = [url for network in load() for url in network.rpc]
    assert urls
    assert not [url for url in urls if any(word in url.lower() for word in ("key", "infura", "alchemy", "zgt", "/v3/"))]


def test_gas_is_given_in_wei() -> None:
    table = load()
    assert table.find("polygon").gas.min_tip == 30 * 10**9
    assert table.find("stability").gas.kind == "zero"
    (odd,) = parse('[odd]\nchain_id = 7\nlabel = "Odd"\ngas = { min_tip_gwei = 0.5, ceiling_gwei = 100 }')
    assert (odd.gas.min_tip, odd.gas.ceiling) == (5 * 10**8, 10**11)


@pytest.mark.parametrize("gwei", ("0", "0.0", "0.0000000001"))
def test_a_ceiling_of_nothing_is_a_ceiling(gwei: str) -> None:
    (odd,) = parse(f'[odd]\nchain_id = 7\nlabel = "Odd"\ngas = {{ ceiling_gwei = {gwei} }}')
    assert odd.gas.ceiling == 0
    (odd,) = parse('[odd]\nchain_id = 7\nlabel = "Odd"\ngas = { kind = "auto" }')
    assert odd.gas.ceiling is None


def test_a_users_file_adds_networks_and_replaces_those_of_the_same_chain(tmp_path: Path) -> None:
    own = tmp_path / "networks.toml"
    own.write_text(
        '[bank]\nchain_id = 4242\nlabel = "Bank chain"\nrpc = ["https://node.bank.example"]\n'
        '[polygon]\nchain_id = 137\nlabel = "Polygon here"\nrpc = ["https://polygon.bank.example"]\n'
    )
    table = load(own)
    assert table.find("bank").rpc == ("https://node.bank.example",)
    assert table.find(137).label == "Polygon here"
    assert table.find("mainnet").label == "Ethereum"
    assert load(tmp_path / "none.toml").find("mainnet")


@pytest.mark.parametrize(
    "text, said",
    [
        ("nonsense", "not TOML"),
        ("x = 1", "/x: expected a table; got int"),
        ('[x]\nlabel = "X"', "/x/chain_id: expected a chain id; got nothing"),
        ("[x]\nchain_id = 0", "/x/chain_id"),
        ("[x]\nchain_id = true", "/x/chain_id"),
        ("[X]\nchain_id = 1", "lower-case"),
        ('[x]\nchain_id = 1\nrpc = "https://x"', "/x/rpc"),
        ('[x]\nchain_id = 1\nrpc = ["ftp://x"]', "/x/rpc"),
        ('[x]\nchain_id = 1\nfinality = "soon"', "/x/finality"),
        ("[x]\nchain_id = 1\nspeed = 1", "/x/speed: expected one of v4, v5, chain_id,"),
        ("[x]\nchain_id = 1\ngas = { kind = 'cheap' }", "/x/gas/kind"),
        ("[x]\nchain_id = 1\n[x.v5]\ndeployer = '0x1'", "/x/v5/deployer"),
        ("[x]\nchain_id = 1\n[x.v5]\ndeployer = '0xEc6fD701743cEdf504873F5E5E807586f437A501'", "checksum"),
        ("[x]\nchain_id = 1\n[x.v5]\nadmin = '0x1'", "/x/v5/admin"),
    ],
)
def test_mistakes_in_a_file_are_named_with_their_places(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as found:
        parse(text)
    assert said in str(found.value)


@pytest.mark.parametrize(
    "line",
    ('rpc = "https://u:SECRET@x"', 'rpc = ["wss://x/SECRET"]', 'rpc = ["u:SECRET@x"]', 'gas = {station = "SECRET"}'),
)
def test_a_node_s_address_that_is_wrong_is_not_repeated_because_it_may_hold_a_password(line: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(f"{line}\n[x]\nchain_id = 1\n{line}\n")
    assert caught.value.problems and "SECRET" not in str(caught.value) + repr(caught.value.problems)


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as found:
        parse("[x]\nchain_id = -1\nlabel = 7\n[y]\nchain_id = 1\ntestnet = 'no'")
    assert [problem.pointer for problem in found.value.problems] == ["/x/chain_id", "/x/label", "/y/testnet"]


def test_two_networks_cannot_share_a_word() -> None:
    with pytest.raises(InvalidInput, match="'b'"):
        Networks.of(parse("[a]\nchain_id = 1\naliases = ['b']\n[b]\nchain_id = 2"))
    with pytest.raises(InvalidInput, match="chain 1"):
        Networks.of(parse("[a]\nchain_id = 1\n[b]\nchain_id = 1"))


def test_the_hosts_of_nodes_are_not_in_what_is_printed() -> None:
    assert "rpc" not in load().find("xdc").to_dict()


def test_the_table_in_the_package_uses_every_key_that_it_explains() -> None:
    text = files("ebl.config").joinpath("networks.toml").read_text(encoding="utf-8")
    keys = {key for table in tomllib.loads(text).values() for key in table}
    for key in ("aliases", "rpc", "operator", "gas", "finality", "confirmations", "v5", "v4"):
        assert key in keys
