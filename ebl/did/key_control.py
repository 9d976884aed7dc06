"""The rule that a key belongs to its DID: the DID before the ``#`` is the issuer's DID, and neither has anything else."""

from __future__ import annotations

import re

from ebl.codes import Doubt, Failure
from ebl.did.did_syntax import is_did, split_key_id
from ebl.errors import Refuted, Undetermined, Unsupported

_ETHR = "did:ethr:"
_MORE = re.compile(r"[/?;#].*", re.DOTALL)


def require_key_of(key_id: str, did: str) -> None:
    """Raises `Refuted` with ``identity.key_not_of_did`` if the key does not belong to the DID, or one of them is not a DID.

    A DID with a path, a query or parameters (``/``, ``?``, ``;``) cannot be resolved by ebl: if key and issuer have the same
    DID before these, `Unsupported` is raised. For an account in a did:ethr, the case of the digits (only a checksum) and the
    spelling of the chain do not matter.
    """
    base, owner = _MORE.sub("", did), _MORE.sub("", key_id)
    if not is_did(base):
        raise Refuted(Failure.KEY_NOT_OF_DID, "issuer_not_did", got=did)
    if not is_did(owner) or "#" not in key_id:
        raise Refuted(Failure.KEY_NOT_OF_DID, "not_key_id", got=key_id)
    if not same_did(owner, base):
        raise Refuted(Failure.KEY_NOT_OF_DID, "key_of_another", issuer=did, owner=owner)
    for text, plain in ((did, is_did(did)), (key_id, _is_key_id(key_id))):
        if not plain:
            raise unsupported_url(text)


def is_form_of(text: str, did: str) -> bool:
    """Returns whether a text is a DID URL of this DID: with a path, a query, parameters or a fragment."""
    return not is_did(text) and same_did(_MORE.sub("", text), did)


def unsupported_url(text: str) -> Unsupported:
    """Returns the error for a DID URL of a form that ebl does not resolve."""
    return Unsupported(Doubt.UNSUPPORTED_DID_URL, "form", url=text)


def same_did(one: str, other: str) -> bool:
    """Returns whether two DIDs are the same, however each is spelt."""
    return canonical(one) == canonical(other)


def same_key(one: str, other: str) -> bool:
    """Returns whether two key ids (``did#fragment``) are the same."""
    did, _, fragment = one.partition("#")
    return (canonical(did), fragment) == (canonical(other.partition("#")[0]), other.partition("#")[2])


def canonical(did: str) -> str:
    """Returns one spelling for each DID: a did:ethr by chain and account, a did:web with capitals in its percent escapes."""
    if did.startswith(_ETHR):
        from ebl.did import did_ethr

        try:
            chain_id, account = did_ethr.read(did)
        except (Refuted, Undetermined):
            return did.lower()
        return f"{_ETHR}{chain_id:#x}:{account.lower()}"
    return re.sub("%[0-9a-f]{2}", lambda found: found[0].upper(), did, flags=re.IGNORECASE) if "%" in did else did


def _is_key_id(text: str) -> bool:
    try:
        return bool(split_key_id(text))
    except ValueError:
        return False
