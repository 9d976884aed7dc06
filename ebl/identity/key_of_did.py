"""The rule that a key is its DID's own: the DID in front of its ``#`` is the issuer's DID, and nothing else is in either."""

from __future__ import annotations

from ebl.codes import Failure
from ebl.errors import Refuted
from ebl.primitives.did import is_did, split_key_id

_ETHR = "did:ethr:"


def require_key_of(key_id: str, did: str) -> None:
    """Raises `Refuted` with ``identity.key_not_of_did`` where the key is not of the DID, or either is not plain.

    A DID with a path, a query or parameters (``/``, ``?``, ``;``) is none. An account in a did:ethr counts without regard
    to the case of its digits, which is a checksum only.
    """
    if not is_did(did):
        raise Refuted(
            Failure.KEY_NOT_OF_DID, f"expected the issuer's id to be a DID and nothing more; got {did[:100]!r}"
        )
    try:
        owner, _ = split_key_id(key_id)
    except ValueError:
        raise Refuted(Failure.KEY_NOT_OF_DID, f"expected a key as did:…#…; got {key_id[:100]!r}") from None
    if not same_did(owner, did):
        raise Refuted(Failure.KEY_NOT_OF_DID, f"the issuer is {did[:100]}, and the key is of {owner[:100]}")


def same_did(one: str, other: str) -> bool:
    """Whether two DIDs are one."""
    return _canonical(one) == _canonical(other)


def same_key(one: str, other: str) -> bool:
    """Whether two key ids (``did#fragment``) are one."""
    did, _, fragment = one.partition("#")
    return (_canonical(did), fragment) == (_canonical(other.partition("#")[0]), other.partition("#")[2])


def _canonical(did: str) -> str:
    return did.lower() if did.startswith(_ETHR) else did
