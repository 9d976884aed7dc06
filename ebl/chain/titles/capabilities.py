"""Capabilities: who can make which move of a title now, and why not. A bank reads them before it takes a title."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from ebl.chain.contracts import role_names as roles
from ebl.chain.rpc.given_chain import AnyChain, chain_of
from ebl.chain.titles.appointments import appointments
from ebl.chain.titles.registries import Registry
from ebl.chain.titles.title_state import State, Title
from ebl.ethereum.address import ZERO
from ebl.messages import Message, say
from ebl.model.given_address import require_address
from ebl.model.ports import Chain


class TitleParties(Protocol):
    """What the moves of a title's parties depend on: a `Title`, or one as a report has it. Addresses as for `Title`."""

    @property
    def version(self) -> int: ...
    @property
    def state(self) -> State: ...
    @property
    def paused(self) -> bool: ...
    @property
    def holder(self) -> str | None: ...
    @property
    def beneficiary(self) -> str | None: ...
    @property
    def nominee(self) -> str | None: ...
    @property
    def previous_holder(self) -> str | None: ...
    @property
    def previous_beneficiary(self) -> str | None: ...


class Move(StrEnum):
    """The moves of a title, named as the commands are."""

    MINT = "mint"
    TRANSFER_HOLDER = "transfer-holder"
    NOMINATE = "nominate"
    ENDORSE = "endorse"
    TRANSFER = "transfer"
    REJECT_HOLDER = "reject-holder"
    REJECT_ENDORSEMENT = "reject-endorsement"
    REJECT = "reject"
    RETURN = "return"
    ACCEPT_RETURN = "accept-return"
    REJECT_RETURN = "reject-return"
    PAUSE = "pause"
    UNPAUSE = "unpause"


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether an address can make a move now. ``why`` is the reason why not, or the condition."""

    move: Move
    can: bool
    why: Message | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {"move": str(self.move), "can": self.can, "why": "" if self.why is None else str(self.why)}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What ``address`` can do with a title. ``standing`` is its role: holder, beneficiary and so on."""

    address: str
    title: Title
    standing: Message
    moves: tuple[Capability, ...]

    def can(self, move: Move) -> bool:
        """Whether the contract would accept a move now."""
        return any(capability.can for capability in self.moves if capability.move is move)

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "address": self.address,
            "standing": str(self.standing),
            "moves": [capability.to_dict() for capability in self.moves],
        }


def capabilities(title: Title, address: str, *, chain: AnyChain | None = None) -> Capabilities:
    """Returns what an address can do with a title as it was read, by the rules of the registry's version.

    With ``chain`` the registry is also queried for the address's roles, in one round trip, at the chain's block. Without it
    the issuer's moves are left out. The rules are those of the released contracts; a registry of unknown code may have others.
    """
    who = require_address(address, "address")
    held = None if chain is None else _roles(chain_of(chain), title, who)
    moves = [*moves_of_party(title, who), *(_of_issuer(title, held) if held is not None else ())]
    return Capabilities(who, title, _standing(title, who, held or ()), tuple(moves))


def capabilities_of_parties(title: Title, *, chain: AnyChain | None = None) -> tuple[Capabilities, ...]:
    """Returns what each party to a title can do with it: the holder, the beneficiary and the nominee, each account once.

    ``chain`` is as for `capabilities`. Empty if the title has no parties, for example because it was never minted.
    """
    parties = dict.fromkeys(one for one in (title.holder, title.beneficiary, title.nominee) if one)
    return tuple(capabilities(title, address, chain=chain) for address in parties)


