"""Keys that never leave a key management service: it signs digests, which become Ethereum signatures here.

A service returns an ECDSA signature in DER, with either of the two possible s, and without the recovery id. Ethereum
requires the lower s (EIP-2) and the parity, which is found by trying both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from ebl.chain.sending.transaction import Unsigned
from ebl.errors import InvalidInput, MissingExtra, TransactionError
from ebl.ethereum import secp256k1
from ebl.ethereum.typed_data import TypedData


class Kms(Protocol):
    """A service with one secp256k1 key. Implement this for services other than AWS."""

    def public_key(self) -> bytes:
        """Returns the public key: SubjectPublicKeyInfo in DER."""

    def sign_digest(self, digest: bytes) -> bytes:
        """Returns the ECDSA signature, in DER, of 32 bytes that are already a digest."""


@dataclass(frozen=True, slots=True)
class KmsSigner:
    """A signer that uses a service. Raises `InvalidInput` if its key is not of secp256k1."""

    kms: Kms
    address: str = field(init=False)

    def __post_init__(self) -> None:
        try:
            found = secp256k1.address_of_public_key(self.kms.public_key())
        except ValueError as bad:
            raise InvalidInput(f"The key of the KMS cannot be used: {bad}.", fix="Use a key of secp256k1.") from bad
        object.__setattr__(self, "address", found)

    def sign_transaction(self, transaction: Unsigned) -> bytes:
        """Signs a transaction's digest. Raises `TransactionError` if the service returns no signature, or one of another key."""
        return self._sign(transaction.digest)

    def sign_message(self, message: bytes) -> bytes:
        """Signs a message in the form of wallets (EIP-191 personal_sign)."""
        return self._sign(secp256k1.personal_digest(message))

    def sign_typed_data(self, data: TypedData) -> bytes:
        """Signs typed data (EIP-712). Raises as `sign_transaction` does."""
        return self._sign(data.digest)

    def _sign(self, digest: bytes) -> bytes:
        try:
            return secp256k1.from_der(self.kms.sign_digest(digest), digest, self.address)
        except ValueError as bad:
            raise TransactionError(f"The KMS returned no usable signature: {bad}; nothing was sent.") from bad


@dataclass(frozen=True, slots=True)
class AwsKms:
    """A key in AWS KMS: ``ECC_SECG_P256K1``, for signing. Needs the extra ``kms``.

    ``key_id`` is an id, an alias or an ARN. ``client`` is boto3's for KMS; the default uses the credentials that boto3 finds
    (environment, profile, role). This library does not see them.
    """

    key_id: str
    client: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.client is not None:
            return
        try:
            import boto3
            from botocore.exceptions import BotoCoreError
        except ImportError as missing:
            raise MissingExtra("kms") from missing
        try:
            object.__setattr__(self, "client", boto3.client("kms"))
        except BotoCoreError as bad:
            fix = "Set AWS_REGION, and a profile or credentials, as boto3 reads them."
            raise InvalidInput(f"AWS KMS cannot be used ({type(bad).__name__}).", fix=fix) from bad

    def public_key(self) -> bytes:
        """Requests the public key."""
        return bytes(self._ask("get_public_key")["PublicKey"])

    def sign_digest(self, digest: bytes) -> bytes:
        """Requests the signature of a digest."""
        answer = self._ask("sign", Message=digest, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256")
        return bytes(answer["Signature"])

    def _ask(self, action: str, **arguments: Any) -> Any:
        try:
            return getattr(self.client, action)(KeyId=self.key_id, **arguments)
        except Exception as trouble:
            # boto3 makes its exception classes dynamically. The code is enough; the text may name accounts.
            code = getattr(trouble, "response", {}).get("Error", {}).get("Code", type(trouble).__name__)
            raise TransactionError(f"AWS KMS returned an error ({code}); nothing was sent.") from trouble
