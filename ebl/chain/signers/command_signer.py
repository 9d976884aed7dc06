"""A signer that is another program, for example a hardware wallet's tool or a bank's own signing service.

The program is run once for each request. It reads one JSON object from stdin and writes one to stdout::

    {"ask": "address"}                                              ->  {"address": "0x…"}
    {"ask": "transaction", "digest": "0x…", "transaction": {…}}     ->  {"signature": "0x…"}   (r, s, v: 65 bytes)
    {"ask": "message", "message": "0x…"}                            ->  {"signature": "0x…"}   (EIP-191 personal_sign)
    {"ask": "typed_data", "digest": "0x…", "typed_data": {…}}       ->  {"signature": "0x…"}   (EIP-712)

It receives the whole transaction, so that it can show it to a person or apply its own rules.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ebl.chain.sending.transaction import Unsigned
from ebl.errors import InvalidInput, TransactionError, Unreadable
from ebl.ethereum import secp256k1
from ebl.ethereum.address import NotAnAddress, checksummed
from ebl.ethereum.typed_data import TypedData
from ebl.messages import explained
from ebl.model.broken_input import read_json

SECONDS = 300.0
_MAX_OUTPUT = 64 * 1024


@dataclass(frozen=True, slots=True)
class CommandSigner:
    """``argv`` is the program and its arguments; no shell is involved. ``seconds`` limits each request, a person's time included.

    Raises `InvalidInput` if the program cannot be run, or returns no address.
    """

    argv: tuple[str, ...]
    address: str = field(init=False)
    seconds: float = SECONDS

    def __init__(self, argv: Sequence[str], *, seconds: float = SECONDS) -> None:
        if not argv:
            raise InvalidInput("The signer's command is empty.", fix="Give it as cmd:PROGRAM ARGUMENTS.")
        object.__setattr__(self, "argv", tuple(argv))
        object.__setattr__(self, "seconds", seconds)
        try:
            named = checksummed(self._ask({"ask": "address"}, "address"))
        except NotAnAddress as bad:
            raise InvalidInput(f"The signer {self.argv[0]} returned no address: {explained(bad.reason)}") from bad
        except TransactionError as bad:
            raise InvalidInput(f"The signer {self.argv[0]} returned no address: {bad}") from bad
        object.__setattr__(self, "address", named)

    def sign_transaction(self, transaction: Unsigned) -> bytes:
        """Requests a transaction's signature. Raises `TransactionError` if there is none, or if another key made it."""
        question = {
            "ask": "transaction",
            "digest": f"0x{transaction.digest.hex()}",
            "transaction": transaction.to_dict(),
        }
        return self._signature(question, transaction.digest)

    def sign_message(self, message: bytes) -> bytes:
        """Requests a message's signature, in the form of wallets (EIP-191 personal_sign)."""
        return self._signature({"ask": "message", "message": f"0x{message.hex()}"}, secp256k1.personal_digest(message))

    def sign_typed_data(self, data: TypedData) -> bytes:
        """Requests a signature of typed data (EIP-712), which the program gets as JSON with its digest."""
        question = {"ask": "typed_data", "digest": f"0x{data.digest.hex()}", "typed_data": data.to_dict()}
        return self._signature(question, data.digest)

    def _signature(self, question: dict[str, Any], digest: bytes) -> bytes:
        text = self._ask(question, "signature")
        try:
            signature = bytes.fromhex(text.removeprefix("0x"))
            signed_by = secp256k1.recover(digest, signature)
        except ValueError as bad:
            raise TransactionError(f"The signer {self.argv[0]} returned no usable signature: {bad}.") from bad
        if signed_by != self.address:
            raise TransactionError(f"The signer {self.argv[0]} signed as {signed_by}, not as {self.address}.")
        return secp256k1.normalize_signature(signature)

    def _ask(self, question: dict[str, Any], wanted: str) -> str:
        name = self.argv[0]
        try:
            done = subprocess.run(  # noqa: S603 - the command is the user's own
                self.argv,
                input=json.dumps(question).encode(),
                stdout=subprocess.PIPE,
                timeout=self.seconds,
                check=False,
            )
        except OSError as trouble:
            raise TransactionError(f"The signer {name} cannot be run: {trouble.strerror}.") from trouble
        except subprocess.TimeoutExpired as late:
            raise TransactionError(f"The signer {name} did not respond within {self.seconds:g} seconds.") from late
        if done.returncode != 0:
            raise TransactionError(f"The signer {name} refused (exit code {done.returncode}); nothing was sent.")
        try:
            answer = read_json(done.stdout, max_bytes=_MAX_OUTPUT)[wanted]
        except (Unreadable, KeyError, TypeError, IndexError) as bad:
            raise TransactionError(f"The signer {name} returned no JSON with {wanted!r}.") from bad
        if not isinstance(answer, str):
            raise TransactionError(f"The signer {name} returned a {wanted} that is not a text.")
        return answer
