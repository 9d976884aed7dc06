"""EIP-712: a flat struct that a wallet shows field by field and signs, bound to a chain and a contract.

Only what `ebl` signs: one struct without structs or arrays in it, of the types ``string``, ``bytes32``, ``address`` and
``uintN``, and a domain of name, version, chain id and verifying contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ebl.ethereum.abi import encode_word
from ebl.ethereum.keccak import keccak256

Member = tuple[str, str]
"""The type and the name of one field."""
_DOMAIN: Final[tuple[Member, ...]] = (
    ("string", "name"),
    ("string", "version"),
    ("uint256", "chainId"),
    ("address", "verifyingContract"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedData:
    """A struct to sign. ``fields`` are its members by type and name, in order; ``message`` has a value for each.

    Values: text for ``string``, 32 bytes for ``bytes32``, checksummed text for ``address``, an int for ``uintN``.
    """

    name: str
    version: str
    chain_id: int
    contract: str
    primary: str
    fields: tuple[Member, ...]
    message: dict[str, Any]

    @property
    def digest(self) -> bytes:
        """The 32 bytes that are signed: keccak256(0x19 0x01, domain separator, hash of the struct).

        Raises `ValueError` if a value does not fit its type.
        """
        return keccak256(b"\x19\x01" + _hash_struct("EIP712Domain", _DOMAIN, self._domain) + self._hash_of_message)

    @property
    def _hash_of_message(self) -> bytes:
        return _hash_struct(self.primary, self.fields, self.message)

    @property
    def _domain(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "version": self.version,
            "chainId": self.chain_id,
            "verifyingContract": self.contract,
        }

    def to_dict(self) -> dict[str, Any]:
        """Returns the JSON that wallets take (``eth_signTypedData_v4``); numbers as decimal text, which none of them rounds."""
        return {
            "types": {
                "EIP712Domain": [{"name": name, "type": type_} for type_, name in _DOMAIN],
                self.primary: [{"name": name, "type": type_} for type_, name in self.fields],
            },
            "primaryType": self.primary,
            "domain": self._domain,
            "message": {name: _plain(self.message[name]) for _, name in self.fields},
        }


def _plain(value: Any) -> Any:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)


def _hash_struct(name: str, fields: tuple[Member, ...], values: dict[str, Any]) -> bytes:
    kind = f"{name}({','.join(f'{type_} {field}' for type_, field in fields)})"
    return keccak256(keccak256(kind.encode()) + b"".join(_word(type_, values[field]) for type_, field in fields))


def _word(type_: str, value: Any) -> bytes:
    return keccak256(value.encode()) if type_ == "string" else encode_word(type_, value)
