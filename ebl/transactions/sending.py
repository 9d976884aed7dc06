"""Sending a `Call`: simulated with its real sender, refused in words, signed, sent, and waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ebl.errors import InvalidInput, SourceError, TransactionError
from ebl.primitives import secp256k1
from ebl.primitives.keccak import keccak256
from ebl.sources import Reverted
from ebl.transactions import fees as gas
from ebl.transactions import reverts
from ebl.transactions.call import Call
from ebl.transactions.node import Node, NodeRefused, Receipt
from ebl.transactions.unsigned import Fees, TransactionSigner, Unsigned

_ETHER = 10**18


@dataclass(frozen=True, slots=True)
class Plan:
    """What sending a call would cost: it was simulated and would succeed. ``gas`` includes a margin of a fifth."""

    call: Call
    sender: str
    gas: int
    fees: Fees

    @property
    def cost(self) -> int:
        """The most that it can cost, in wei."""
        return self.gas * self.fees.limit


def plan(call: Call, *, sender: str, node: Node, policy: gas.GasPolicy | None = None) -> Plan:
    """Simulate the call as ``sender`` and price it; nothing is sent.

    Raises `TransactionError` where the contract would refuse (in words, with the fix) or the sender cannot pay, and
    `InvalidInput` where the node serves another chain than the call is for.
    """
    if call.chain_id != node.chain_id:
        raise InvalidInput(
            f"This call is for chain {call.chain_id}, but the node serves chain {node.chain_id}.",
            fix="Connect to the chain that the call was composed for.",
        )
    _require_contract(call, node)
    answer = node.call(call.to, call.data, sender=sender)
    if isinstance(answer, Reverted):
        raise refused(call, answer.data)
    try:
        estimate = node.estimate_gas(call.to, call.data, sender=sender)
    except NodeRefused as no:
        if no.data:
            raise refused(call, no.data) from no
        raise TransactionError(f"Not sent: the node cannot estimate the gas: {no.message}.", fix=_broke(sender)) from no
    planned = Plan(call, sender, estimate + estimate // 5, gas.suggest(node, policy or gas.GasPolicy()))
    _require_funds(planned, node)
    return planned


def send(
    call: Call,
    *,
    signer: TransactionSigner,
    node: Node,
    policy: gas.GasPolicy | None = None,
    timeout: float = 180.0,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Receipt:
    """Simulate the call, sign and send it, and wait for its receipt (at most ``timeout`` seconds).

    Raises `TransactionError` where it was not sent, was included but reverted, or its fate is not known in time; the
    error then carries the hash.
    """
    planned = plan(call, sender=signer.address, node=node, policy=policy)
    unsigned = Unsigned(call.chain_id, node.nonce(signer.address), call.to, call.data, planned.gas, planned.fees)
    raw = unsigned.signed(_signature(unsigned, signer))
    tx_hash = f"0x{keccak256(raw).hex()}"
    try:
        node.send(raw)
    except NodeRefused as no:
        raise TransactionError(f"The node did not take the transaction: {no.message}.", tx_hash=tx_hash) from no
    return wait(call, tx_hash, node, timeout=timeout, sleep=sleep, clock=clock)


def wait(
    call: Call,
    tx_hash: str,
    node: Node,
    *,
    timeout: float,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Receipt:
    """Wait for the receipt of a transaction that was sent."""
    end, pause = clock() + timeout, 0.05
    while True:
        try:
            receipt = node.receipt(tx_hash)
        except SourceError:
            receipt = None  # the node may come back; the transaction is out either way
        if receipt is not None:
            if not receipt.succeeded:
                raise TransactionError(_reverted(call, receipt, node), tx_hash=tx_hash)
            return receipt
        if clock() >= end:
            raise TransactionError(
                f"Sent, but in no block after {timeout:g} seconds: {call.summary}.",
                tx_hash=tx_hash,
                fix=f"Do not send it again; ask later with `ebl tx status {tx_hash}`.",
            )
        sleep(pause)
        pause = min(pause * 1.5, 2.0)


def refused(call: Call, data: bytes) -> TransactionError:
    """The error for a call that a contract refuses."""
    why = reverts.explain(data)
    name = f" ({why.error})" if why.error and why.error not in why.sentence else ""
    return TransactionError(f"Not sent: {why.sentence.rstrip('.')}{name}. The move was: {call.summary}.", fix=why.fix)


def _reverted(call: Call, receipt: Receipt, node: Node) -> str:
    try:
        answer = node.call(call.to, call.data, sender=receipt.sender, at=receipt.block_number - 1)
    except (NodeRefused, SourceError):
        answer = b""
    why = f": {reverts.explain(answer.data).sentence}" if isinstance(answer, Reverted) else "."
    return f"Included in block {receipt.block_number}, but the contract refused it{why} The move was: {call.summary}."


def _require_contract(call: Call, node: Node) -> None:
    """A call of an address without code succeeds and does nothing: the worst kind of success."""
    if call.to is not None and not node.code(call.to):
        raise TransactionError(
            f"Not sent: there is no contract at {call.to} on chain {call.chain_id}.",
            fix="Check the address and the chain.",
        )


def _require_funds(planned: Plan, node: Node) -> None:
    balance = node.balance(planned.sender)
    if balance < planned.cost:
        raise TransactionError(
            f"Not sent: it may cost up to {planned.cost / _ETHER:.6g} coins for gas; "
            f"{planned.sender} has {balance / _ETHER:.6g}.",
            fix=_broke(planned.sender),
        )


def _broke(sender: str) -> str:
    return f"Check that {sender} has coins for gas on this chain."


def _signature(unsigned: Unsigned, signer: TransactionSigner) -> bytes:
    """Ask the signer, and believe nobody: a signature of another key would move another account."""
    signature = signer.sign_transaction(unsigned)
    try:
        signed_by = secp256k1.recover(unsigned.digest, signature)
    except ValueError as bad:
        raise TransactionError(f"The signer of {signer.address} gave no usable signature: {bad}.") from bad
    if signed_by != signer.address:
        raise TransactionError(f"The signer of {signer.address} signed as {signed_by}; nothing was sent.")
    return signature
