"""The only doors to the outside: chains, DNS, the web and the clock.

Everything that a check may ask goes through one injected `Sources`, so that the same door serves as the test double, the
offline mode, the evidence recorder and the replay. ``ebl.net`` implements these protocols over sockets.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, Protocol

from ebl.codec.timestamp import format_timestamp
from ebl.codec.uri import host_of
from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.messages import Message
from ebl.model.pace import Pace

__all__ = [
    "AccountProof",
    "Answer",
    "Block",
    "Chain",
    "Clock",
    "CodeAt",
    "Fetch",
    "Fresh",
    "Log",
    "Opener",
    "Page",
    "Read",
    "ReadsMany",
    "Resolver",
    "Reverted",
    "Sources",
    "TxtRecords",
    "offline",
    "system_clock",
]


@dataclass(frozen=True, slots=True)
class Block:
    """The block that every read of one chain is pinned to. ``hash`` is 0x + 64 hex; ``time`` its timestamp.

    ``header`` (RLP) is there where the one that came with it has this hash, so that state can be proved.
    ``agreed`` is how many nodes had to say the same, of the block and of everything that is read at it; ``dissent`` says
    which nodes have said otherwise so far, or nothing, though enough agreed.
    """

    chain_id: int
    number: int
    hash: str
    time: datetime
    finality: str = "latest"
    header: bytes = field(default=b"", repr=False)  # some 600 bytes that nobody reads
    agreed: int = 1
    dissent: tuple[Message, ...] = field(
        default=(), compare=False
    )  # it grows while a chain is read, which stays the same

    def require_fresh(self, now: datetime, max_age: timedelta, *, ahead: timedelta | None = None) -> None:
        """Raise `SourceError`, ``chain.stale``, unless the block is at most ``max_age`` old: old state is not how it is now.

        One that is ``ahead`` of the clock by more (None: by ``max_age``) raises too: by a slow clock no block is ever old.
        """
        age, time, chain = now - self.time, self.time, self.chain_id
        if age > max_age:
            raise SourceError(
                Doubt.CHAIN_STALE, "too_old", block=self.number, chain=chain, time=time, age=age, most=max_age
            )
        if -age > (max_age if ahead is None else ahead):
            raise SourceError(Doubt.CHAIN_STALE, "ahead", block=self.number, chain=chain, time=time, ahead=-age)

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "chain_id": self.chain_id,
            "number": self.number,
            "hash": self.hash,
            "time": format_timestamp(self.time, to="auto"),
            "finality": self.finality,
            "agreed": self.agreed,
            "dissent": [str(one) for one in self.dissent],
        }


@dataclass(frozen=True, slots=True)
class Read:
    """One call of a contract that changes nothing: ``to`` is a checksummed address, ``data`` the calldata."""

    to: str
    data: bytes


@dataclass(frozen=True, slots=True)
class CodeAt:
    """The runtime code of an account, to be read together with calls. The answer is empty where there is no contract."""

    to: str


@dataclass(frozen=True, slots=True)
class Reverted:
    """The contract refused the call: an answer, not an outage. ``data`` is what it returned (may be empty)."""

    data: bytes


Answer = bytes | Reverted


@dataclass(frozen=True, slots=True)
class Log:
    """One event. ``topics`` are 32 bytes each; ``time`` is known where the node includes it."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    log_index: int
    tx_hash: str
    tx_index: int = 0
    block_hash: str = ""
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountProof:
    """What EIP-1186 returns for one account and some of its slots; the RLP nodes are unchecked here."""

    address: str
    balance: int
    nonce: int
    code_hash: bytes
    storage_hash: bytes
    account_proof: tuple[bytes, ...]
    storage: tuple[tuple[bytes, bytes, tuple[bytes, ...]], ...]


class Chain(Protocol):
    """One chain, read at one block. Every method raises `SourceError` where there is no usable answer."""

    @property
    def id(self) -> int:
        """The chain id (EIP-155) that the node itself reported."""

    @property
    def block(self) -> Block:
        """The block that all reads are pinned to."""

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        """Call contracts and read code, in one round trip where the node allows it. One answer a read, in order."""

    def code(self, address: str) -> bytes:
        """The runtime code at an address (empty: no contract)."""

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        """Every event of some contracts from block ``start`` to ``end`` (the pinned block), by block and log index."""

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        """The EIP-1186 proof of an account and its slots (32-byte keys) at the pinned block."""


