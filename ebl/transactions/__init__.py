"""Moves on chain: composed as a `Call`, planned, sent, and waited for."""

from ebl.transactions.call import Call
from ebl.transactions.node import Node, Receipt
from ebl.transactions.sending import Plan, plan, send

__all__ = ["Call", "Node", "Plan", "Receipt", "plan", "send"]
