"""The only access to network sources: chains, DNS, the web and the clock.

Everything that a check may query goes through one injected `Sources`. The same interface thus serves the test double, the
offline mode, the evidence recorder and the replay. ``ebl.net`` implements these protocols over sockets.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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

    ``header`` (RLP) is set if the header received has this hash, so that state can be proved. ``agreed`` is the quorum: how
    many nodes had to return the same, for the block and for everything read at it. ``dissent`` names the nodes that have so
    far returned something else, or nothing, although there was a quorum.
    """

    chain_id: int
    number: int
    hash: str
    time: datetime
    finality: str = "latest"
    header: bytes = field(default=b"", repr=False)  # about 600 bytes that are of no use to a reader
    agreed: int = 1
    dissent: tuple[Message, ...] = field(
        default=(), compare=False
    )  # it grows while a chain is read, and the block stays the same

    def require_fresh(self, now: datetime, max_age: timedelta, *, ahead: timedelta | None = None) -> None:
        """Raises `SourceError`, ``chain.stale``, unless the block is at most ``max_age`` old: old state may have changed since.

        Also raised if the block is further ``ahead`` of the clock (None: than ``max_age``): by a slow clock no block is ever old.
        """
        age, time, chain = now - self.time, self.time, self.chain_id
        if age > max_age:
            raise SourceError(
                Doubt.CHAIN_STALE, "too_old", block=self.number, chain=chain, time=time, age=age, most=max_age
            )
        if -age > (max_age if ahead is None else ahead):
            raise SourceError(Doubt.CHAIN_STALE, "ahead", block=self.number, chain=chain, time=time, ahead=-age)

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
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
    """The runtime code of an account, to be read together with calls. The response is empty if there is no contract."""

    to: str


@dataclass(frozen=True, slots=True)
class Reverted:
    """The contract reverted the call: a response, not an outage. ``data`` is what it returned (may be empty)."""

    data: bytes


Answer = bytes | Reverted
"""The response to a call of a contract: the bytes that it returned, or how it refused."""


@dataclass(frozen=True, slots=True)
class Log:
    """One event. ``topics`` are 32 bytes each; ``time`` is known if the node includes it."""

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
    """The result of EIP-1186 for one account and some of its slots; the RLP nodes are not checked here."""

    address: str
    balance: int
    nonce: int
    code_hash: bytes
    storage_hash: bytes
    account_proof: tuple[bytes, ...]
    storage: tuple[tuple[bytes, bytes, tuple[bytes, ...]], ...]


class Chain(Protocol):
    """One chain, read at one block. Every method raises `SourceError` if there is no usable response."""

    @property
    def id(self) -> int:
        """The chain id (EIP-155) that the node itself reported."""

    @property
    def block(self) -> Block:
        """The block that all reads are pinned to."""

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        """Calls contracts and reads code, in one round trip if the node allows it. Returns one response a read, in order."""

    def code(self, address: str) -> bytes:
        """Returns the runtime code at an address (empty: no contract)."""

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        """Returns every event of some contracts from block ``start`` to ``end`` (the pinned block), by block and log index."""

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        """Returns the EIP-1186 proof of an account and its slots (32-byte keys) at the pinned block."""


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
    """The TXT records at one name. No records is an answer too.

    ``texts`` has each record with its character-strings joined (RFC 1035 section 3.3.14). ``assurance`` is the reason to trust
    it: ``dnssec``, ``quorum(n)``, ``single``. ``resolvers`` are those that returned it, on distinct hosts if there are several.
    ``wildcard`` is true if the answer was expanded from a wildcard. ``dissent`` names the resolvers that returned something
    else or nothing, although there was a quorum. ``dnssec`` is ``secure``, ``insecure`` (the zone is proved to be unsigned) or
    ``unchecked``, and ``proof`` shows the first two (see `ebl.dnssec.recheck`).
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
    """Answers TXT queries. "No such name" is an answer; without a usable answer it raises `SourceError`."""

    def txt(self, name: str) -> TxtRecords:
        """Returns the TXT records at exactly this name (lower-case A-labels, no final dot)."""


MAX_PAGE = 256 * 1024
"""The most bytes of a page that a document or a DID leads to."""


@dataclass(frozen=True, slots=True)
class Page:
    """The result of a guarded HTTP GET."""

    url: str
    content_type: str
    body: bytes


class NoPage(SourceError):
    """The site returned that there is no such page (HTTP 404 or 410).

    The page may exist tomorrow, so this decides nothing about a document.
    """


class Fetch(Protocol):
    """The only fetch of a URL found in a document, behind the SSRF guard. Refusals and faults raise `SourceError`."""

    def __call__(self, url: str, *, accept: Sequence[str]) -> Page:
        """Sends GET to one https URL whose content type must be among ``accept``."""


Fresh = Callable[[Block], None]
"""Raises `SourceError`, ``chain.stale``, if the block is too old to be read."""


class Opener(ABC):
    """Opens chains for `Sources`. Any callable that takes a chain id can replace it; an opener may also try another node."""

    @abstractmethod
    def open(self, chain_id: int | None, *, fresh: Fresh) -> Chain:
        """Returns a chain whose block is ``fresh``. None means the only configured one. Raises `SourceError` if there is none."""


Clock = Callable[[], datetime]
"""Returns the time with its zone; called once for every verification."""


def system_clock() -> datetime:
    """Returns the time in UTC, by this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, init=False)
