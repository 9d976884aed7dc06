"""OpenAttestation's DID signatures: one key's EIP-191 signature over the 32 bytes of a batch's Merkle root.

The key is looked up in the DID's document, and the signature is held to its account.
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

    ``signature`` is the text in the document, or None where the document holds no signature of this key.
    """

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "did_signature"
    issued_by: ClassVar[str | None] = "did_signature"

    did: str
    key_id: str
    signature: str | None
    root: bytes

    def check(self, sources: Sources) -> SignedByDid:
        """Raises `Refuted` for a signature that is missing or wrong and for a key that is not the DID's own, and
        `ebl.errors.Undetermined` and `ebl.errors.SourceError` where the DID's document could not be had.

        What the document alone can refute is refuted before anybody is asked.
        """
        require_key_of(self.key_id, self.did)
        require_signature(self)
        return confirm(self, find_account(self.key_id, self.did, sources))


@dataclass(frozen=True, slots=True)
class SignedByDid(Fact):
    """The root is signed with a key which the DID lists; ``address`` (checksummed) is that key's."""

    claim: DidSigned
    address: str

    @property
    def message(self) -> Message:
        """What held."""
        return say("fact", "signed_by_did", did=self.claim.did, address=self.address)


def recover(root: bytes, signature: str) -> str:
    """The checksummed address whose key signed a Merkle root of 32 bytes. ``signature`` is 0x and 130 hex digits.

    Raises `ValueError` for a text of another shape, and where no key can have made the signature.
    """
    if not _SIGNATURE.fullmatch(signature):
        raise ValueError("expected a signature of 0x and 130 hex digits")
    return secp256k1.recover(secp256k1.personal_digest(root), bytes.fromhex(signature[2:]))


def require_signature(claim: DidSigned) -> str:
    """The address (checksummed) that made the claimed signature, whoever that is.

    Raises `Refuted` with ``status.unsigned`` where the key signed nothing, and with ``status.wrong_signature`` where no key
    can have made the signature.
    """
    if claim.signature is None:
        raise Refuted(Failure.UNSIGNED, "no_signature", key=claim.key_id)
    try:
        return recover(claim.root, claim.signature)
    except ValueError:
        raise Refuted(Failure.WRONG_SIGNATURE, "not_possible", key=claim.key_id) from None


def confirm(claim: DidSigned, address: str) -> SignedByDid:
    """Establish the claim, once the DID document has told the address of the key.

    Raises `Refuted` as `require_signature` does, and with ``status.wrong_signature`` where the signature is not that
    address's. Not checked: that the address is the one of the claimed key.
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
