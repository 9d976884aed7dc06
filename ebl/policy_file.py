"""A bank's policy as a TOML file: rules that a compliance officer can read, and settings for asking the world.

::

    [issuers]
    trusted = [
        { domain = "carrier.example", until = 2027-12-31 },
        { did = "did:web:line.example", registries = [{ chain = 1, address = "0x…" }] },
    ]
    [chains]
    accepted = [1, "polygon"]
    [contracts]
    stores = [{ chain = 1, address = "0x…" }]
    registries = [{ chain = 1, address = "0x…" }]
    [dns]
    dnssec = "require"          # or prefer, off
    agree = 2                   # so many resolvers, where DNSSEC proves nothing
    resolvers = ["public"]
    wildcard = false
    [blocks]
    finality = "finalized"      # or safe, latest
    agree = 2                   # so many nodes of each chain
    max_age_minutes = 30
    [title]
    required = true
    state = "held"              # or returned, taken_out
    registry = "vouched"        # its issuer, or this file, says whose it is
    holder = "0x…"
    owner = "0x…"
    [document]
    formats = ["oa2", "oa3"]
    whole = "require"           # or prefer: then what may be hidden is a condition
    withheld = false
    list_max_age_days = 30      # of the status list of a credential

Every table and key may be left out, but for ``[issuers]``: trusting anybody is spelt ``any = true`` there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from ebl import networks
from ebl.errors import InvalidInput, Problem, Refuted, SourceError, Undetermined
from ebl.networks import Networks
from ebl.policy import AllOf, HeldBy, OwnedBy, Policy, TitleIn, UnsafeAnyIssuer, require_policy
from ebl.primitives.table import Table, read_toml
from ebl.report import Fact, Note
from ebl.rules import (
    AgreedBy,
    Contract,
    DnsAssured,
    FreshWithin,
    HasTitle,
    InRegistries,
    InStores,
    IssuedByTrusted,
    ListsWithin,
    NothingWithheld,
    NoWildcard,
    OfFormat,
    OnChains,
    RegistryVouched,
    Settled,
    ShownWhole,
    Trusted,
)
from ebl.sources import BlockTag
from ebl.status.title import State

_MAX_BYTES = 1 << 20
T = TypeVar("T")

_WORD = re.compile(r"[!-~]{1,300}")
_MODE = re.compile(r"require|prefer|off")
_FINALITY = re.compile(r"latest|safe|finalized")
_REGISTRY = re.compile(r"vouched")
_STATE = re.compile(r"held|returned|taken_out")
_WHOLE = re.compile(r"require|prefer")
_FORMAT = re.compile(r"oa2|oa3|vc|vp")


@dataclass(frozen=True, slots=True)
class Rule(Policy):
    """A policy with the name that it has in the file, which every refusal begins with."""

    rule: str = field()  # said again, or the base's own would be its default
    policy: Policy

    def __post_init__(self) -> None:
        require_policy(self.policy)

    @property
    def speaks_of_circulation(self) -> bool:
        return self.policy.speaks_of_circulation

    @property
    def speaks_of_lists(self) -> bool:
        return self.policy.speaks_of_lists

    @property
    def compares_challenge(self) -> bool:
        return self.policy.compares_challenge

    @property
    def compares_domain(self) -> bool:
        return self.policy.compares_domain

    @property
    def accepts(self) -> frozenset[Trusted] | None:
        return self.policy.accepts

    @property
    def pins(self) -> frozenset[Contract]:
        return self.policy.pins

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        try:
            return self.policy.check(facts)
        except Refuted as no:
            raise Refuted(no.failure, f"[{self.rule}] {no.detail}") from no
        except SourceError as weak:
            raise SourceError(weak.doubt, f"[{self.rule}] {weak.detail}") from weak
        except Undetermined as doubt:
            raise Undetermined(doubt.doubt, f"[{self.rule}] {doubt.detail}") from doubt

    def __str__(self) -> str:
        return str(self.policy)


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """What a file says: the ``policy``, and how the world is to be asked so that it can be met (None: as usual)."""

    policy: AllOf
    rules: tuple[Rule, ...]
    dnssec: str | None = None
    agree: int = 1
    resolvers: tuple[str, ...] = ()
    finality: BlockTag | None = None
    nodes_agree: int = 1
    max_age_minutes: int | None = None

    def explain(self) -> tuple[str, ...]:
        """Each rule and each setting as one sentence, with its place in the file."""
        rules = tuple(f"[{rule.rule}] {rule}." for rule in self.rules)
        if self.resolvers:
            rules += (f"[dns.resolvers] domains are asked about at: {', '.join(self.resolvers)}.",)
        if self.dnssec == "off":
            rules += ("[dns.dnssec] nobody is asked for DNSSEC signatures.",)
        return rules


def load(path: Path, *, known: Networks | None = None) -> PolicyFile:
    """Read a policy file. Raises `InvalidInput`, which lists every mistake. ``known`` are the chains that have names."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
        if len(raw) > _MAX_BYTES:
            raise InvalidInput(f"{path.name} is larger than {_MAX_BYTES} bytes.")
        return parse(raw.decode("utf-8"), path.name, known=known)
    except (OSError, UnicodeDecodeError) as bad:
        raise InvalidInput(f"{path.name} cannot be read: {getattr(bad, 'strerror', None) or 'not UTF-8'}.") from bad