class Sources:
    """All network sources and the clock. Thread-safe if its parts are.

    `ebl.sources.online` makes sources over the network, and `ebl.sources.offline` makes sources that return nothing.

    ``opens`` opens chains; call `chain`, which refuses a chain whose newest block is too old. ``clock`` is read by `now`, once
    for each verification: sources do not keep the time at which they were made. ``max_age`` is the greatest age of a chain's
    block (None: the value of ``pace`` for the chain id).

    ``replayed``: the responses are recorded ones, as of ``now``, and nothing is queried (see `ebl.evidence`).
    ``trusts_keeper``: the caller relies on the party that kept them; else they leave a VALID open. ``prove``: the
    state of stores and titles must be proved from their storage, not only returned by a node.
    """

    opens: Opener
    dns: Resolver
    fetch: Fetch
    clock: Clock
    replayed: bool
    trusts_keeper: bool
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
        trusts_keeper: bool = False,
        prove: bool = False,
        max_age: timedelta | None = None,
        pace: Callable[[int], Pace],
        opens: Opener | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Makes sources. ``chain`` opens a chain; ``now`` is a clock, or a fixed time.

        Each precedes the field that it fills, ``opens`` and ``clock``, so that `dataclasses.replace` accepts both names.

        Raises `ebl.errors.InvalidInput` if a time has no zone or the opener cannot open chains, and `TypeError` if there is no
        opener.
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
            "opens": opener if isinstance(opener, Opener) else _CallableOpener(opener),
            "dns": dns,
            "fetch": fetch,
            "clock": _clock(now or clock or system_clock),
        }
        parts |= {
            "replayed": replayed,
            "trusts_keeper": trusts_keeper,
            "prove": prove,
            "max_age": max_age,
            "pace": pace,
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    @property
    def now(self) -> datetime:
        """Returns the time, read from the clock at every call. Raises `ebl.errors.InvalidInput` if it has no zone."""
        return _zoned(self.clock())

    def as_of(self, now: datetime) -> Sources:
        """Returns the same sources with a fixed clock: one verification has one time."""
        return self._with(self.opens, self.dns, self.fetch, _clock(now))

    def through(self, opens: Opener, dns: Resolver, fetch: Fetch) -> Sources:
        """The same sources with other parts that answer; each document of many has its own, so that this has to be fast."""
        return self._with(opens, dns, fetch, self.clock)

    def _with(self, opens: Opener, dns: Resolver, fetch: Fetch, clock: Clock) -> Sources:
        other, put = object.__new__(Sources), object.__setattr__
        put(other, "opens", opens)
        put(other, "dns", dns)
        put(other, "fetch", fetch)
        put(other, "clock", clock)
        put(other, "replayed", self.replayed)
        put(other, "trusts_keeper", self.trusts_keeper)
        put(other, "prove", self.prove)
        put(other, "max_age", self.max_age)
        put(other, "pace", self.pace)
        return other

    def chain(self, chain_id: int | None) -> Chain:
        """Opens a chain at its newest block. None means the only configured chain, for documents that name none.

        Raises `SourceError`: ``chain.stale`` if its block is too old, or too far ahead of the clock; otherwise the reason why
        there is no chain.
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
        """Whether these are `offline`: nothing is awaited, so threads would gain nothing."""
        return self.fetch is _no_fetch and type(self.dns) is _Offline and getattr(self.opens, "call", None) is _no_chain


def require_sources(sources: object) -> None:
    """Raises `InvalidInput` if these are not `Sources`."""
    if not isinstance(sources, Sources):
        raise InvalidInput(
            f"Expected sources; got an object of {type(sources).__name__}.",
            fix="Give ebl.sources.online(…), or ebl.sources.offline() to query nothing.",
        )


@dataclass(frozen=True, slots=True)
class _CallableOpener(Opener):
    """Opens chains with a callable, and checks the age of their blocks."""

    call: Callable[[int | None], Chain]

    def open(self, chain_id: int | None, *, fresh: Fresh) -> Chain:
        opened = self.call(chain_id)
        fresh(opened.block)
        return opened


@dataclass(frozen=True, slots=True)
class _FixedClock:
    """A fixed clock: for tests, and for recorded responses."""

    time: datetime

    def __call__(self) -> datetime:
        return self.time


def _clock(now: datetime | Clock) -> Clock:
    return _FixedClock(_zoned(now)) if isinstance(now, datetime) else now


def _zoned(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise InvalidInput(f"expected a time with its zone; got {time!r:.80}.", fix="Use datetime.now(UTC).")
    return time


def offline(*, now: datetime | Clock | None = None, pace: Callable[[int], Pace] = lambda chain_id: Pace()) -> Sources:
    """Returns sources without a network: every query becomes an Unknown with the code ``source.offline``."""
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
