"""Document stores: deployment, issuance, revocation, and the status of a document in a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ebl.chain.contracts import artifact as artifacts
from ebl.chain.contracts import document_store_abi as abi
from ebl.chain.contracts import erc165
from ebl.chain.rpc.given_chain import AnyChain, chain_of
from ebl.chain.sending.call import Call, word
from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.model.given_address import require_address
from ebl.model.ports import Answer, Block, Read, Reverted

_BULK_LIMIT = 200


class StoreKind(StrEnum):
    """The generations of document store: ``hashes`` is the one that every verifier in use accepts."""

    HASHES = "hashes"
    BATCHABLE = "batchable"
    TRANSFERABLE = "transferable"


@dataclass(frozen=True, slots=True)
class Store:
    """A document store on a chain."""

    chain_id: int
    address: str
    kind: StoreKind = StoreKind.HASHES

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", require_address(self.address, "store"))


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """The status of one document in a store: ``revoked`` is true if the target or its root is revoked."""

    store: Store
    root: bytes
    target: bytes
    issued: bool
    revoked: bool
    block: Block

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "chain_id": self.store.chain_id,
            "store": self.store.address,
            "kind": str(self.store.kind),
            "root": f"0x{self.root.hex()}",
            "target": f"0x{self.target.hex()}",
            "issued": self.issued,
            "revoked": self.revoked,
            "block": self.block.to_dict(),
        }


def deploy_store(chain_id: int, *, name: str, owner: str, artifact: artifacts.Artifact | None = None) -> Call:
    """Returns the call that creates a document store; ``owner`` administers it, and issues and revokes in it.

    ``artifact`` is another build to deploy. Its constructor must take a name and an owner.
    """
    build = artifact or artifacts.ours("DocumentStore")
    data = build.deployment(name, require_address(owner, "owner"))
    return Call(chain_id, None, data, f"create the document store {name!r} owned by {owner}")


def issue(store: Store, *roots: bytes) -> Call:
    """Returns the call that issues one root (32 bytes), or several in one transaction: either all are issued or none."""
    _require_some(roots, "root")
    data = abi.issue_batchable(roots) if store.kind is StoreKind.BATCHABLE else abi.issue(roots)
    return Call(store.chain_id, store.address, data, f"issue {_these(roots)} in the store {store.address}")


def revoke(store: Store, *hashes: bytes) -> Call:
    """Returns the call that revokes one document's target hash, one batch's root, or several. A revocation is permanent.

    In the older kind of store this revokes everything below a root or an intermediate hash. In the batchable kind the hashes
    are roots; to revoke one document of a batch there, see `revoke_under`.
    """
    _require_some(hashes, "hash")
    if store.kind is StoreKind.BATCHABLE:
        data = abi.revoke_batchable([(root, root, ()) for root in hashes])
    else:
        data = abi.revoke(hashes)
    return Call(store.chain_id, store.address, data, f"revoke {_these(hashes)} in the store {store.address}")


def revoke_under(store: Store, root: bytes, target: bytes, proof: Sequence[bytes]) -> Call:
    """Returns the call that revokes one document of a batch, in any kind of store: the older one needs only its target hash."""
    if store.kind is not StoreKind.BATCHABLE:
        return revoke(store, target)
    _require_some((root, target, *proof), "hash")
    data = abi.revoke_batchable([(root, target, tuple(proof))])
    return Call(store.chain_id, store.address, data, f"revoke {_these((target,))} in the store {store.address}")


def store_at(chain: AnyChain, store: str) -> Store:
    """Detects which kind of store is at an address, in one round trip (two if there is no contract).

    Raises `InvalidInput` if there is no contract. A transferable store is a document store that is also ERC-721.
    """
    chain = chain_of(chain)
    where = require_address(store, "store")
    asked = (erc165.BATCHABLE_STORE, erc165.DOCUMENT_STORE, erc165.ERC721)
    answers = chain.read(*(Read(where, erc165.SUPPORTS_INTERFACE(interface)) for interface in asked))
    batchable, is_store, is_token = map(erc165.has, answers)
    if all(answer == b"" for answer in answers) and not chain.code(where):
        raise InvalidInput(
            f"There is no contract at {where} on chain {chain.id}.", fix="Check the address and the chain."
        )
    kind = StoreKind.BATCHABLE if batchable else StoreKind.HASHES
    return Store(chain.id, where, StoreKind.TRANSFERABLE if is_store and is_token else kind)


def store_status(
    chain: AnyChain, store: Store, root: bytes, *, target: bytes | None = None, proof: Sequence[bytes] = ()
) -> StoreStatus:
    """Reads whether a root was issued, and whether it or the target hash (one document of the batch) was revoked.

    A batchable store has a document only under its root, by its ``proof``. Not checked in the other kinds: that the target
    belongs to the root, and the hashes between; a verification (`ebl.verify`) does both. Raises `InvalidInput` if a
    batchable store would need the proof.
    """
    chain = chain_of(chain)
    target = target or root
    _require_some((root, target, *proof), "hash")
    if store.kind is StoreKind.BATCHABLE and target != root:
        if not proof:
            raise InvalidInput("This store needs the proof of a document in a batch.", fix="Give the proof as well.")
        under = root, target, tuple(proof)
        issued, *revoked = chain.read(
            Read(store.address, abi.is_issued(*under)), Read(store.address, abi.is_revoked(*under))
        )
    else:
        issued, *revoked = chain.read(
            Read(store.address, abi.is_issued(root)),
            *(Read(store.address, abi.is_revoked(value)) for value in dict.fromkeys((root, target))),
        )
    return StoreStatus(
        store=store,
        root=root,
        target=target,
        issued=_said(issued, store),
        revoked=any([_said(answer, store) for answer in revoked if not _never_issued(answer, store)]),
        block=chain.block,
    )


def unissued(chain: AnyChain, store: Store, roots: Sequence[bytes]) -> tuple[bytes, ...]:
    """Returns the roots that are not issued yet, in order: what remains to do after an interruption."""
    chain = chain_of(chain)
    _require_some(roots, "root", limit=None)
    answers = chain.read(*(Read(store.address, abi.is_issued(root)) for root in roots))
    return tuple(root for root, answer in zip(roots, answers, strict=True) if not _said(answer, store))


def unrevoked(chain: AnyChain, store: Store, hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    """Returns the hashes that are not revoked yet, each by itself, in order: what remains to do after an interruption.

    Not checked: that they were issued, and whether a root above one of them is revoked.
    """
    chain = chain_of(chain)
    _require_some(hashes, "hash", limit=None)
    answers = chain.read(*(Read(store.address, abi.is_revoked(value)) for value in hashes))
    pairs = zip(hashes, answers, strict=True)
    return tuple(value for value, answer in pairs if _never_issued(answer, store) or not _said(answer, store))


def _never_issued(answer: Answer, store: Store) -> bool:
    """Whether a query for revocation reverted: the newer kinds do so for a hash that was never issued, so it is not revoked."""
    return isinstance(answer, Reverted) and store.kind is not StoreKind.HASHES


def _said(answer: Answer, store: Store) -> bool:
    said = abi.IS_ISSUED.decode_answer(answer)  # every query here returns a boolean
    if said is None:
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "not_store", store=store.address, chain=store.chain_id)
    return said


def _require_some(hashes: Sequence[bytes], what: str, *, limit: int | None = _BULK_LIMIT) -> None:
    if not hashes:
        raise InvalidInput(f"Name at least one {what}.")
    if limit is not None and len(hashes) > limit:
        raise InvalidInput(f"{len(hashes)} hashes are too many for one transaction.", fix=f"Send {limit} at a time.")
    for value in hashes:
        word(value, what)
    if what == "root" and len(set(hashes)) != len(hashes):
        raise InvalidInput("The same root is named twice.", fix="Name each root once.")


def _these(hashes: Sequence[bytes]) -> str:
    return f"0x{hashes[0].hex()}" if len(hashes) == 1 else f"{len(hashes)} hashes, the first 0x{hashes[0].hex()},"
