"""did:ethr: an Ethereum account as a DID, whose keys a registry contract (ERC-1056) may change.

The document is made from the registry at the pinned block, so that a whole verification reads one block. The owner's key is
``#controller``. A delegate or an added key is ``#delegate-N``, numbered among all that were ever added; it is listed until
it is revoked or expires.
"""

from __future__ import annotations

import re
from typing import Any

from ebl.codes import Doubt, Failure
from ebl.did import ethr_registry as did_registry
from ebl.did.ethr_registry import Change
from ebl.errors import Refuted, SourceError, Unsupported
from ebl.ethereum import abi
from ebl.ethereum.address import ADDRESS, ZERO, checksummed
from ebl.ethereum.keccak import keccak256
from ebl.model.ports import Chain, Read, Sources

RECOVERY = "EcdsaSecp256k1RecoveryMethod2020"
_DID = re.compile(rf"did:ethr:(?:(?P<network>[a-z0-9:]+):)?(?P<account>{ADDRESS}|0x[0-9a-fA-F]{{66}})")
_CHAIN_ID = re.compile(r"0x[1-9a-f][0-9a-f]{0,15}")
# The names that did:ethr gives to chains; other chains are named by their id in hex.
_NETWORKS = {"mainnet": 1, "goerli": 5, "sepolia": 11155111, "holesky": 17000, "gno": 100, "matic": 137, "polygon": 137}
_MAX_BLOCKS = 64


def document(did: str, sources: Sources) -> dict[str, Any]:
    """Returns the document of a did:ethr at the pinned block.

    Raises `Refuted` if it is not a did:ethr or was deactivated, `Unsupported` if the name of its chain is not known, and
    `SourceError` if the chain gives no usable response. Not checked: who holds the account's key.
    """
    chain_id, account = read(did)
    chain = sources.chain(chain_id)
    registry = did_registry.address(chain_id)
    owner_word, changed_word = chain.read(
        Read(registry, did_registry.identity_owner(account)), Read(registry, did_registry.changed(account))
    )
    try:
        if not isinstance(owner_word, bytes) or not isinstance(changed_word, bytes):
            raise ValueError("it reverted")
        owner: str = abi.decode_word("address", owner_word)
        last: int = abi.decode_word("uint256", changed_word)
        changes = _changes(chain, registry, account, last)
    except ValueError as bad:
        raise SourceError(Doubt.DID_DOCUMENT, "no_registry", registry=registry, chain=chain_id) from bad
    if any(change.kind == "owner" and change.value == ZERO for change in changes):
        raise Refuted(Failure.KEY_NOT_OF_DID, "deactivated", did=did)
    methods = [_method(did, "controller", owner, chain_id), *_delegates(did, changes, chain)]
    ids = [method["id"] for method in methods]
    return {
        "@context": "https://www.w3.org/ns/did/v1",
        "id": did,
        "verificationMethod": methods,
        "authentication": [f"{did}#controller"],
        "assertionMethod": ids,
    }


def read(did: str) -> tuple[int, str]:
    """Returns the chain id and the account (checksummed) of a did:ethr.

    Raises `Refuted` if the text is not a did:ethr, and `Unsupported` if the name of its chain is not known.
    """
    match = _DID.fullmatch(did)
    if match is None:
        raise Refuted(Failure.KEY_NOT_OF_DID, "not_did_ethr", did=did)
    network = match["network"] or "mainnet"
    if _CHAIN_ID.fullmatch(network):
        chain_id = int(network, 16)
    elif network in _NETWORKS:
        chain_id = _NETWORKS[network]
    else:
        raise Unsupported(Doubt.UNSUPPORTED_METHOD, "chain", did=did, network=network)
    return chain_id, _account(match["account"], did)


def _account(text: str, did: str) -> str:
    """Returns the account of an address, or of a public key (33 bytes)."""
    if len(text) == 42:
        return checksummed(text.lower())
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256K1, EllipticCurvePublicKey

    try:
        point = EllipticCurvePublicKey.from_encoded_point(SECP256K1(), bytes.fromhex(text[2:])).public_numbers()
    except ValueError as bad:
        raise Refuted(Failure.KEY_NOT_OF_DID, "bad_point", did=did) from bad
    return checksummed("0x" + keccak256(point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big"))[12:].hex())


def _changes(chain: Chain, registry: str, account: str, last: int) -> list[Change]:
    """Returns every change of an identity, oldest first. Each one names the block of the one before it."""
    changes: list[Change] = []
    for _ in range(_MAX_BLOCKS):
        if last == 0:
            return changes
        found = [
            change
            for log in chain.logs([registry], start=last, end=last)
            if (change := did_registry.read_change(log, account)) is not None
        ]
        before = [change.previous for change in found if change.previous < last]
        if not before:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "change_left_out", account=account, block=last)
        changes = found + changes
        last = before[0]
    raise SourceError(Doubt.DID_DOCUMENT, "too_many_changes", account=account, blocks=_MAX_BLOCKS)


def _delegates(did: str, changes: list[Change], chain: Chain) -> list[dict[str, Any]]:
    """Returns the delegates valid at the pinned block. Keys of other kinds are numbered too, so they are counted."""
    now = int(chain.block.time.timestamp())
    valid: dict[tuple[str, bytes, str | bytes], dict[str, Any]] = {}
    count = 0
    for change in changes:
        what = change.kind, change.name, change.value
        if change.kind == "delegate" or (change.kind == "attribute" and change.name.startswith(b"did/pub/")):
            count += 1
        valid.pop(what, None)
        if change.kind == "delegate" and change.valid_to >= now and change.name in (b"veriKey", b"sigAuth"):
            valid[what] = _method(did, f"delegate-{count}", str(change.value), chain.id)
    return list(valid.values())


def _method(did: str, fragment: str, account: str, chain_id: int) -> dict[str, Any]:
    return {
        "id": f"{did}#{fragment}",
        "type": RECOVERY,
        "controller": did,
        "blockchainAccountId": f"eip155:{chain_id}:{account}",
    }