class ReadsMany(ABC):
    """A `Chain` that answers each of many reads by itself. Inherit from it; a chain that does not is asked with `Chain.read`."""

    __slots__ = ()

    @property
    @abstractmethod
    def batch(self) -> int:
        """How many reads go into one request, as far as is known now."""

    @abstractmethod
    def read_each(self, *reads: Read | CodeAt) -> Sequence[Answer | None]:
        """As `Chain.read`, but None for a read that has to be asked alone: it may fail, or be too much for the node.

        Raises `SourceError` if the whole request failed.
        """


@dataclass(frozen=True, slots=True)
class TxtRecords:
    """The TXT records at one name: an answer, also when there are none.

    ``texts`` holds each record with its character-strings joined (RFC 1035 section 3.3.14). ``assurance`` says why
    to believe it: ``dnssec``, ``quorum(n)``, ``single``. ``resolvers`` are those that said it, of different hosts where
    there are several. ``wildcard`` is true when a wildcard made the answer.
    ``dissent`` says which resolvers said otherwise or nothing, though enough agreed. ``dnssec`` is ``secure``,
    ``insecure`` (the zone is proved to be unsigned) or ``unchecked``, and ``proof`` shows the first two
    (see `ebl.dnssec.recheck`).
    """

    name: str
    texts: tuple[str, ...]
    assurance: str = "single"
    resolvers: tuple[str, ...] = ()
    wildcard: bool = False
    dissent: tuple[Message, ...] = ()
    dnssec: str = "unchecked"
    proof: bytes = b""


class Resolver(Protocol):
    """Answers TXT questions; "no such name" is an answer, everything else that is not one raises `SourceError`."""

    def txt(self, name: str) -> TxtRecords:
        """The TXT records at exactly this name (lower-case A-labels, no final dot)."""


MAX_PAGE = 256 * 1024
"""Bytes of a page that a document or a DID leads to."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a safe fetch brought back."""

    url: str
    content_type: str
    body: bytes


class NoPage(SourceError):
    """The site answered that there is no such page (HTTP 404 or 410). It may be there tomorrow: no answer to a verification."""


class Fetch(Protocol):
    """The one safe fetch of a URL that a document names; refusals and faults raise `SourceError`."""

    def __call__(self, url: str, *, accept: Sequence[str]) -> Page:
        """GET one https URL whose content type is among ``accept``."""


Fresh = Callable[[Block], None]
"""Raises `SourceError`, ``chain.stale``, for a block that is too old to be read."""


class Opener(ABC):
    """Opens chains for `Sources`. Any callable that takes a chain id will do in its place; this one may try another node."""

    @abstractmethod
    def open(self, chain_id: int | None, *, fresh: Fresh) -> Chain:
        """A chain whose block is ``fresh``. None means the only chain configured. Raises `SourceError` where there is none."""


Clock = Callable[[], datetime]
"""What tells the time, with its zone: read once for every verification."""


