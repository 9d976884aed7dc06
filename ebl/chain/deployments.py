"""Address of a contract that a transaction of ours created, and whether the contract is the requested one.

Its owner publishes the address in the DNS, and so attests whatever is there. So the node's response is not used. The address
of a contract that was created directly follows from key and nonce. For a contract of a deployer only the deployer's own event
is used, and only if it repeats the request.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ebl.chain.contracts import events, registry_deployer, title_escrow_factory, token_registry_v5
from ebl.chain.contracts import role_names as roles
from ebl.chain.contracts.abi_types import code_of
from ebl.chain.rpc.given_chain import AnyChain, chain_of
from ebl.chain.sending.call import Call
from ebl.chain.sending.node import Receipt
from ebl.errors import SourceError, TransactionError
from ebl.messages import Message, say
from ebl.model.ports import Chain, CodeAt, Log, Read

_FIXES = {
    "not_told": "Pass a receipt that `ebl.registry.send` returned.",
    "no_event": "Read the transaction through another node.",
    "several_events": "Read the transaction through another node.",
}
"""What to do if a receipt names no contract, by the variant of the message."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A contract that a transaction created, as read at one block. ``doubts`` are the reasons why it is not confirmed, if any.

    ``address`` is None if the receipt names no contract that can be the requested one. ``pending`` is true if the reason may
    be a node that is behind: read it again later.
    """

    address: str | None
    doubts: tuple[Message, ...] = ()
    pending: bool = False

    @property
    def confirmed(self) -> bool:
        """Whether the contract exists and is the requested one. Do not publish an address that is not confirmed."""
        return self.address is not None and not self.doubts

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {"address": self.address, "confirmed": self.confirmed, "doubts": [str(doubt) for doubt in self.doubts]}


def deployed(receipt: Receipt) -> str:
    """Returns the address of the contract that a transaction created, itself or through the released deployer.

    ``receipt`` is one that `ebl.registry.send` returned. Raises `TransactionError` if it created none, or if the called
    deployer emitted no event that repeats the request. Not checked: what is at the address; see `deployment`.
    """
    found = _place(receipt)
    if isinstance(found, Message):
        raise TransactionError(str(found), tx_hash=receipt.tx_hash, fix=_FIXES.get(found.variant, ""))
    return found


def deployment(receipt: Receipt, *, chain: AnyChain) -> Deployment:
    """Reads the contract that a transaction created, and checks that it exists and is the requested one.

    What a directly created contract does follows from what was signed, so only its code must exist. A registry from the
    deployer must be a clone of the requested implementation, with the requested name, symbol and admin. All of that is read
    from ``chain``: one node could invent all of it, the nodes of a quorum only together.
    """
    address = _place(receipt)
    if isinstance(address, Message):
        return Deployment(None, (address,))
    call = receipt.call
    try:
        chain = chain_of(chain)
        if call is None or (asked := _asked(call)) is None:
            missing = not chain.code(address)
            return Deployment(address, (say("deployment", "no_code"),) if missing else (), pending=missing)
        return _read(chain, address, asked)
    except SourceError as trouble:
        return unread(receipt, trouble)


def unread(receipt: Receipt, trouble: SourceError) -> Deployment:
    """Returns what the receipt alone states, if the chain could not be read."""
    address = _place(receipt)
    if isinstance(address, Message):
        return Deployment(None, (address,))
    doubt = say("deployment", "not_read", code=trouble.doubt, because=trouble.message)
    return Deployment(address, (doubt,), pending=True)


def _place(receipt: Receipt) -> str | Message:
    """Returns the contract's address, or why it is not known."""
    call = receipt.call
    if call is None:
        return say("deployment", "not_told")
    if call.to is None and receipt.contract is not None:
        return receipt.contract
    asked = _asked(call)
    if asked is None:
        return say("deployment", "no_contract")
    made = {event.registry for event in _emitted(receipt, call, asked)}
    if not made:
        return say("deployment", "no_event", deployer=str(call.to))
    return made.pop() if len(made) == 1 else say("deployment", "several_events", deployer=str(call.to))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The request to a deployer."""

    implementation: str
    params: bytes
    name: str
    symbol: str
    admin: str


def _asked(call: Call) -> _Asked | None:
    try:
        implementation, params = registry_deployer.DEPLOY.arguments(call.data)
        return _Asked(implementation, params, *registry_deployer.parameters(params)) if call.to is not None else None
    except ValueError:
        return None


def _emitted(receipt: Receipt, call: Call, asked: _Asked) -> Iterator[events.RegistryDeployed]:
    for log in receipt.logs:
        event = _event(log) if log.address == call.to else None
        if (
            isinstance(event, events.RegistryDeployed)
            and (event.implementation, event.params) == (asked.implementation, asked.params)
            and event.deployer == receipt.sender
        ):
            yield event


def _event(log: Log) -> events.ContractEvent | None:
    try:
        return events.read(log.topics, log.data)
    except ValueError:
        return None


def _read(chain: Chain, address: str, asked: _Asked) -> Deployment:
    code, admin, name, symbol = chain.read(
        CodeAt(address),
        Read(address, roles.HAS_ROLE(roles.DEFAULT_ADMIN, asked.admin)),
        Read(address, token_registry_v5.NAME()),
        Read(address, token_registry_v5.SYMBOL()),
    )
    if not code_of(code):
        return Deployment(address, (say("deployment", "no_code"),), pending=True)
    doubts = []
    if title_escrow_factory.implementation_of(code_of(code)) != asked.implementation:
        doubts.append(say("deployment", "not_clone", implementation=asked.implementation))
    if roles.HAS_ROLE.decode_answer(admin) is not True:
        doubts.append(say("deployment", "not_admin", admin=asked.admin))
    if token_registry_v5.NAME.decode_answer(name) != asked.name:
        doubts.append(say("deployment", "other_name", name=asked.name))
    if token_registry_v5.SYMBOL.decode_answer(symbol) != asked.symbol:
        doubts.append(say("deployment", "other_symbol", symbol=asked.symbol))
    return Deployment(address, tuple(doubts))
