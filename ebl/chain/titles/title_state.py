"""Reading of a title: its holder, its beneficiary, and whether it is still in circulation.

The owner of the token determines the state of the title (see `State`). The escrow's address is computed from the factory,
and not taken from a response. The escrow's code must be a plain proxy of the factory's implementation, and the escrow must
name the registry and the token. Anything else is a hostile registry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ebl.chain.contracts import erc165, obligation_registry, title_escrow_factory, token_registry_v5, versions
from ebl.chain.contracts import known_code as known
from ebl.chain.contracts.abi_types import Function, code_of
from ebl.chain.contracts.token_registry_v5 import BURNT
from ebl.chain.rpc.given_chain import AnyChain, chain_of
from ebl.chain.titles.registries import Registry, require_registry
from ebl.codes import Doubt, Failure
from ebl.errors import Refuted, SourceError, Unsupported
from ebl.ethereum.address import ZERO, create_address, unless_zero
from ebl.messages import Message, say
from ebl.model.ports import Answer, Block, Chain, CodeAt, Read, Reverted

_ERROR_STRING = bytes.fromhex("08c379a0")
_NONEXISTENT = bytes.fromhex("7e273289")


class State(StrEnum):
    """The states of a title.

    ``not_minted``  the registry never issued it
    ``held``        in circulation: its escrow owns the token and has holder and beneficiary
    ``returned``    surrendered: the registry owns the token, until the issuer accepts the surrender or restores the title
    ``taken_out``   the issuer accepted the surrender, permanently: the document is only evidence of the past
    ``hostile``     no correct registry can have this owner of the token: no response of this registry can be relied on
    """

    NOT_MINTED = "not_minted"
    HELD = "held"
    RETURNED = "returned"
    TAKEN_OUT = "taken_out"
    HOSTILE = "hostile"


@dataclass(frozen=True, slots=True)
class Title:
    """A title as of one block. Addresses are checksummed; None if there is no such party.

    ``holder`` has possession, ``beneficiary`` the right to the goods; a surrendered title still names its last ones. ``remark``
    is as stored on chain, for ``ebl.chain.titles.title_remarks``. ``code`` is the contracts' publisher, if their code is known;
    ``doubts`` are the reasons why the registry is hostile.
    """

    chain_id: int
    registry: str
    token_id: int
    version: versions.Number
    state: State
    paused: bool
    genesis: int
    factory: str
    implementation: str
    escrow: str
    code: str | None
    block: Block
    holder: str | None = None
    beneficiary: str | None = None
    nominee: str | None = None
    previous_holder: str | None = None
    previous_beneficiary: str | None = None
    remark: bytes = b""
    doubts: tuple[Message, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "chain_id": self.chain_id,
            "registry": self.registry,
            "token_id": f"0x{self.token_id:064x}",
            "version": self.version,
            "state": str(self.state),
            "holder": self.holder,
            "beneficiary": self.beneficiary,
            "nominee": self.nominee,
            "previous_holder": self.previous_holder,
            "previous_beneficiary": self.previous_beneficiary,
            "remark": f"0x{self.remark.hex()}",
            "paused": self.paused,
            "escrow": self.escrow,
            "code": self.code,
            "doubts": [str(doubt) for doubt in self.doubts],
            "block": self.block.to_dict(),
        }


def read_title(chain: AnyChain, registry: Registry, token_id: int) -> Title:
    """Reads a title, in two round trips (three if a factory did not create its implementation itself).

    Raises `Refuted` (``status.no_contract``) if the address is not a token registry, `Unsupported` if it is an obligation
    registry or of an unknown version, `SourceError` if the chain returns no usable response, and `ebl.errors.InvalidInput`
    if the registry is on another chain. A registry that returns false data is reported as ``hostile``, not raised. Not
    used: the registry's ``version``, which is detected.
    """
    chain = chain_of(chain)
    require_registry(registry, chain)
    found = _Registry.read(chain, registry.address, token_id)
    # A factory creates its implementation in its constructor, as its first contract. So the escrow's address is computed
    # before the factory's own response, which is compared below.
    guess = create_address(found.factory, 1)  # a contract's own nonce begins at 1 (EIP-161)
    escrow = _Escrow.read(chain, found, guess)
    if escrow.implementation not in (guess, ZERO):
        escrow = _Escrow.read(chain, found, escrow.implementation)
    state, doubts = _state(found, escrow)
    if state is State.HOSTILE:
        _require_no_obligation(chain, found)
    there = state in (State.HELD, State.RETURNED, State.HOSTILE)
    return Title(
        chain_id=chain.id,
        registry=registry.address,
        token_id=token_id,
        version=found.version,
        state=state,
        paused=found.paused,
        genesis=found.genesis,
        factory=found.factory,
        implementation=escrow.implementation,
        escrow=escrow.address,
        code=known.family(
            registry=escrow.registry_code
            or known.without_constants(found.code, factory=found.factory, genesis=found.genesis),
            factory=escrow.factory_code,
            escrow=escrow.implementation_code,
        ),
        block=chain.block,
        holder=escrow.holder if there else None,
        beneficiary=escrow.beneficiary if there else None,
        nominee=escrow.nominee if there else None,
        previous_holder=escrow.previous_holder if there else None,
        previous_beneficiary=escrow.previous_beneficiary if there else None,
        remark=escrow.remark,
        doubts=doubts,
    )


@dataclass(frozen=True, slots=True)
class _Registry:
    """The responses of the registry."""

    address: str
    token_id: int
    version: versions.Number
    owner: str | None
    factory: str
    genesis: int
    paused: bool
    code: bytes

    @classmethod
    def read(cls, chain: Chain, address: str, token_id: int) -> _Registry:
        abi = token_registry_v5
        owner, factory, genesis, paused, *of_versions, code = _answers(
            chain,
            Read(address, abi.OWNER_OF(token_id)),
            Read(address, abi.TITLE_ESCROW_FACTORY()),
            Read(address, abi.GENESIS()),
            Read(address, abi.PAUSED()),
            *versions.version_reads(address),
            CodeAt(address),
        )
        if not code_of(code):
            raise Refuted(Failure.NO_CONTRACT, "nothing_there", address=address, chain=chain.id)
        version = versions.version_of(*of_versions)
        answered = (
            abi.TITLE_ESCROW_FACTORY.decode_answer(factory),
            abi.GENESIS.decode_answer(genesis),
            abi.PAUSED.decode_answer(paused),
        )
        if version is None and None not in answered and not any(map(erc165.has, of_versions)):
            raise Unsupported(Doubt.UNSUPPORTED_STATUS, "registry", registry=address, known=tuple(versions.VERSIONS))
        if version is None or None in answered:
            raise Refuted(Failure.NO_CONTRACT, "not_a_registry", address=address)
        return cls(
            address=address,
            token_id=token_id,
            version=version,
            owner=_owner(owner, address),
            factory=answered[0] or ZERO,
            genesis=answered[1] or 0,
            paused=bool(answered[2]),
            code=code_of(code),
        )


@dataclass(frozen=True, slots=True)
class _Escrow:
    """The responses of the factory and of the escrow, the latter at the computed address."""

    address: str
    implementation: str
    claimed_address: str | None
    is_escrow: bool
    registry: str | None
    token_id: int | None
    holder: str | None
    beneficiary: str | None
    nominee: str | None
    previous_holder: str | None
    previous_beneficiary: str | None
    active: bool
    holding: bool
    remark: bytes
    code: bytes
    implementation_code: bytes
    factory_code: bytes
    registry_code: bytes
    """The code of the registry's implementation; empty if the registry is not a proxy."""

    @classmethod
    def read(cls, chain: Chain, found: _Registry, implementation: str) -> _Escrow:
        """Reads the escrow at the address computed for ``implementation``; the result names the factory's own implementation."""
        version = versions.VERSIONS[found.version]
        abi, lookup = version.escrow, version.escrow_address
        where = title_escrow_factory.escrow_address(
            factory=found.factory, implementation=implementation, registry=found.address, token_id=found.token_id
        )
        asked: dict[str, tuple[str, Function[Any], bytes]] = {
            "implementation": (found.factory, title_escrow_factory.IMPLEMENTATION, b""),
            "claimed_address": (found.factory, lookup, lookup(found.address, found.token_id)),
            "is_escrow": (where, erc165.SUPPORTS_INTERFACE, erc165.SUPPORTS_INTERFACE(version.title_escrow)),
            "registry": (where, abi.REGISTRY, b""),
            "token_id": (where, abi.TOKEN_ID, b""),
            "holder": (where, abi.HOLDER, b""),
            "beneficiary": (where, abi.BENEFICIARY, b""),
            "nominee": (where, abi.NOMINEE, b""),
            "active": (where, abi.ACTIVE, b""),
            "holding": (where, abi.IS_HOLDING_TOKEN, b""),
        }
        if found.version == 5:
            asked["previous_holder"] = (where, abi.PREVIOUS_HOLDER, b"")
            asked["previous_beneficiary"] = (where, abi.PREVIOUS_BENEFICIARY, b"")
            asked["remark"] = (where, abi.REMARK, b"")
        reads = [Read(to, data or function()) for to, function, data in asked.values()]
        proxied = title_escrow_factory.implementation_of(found.code)
        *answers, code, implementation_code, factory_code, registry_code = _answers(
            chain, *reads, *map(CodeAt, (where, implementation, found.factory, proxied or ZERO))
        )
        said = {
            name: function.decode_answer(answer)
            for (name, (_, function, _)), answer in zip(asked.items(), answers, strict=True)
        }
        return cls(
            address=where,
            implementation=said["implementation"] or ZERO,
            claimed_address=said["claimed_address"],
            is_escrow=said["is_escrow"] is True,
            registry=said["registry"],
            token_id=said["token_id"],
            holder=unless_zero(said["holder"]),
            beneficiary=unless_zero(said["beneficiary"]),
            nominee=unless_zero(said["nominee"]),
            previous_holder=unless_zero(said.get("previous_holder")),
            previous_beneficiary=unless_zero(said.get("previous_beneficiary")),
            active=said["active"] is True,
            holding=said["holding"] is True,
            remark=said.get("remark") or b"",
            code=code_of(code),
            implementation_code=code_of(implementation_code),
            factory_code=code_of(factory_code),
            registry_code=code_of(registry_code) if proxied else b"",
        )


