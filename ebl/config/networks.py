"""The chains on which documents and titles are issued: a table in the package, and the user's own table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

from ebl.codec.duration import MAX_MINUTES
from ebl.config import files as config_files
from ebl.config.toml_table import TomlTable, read_toml, shown
from ebl.errors import InvalidInput, Problem
from ebl.ethereum.address import NotAnAddress, checksummed
from ebl.ethereum.chain_id import END
from ebl.messages import explained
from ebl.model.pace import Pace

Version = Literal["v4", "v5"]
Role = Literal["title_escrow_factory", "deployer", "token_implementation"]
GasKind = Literal["auto", "eip1559", "legacy", "zero"]
"""How a transaction pays for gas. ``auto`` takes EIP-1559 if the blocks have a base fee; ``zero`` pays nothing."""

VERSIONS: tuple[Version, ...] = ("v4", "v5")
ROLES: tuple[Role, ...] = ("title_escrow_factory", "deployer", "token_implementation")
GWEI = 10**9

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_URL = re.compile(r"https?://[!-~]{1,500}")
_TAG = re.compile(r"safe|finalized")
_KIND = re.compile(r"auto|eip1559|legacy|zero")


@dataclass(frozen=True, slots=True)
class Gas:
    """How a chain prices gas. Amounts are in wei for each unit of gas; at ``station`` its operator publishes fees."""

    kind: GasKind = "auto"
    min_tip: int = 0
    ceiling: int | None = None
    station: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One chain. ``rpc`` are nodes that need no key (often none); ``operator`` is set if one operator runs all of them.

    ``currency`` is the currency of gas (None: not known). ``finality`` is the tag of final blocks (None: the chain's nodes
    are not known to have one) and ``confirmations`` the number of blocks to wait for otherwise. ``pace`` limits the age of its
    blocks. ``contracts`` are the released ones, by version and role, checksummed.
    """

    name: str
    chain_id: int
    label: str
    currency: str | None = None
    aliases: tuple[str, ...] = ()
    testnet: bool = False
    rpc: tuple[str, ...] = ()
    explorer: str | None = None
    operator: bool = False
    gas: Gas = Gas()
    finality: str | None = None
    confirmations: int = 12
    pace: Pace = field(default_factory=Pace)
    contracts: Mapping[tuple[Version, Role], str] = field(default_factory=lambda: MappingProxyType({}))

    def contract(self, version: Version, role: Role) -> str | None:
        """Returns the address of a released contract on this chain, if there is one."""
        return self.contracts.get((version, role))

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data, with the nodes' hosts only."""
        return {
            "name": self.name,
            "chain_id": self.chain_id,
            "label": self.label,
            "aliases": list(self.aliases),
            "currency": self.currency,
            "testnet": self.testnet,
            "explorer": self.explorer,
            "operator": self.operator,
            "gas": self.gas.kind,
            "gas_ceiling_wei": self.gas.ceiling,
            "finality": self.finality,
            "confirmations": self.confirmations,
            "block_seconds": None if self.pace.block is None else self.pace.block.total_seconds(),
            "max_age_minutes": self.pace.max_age / timedelta(minutes=1),
            "finality_lag_minutes": self.pace.finality_lag / timedelta(minutes=1),
            "contracts": {f"{version}.{role}": address for (version, role), address in self.contracts.items()},
        }


@dataclass(frozen=True, slots=True)
class Networks:
    """The table: iterate it, or `find` one by name, alias or chain id."""

    table: Mapping[int, Network]

    @classmethod
    def of(cls, networks: Iterable[Network]) -> Self:
        """Makes a table. Raises `InvalidInput` if two networks share a chain id, a name or an alias."""
        table: dict[int, Network] = {}
        words: dict[str, Network] = {}
        for network in networks:
            if network.chain_id in table:
                raise InvalidInput(f"chain {network.chain_id} is in the table twice.")
            table[network.chain_id] = network
            for word in (network.name, *network.aliases):
                if word in words:
                    raise InvalidInput(f"two networks are called {word!r}: {words[word].name} and {network.name}.")
                words[word] = network
        return cls(MappingProxyType(table))

    def __iter__(self) -> Iterator[Network]:
        return iter(self.table.values())

    def by_id(self, chain_id: int) -> Network | None:
        """Returns the network of a chain id."""
        return self.table.get(chain_id)

    def pace(self, chain_id: int) -> Pace:
        """Returns the pace of a chain; the default one if the chain is not in the table."""
        network = self.by_id(chain_id)
        return Pace() if network is None else network.pace

    def find(self, word: str | int) -> Network:
        """Returns the network that a user names. Raises `InvalidInput` if there is none."""
        wanted = str(word).lower()
        for network in self:
            if wanted in (str(network.chain_id), network.name, *network.aliases):
                return network
        known = ", ".join(network.name for network in self)
        raise InvalidInput(f"no network is called {wanted[:40]!r} (known: {known}).", fix="Add it: ebl net add.")


