"""Calldata and events of the registry of did:ethr (ERC-1056): the owner of an identity, and the keys added for a time."""

from __future__ import annotations

from dataclasses import dataclass

from ebl.ethereum import abi
from ebl.model.ports import Log

# Addresses of the registry: the same on most chains, and another on chains that came later.
_USUAL = "0xdCa7EF03e98e0DC2B855bE647C39ABe984fcF21B"
_LATER = "0x03d5003bf0e79C5F5223588F347ebA39AfbC3818"
_AT = {11155111: _LATER, 17000: _LATER, 100: _LATER}

OWNER_CHANGED = abi.topic("DIDOwnerChanged(address,address,uint256)")
DELEGATE_CHANGED = abi.topic("DIDDelegateChanged(address,bytes32,address,uint256,uint256)")
ATTRIBUTE_CHANGED = abi.topic("DIDAttributeChanged(address,bytes32,bytes,uint256,uint256)")


@dataclass(frozen=True, slots=True)
class Change:
    """One event of an identity. ``value`` is the address of the new owner or of the delegate, or an attribute's bytes.

    ``valid_to`` is in seconds since 1970. ``previous`` is the block of the change before it (0: none).
    """

    kind: str
    name: bytes
    value: str | bytes
    valid_to: int
    previous: int


def address(chain_id: int) -> str:
    """Returns the address (checksummed) of a chain's registry."""
    return _AT.get(chain_id, _USUAL)


def identity_owner(account: str) -> bytes:
    """Returns the query for an identity's owner.

    A deactivated identity is its own owner in the response; only its events show the deactivation.
    """
    return abi.call("identityOwner(address)", account)


def changed(account: str) -> bytes:
    """Returns the query for the block of an identity's last change (0: never)."""
    return abi.call("changed(address)", account)


def read_change(log: Log, account: str) -> Change | None:
    """Reads one event of an identity; None if it is of another. Raises `ValueError` if the event is malformed."""
    if len(log.topics) != 2 or log.topics[1] != abi.encode_word("address", account):
        return None
    match log.topics[0]:
        case topic if topic == OWNER_CHANGED:
            owner, previous = abi.decode(["address", "uint256"], log.data)
            return Change("owner", b"", owner, 0, previous)
        case topic if topic == DELEGATE_CHANGED:
            name, delegate, valid_to, previous = abi.decode(["bytes32", "address", "uint256", "uint256"], log.data)
            return Change("delegate", name.rstrip(b"\0"), delegate, valid_to, previous)
        case topic if topic == ATTRIBUTE_CHANGED:
            name, value, valid_to, previous = abi.decode(["bytes32", "bytes", "uint256", "uint256"], log.data)
            return Change("attribute", name.rstrip(b"\0"), value, valid_to, previous)
    return None