def _state(found: _Registry, escrow: _Escrow) -> tuple[State, tuple[Message, ...]]:
    """Returns the state, and the reasons if it is hostile."""
    if found.owner is None:
        return State.NOT_MINTED, ()
    doubts = tuple(_doubts(found, escrow))
    if doubts:
        return State.HOSTILE, doubts
    if found.owner == found.address:
        return State.RETURNED, ()
    return (State.TAKEN_OUT if found.owner == BURNT else State.HELD), ()


def _require_no_obligation(chain: Chain, found: _Registry) -> None:
    """Raises `Unsupported` if an apparently hostile registry is an obligation registry, whose escrows are of another kind."""
    asked = obligation_registry.OBLIGATION_ESCROW_FACTORY
    (factory,) = _answers(chain, Read(found.address, asked()))
    if asked.decode_answer(factory) == found.factory:
        raise Unsupported(Doubt.OBLIGATION, "registry", registry=found.address)


def _doubts(found: _Registry, escrow: _Escrow) -> Iterator[Message]:
    """Yields the responses that no correct registry, factory and escrow can return."""
    code = Failure.HOSTILE_REGISTRY
    if escrow.claimed_address is None:
        yield say(code, "escrow_not_named", escrow=escrow.address)
    elif escrow.claimed_address != escrow.address:
        yield say(code, "escrow_elsewhere", named=escrow.claimed_address, escrow=escrow.address)
    if escrow.code != title_escrow_factory.clone(escrow.implementation):
        yield say(code, "escrow_code")
    if found.owner not in (escrow.address, found.address, BURNT):
        yield say(code, "token_elsewhere", owner=found.owner or ZERO)
    if not escrow.is_escrow or (escrow.registry, escrow.token_id) != (found.address, found.token_id):
        yield say(code, "escrow_of_another")
    if escrow.active != (found.owner != BURNT):
        yield say(code, "circulation")
    if escrow.holding != (found.owner == escrow.address):
        yield say(code, "place")
    if found.owner == escrow.address and None in (escrow.holder, escrow.beneficiary):
        yield say(code, "held_by_no_one")


def _owner(answer: Answer, registry: str) -> str | None:
    """Returns the owner of the token; None if it was never minted, for which registries revert."""
    if isinstance(answer, Reverted):
        words = answer.data[:4] == _ERROR_STRING and b"nonexistent token" in answer.data
        if words or answer.data[:4] == _NONEXISTENT:
            return None
        raise Refuted(Failure.NO_CONTRACT, "no_owner", address=registry)
    owner = token_registry_v5.OWNER_OF.decode_answer(answer)
    if owner is None:
        raise Refuted(Failure.NO_CONTRACT, "no_owner", address=registry)
    return unless_zero(owner)


def _answers(chain: Chain, *reads: Read | CodeAt) -> Sequence[Answer]:
    answers = chain.read(*reads)
    if len(answers) != len(reads):
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "number_of_answers", expected=len(reads), came=len(answers))
    return answers
