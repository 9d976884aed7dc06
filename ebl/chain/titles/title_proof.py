"""Proof of a title by its contracts' storage (EIP-1186), which leaves only the block's hash to trust.

A node can return anything to a call, but it cannot invent a proof. The code that wrote a slot determines what it means. So
the code of every contract is proved as well, and must be known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ebl.chain.contracts import known_code as known
from ebl.chain.contracts import storage_layouts as layouts
from ebl.chain.contracts import title_escrow_factory
from ebl.chain.contracts.abi_types import code_of
from ebl.chain.contracts.token_registry_v5 import BURNT
from ebl.chain.proved_storage import Proved, storage
from ebl.chain.titles.title_state import State, Title
from ebl.codes import Doubt
from ebl.config.node_name import is_web3
from ebl.errors import InvalidInput, SourceError
from ebl.ethereum.address import ZERO
from ebl.ethereum.keccak import keccak256
from ebl.model.ports import Chain, CodeAt


def prove(chain: Chain, title: Title) -> tuple[Proved, ...]:
    """Proves a title that was read from this chain at this block, in five or six round trips; returns the proofs, to be kept.

    Proved are the token's owner, holder, beneficiary, nominee, the previous parties, the pause, and the code of all contracts.
    Raises `SourceError` (``chain.unproved``) if the node returns no valid proof, if the title differs from the proved values, or
    if the contracts are not of known code. Raises `InvalidInput` for a `Web3` object, which is at no block. Not proved: the
    remark, and that the block's hash is the chain's.
    """
    if is_web3(chain):
        raise InvalidInput(
            "Expected the chain that the title was read from, at the same block; found a Web3 object.",
            fix="Open a chain once, by ebl.sources.online(rpc={chain_id: w3}).chain(chain_id), then read and prove the title.",
        )
    layout = layouts.TITLES.get(title.code or "")
    if layout is None:
        raise _unknown(title)
    owner_of = keccak256(title.token_id.to_bytes(32) + layout.owners.to_bytes(32))
    slots = (owner_of, *(number.to_bytes(32) for number in (layout.paused, layout.factory, layout.genesis)))
    registry = storage(chain, title.registry, slots)
    owner, paused, factory, genesis = (int.from_bytes(value) for value in registry.values)
    proofs = [registry, *_code_proofs(chain, title, registry, factory=factory, genesis=genesis)]
    _require_same("token_place", owner, int(_place(title), 16))
    _require_same("pause", paused & 0xFF, title.paused)
    if title.state is not State.NOT_MINTED:
        proofs.append(_escrow_proof(chain, title, layout))
    return tuple(proofs)


def _code_proofs(chain: Chain, title: Title, registry: Proved, *, factory: int, genesis: int) -> Iterator[Proved]:
    """Yields the proofs of all code except the registry's and the escrow's own, if the code is known and belongs together."""
    (code,) = _codes(chain, title.registry)
    _require_code(title.registry, registry.account.code_hash, code)
    proxied = title_escrow_factory.implementation_of(code)
    others = [title.factory, title.implementation, *([proxied] if proxied else [])]
    codes = _codes(chain, *others)
    compiled = known.without_constants(code, factory=title.factory, genesis=title.genesis)
    whose = known.family(registry=codes[2] if proxied else compiled, factory=codes[0], escrow=codes[1])
    if whose != title.code:
        raise _unknown(title)
    if compiled == code:  # the contract keeps both in storage, not in its code
        _require_same("factory", factory, int(title.factory, 16))
        _require_same("genesis", genesis, title.genesis)
    for address, found in zip(others, codes, strict=True):
        proof = storage(chain, address, ())
        _require_code(address, proof.account.code_hash, found)
        yield proof


def _escrow_proof(chain: Chain, title: Title, layout: layouts.TitleLayout) -> Proved:
    where = title_escrow_factory.escrow_address(
        factory=title.factory,
        implementation=title.implementation,
        registry=title.registry,
        token_id=title.token_id,
    )
    _require_same("escrow", where, title.escrow)
    numbers = (0, 1, 2, 3, layout.packed, *layout.previous)
    escrow = storage(chain, where, [number.to_bytes(32) for number in numbers])
    registry, token, beneficiary, holder, packed, *previous = (int.from_bytes(value) for value in escrow.values)
    _require_code(where, escrow.account.code_hash, title_escrow_factory.clone(title.implementation))
    _require_same("escrow_registry", registry >> layout.named & _ADDRESS, int(title.registry, 16))
    _require_same("escrow_token", token, title.token_id)
    _require_same("circulation", packed >> 160 & 0xFF, title.state is not State.TAKEN_OUT)
    proved = (holder, beneficiary, packed & _ADDRESS, *previous)
    claimed = (title.holder, title.beneficiary, title.nominee, title.previous_beneficiary, title.previous_holder)
    for what, one, other in zip(_PARTIES, proved, claimed, strict=False):
        _require_same(what, one, int(other or ZERO, 16))
    return escrow


_ADDRESS = (1 << 160) - 1
_PARTIES = ("holder", "beneficiary", "nominee", "previous_beneficiary", "previous_holder")


def _place(title: Title) -> str:
    """Returns the address that must own the token."""
    match title.state:
        case State.NOT_MINTED:
            return ZERO
        case State.HELD:
            return title.escrow
        case State.RETURNED:
            return title.registry
        case State.TAKEN_OUT:
            return BURNT
    raise SourceError(Doubt.CHAIN_UNPROVED, "hostile_registry", registry=title.registry)


def _codes(chain: Chain, *addresses: str) -> Sequence[bytes]:
    return [code_of(answer) for answer in chain.read(*map(CodeAt, addresses))]


def _require_same(what: str, proved: object, said: object) -> None:
    """Raises `SourceError` if they differ. ``what`` is a parameter of the message catalogue."""
    if proved != said:
        raise SourceError(Doubt.CHAIN_UNPROVED, "differs", what=what)


def _require_code(address: str, proved: bytes, code: bytes) -> None:
    if proved != keccak256(code):
        raise SourceError(Doubt.CHAIN_UNPROVED, "code_differs", address=address)


def _unknown(title: Title) -> SourceError:
    return SourceError(Doubt.CHAIN_UNPROVED, "unknown_registry", registry=title.registry)