def parse(text: str, name: str = "the policy", *, known: Networks | None = None) -> PolicyFile:
    """Read the text of a policy file. Raises `InvalidInput`, which lists every mistake."""
    content = read_toml(text, name)
    problems: list[Problem] = []
    top = Table(content, "", problems)
    if "issuers" not in top:
        top.wrong("issuers", "a table that says whom you trust", "nothing")
    rules = [
        *_issuers(top.table("issuers")),
        *_chains(top.table("chains"), known or networks.load()),
        *_contracts(top.table("contracts")),
    ]
    dns = top.table("dns")
    mode = dns.text("dnssec", None, _MODE, "require, prefer or off")
    agree = dns.number("agree", 1, "a number of resolvers", most=20)
    resolvers = dns.texts("resolvers", _WORD, "resolvers", secret=True)
    if mode == "require" or agree > 1:
        rules.append(Rule("dns.dnssec" if mode == "require" else "dns.agree", DnsAssured(mode == "require", agree)))
    if not dns.flag("wildcard", True):
        rules.append(Rule("dns.wildcard", NoWildcard()))
    dns.end()
    blocks = top.table("blocks")
    finality = blocks.text("finality", None, _FINALITY, "latest, safe or finalized")
    if finality is not None:
        rules.append(Rule("blocks.finality", Settled(finality)))
    nodes_agree = blocks.number("agree", 1, "a number of nodes", most=20)
    if nodes_agree > 1:
        rules.append(Rule("blocks.agree", AgreedBy(nodes_agree)))
    minutes = None
    if "max_age_minutes" in blocks:
        minutes = blocks.number("max_age_minutes", None, "a number of minutes", most=10**6)
        rules.append(Rule("blocks.max_age_minutes", FreshWithin(timedelta(minutes=minutes))))
    blocks.end()
    rules += [*_title(top.table("title")), *_document(top.table("document"))]
    top.end()
    if problems:
        raise InvalidInput(f"{name} has mistakes.", problems=tuple(problems))
    # A required proof is a rule: where the world has none, the answer is no, and not that nobody could be asked.
    return PolicyFile(
        AllOf(*rules),
        tuple(rules),
        "prefer" if mode == "require" else mode,
        agree,
        resolvers,
        finality,
        nodes_agree,
        minutes,
    )


