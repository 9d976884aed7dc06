"""Roles of stores and registries: who may issue, mint, accept, restore and grant roles; encoded and read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ebl.chain.contracts import role_names as roles
from ebl.chain.rpc.given_chain import AnyChain, chain_of
from ebl.chain.sending.call import Call
from ebl.chain.stores.store_moves import Store
from ebl.chain.titles.registries import Registry
from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.model.given_address import require_address
from ebl.model.ports import Answer, Block, Read

_IDS = {name: role for role, name in roles.NAMES.items()}


@dataclass(frozen=True, slots=True)
class Appointments:
    """The roles of each address in a contract, as of one block."""

    contract: str
    held: tuple[tuple[str, tuple[str, ...]], ...]
    block: Block

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "contract": self.contract,
            "roles": {account: list(names) for account, names in self.held},
            "block": self.block.to_dict(),
        }


def roles_of(contract: Store | Registry) -> tuple[str, ...]:
    """Returns the names of the roles of a contract."""
    return tuple(map(roles.named, roles.OF_STORES if isinstance(contract, Store) else roles.OF_REGISTRIES))


def grant(contract: Store | Registry, role: str, account: str) -> Call:
    """Returns the call that grants a role. The sender needs the role admin (or the role that grants this one)."""
    who = require_address(account, "account")
    data = roles.grant(role=_role(contract, role), account=who)
    return Call(contract.chain_id, contract.address, data, f"grant {who} the role {role} in {contract.address}")


def revoke_role(contract: Store | Registry, role: str, account: str) -> Call:
    """Returns the call that revokes a role. The sender needs the role admin (or the role that grants this one)."""
    who = require_address(account, "account")
    data = roles.revoke(role=_role(contract, role), account=who)
    return Call(contract.chain_id, contract.address, data, f"revoke the role {role} in {contract.address} from {who}")


def renounce(contract: Store | Registry, role: str, account: str) -> Call:
    """Returns the call by which the sender, ``account``, renounces a role."""
    who = require_address(account, "account")
    data = roles.renounce(role=_role(contract, role), account=who)
    return Call(contract.chain_id, contract.address, data, f"renounce the role {role} in {contract.address}")


def transfer_role(contract: Store | Registry, role: str, *, owner: str, to: str) -> tuple[Call, Call]:
    """Returns the two calls that transfer a role, in this order: grant it to the new account, then renounce the sender's.

    Raises `InvalidInput` if both accounts are the same, because the role would then have no member.
    """
    if require_address(owner, "owner") == require_address(to, "to"):
        raise InvalidInput("A role is transferred to another account.", fix="Name another address.")
    return grant(contract, role, to), renounce(contract, role, owner)


def appointments(chain: AnyChain, contract: Store | Registry, accounts: Iterable[str]) -> Appointments:
    """Reads which roles some addresses have, in one round trip. Contracts do not list the members of a role."""
    chain = chain_of(chain)
    asked = [require_address(account, "account") for account in accounts]
    names = roles_of(contract)
    reads = [Read(contract.address, roles.HAS_ROLE(_IDS[name], who)) for who in asked for name in names]
    answers = [_said(answer, contract) for answer in chain.read(*reads)]
    held = tuple(
        (who, _held(names, answers[number * len(names) : (number + 1) * len(names)]))
        for number, who in enumerate(asked)
    )
    return Appointments(contract.address, held, chain.block)


def _held(names: Sequence[str], answers: Sequence[bool]) -> tuple[str, ...]:
    return tuple(name for name, has in zip(names, answers, strict=True) if has)


def _role(contract: Store | Registry, role: str) -> bytes:
    if role not in roles_of(contract):
        raise InvalidInput(
            f"The contract has no role {role[:40]!r}.", fix=f"Use one of {', '.join(roles_of(contract))}."
        )
    return _IDS[role]


def _said(answer: Answer, contract: Store | Registry) -> bool:
    has = roles.HAS_ROLE.decode_answer(answer)
    if has is None:
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "no_roles", contract=contract.address)
    return has