def moves_of_party(title: TitleParties, who: str) -> Iterator[Capability]:
    """Yields what an account (checksummed) can do with a title as holder, beneficiary or nominee, without its issuer's moves."""
    holder, beneficiary = who == title.holder, who == title.beneficiary
    nominee = title.nominee

    def said(move: Move, *reasons: Message | None, on: Message | None = None) -> Capability:
        why = _closed(title) or next((reason for reason in reasons if reason), None)
        return Capability(move, why is None, why or on)

    not_holder = None if holder else say("move", "only_holder")
    not_beneficiary = None if beneficiary else say("move", "only_beneficiary")
    not_both = None if holder and beneficiary else say("move", "only_both")
    to_nominee = say("move", "to_nominee", nominee=nominee or ZERO)
    endorsee = say("move", "to_anyone") if holder and beneficiary else to_nominee
    no_nominee = None if beneficiary or nominee else say("move", "no_nominee")
    yield said(Move.TRANSFER_HOLDER, not_holder)
    yield said(Move.NOMINATE, not_beneficiary)
    yield said(Move.ENDORSE, not_holder, no_nominee, on=endorsee)
    yield said(Move.TRANSFER, not_holder, no_nominee, on=endorsee)
    yield said(Move.RETURN, not_both)
    if title.version == 4:
        return
    dual = say("move", "both_together") if holder and beneficiary else None
    nothing = say("move", "nothing_to_reject")
    no_holder = None if title.previous_holder else nothing
    no_right = None if title.previous_beneficiary else nothing
    to_holder = say("move", "back_to", previous=title.previous_holder or ZERO)
    to_beneficiary = say("move", "back_to", previous=title.previous_beneficiary or ZERO)
    yield said(Move.REJECT_HOLDER, not_holder, no_holder, dual, on=to_holder)
    yield said(Move.REJECT_ENDORSEMENT, not_beneficiary, no_right, dual, on=to_beneficiary)
    yield said(Move.REJECT, not_both, no_holder or no_right)


def _of_issuer(title: Title, held: tuple[str, ...]) -> Iterator[Capability]:
    def said(move: Move, role: bytes, *reasons: Message | None) -> Capability:
        name = roles.named(role)
        lacks = None if name in held else say("move", "lacks_role", role=name)
        why = next((reason for reason in (*reasons, lacks) if reason), None)
        return Capability(move, why is None, why)

    paused = say("move", "paused") if title.paused else None
    minted = None if title.state is State.NOT_MINTED else say("move", "minted")
    not_returned = None if title.state is State.RETURNED else say("move", "not_returned")
    yield said(Move.MINT, roles.MINTER, paused, minted)
    yield said(Move.ACCEPT_RETURN, roles.ACCEPTER, paused, not_returned)
    yield said(Move.REJECT_RETURN, roles.RESTORER, paused, not_returned)
    yield said(Move.PAUSE, roles.DEFAULT_ADMIN, paused)
    yield said(Move.UNPAUSE, roles.DEFAULT_ADMIN, None if title.paused else say("move", "not_paused"))


def _closed(title: TitleParties) -> Message | None:
    """Returns why neither holder nor beneficiary can move the title now; None if they can."""
    match title.state:
        case State.NOT_MINTED:
            return say("move", "never_minted")
        case State.RETURNED:
            return say("move", "with_issuer")
        case State.TAKEN_OUT:
            return say("move", "taken_out")
        case State.HOSTILE:
            return say("move", "hostile")
    return say("move", "paused") if title.paused else None


def _standing(title: Title, who: str, held: tuple[str, ...]) -> Message:
    holder, beneficiary = who == title.holder, who == title.beneficiary
    if title.state in (State.HELD, State.RETURNED):
        if holder and beneficiary:
            return say("standing", "both")
        if holder:
            return say("standing", "holder")
        if beneficiary:
            return say("standing", "beneficiary")
        if who == title.nominee:
            return say("standing", "nominee")
    if held:
        return say("standing", "issuer", roles=held)
    return say("standing", "none")


def _roles(chain: Chain, title: Title, who: str) -> tuple[str, ...]:
    ((_, held),) = appointments(chain, Registry(chain.id, title.registry, title.version), [who]).held
    return held