def load(user: Path | None = None) -> Networks:
    """Returns the table in the package with the networks of a user's file, if there is one.

    A network in the user's file replaces the one of the same chain id. Raises `InvalidInput` if the file is malformed.
    """
    table = dict(_shipped())
    if user is not None:
        table |= {network.chain_id: network for network in own(user)}
    return Networks.of(table.values())


def pace(chain_id: int) -> Pace:
    """Returns the pace of a chain by the table in the package, which is read once in a process."""
    return load().pace(chain_id)


def own(user: Path) -> tuple[Network, ...]:
    """Returns the networks of a user's file alone; none if there is no file. Raises `InvalidInput` as `load` does."""
    return parse(text_of(user), user.name)


def text_of(user: Path) -> str:
    """Returns the text of a user's file; "" if there is no file. Raises `InvalidInput` if it cannot be read."""
    if not user.exists():
        return ""
    try:
        return config_files.load(user, limit=config_files.MAX_SETTINGS).decode()
    except (OSError, ValueError) as bad:
        raise InvalidInput(f"{user.name} cannot be read: {getattr(bad, 'strerror', None) or 'not UTF-8'}.") from bad


def parse(text: str, name: str = "the file") -> tuple[Network, ...]:
    """Reads the networks of a TOML text, each a table under its name. Raises `InvalidInput` with every mistake."""
    tables = read_toml(text, name)
    problems: list[Problem] = []
    networks = [_network(key, TomlTable(table, f"/{key}", problems)) for key, table in tables.items()]
    if problems:
        raise InvalidInput(f"{name} has mistakes.", problems=tuple(problems))
    return tuple(networks)


@cache
def _shipped() -> Mapping[int, Network]:
    text = files("ebl.config").joinpath("networks.toml").read_text(encoding="utf-8")
    return Networks.of(parse(text, "networks.toml")).table


def _network(name: str, table: TomlTable) -> Network:
    if not _NAME.fullmatch(name):
        table.wrong("", "a name in lower-case letters, digits and -", name)
    contracts = {
        (version, role): address for version in VERSIONS for role, address in _contracts(table.table(version)).items()
    }
    network = Network(
        name=name,
        chain_id=table.number("chain_id", None, "a chain id", most=END),
        label=table.text("label", name.capitalize()),
        currency=table.text("currency", None),
        aliases=table.texts("aliases", _NAME, "names"),
        testnet=table.flag("testnet"),
        rpc=table.texts("rpc", _URL, "http(s) URLs", secret=True),
        explorer=table.text("explorer", None, _URL, "an https URL"),
        operator=table.flag("operator"),
        gas=_gas(table.table("gas")),
        finality=table.text("finality", None, _TAG, "safe or finalized"),
        confirmations=table.number("confirmations", 12, "a number of blocks", least=0, most=10**6),
        pace=_pace(table),
        contracts=MappingProxyType(contracts),
    )
    table.end()
    return network


def _pace(table: TomlTable) -> Pace:
    pace = Pace()
    if "block_seconds" in table:
        seconds = table.number("block_seconds", None, "seconds, above 0", least=0, most=86_400, whole=False)
        if seconds > 0:
            pace = Pace.of(timedelta(seconds=seconds))
        elif not table.is_wrong("block_seconds"):
            table.wrong("block_seconds", "seconds, above 0", repr(seconds))
    for key, name in (("max_age_minutes", "max_age"), ("finality_lag_minutes", "finality_lag")):
        if key in table:
            minutes = table.number(key, None, "a number of minutes", most=MAX_MINUTES + 1)
            pace = replace(pace, **{name: timedelta(minutes=minutes)})
    return pace


def _gas(table: TomlTable) -> Gas:
    tip, ceiling = (
        table.number(key, None, "a price in gwei, 0 or more", least=0, most=10**6, whole=False)
        if key in table
        else None
        for key in ("min_tip_gwei", "ceiling_gwei")
    )
    kind: Any = table.text("kind", "auto", _KIND, "auto, eip1559, legacy or zero")
    gas = Gas(
        kind,
        round((tip or 0) * GWEI),
        None if ceiling is None else round(ceiling * GWEI),
        table.text("station", None, _URL, "an https URL", secret=True),
    )
    table.end()
    return gas


def _contracts(table: TomlTable) -> dict[Role, str]:
    found: dict[Role, str] = {}
    for role in ROLES:
        if (address := table.text(role, None)) is not None:
            try:
                found[role] = checksummed(address)
            except NotAnAddress as bad:
                table.wrong(role, "an address", shown(address), detail=f"{explained(bad.reason)}.")
    table.end()
    return found
