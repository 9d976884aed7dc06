"""Transactions: a move is encoded as a `Call`, planned, sent, and awaited."""

from ebl.chain.sending.call import Call
from ebl.chain.sending.finality import Finality
from ebl.chain.sending.journal import Journals
from ebl.chain.sending.node import Node, Receipt
from ebl.chain.sending.plan_of_many import PlanOfMany, plan_all
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
from ebl.chain.sending.send_all import send_all
from ebl.chain.sending.send_plan import resume, send
from ebl.chain.sending.send_result import SendProgress, SendResult, SendState
from ebl.chain.sending.transaction import TransactionSigner
from ebl.chain.sending.waiting import WaitOptions

__all__ = [
    "Call",
    "Finality",
    "Journals",
    "Node",
    "Plan",
    "PlanOfMany",
    "Receipt",
    "SendProgress",
    "SendResult",
    "SendState",
    "TransactionSigner",
    "TransactionState",
    "TransactionStatus",
    "WaitOptions",
    "cancel",
    "plan",
    "plan_all",
    "plan_cancel",
    "plan_speed_up",
    "resume",
    "send",
    "send_all",
    "speed_up",
    "status",
]
