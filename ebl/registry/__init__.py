"""Acting on chain: issue and revoke roots. Compose first, then `send`."""

from ebl.registry.stores import (
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
from ebl.transactions import Call, Finality, Node, Outbox, Patience, Plan, Receipt, plan, send

__all__ = [
    "Call",
    "Finality",
    "Node",
    "Outbox",
    "Patience",
    "Plan",
    "Receipt",
    "Store",
    "StoreKind",
    "StoreStatus",
    "deploy_store",
    "issue",
    "plan",
    "revoke",
    "revoke_under",
    "send",
    "store_at",
    "store_status",
    "unissued",
]
