"""A key in memory, a keystore file, or a function that signs messages (a wallet, an HSM).

Reading the environment, files and descriptors is left to the application: a library that searches for keys may find the
wrong one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from ebl.chain.sending.transaction import Unsigned
from ebl.config import files
from ebl.errors import InvalidInput
from ebl.ethereum import secp256k1
from ebl.ethereum.typed_data import TypedData
from ebl.model.broken_input import read_json
from ebl.model.given_address import require_address

_MAX_SCRYPT_MEMORY = 1 << 30
# Limits for scrypt's n times r times p (wallets use 2^21) and for rounds of PBKDF2 (wallets use 2^18): seconds, not hours.
_MAX_SCRYPT_WORK = 1 << 24
_MAX_PBKDF2_WORK = 10_000_000
_DERIVED_BYTES = 32


class Signer(Protocol):
    """The holder of a secp256k1 key: an address, and signatures."""

    @property
    def address(self) -> str:
        """The checksummed address of the key."""

    def sign_message(self, message: bytes) -> bytes:
        """Signs a message in the form of wallets (EIP-191 personal_sign): 65 bytes, r || s || v with v 27 or 28."""


@dataclass(frozen=True, slots=True)
class LocalKey:
    """A key in this process's memory. Its repr leaves the secret out."""

    secret: bytes = field(repr=False)
    address: str = field(init=False)

    def __post_init__(self) -> None:
        if not secp256k1.is_secret(self.secret):
            raise InvalidInput("Expected a private key of 32 bytes, above zero and below the order of secp256k1.")
        object.__setattr__(self, "address", secp256k1.address_of(self.secret))

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Reads 64 hex digits, with or without 0x. Raises `InvalidInput`, which never repeats the text."""
        digits = text.strip().removeprefix("0x")
        try:
            return cls(bytes.fromhex(digits) if len(digits) == 64 else b"")
        except ValueError:
            fix = "Make one with `ebl wallet new`."
            if digits.startswith("{"):  # a key file of another command: its content is not repeated
                fix = "It is JSON: use a keystore with --keystore; a key of `ebl key new` signs credentials only."
            raise InvalidInput(
                "Expected a private key of 64 hex digits, with or without 0x; found another text.", fix=fix
            ) from None

    @classmethod
    def from_keystore(cls, keystore: bytes, password: str) -> Self:
        """Opens a keystore v3 (Web3 Secret Storage) file. Takes about half a second and 256 MB: open it once.

        Raises `InvalidInput` if it is not such a file, if it requires more than 1 GiB of memory or more work than any wallet's
        file, or if the password is wrong.
        """
        from eth_keyfile.keyfile import decode_keyfile_json

        parsed = _keystore(keystore)
        try:
            key = cls(bytes(decode_keyfile_json(parsed, password.encode())))
        except (ValueError, KeyError, TypeError, AttributeError, NotImplementedError, AssertionError) as bad:
            if "MAC mismatch" in str(bad):
                raise InvalidInput("The password does not open the keystore file.") from None
            raise InvalidInput(f"The keystore file is damaged or of an unknown kind ({type(bad).__name__}).") from None
        named = parsed.get("address")  # the password's check does not cover all inputs of the decryption
        if isinstance(named, str) and named.lower().removeprefix("0x") != key.address[2:].lower():
            raise InvalidInput(f"The keystore file is damaged: its key is not that of {named[:42]}, which it names.")
        return key

    @classmethod
    def generate(cls, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> Self:
        """Makes a new key."""
        while not secp256k1.is_secret(secret := random_bytes(32)):
            pass  # one in 2^128 draws
        return cls(secret)

    def to_keystore(self, password: str, *, work: int = 1 << 18) -> bytes:
        """Returns the key in a keystore v3 file, under a password. ``work`` is scrypt's n: the default takes half a second.

        Raises `InvalidInput` if the password is empty.
        """
        from eth_keyfile.keyfile import create_keyfile_json

        if not password:
            raise InvalidInput("A keystore needs a password.", fix="Choose one that cannot be guessed.")
        keystore = create_keyfile_json(self.secret, password.encode(), kdf="scrypt", iterations=work)
        return json.dumps(keystore | {"address": self.address[2:].lower()}, indent=2).encode() + b"\n"

    def sign_message(self, message: bytes) -> bytes:
        """Signs a message in the form of wallets (EIP-191 personal_sign)."""
        return secp256k1.sign(secp256k1.personal_digest(message), self.secret)

    def sign_typed_data(self, data: TypedData) -> bytes:
        """Signs typed data (EIP-712)."""
        return secp256k1.sign(data.digest, self.secret)

    def sign_transaction(self, transaction: Unsigned) -> bytes:
        """Signs a transaction."""
        return secp256k1.sign(transaction.digest, self.secret)


@dataclass(frozen=True, slots=True, init=False)
class CallableSigner:
    """A signer that uses a function, ``sign(message) -> 65 bytes``, for example a KMS, an HSM or a remote wallet.

    Every signature is checked against the address before it is used. ``sign`` gets the message, not its digest.
    """

    address: str
    sign: Callable[[bytes], bytes]

    def __init__(self, address: str, sign: Callable[[bytes], bytes]) -> None:
        object.__setattr__(self, "address", require_address(address, "signer"))
        object.__setattr__(self, "sign", sign)

    def sign_message(self, message: bytes) -> bytes:
        """Calls the function; raises `InvalidInput` if the result is not the address's signature of the message."""
        signature = bytes(self.sign(message))
        try:
            signed_by = secp256k1.recover(secp256k1.personal_digest(message), signature)
        except ValueError as bad:
            raise InvalidInput(f"The signer of {self.address} returned no usable signature: {bad}.") from None
        if signed_by != self.address:
            raise InvalidInput(
                f"The signer of {self.address} signed as {signed_by}.",
                fix="Have it sign the message by EIP-191 personal_sign, with the key of this address.",
            )
        return secp256k1.normalize_signature(signature)


def _keystore(raw: bytes) -> dict[str, Any]:
    wrong = InvalidInput("The keystore file is not JSON of the keystore v3 kind.")
    try:
        parsed = read_json(raw, max_bytes=files.MAX_SECRET, any_number=True)
        kdf = parsed["crypto"]["kdfparams"]
        numbers = {name: kdf.get(name, 1) for name in ("n", "r", "p", "c")}
        derived = kdf["dklen"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise wrong from None
    if parsed.get("version") != 3 or not all(type(number) is int and number > 0 for number in numbers.values()):
        raise wrong
    memory = 128 * numbers["n"] * numbers["r"]
    if memory > _MAX_SCRYPT_MEMORY:
        raise InvalidInput(f"The keystore file requires {memory >> 20} MiB of memory; the limit is 1024 MiB.")
    if numbers["n"] * numbers["r"] * numbers["p"] > _MAX_SCRYPT_WORK or numbers["c"] > _MAX_PBKDF2_WORK:
        raise InvalidInput("The keystore file requires more work than any wallet's: its password would take hours.")
    if derived != _DERIVED_BYTES:
        raise InvalidInput(f"The keystore file has a key of {derived!s:.40} bytes; expected {_DERIVED_BYTES}.")
    return dict(parsed)
