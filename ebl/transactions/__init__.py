"""Moves on chain: composed as a `Call`, planned, sent, and waited for."""

from ebl.transactions.call import Call
from ebl.transactions.finality import Finality
from ebl.transactions.node import Node, Receipt
from ebl.transactions.outbox import Outbox
from ebl.transactions.planning import Plan, plan
from ebl.transactions.replacing import Status, cancel, plan_cancel, plan_speed_up, speed_up, status
from ebl.transactions.sending import resume, send
from ebl.transactions.unsigned import TransactionSigner
from ebl.transactions.waiting import Patience

__all__ = [
    "Call",
    "Finality",
    "Node",
    "Outbox",
    "Patience",
    "Plan",
    "Receipt",
    "Status",
    "TransactionSigner",
    "cancel",
    "plan",
    "plan_cancel",
    "plan_speed_up",
    "resume",
    "send",
    "speed_up",
    "status",
]