def system_clock() -> datetime:
    """The time in UTC, by this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, init=False)
class Sources:
    """Everything outside. Thread-safe where its parts are.

    `ebl.sources.online` makes them over the network, and `ebl.sources.offline` such as answer nothing.

    ``opens`` opens chains; call `chain`, which refuses one whose newest block is too old. ``clock`` is read by `now`, once
    for each verification: nothing here is of the time when it was made. ``max_age`` is the greatest age of a chain's block
    (None: what ``pace`` has for the chain of that id).

    ``replayed`` says that the answers are kept ones, as of ``now``, and nobody was asked (see `ebl.evidence`). ``prove`` asks
    that what stores and titles hold is proved by their storage, and not only said by a node.
    """

    opens: Opener
    dns: Resolver
    fetch: Fetch
    clock: Clock
    replayed: bool
    prove: bool
    max_age: timedelta | None
    pace: Callable[[int], Pace]

    def __init__(
        self,
        *,
        dns: Resolver,
        fetch: Fetch,
        chain: Opener | Callable[[int | None], Chain] | None = None,
        now: datetime | Clock | None = None,
        replayed: bool = False,
        prove: bool = False,
        max_age: timedelta | None = None,
        pace: Callable[[int], Pace],
        opens: Opener | None = None,
        clock: Clock | None = None,
    ) -> None:
        """``chain`` opens a chain; ``now`` is a clock, or the time at which it stands still. Each goes before the field that
        it fills, ``opens`` and ``clock``, so that `dataclasses.replace` takes both names.

        Raises `ebl.errors.InvalidInput` for a time without a zone or what opens no chains, and `TypeError` without a
        way to open chains.
        """
        opener = opens if chain is None else chain
        if opener is None:
            raise TypeError("Sources() needs chain=…, which opens a chain by its id")
        if not isinstance(opener, Opener) and not callable(opener):
            raise InvalidInput(
                f"expected what opens a chain by its id; got {type(opener).__name__}.",
                fix="Of a node, make sources with ebl.sources.online(rpc={chain_id: node}, dns=…).",
            )
        parts = {
            "opens": opener if isinstance(opener, Opener) else _Opening(opener),
            "dns": dns,
            "fetch": fetch,
            "clock": _clock(now or clock or system_clock),
        }
        parts |= {"replayed": replayed, "prove": prove, "max_age": max_age, "pace": pace}
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    @property
    def now(self) -> datetime:
        """The time, read from the clock at every call. Raises `ebl.errors.InvalidInput` where it has no zone."""
        return _zoned(self.clock())

    def as_of(self, now: datetime) -> Sources:
        """The same sources, whose clock stands still: for one verification, all of which is of one moment."""
        return replace(self, clock=_clock(now))

    def through(self, opens: Opener, dns: Resolver, fetch: Fetch) -> Sources:
        """The same sources with other parts that answer; each document of many has its own, so that this has to be fast."""
        other = object.__new__(Sources)
        for name in Sources.__slots__:
            object.__setattr__(other, name, getattr(self, name))
        object.__setattr__(other, "opens", opens)
        object.__setattr__(other, "dns", dns)
        object.__setattr__(other, "fetch", fetch)
        return other

    def chain(self, chain_id: int | None) -> Chain:
        """Open a chain at its newest block. None means the only chain configured, for documents that name none.

        Raises `SourceError`: ``chain.stale`` where its block is too old, or too far ahead of the clock; else why there is none.
        """
        return self.opens.open(chain_id, fresh=self._require_fresh)

    def _require_fresh(self, block: Block) -> None:
        if self.max_age is not None:
            block.require_fresh(self.now, self.max_age)
            return
        pace = self.pace(block.chain_id)
        block.require_fresh(self.now, pace.oldest(block.finality), ahead=pace.max_age)

    @property
    def answers_nothing(self) -> bool:
        """Whether these are `offline`: nothing is waited for, so threads would gain nothing."""
        return self.fetch is _no_fetch and type(self.dns) is _Offline and getattr(self.opens, "call", None) is _no_chain


def require_sources(sources: object) -> None:
    """Raises `InvalidInput` if these are not `Sources`."""
    if not isinstance(sources, Sources):
        raise InvalidInput(
            f"Expected sources; got an object of {type(sources).__name__}.",
            fix="Give ebl.sources.online(…), or ebl.sources.offline() to ask nobody.",
        )


@dataclass(frozen=True, slots=True)
class _Opening(Opener):
    """Opens chains as a callable does, and holds their blocks to what is fresh."""

    call: Callable[[int | None], Chain]

    def open(self, chain_id: int | None, *, fresh: Fresh) -> Chain:
        opened = self.call(chain_id)
        fresh(opened.block)
        return opened


@dataclass(frozen=True, slots=True)
class _StandingStill:
    """A clock that stands still: for tests, and for answers that were kept."""

    time: datetime

    def __call__(self) -> datetime:
        return self.time


def _clock(now: datetime | Clock) -> Clock:
    return _StandingStill(_zoned(now)) if isinstance(now, datetime) else now


def _zoned(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise InvalidInput(f"expected a time with its zone; got {time!r:.80}.", fix="Use datetime.now(UTC).")
    return time


def offline(*, now: datetime | Clock | None = None, pace: Callable[[int], Pace] = lambda chain_id: Pace()) -> Sources:
    """Sources that answer nothing: every outside question becomes an Unknown with the code ``source.offline``."""
    return Sources(chain=_no_chain, dns=_Offline(), fetch=_no_fetch, now=now, pace=pace)


class _Offline:
    def txt(self, name: str) -> TxtRecords:
        raise SourceError(Doubt.OFFLINE, "records", name=name)


def _no_chain(chain_id: int | None) -> NoReturn:
    if chain_id is None:
        raise SourceError(Doubt.OFFLINE, "only_chain")
    raise SourceError(Doubt.OFFLINE, "chain", chain=chain_id)


def _no_fetch(url: str, *, accept: Sequence[str]) -> NoReturn:
    raise SourceError(Doubt.OFFLINE, "page", host=host_of(url))