def _issuers(table: Table) -> Iterator[Rule]:
    if table.flag("any"):
        table.end()
        yield Rule("issuers.any", UnsafeAnyIssuer())
        return
    trusted = [one for entry in table.tables("trusted") if (one := _trusted(entry)) is not None]
    if not trusted:
        table.wrong("trusted", "at least one issuer that you trust (or any = true)", "none")
    else:
        yield Rule("issuers.trusted", IssuedByTrusted(*trusted))
    table.end()


def _trusted(entry: Table) -> Trusted | None:
    named = {key: entry.text(key, None, _WORD) for key in ("domain", "under", "did")}
    since, until = entry.date("since"), entry.date("until")
    known = [_contract(one) for one in entry.tables("registries")]
    entry.end()
    registries = frozenset(one for one in known if one is not None)
    if since and until and until < since:
        entry.wrong("until", f"a day from {since} on", str(until))
    return _made(entry, "", "an issuer", partial(Trusted, **named, since=since, until=until, registries=registries))


def _chains(table: Table, known: Networks) -> Iterator[Rule]:
    words = table.values("accepted")
    table.end()
    ids = [
        _made(table, f"accepted/{at}", "a chain id, or the name of a network", partial(_chain_id, word, known))
        for at, word in enumerate(words or ())
    ]
    if words is not None:
        yield Rule("chains.accepted", OnChains(frozenset(number for number in ids if number is not None)))


def _chain_id(word: object, known: Networks) -> int:
    if isinstance(word, int) and not isinstance(word, bool) and 0 < word < 2**63:
        return word
    if isinstance(word, str):
        return known.find(word).chain_id
    raise InvalidInput(repr(word))


def _contracts(table: Table) -> Iterator[Rule]:
    for key, kind in (("stores", InStores), ("registries", InRegistries)):
        if key in table:
            found = [_contract(entry) for entry in table.tables(key)]
            yield Rule(f"contracts.{key}", kind(frozenset(one for one in found if one is not None)))
    table.end()


def _contract(entry: Table) -> Contract | None:
    chain, address = entry.number("chain", None, "a chain id", most=2**63), entry.text("address", "", _WORD)
    entry.end()
    return _made(entry, "address", "an address", partial(Contract, chain, address))


def _title(table: Table) -> Iterator[Rule]:
    state = table.text("state", None, _STATE, "held, returned or taken_out")
    registry = table.text("registry", None, _REGISTRY, "vouched")
    if table.flag("required"):
        yield Rule("title.required", HasTitle())
    if state is not None:
        yield Rule("title.state", TitleIn(State(state)))
    if registry is not None:
        yield Rule("title.registry", RegistryVouched())
    rules: dict[str, Callable[[str], Policy]] = {"holder": HeldBy, "owner": OwnedBy}
    for key, kind in rules.items():
        address = table.text(key, None, _WORD)
        if address is not None and (party := _made(table, key, "an address", partial(kind, address))) is not None:
            yield Rule(f"title.{key}", party)
    table.end()


def _document(table: Table) -> Iterator[Rule]:
    if "formats" in table:
        yield Rule("document.formats", OfFormat(frozenset(table.texts("formats", _FORMAT, "oa2, oa3, vc or vp"))))
    if table.text("whole", None, _WHOLE, "require or prefer") == "require":
        yield Rule("document.whole", ShownWhole())
    if not table.flag("withheld", True):
        yield Rule("document.withheld", NothingWithheld())
    if "list_max_age_days" in table:
        days = table.number("list_max_age_days", None, "a number of days", most=10**5)
        yield Rule("document.list_max_age_days", ListsWithin(timedelta(days=days)))
    table.end()


def _made(table: Table, key: str, expected: str, make: Callable[[], T]) -> T | None:
    """What the caller's values make, or None with the mistake noted."""
    try:
        return make()
    except InvalidInput as bad:
        table.wrong(key, expected, f"{bad.message} {bad.fix}".rstrip())
        return None
