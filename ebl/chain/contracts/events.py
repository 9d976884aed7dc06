"""Events of stores, registries and escrows in the log, as values.

Both versions of title contracts have the same classes: an event of version 4, which has no remark, has ``remark`` None, and
its ``Surrender`` is a `ReturnToIssuer`. Not checked: which contract emitted an event; compare the log's address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ebl.chain.contracts.abi_types import Event


@dataclass(frozen=True, slots=True)
class Transfer:
    """A token changed owner: minted (from the zero address), returned, restored, or taken out. Emitted by the registry."""

    from_owner: str
    to_owner: str
    token_id: int


@dataclass(frozen=True, slots=True)
class TokenReceived:
    """An escrow received its token: minted (``is_minting``) or restored."""

    beneficiary: str
    holder: str
    is_minting: bool
    registry: str
    token_id: int
    remark: bytes | None = None


@dataclass(frozen=True, slots=True)
class Nomination:
    """A nominee was named, or removed (the zero address). A transfer of the beneficiary removes it too."""

    from_nominee: str
    to_nominee: str
    registry: str
    token_id: int
    remark: bytes | None = None


@dataclass(frozen=True, slots=True)
class BeneficiaryTransfer:
    """The right to the goods was transferred. The first transfer is from the zero address."""

    from_beneficiary: str
    to_beneficiary: str
    registry: str
    token_id: int
    remark: bytes | None = None


@dataclass(frozen=True, slots=True)
class HolderTransfer:
    """Possession was transferred. The first transfer is from the zero address."""

    from_holder: str
    to_holder: str
    registry: str
    token_id: int
    remark: bytes | None = None


@dataclass(frozen=True, slots=True)
class RejectTransferBeneficiary:
    """The transfer of the right was rejected. A `BeneficiaryTransfer` in the same transaction records the same."""

    from_beneficiary: str
    to_beneficiary: str
    registry: str
    token_id: int
    remark: bytes | None = None


@dataclass(frozen=True, slots=True)
class RejectTransferHolder:
    """The transfer of possession was rejected. A `HolderTransfer` in the same transaction records the same."""

    from_holder: str
    to_holder: str
    registry: str
    token_id: int
    remark: bytes | None = None


@dataclass(frozen=True, slots=True)
class RejectTransferOwners:
    """Both were rejected. A `BeneficiaryTransfer` and a `HolderTransfer` in the same transaction record the same."""

    from_beneficiary: str
    to_beneficiary: str
    from_holder: str
    to_holder: str
    registry: str
    token_id: int
    remark: bytes | None = None


@dataclass(frozen=True, slots=True)
class ReturnToIssuer:
    """The title was surrendered to its registry."""

    caller: str
    registry: str
    token_id: int
    remark: bytes | None = None


@dataclass(frozen=True, slots=True)
class Shred:
    """The escrow was closed: the surrendered title was accepted."""

    registry: str
    token_id: int
    remark: bytes | None = None


@dataclass(frozen=True, slots=True)
class TitleEscrowCreated:
    """The factory created an escrow."""

    escrow: str
    registry: str
    token_id: int


@dataclass(frozen=True, slots=True)
class RegistryDeployed:
    """The deployer created a registry."""

    registry: str
    implementation: str
    deployer: str
    factory: str
    params: bytes


@dataclass(frozen=True, slots=True)
class Paused:
    """The registry was paused: no title changes."""

    account: str
    remark: bytes | None = None


@dataclass(frozen=True, slots=True)
class Unpaused:
    """The pause ended."""

    account: str
    remark: bytes | None = None


@dataclass(frozen=True, slots=True)
class DocumentIssued:
    """A hash was issued."""

    document: bytes


@dataclass(frozen=True, slots=True)
class DocumentRevoked:
    """A hash was revoked, in the older kind of store."""

    document: bytes


@dataclass(frozen=True, slots=True)
class DocumentRevokedUnder:
    """A document, or its root, was revoked in the batchable kind of store."""

    root: bytes
    document: bytes


@dataclass(frozen=True, slots=True)
class RoleGranted:
    """An account got a role."""

    role: bytes
    account: str
    sender: str


@dataclass(frozen=True, slots=True)
class RoleRevoked:
    """An account lost a role."""

    role: bytes
    account: str
    sender: str


@dataclass(frozen=True, slots=True)
class RoleAdminChanged:
    """Another role now grants a role."""

    role: bytes
    from_admin: bytes
    to_admin: bytes


@dataclass(frozen=True, slots=True)
class Initialized:
    """A contract was initialised."""

    version: int


EscrowEvent = (
    TokenReceived
    | Nomination
    | BeneficiaryTransfer
    | HolderTransfer
    | RejectTransferBeneficiary
    | RejectTransferHolder
    | RejectTransferOwners
    | ReturnToIssuer
    | Shred
)
ContractEvent = (
    EscrowEvent
    | Transfer
    | TitleEscrowCreated
    | RegistryDeployed
    | Paused
    | Unpaused
    | DocumentIssued
    | DocumentRevoked
    | DocumentRevokedUnder
    | RoleGranted
    | RoleRevoked
    | RoleAdminChanged
    | Initialized
)

_MOVE = "(address indexed, address indexed, address, uint256"
_ALIKE: tuple[tuple[str, type[ContractEvent]], ...] = (
    ("Nomination" + _MOVE, Nomination),
    ("BeneficiaryTransfer" + _MOVE, BeneficiaryTransfer),
    ("HolderTransfer" + _MOVE, HolderTransfer),
    ("TokenReceived(address indexed, address indexed, bool indexed, address, uint256", TokenReceived),
    ("Shred(address, uint256", Shred),
)
_SHAPES = (
    *(Event(start + ")", makes) for start, makes in _ALIKE),
    *(Event(start + ", bytes)", makes) for start, makes in _ALIKE),
    Event("Surrender(address indexed, address, uint256)", ReturnToIssuer),
    Event("ReturnToIssuer(address indexed, address, uint256, bytes)", ReturnToIssuer),
    Event("RejectTransferBeneficiary" + _MOVE + ", bytes)", RejectTransferBeneficiary),
    Event("RejectTransferHolder" + _MOVE + ", bytes)", RejectTransferHolder),
    Event(
        "RejectTransferOwners(address indexed, address indexed, address indexed, address, address, uint256, bytes)",
        RejectTransferOwners,
    ),
    Event("Transfer(address indexed, address indexed, uint256 indexed)", Transfer),
    Event("TitleEscrowCreated(address indexed, address indexed, uint256 indexed)", TitleEscrowCreated),
    Event("Deployment(address indexed, address indexed, address indexed, address, bytes)", RegistryDeployed),
    Event("Paused(address)", Paused),
    Event("Unpaused(address)", Unpaused),
    Event("PauseWithRemark(address, bytes)", Paused),
    Event("UnpauseWithRemark(address, bytes)", Unpaused),
    Event("DocumentIssued(bytes32 indexed)", DocumentIssued),
    Event("DocumentRevoked(bytes32 indexed)", DocumentRevoked),
    Event("DocumentRevoked(bytes32 indexed, bytes32 indexed)", DocumentRevokedUnder),
    Event("RoleGranted(bytes32 indexed, address indexed, address indexed)", RoleGranted),
    Event("RoleRevoked(bytes32 indexed, address indexed, address indexed)", RoleRevoked),
    Event("RoleAdminChanged(bytes32 indexed, bytes32 indexed, bytes32 indexed)", RoleAdminChanged),
    Event("Initialized(uint8)", Initialized),
    Event("Initialized(uint64)", Initialized),
)

BY_TOPIC: dict[bytes, Event] = {shape.topic: shape for shape in _SHAPES}
"""The events by first topic."""


def read(topics: Sequence[bytes], data: bytes) -> ContractEvent | None:
    """Decodes the event in a log; None if it is none of these. Raises `ValueError` if it is one of these and malformed."""
    shape = BY_TOPIC.get(topics[0]) if topics else None
    if shape is None:
        return None
    event: ContractEvent = shape.read(topics, data)
    return event
