"""Acting on chain: issue and revoke roots; mint, transfer and return titles; read what became of them.

A move is composed first, as a `Call`, and then sent with `send`.
"""

from ebl.anchoring import roots_of
from ebl.ledger.appointments import Appointments, appointments, grant, renounce, revoke_role, transfer_role
from ebl.ledger.capabilities import Capabilities, Capability, Move, capabilities
from ebl.ledger.endorsements import Action, Endorsement, Position
from ebl.ledger.history import History, history
from ebl.ledger.registries import RegistryStatus, registry_status
from ebl.ledger.stores import (
    Store,
    StoreKind,
    StoreStatus,
    deploy_store,
    issue,
    revoke,
    revoke_under,
    store_at,
    store_status,
    unissued,
)
from ebl.ledger.titles import (
    Registry,
    accept_return,
    deploy_factory,
    deploy_registry,
    deploy_registry_through,
    deployed,
    endorse,
    mint,
    nominate,
    pause,
    registry_at,
    reject,
    reject_endorsement,
    reject_holder,
    reject_return,
    return_to_issuer,
    transfer,
    transfer_holder,
    unpause,
)
from ebl.status.title import State, Title
from ebl.status.title import read_title as title
from ebl.status.title_proof import prove
from ebl.transactions import Call, Finality, Node, Outbox, Patience, Plan, Receipt, plan, send

__all__ = [
    "Action",
    "Appointments",
    "Call",
    "Capabilities",
    "Capability",
    "Endorsement",
    "Finality",
    "History",
    "Move",
    "Node",
    "Outbox",
    "Patience",
    "Plan",
    "Position",
    "Receipt",
    "Registry",
    "RegistryStatus",
    "State",
    "Store",
    "StoreKind",
    "StoreStatus",
    "Title",
    "accept_return",
    "appointments",
    "capabilities",
    "deploy_factory",
    "deploy_registry",
    "deploy_registry_through",
    "deploy_store",
    "deployed",
    "endorse",
    "grant",
    "history",
    "issue",
    "mint",
    "nominate",
    "pause",
    "plan",
    "prove",
    "registry_at",
    "registry_status",
    "reject",
    "reject_endorsement",
    "reject_holder",
    "reject_return",
    "renounce",
    "return_to_issuer",
    "revoke",
    "revoke_role",
    "revoke_under",
    "roots_of",
    "send",
    "store_at",
    "store_status",
    "title",
    "transfer",
    "transfer_holder",
    "transfer_role",
    "unissued",
    "unpause",
]
