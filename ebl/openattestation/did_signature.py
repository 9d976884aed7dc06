"""OpenAttestation's DID signatures: one key's EIP-191 signature over the 32 bytes of a batch's Merkle root.

The key is looked up in the DID document, and the signature must be that of the key's account.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from ebl.codes import Failure
from ebl.did.key_control import require_key_of
from ebl.did.verification_method import find_account
from ebl.errors import Refuted
from ebl.ethereum import secp256k1
from ebl.messages import Message, say
from ebl.model.findings import Claim, Fact, Group
from ebl.model.ports import Sources

_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")


@dataclass(frozen=True, slots=True)
class DidSigned(Claim):
    """The key ``key_id`` (a DID URL) of ``did`` signed ``root`` (32 bytes).

    ``signature`` is the text in the document, or None if the document has no signature of this key.
    """

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "did_signature"
    issued_by: ClassVar[str | None] = "did_signature"

    did: str
    key_id: str
    signature: str | None
    root: bytes

    def check(self, sources: Sources) -> SignedByDid:
        """Checks the signature against the key in the DID document.

        Raises `Refuted` if the signature is missing or wrong, or if the key is not one of the DID. Raises
        `ebl.errors.Undetermined` or `ebl.errors.SourceError` if the DID document could not be obtained. What the document
        alone can refute is refuted before any network source is queried.
        """
        require_key_of(self.key_id, self.did)
        require_signature(self)
        return confirm(self, find_account(self.key_id, self.did, sources))


@dataclass(frozen=True, slots=True)
class SignedByDid(Fact):
    """The root is signed with a key that the DID document lists; ``address`` (checksummed) is the address of that key."""

    claim: DidSigned
    address: str

    @property
    def message(self) -> Message:
        """The fact in words."""
        return say("fact", "signed_by_did", did=self.claim.did, address=self.address)


def recover(root: bytes, signature: str) -> str:
    """Returns the checksummed address whose key signed a Merkle root of 32 bytes. ``signature`` is 0x and 130 hex digits.

    Raises `ValueError` if the text has another form, or if no key can have made the signature.
    """
    if not _SIGNATURE.fullmatch(signature):
        raise ValueError("expected a signature of 0x and 130 hex digits")
    return secp256k1.recover(secp256k1.personal_digest(root), bytes.fromhex(signature[2:]))


def require_signature(claim: DidSigned) -> str:
    """Returns the address (checksummed) whose key made the claimed signature, whichever address that is.

    Raises `Refuted` with ``status.unsigned`` if there is no signature of the key, and with ``status.wrong_signature`` if no
    key can have made the signature.
    """
    if claim.signature is None:
        raise Refuted(Failure.UNSIGNED, "no_signature", key=claim.key_id)
    try:
        return recover(claim.root, claim.signature)
    except ValueError:
        raise Refuted(Failure.WRONG_SIGNATURE, "not_possible", key=claim.key_id) from None


def confirm(claim: DidSigned, address: str) -> SignedByDid:
    """Establishes the claim for the ``address`` that the DID document lists for the key.

    Raises `Refuted` as `require_signature` does, and with ``status.wrong_signature`` if another address made the signature.
    Not checked: that the address belongs to the claimed key.
    """
    signed_by = require_signature(claim)
    if signed_by.lower() != address.lower():
        raise Refuted(
            Failure.WRONG_SIGNATURE,
            "of_another",
            root=claim.root,
            signer=signed_by,
            address=address,
            key=claim.key_id,
        )
    return SignedByDid(claim=claim, address=signed_by)
