"""The text of ``openatts`` TXT records, which name a contract or a DID key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ebl.ethereum.address import ADDRESS, checksummed
from ebl.ethereum.chain_id import parse_chain_id

_ADDRESS = re.compile(ADDRESS)
_USUAL = 200
"""How long a text is at most of which the reading is kept: every bill of an issuer asks for the same record."""
_MAX_KEY = 500
_KEY = re.compile(rf"did:[a-z0-9]+:[!-~]{{1,{_MAX_KEY}}}")


@dataclass(frozen=True, slots=True)
class ContractRecord:
    """``openatts net=ethereum netId=1 addr=0x…``. ``address`` is lower case."""

    chain_id: int
    address: str

    def __str__(self) -> str:
        return f"openatts net=ethereum netId={self.chain_id} addr={checksummed(self.address)}"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """``openatts a=dns-did; p=did:ethr:0x…#controller; v=1.0;``. ``key`` is kept as it is written."""

    key: str
    version: str = "1.0"

    def __str__(self) -> str:
        return f"openatts a=dns-did; p={self.key}; v={self.version};"


def read_contract(text: str) -> ContractRecord | None:
    """Reads one TXT record; None if it is not a complete record of an Ethereum contract."""
    return _read_contract(text) if len(text) > _USUAL else _known_contract(text)


@lru_cache(maxsize=1024)
def _known_contract(text: str) -> ContractRecord | None:
    return _read_contract(text)


def _read_contract(text: str) -> ContractRecord | None:
    fields = read_fields(text)
    if fields is None or fields.get("net") != "ethereum":
        return None
    chain_id, address = parse_chain_id(fields.get("netId")), fields.get("addr", "")
    if chain_id is None or not _ADDRESS.fullmatch(address):
        return None
    return ContractRecord(chain_id, address.lower())


def read_key(text: str) -> KeyRecord | None:
    """Reads one TXT record; None if it is not a complete record of a DID key."""
    fields = read_fields(text)
    if fields is None or fields.get("a") != "dns-did":
        return None
    key, version = fields.get("p", ""), fields.get("v", "")
    return KeyRecord(key, version) if version and _KEY.fullmatch(key) else None


def read_fields(text: str) -> dict[str, str] | None:
    """Returns the fields of a record; None if it is not an ``openatts`` record, or if it names a field twice.

    Accepted: any order, further fields, one ``;`` after a value, several spaces between fields and spaces at the end.
    Not accepted: other white space, capitals, a space at the start, and a field given twice.
    """
    kind, *rest = text.split(" ")
    if kind != "openatts":
        return None
    fields: dict[str, str] = {}
    for token in filter(None, rest):
        name, equals, value = token.partition("=")
        if not equals or name in fields:
            return None
        fields[name] = value.removesuffix(";")
    return fields
