"""A verifier's challenge for a title, and the answer: a signature by the account that presents the title.

The answer is EIP-712 typed data, bound to the chain, the registry, the token, the verifier and the account. Signing it moves
nothing. It shows who controlled the account when it was signed, and never who owns the goods.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from ebl.codec.timestamp import format_timestamp, parse_timestamp
from ebl.errors import InvalidInput, Unreadable
from ebl.ethereum.address import NotAnAddress, checksummed
from ebl.ethereum.chain_id import is_chain_id
from ebl.ethereum.typed_data import TypedData
from ebl.model.broken_input import read_json

MAX_BYTES: Final = 64 * 1024
"""The largest file with a challenge or an answer."""
MAX_SIGNATURE: Final = 8 * 1024
"""The longest signature in bytes: that of a contract wallet has those of its owners."""
LONGEST: Final = timedelta(hours=24)
"""The longest time for which a challenge may be answered."""
_KIND: Final = "ebl.title-challenge.1"
VERIFIER: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
"""The form of a verifier's domain."""
_STATEMENT: Final = "I control this account and present this title to the verifier. Signing this transfers nothing."
_FIELDS: Final = (
    ("string", "statement"),
    ("string", "verifier"),
    ("address", "account"),
    ("uint256", "tokenId"),
    ("bytes32", "nonce"),
    ("uint64", "issued"),
    ("uint64", "expires"),
)
_FORM: Final = {
    "nonce": re.compile(r"0x[0-9a-f]{64}"),
    "token_id": re.compile(r"0x[0-9a-f]{1,64}"),
    "signature": re.compile(r"0x([0-9a-fA-F]{2})+"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleChallenge:
    """What a verifier asks of the party that presents a title.

    ``verifier`` is the verifier's domain, ``nonce`` 32 random bytes. ``issued`` and ``expires`` are whole seconds in UTC, at
    most 24 hours apart. Raises `InvalidInput` if a field does not have its form.
    """

    verifier: str
    chain_id: int
    registry: str
    token_id: int
    nonce: bytes
    issued: datetime
    expires: datetime

    def __post_init__(self) -> None:
        if not VERIFIER.fullmatch(self.verifier) or len(self.verifier) > 253:
            raise InvalidInput(
                "The verifier of a challenge must be a domain in lower case.",
                fix="Give your own, such as bank.example.",
            )
        if not is_chain_id(self.chain_id) or not 0 <= self.token_id < 2**256 or len(self.nonce) != 32:
            raise InvalidInput("The chain, the token or the nonce of a challenge is out of range.")
        if not timedelta(0) < self.expires - self.issued <= LONGEST:
            raise InvalidInput("A challenge must expire after it is issued, at most 24 hours later.")

    @classmethod
    def new(
        cls,
        *,
        verifier: str,
        chain_id: int,
        registry: str,
        token_id: int,
        now: datetime,
        lasts: timedelta = timedelta(hours=1),
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> Self:
        """Makes a challenge with a new nonce. Raises `InvalidInput` if it is not a domain, or lasts for more than 24 hours."""
        issued = now.astimezone(UTC).replace(microsecond=0)
        return cls(
            verifier=verifier,
            chain_id=chain_id,
            registry=checksummed(registry),
            token_id=token_id,
            nonce=random_bytes(32),
            issued=issued,
            expires=issued + lasts,
        )

    def typed_data(self, account: str) -> TypedData:
        """Returns what the account (checksummed) signs."""
        return TypedData(
            name="ebl title presentation",
            version="1",
            chain_id=self.chain_id,
            contract=self.registry,
            primary="TitlePresentation",
            fields=_FIELDS,
            message={
                "statement": _STATEMENT,
                "verifier": self.verifier,
                "account": account,
                "tokenId": self.token_id,
                "nonce": self.nonce,
                "issued": int(self.issued.timestamp()),
                "expires": int(self.expires.timestamp()),
            },
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data, which `read_challenge` reads back."""
        return {
            "kind": _KIND,
            "verifier": self.verifier,
            "chain_id": self.chain_id,
            "registry": self.registry,
            "token_id": f"0x{self.token_id:x}",
            "nonce": f"0x{self.nonce.hex()}",
            "issued": format_timestamp(self.issued),
            "expires": format_timestamp(self.expires),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleAnswer:
    """The answer: the challenge as it was answered, the account (checksummed), and its signature. Not verified here."""

    challenge: TitleChallenge
    account: str
    signature: bytes

    @property
    def digest(self) -> bytes:
        """The 32 bytes that the account signed."""
        return self.challenge.typed_data(self.account).digest

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data, which `read_answer` reads back."""
        return {**self.challenge.to_dict(), "account": self.account, "signature": f"0x{self.signature.hex()}"}


def read_challenge(raw: bytes) -> TitleChallenge:
    """Reads the file of a challenge. Raises `InvalidInput` if it is not one."""
    return _challenge(_members(raw, "challenge"))


def read_answer(raw: bytes) -> TitleAnswer:
    """Reads the file of an answer. Raises `InvalidInput` if it is not one. Not checked: the signature."""
    found = _members(raw, "answer")
    challenge = _challenge(found)
    signature = _text(found, "signature")
    if len(signature) > 2 * MAX_SIGNATURE + 2:
        raise InvalidInput(f"The signature of the answer is longer than {MAX_SIGNATURE:,} bytes.")
    try:
        account = checksummed(found.get("account"))
    except (NotAnAddress, TypeError, AttributeError) as bad:
        raise InvalidInput("The account of the answer is not an address.", fix=_AGAIN) from bad
    return TitleAnswer(challenge=challenge, account=account, signature=bytes.fromhex(signature[2:]))


_AGAIN: Final = "Ask for the file again, as ebl title challenge or ebl title answer wrote it."


def _members(raw: bytes, what: str) -> Mapping[str, Any]:
    try:
        found = read_json(raw, max_bytes=MAX_BYTES)
    except Unreadable as bad:
        raise InvalidInput(f"The {what} is not a JSON file of {what}s: {bad.detail}", fix=_AGAIN) from bad
    if not isinstance(found, dict) or found.get("kind") != _KIND:
        raise InvalidInput(f"The file is not {'an' if what == 'answer' else 'a'} {what} for a title.", fix=_AGAIN)
    return found


def _challenge(found: Mapping[str, Any]) -> TitleChallenge:
    verifier, chain_id = found.get("verifier"), found.get("chain_id")
    if not isinstance(verifier, str) or not isinstance(chain_id, int) or isinstance(chain_id, bool):
        raise InvalidInput("The verifier or the chain of the challenge is missing.", fix=_AGAIN)
    try:
        registry = checksummed(found.get("registry"))
        issued, expires = (_time(found, name) for name in ("issued", "expires"))
    except (NotAnAddress, ValueError, TypeError, AttributeError) as bad:
        raise InvalidInput("The registry or a time of the challenge does not have its form.", fix=_AGAIN) from bad
    return TitleChallenge(
        verifier=verifier,
        chain_id=chain_id,
        registry=registry,
        token_id=int(_text(found, "token_id"), 16),
        nonce=bytes.fromhex(_text(found, "nonce")[2:]),
        issued=issued,
        expires=expires,
    )


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or len(value) > 4 * MAX_SIGNATURE or not _FORM[name].fullmatch(value):
        raise InvalidInput(f"The member {name} does not have its form: 0x and hex digits.", fix=_AGAIN)
    return value


def _time(found: Mapping[str, Any], name: str) -> datetime:
    value = found.get(name)
    if not isinstance(value, str):
        raise ValueError(name)
    time = parse_timestamp(value).astimezone(UTC)
    if time.microsecond:
        raise ValueError(name)
    return time
