"""Signing of wrapped documents with the key of a DID, which issues them without a contract.

::

    from ebl.openattestation.sign import sign
    from ebl.chain.signers import LocalKey

    signed = sign(document, LocalKey.from_hex(key), now=datetime.now(UTC))
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ebl.chain.signers import Signer
from ebl.codec.javascript_json import stringify
from ebl.codec.strict_json import shown
from ebl.codes import Doubt
from ebl.did.did_syntax import NotADid, split_key_id
from ebl.errors import InvalidInput
from ebl.messages import explained
from ebl.model.broken_input import read_json
from ebl.model.document import Format
from ebl.model.integrity import check_integrity
from ebl.openattestation import signing
from ebl.openattestation.anchoring import anchor_of, require_seen
from ebl.openattestation.coverage import Coverage
from ebl.openattestation.did_signature import DidSigned, recover
from ebl.openattestation.issuers import conflict_of
from ebl.openattestation.wrapped_reader import read_wrapped

_NO_SIGNATURE = "0x" + "00" * 65


def sign(
    wrapped: Mapping[str, Any],
    signer: Signer,
    *,
    now: datetime,
    key_id: str | None = None,
    unnamed_ok: bool = False,
    unprotected_ok: bool = False,
    unseen_ok: bool = False,
) -> dict[str, Any]:
    """Returns a copy of a wrapped document with the signer's signature of its Merkle root (EIP-191 over the 32 bytes).

    ``key_id`` is the DID URL of the key; the default is ``did:ethr:<address>#controller``. The document must verify by itself.
    It must also name the key as its issuer's, because only then does the signature issue it; ``unnamed_ok`` skips this rule.
    ``unprotected_ok`` signs a document with fields that no hash covers (`ebl.wrap.Options`): they can be changed afterwards.

    The signature of a root issues every document below it, so a document of a batch is signed with the rest of the batch
    (`sign_batch`); ``unseen_ok`` signs it alone.

    Raises `Refuted` if the document was changed since it was wrapped, `ebl.errors.Undetermined` if this cannot be
    determined, and `ebl.errors.DocumentError` if it is not a document. Raises `InvalidInput` if the key is not the signer's
    or not the issuer's, if the document has a signature and its format holds only one, or if the root covers other documents.
    """
    options = {"unnamed_ok": unnamed_ok, "unprotected_ok": unprotected_ok, "unseen_ok": unseen_ok}
    return next(sign_batch([wrapped], signer, now=now, key_id=key_id, **options))


def sign_batch(
    wrapped: Iterable[Mapping[str, Any]],
    signer: Signer,
    *,
    now: datetime,
    key_id: str | None = None,
    unnamed_ok: bool = False,
    unprotected_ok: bool = False,
    unseen_ok: bool = False,
) -> Iterator[dict[str, Any]]:
    """Signs many documents as `sign` does, with one request to the signer for each Merkle root.

    Before the first signature all documents are read and checked, and each batch must be complete (unless ``unseen_ok``).
    Then they are read a second time, one after the other, and must be the same. So ``wrapped`` should be a list, or another
    iterable that starts again each time, for example one that reads files. An iterator is read into a list first.
    """
    key = key_id if key_id is not None else f"did:ethr:{signer.address}#controller"
    _require_key(key, signer)
    again = list(wrapped) if isinstance(wrapped, Iterator) else wrapped
    coverage = Coverage()
    signatures: dict[bytes, str] = {}
    seen: list[tuple[bytes, Format]] = []
    for raw in again:
        text = stringify(raw)
        document = read_wrapped(text)
        check_integrity(document, accepting={Doubt.UNPROTECTED_FIELD} if unprotected_ok else ())
        root, target, proof = anchor_of(document)
        coverage.add(root, target, proof)
        if not unnamed_ok:
            _require_named(signing.of(document.format).attach(document.raw, key, _NO_SIGNATURE, now), key)
        signatures[root] = ""
        seen.append((_fingerprint(text), document.format))
    if not unseen_ok:
        require_seen(coverage.unseen())
    for root in signatures:
        signatures[root] = _signature(root, signer)
    for raw, (known, format_) in zip(again, seen, strict=False):
        text = stringify(raw)
        if _fingerprint(text) != known:
            raise InvalidInput("A document was changed while the batch was signed.", fix="Sign the batch again.")
        way, same = signing.of(format_), read_json(text)
        yield way.attach(same, key, signatures[way.root(same)], now)


def _fingerprint(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()


def _require_key(key: str, signer: Signer) -> None:
    try:
        split_key_id(key)
    except NotADid as bad:
        raise InvalidInput(f"{shown(key)} is not a key of a DID: {explained(bad.reason)}.") from None
    controller = key.startswith("did:ethr:") and key.endswith("#controller")  # only the registry knows the delegates
    if controller and signer.address.lower() not in key.lower():
        raise InvalidInput(f"The key {key} does not belong to the signer, whose address is {signer.address}.")


def _require_named(document: Mapping[str, Any], key: str) -> None:
    """Requires that the document, once signed, claims to be issued by the signature of this key."""
    read_back = read_wrapped(stringify(document))
    if (conflict := conflict_of(read_back)) is not None:
        raise InvalidInput(f"No verifier would accept the document: it has {conflict}.", fix="Wrap it again.")
    claims = [claim for issuer in read_back.issuers for claim in issuer.status] + [*read_back.status]
    named = [
        claim.key_id for claim in claims if isinstance(claim, DidSigned) and claim.key_id.startswith(f"{claim.did}#")
    ]
    if key.lower() not in [key_id.lower() for key_id in named]:
        raise InvalidInput(
            f"The document does not name {key} as the key that issues it (it names: {', '.join(named) or 'no key'}).",
            fix="Wrap it with this key, and its DID as the issuer's id, or sign with the key that it names.",
        )


def _signature(root: bytes, signer: Signer) -> str:
    signature = "0x" + signer.sign_message(root).hex()
    try:
        signed_by = recover(root, signature)
    except ValueError as bad:
        raise InvalidInput(f"The signer of {signer.address} returned no usable signature: {bad}.") from None
    if signed_by != signer.address:
        raise InvalidInput(f"Expected a signature of {signer.address}; the signer's is of {signed_by}.")
    return signature
