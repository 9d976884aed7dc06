"""Network settings: the nodes and resolvers to query, the quorum, and how old and how final a block may be.

Each setting is declared here once: its name, default and limits. The options of the command line, the tables ``[dns]`` and
``[blocks]`` of a policy file, and the keyword arguments of `ebl.sources.online` are made from this declaration.

A source of some of the settings is a *layer*: a mapping of names of settings to values. `merged` joins layers. Working offline
is not a setting: it is another `ebl.sources.Sources`, which none of these affects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, Literal, cast, get_args

from ebl.codec.duration import MAX_MINUTES
from ebl.config.node_name import NodeName, is_web3
from ebl.errors import InvalidInput, Problem

BlockTag = Literal["latest", "safe", "finalized"]
"""The block that a chain is pinned to: the newest, or the newest final one."""

DnssecMode = Literal["require", "prefer", "off"]
"""Whether DNS records need a proof, are proved if their zone is signed, or are accepted without a proof."""

Layer = Mapping[str, Any]
"""Some settings by name, in the types of `NetworkSettings`. A setting that is missing or None is not set."""

MAX_VOICES: Final = 20
"""The largest quorum of nodes or of resolvers."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The values that a setting allows: one of ``words``, or a whole number from ``least`` to ``most`` (of minutes, for an age).

    ``expected`` describes them in a message. ``default`` None: see the field.
    """

    name: str
    default: Any
    expected: str
    words: tuple[str, ...] = ()
    least: int = 1
    most: int = 0


def _one_of(kind: Any) -> dict[str, Any]:
    *others, last = words = get_args(kind)
    return {"words": words, "expected": f"{', '.join(others)} or {last}"}


def _number(what: str, *, most: int, least: int = 1) -> dict[str, Any]:
    return {"least": least, "most": most, "expected": f"a number of {what} from {least} to {most:,}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """Settings for querying the network.

    ``rpc`` has the nodes of each chain id, one or several, each by its URL or as a `Web3` object (with which settings cannot be
    sent to another process). ``resolver`` is one or several of ``system``, ``udp://IP``, ``tls://HOST``, ``https://…`` or a named
    set (``public``, ``china``). They are tried in order, or ``nodes_agree`` and ``resolvers_agree``
    of them, on distinct hosts, must return the same. ``finality`` is the block at which every chain is read, and ``max_age``
    how old it may be (None: the table's value for the chain; to accept any age, set a long one). ``prove``: the state of stores
    and titles must be proved from their storage, not only returned by a node.
    ``batch`` is how many calls a node is given in one request, or fewer if it refuses that many. ``rps`` is how many requests a
    second each node is sent at most (0: no limit). ``multicall``: many calls of stores of known code may go into one call of
    the contract Multicall3, if its code at the block is known. It is never used with ``prove`` or if several nodes must agree.

    Raises `ebl.errors.InvalidInput`, with every setting that is wrong, or with what to pass instead of an `AsyncWeb3`. Not
    checked here: whether each text is a URL or a resolver, and whether there are enough of them; `ebl.sources.online`
    checks that.
    """

    # URLs may hold passwords, so they are left out of the representation.
    rpc: Mapping[int, NodeName | Sequence[NodeName]] = field(default_factory=dict, repr=False, hash=False)
    resolver: str | Sequence[str] = field(default="system", repr=False)
    dnssec: DnssecMode = field(default="prefer", metadata=_one_of(DnssecMode))
    resolvers_agree: int = field(default=1, metadata=_number("resolvers", most=MAX_VOICES))
    nodes_agree: int = field(default=1, metadata=_number("nodes", most=MAX_VOICES))
    finality: BlockTag = field(default="latest", metadata=_one_of(BlockTag))
    max_age: timedelta | None = field(default=None, metadata=_number("minutes", most=MAX_MINUTES))
    prove: bool = False
    batch: int = field(default=200, metadata=_number("calls", most=1_000))
    rps: int = field(default=0, metadata=_number("requests", most=10_000, least=0))
    multicall: bool = True

    def __post_init__(self) -> None:
        if problems := tuple(self._problems()):
            raise InvalidInput("The network settings have mistakes.", problems=problems)
        # A plain dict, so that settings can be sent to another process.
        object.__setattr__(self, "rpc", {number: _several(nodes) for number, nodes in self.rpc.items()})
        object.__setattr__(self, "resolver", _several(self.resolver))

    @property
    def nodes(self) -> Mapping[int, tuple[NodeName, ...]]:
        """``rpc`` as it is stored: for each chain id its nodes, in order."""
        return cast("Mapping[int, tuple[NodeName, ...]]", self.rpc)

    def _problems(self) -> Iterator[Problem]:
        if not isinstance(self.rpc, Mapping) or not all(map(_is_nodes, self.rpc.values())):
            yield Problem(
                "rpc", "URLs or Web3 objects by chain id", "another form (not shown, as it may hold a password)"
            )
        if not _is_texts(self.resolver):
            yield Problem("resolver", "one resolver or a list of them", "another form (not shown)")
        for setting in SETTINGS.values():
            value = getattr(self, setting.name)
            if not _fits(value, setting):
                yield Problem(setting.name, setting.expected, f"{value!r:.80}")
        for name in ("prove", "multicall"):
            if not isinstance(value := getattr(self, name), bool):
                yield Problem(name, "true or false", f"{value!r:.80}")


SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType(
    {one.name: Setting(one.name, one.default, **one.metadata) for one in fields(NetworkSettings) if one.metadata}
)
"""The settings that have words or limits, by name."""


def merged(*layers: Layer) -> NetworkSettings:
    """Joins several layers of settings, the strongest first. A setting that no layer has gets its default.

    For example the command line, then the policy file, then the user's own nodes. A setting is taken whole from one layer:
    nodes or resolvers of two layers are not joined. Raises the errors of `NetworkSettings`, and `TypeError` if a name is not
    that of a setting.
    """
    said: dict[str, Any] = {}
    for layer in reversed(layers):
        said |= {name: value for name, value in layer.items() if value is not None}
    return NetworkSettings(**said)


def _several(named: Any) -> tuple[Any, ...]:
    return (named,) if _is_node(named) else tuple(named)


def _is_node(value: object) -> bool:
    return isinstance(value, str) or is_web3(value)


def _is_nodes(value: object) -> bool:
    return _is_node(value) or (isinstance(value, Sequence) and all(map(_is_node, value)))


def _is_texts(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, Sequence) and all(isinstance(one, str) for one in value))


def _fits(value: Any, setting: Setting) -> bool:
    if setting.words:
        return value in setting.words
    if setting.default is None:  # an age
        shortest, longest = timedelta(0), timedelta(minutes=setting.most)
        return value is None or (isinstance(value, timedelta) and shortest < value <= longest)
    return isinstance(value, int) and not isinstance(value, bool) and setting.least <= value <= setting.most
