"""Moves on chain: composed as a `Call`, planned, sent, and waited for."""

from ebl.chain.sending.call import Call
from ebl.chain.sending.finality import Finality
from ebl.chain.sending.journal import Outbox
from ebl.chain.sending.node import Node, Receipt
from ebl.chain.sending.planning import Plan, plan
from ebl.chain.sending.replacement import (
    TransactionState,
    TransactionStatus,
    cancel,
    plan_cancel,
    plan_speed_up,
    speed_up,
    status,
)
from ebl.chain.sending.send_plan import resume, send
from ebl.chain.sending.transaction import TransactionSigner
from ebl.chain.sending.waiting import Patience

__all__ = [
    "Call",
    "Finality",
    "Node",
    "Outbox",
    "Patience",
    "Plan",
    "Receipt",
    "TransactionSigner",
    "TransactionState",
    "TransactionStatus",
    "cancel",
    "plan",
    "plan_cancel",
    "plan_speed_up",
    "resume",
    "send",
    "speed_up",
    "status",
]
