"""A transaction before and after its signature: the hash to sign, and the bytes to broadcast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from ebl.ethereum import rlp
from ebl.ethereum.address import checksummed
from ebl.ethereum.keccak import keccak256


@dataclass(frozen=True, slots=True)
class Fees:
    """The price of each unit of gas, in wei. ``tip`` None means a legacy transaction (EIP-155), otherwise EIP-1559."""

    limit: int
    tip: int | None


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A transaction without its signature. ``to`` None creates a contract; it transfers no money."""

    chain_id: int
    nonce: int
    to: str | None
    data: bytes
    gas: int
    fees: Fees

    @property
    def cost(self) -> int:
        """The most that it can cost, in wei."""
        return self.gas * self.fees.limit

    @property
    def digest(self) -> bytes:
        """The 32 bytes to sign."""
        if self.fees.tip is None:
            return keccak256(rlp.encode([*self._fields(), self.chain_id, 0, 0]))
        return keccak256(b"\x02" + rlp.encode(self._fields()))

    def signed(self, signature: bytes) -> bytes:
        """Returns the bytes to broadcast. ``signature`` is r || s || v (65 bytes, v 27 or 28)."""
        r, s, parity = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64] - 27
        if self.fees.tip is None:
            return rlp.encode([*self._fields(), self.chain_id * 2 + 35 + parity, r, s])
        return b"\x02" + rlp.encode([*self._fields(), parity, r, s])

    @classmethod
    def of(cls, raw: bytes) -> Unsigned:
        """Reads the transaction that was signed to make ``raw``. Raises `ValueError` if it is not one that this library makes."""
        items = rlp.decode(raw[1:] if raw[:1] == b"\x02" else raw)
        parts = items if isinstance(items, list) else []
        fields = [part if isinstance(part, bytes) else b"" for part in parts]
        if raw[:1] == b"\x02" and len(fields) == 12 and not (fields[6] or parts[8]):  # no money, no access list
            chain_id, nonce, tip, limit, gas = (int.from_bytes(field) for field in fields[:5])
            return cls(chain_id, nonce, _to(fields[5]), fields[7], gas, Fees(limit, tip))
        if raw[:1] != b"\x02" and len(fields) == 9 and not fields[4] and int.from_bytes(fields[6]) >= 35:
            nonce, limit, gas = (int.from_bytes(field) for field in fields[:3])
            return cls((int.from_bytes(fields[6]) - 35) // 2, nonce, _to(fields[3]), fields[5], gas, Fees(limit, None))
        raise ValueError("not a transaction of a kind that this library sends")

    def with_nonce(self, nonce: int) -> Unsigned:
        """Returns the same transaction with another nonce."""
        return replace(self, nonce=nonce)

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data with the members of JSON-RPC."""
        fields: dict[str, Any] = {
            "chainId": hex(self.chain_id),
            "nonce": hex(self.nonce),
            "to": self.to,
            "value": "0x0",
            "data": f"0x{self.data.hex()}",
            "gas": hex(self.gas),
        }
        if self.fees.tip is None:
            return fields | {"type": "0x0", "gasPrice": hex(self.fees.limit)}
        return fields | {
            "type": "0x2",
            "maxFeePerGas": hex(self.fees.limit),
            "maxPriorityFeePerGas": hex(self.fees.tip),
        }

    def _fields(self) -> list[rlp.Item]:
        to = b"" if self.to is None else bytes.fromhex(self.to[2:])
        if self.fees.tip is None:
            return [self.nonce, self.fees.limit, self.gas, to, 0, self.data]
        return [self.chain_id, self.nonce, self.fees.tip, self.fees.limit, self.gas, to, 0, self.data, []]


def _to(field: bytes) -> str | None:
    return checksummed(f"0x{field.hex()}") if field else None


class TransactionSigner(Protocol):
    """A holder of a secp256k1 key who signs transactions with it."""

    @property
    def address(self) -> str:
        """The checksummed address of the key."""

    def sign_transaction(self, transaction: Unsigned) -> bytes:
        """Signs ``transaction.digest``: 65 bytes, r || s || v with s in the lower half of the order and v 27 or 28."""
