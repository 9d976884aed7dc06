"""A bank's policy as a TOML file: rules that a compliance officer can read, and network settings.

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
    prove = true                # what stores and titles hold, by their storage
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
    [presentation]
    challenge = "…"             # which you sent
    domain = "bank.example"     # which is yours
    [credentials]
    list_issuers = ["did:web:lists.example"]
    contexts = [{ url = "https://carrier.example/v1", file = "v1.json", sha256 = "…" }]
    [[content]]
    field = "port_of_discharge" # a name of docs/bill.md
    equals = "SGSIN"            # or one_of = [...], matches = "...", present = true
    which = "every"             # or any, of a field that may have several values

``[[content]]`` may be there several times, once for each rule. Every table and key may be left out, but for ``[issuers]``:
trusting anybody is spelt ``any = true`` there. The form of it all is in ``schemas/policy.schema.json`` too, for editors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from ebl import networks
from ebl.config.settings import SETTINGS, Layer, NetworkSettings, merged
from ebl.errors import InvalidInput, Problem, Refuted, SourceError, Undetermined
from ebl.formats import Reader
from ebl.networks import Networks
from ebl.policy import (
    AllOf,
    HeldBy,
    OwnedBy,
    Policy,
    PresentedTo,
    TitleIn,
    UnsafeAnyIssuer,
    ask,
    contradiction,
    require_policy,
)
from ebl.primitives import strict_json
from ebl.primitives.did import is_did
from ebl.primitives.table import Table, read_toml, shown
from ebl.report import Fact, File, Note
from ebl.rules import (
    FINALITIES,
    AgreedBy,
    Contract,
    DnsAssured,
    FreshWithin,
    HasField,
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
    StateProved,
    Trusted,
)
from ebl.status.title import State

if TYPE_CHECKING:
    from ebl.primitives.contexts import Contexts

_MAX_BYTES = 1 << 20
T = TypeVar("T")

_WORD = re.compile(r"[!-~]{1,300}")
_REGISTRY = re.compile(r"vouched")
_STATE = re.compile(r"held|returned|taken_out")
_WHOLE = re.compile(r"require|prefer")
_FORMAT = re.compile(r"oa2|oa3|vc|vp")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_TEXT = re.compile(r"[^\x00-\x1f\x7f]{1,300}")

KEYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "dns": {"dnssec": "dnssec", "agree": "resolvers_agree", "resolvers": "resolver"},
        "blocks": {"finality": "finality", "agree": "nodes_agree", "max_age_minutes": "max_age", "prove": "prove"},
    }
)
"""The keys that are network settings (`ebl.config.settings`), by their table."""

_ISSUER = '{ domain = "carrier.example" }'
_NAMED = {"domain": '"carrier.example"', "under": '"carrier.example"', "did": '"did:web:carrier.example"'}
_CHAIN = "a chain id, or the name of a network in quotes"
_ADDRESS = "an address, 0x and 40 hex digits in quotes"
_CONTEXT = '{ url = "https://carrier.example/v1", file = "v1.json", sha256 = "…" }'


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
    def registries_of(self) -> frozenset[Trusted]:
        return self.policy.registries_of

    @property
    def pins(self) -> frozenset[Contract]:
        return self.policy.pins

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        try:
            return ask(self.policy, facts)
        except Refuted as no:
            raise Refuted(no.failure, f"[{self.rule}] {no.detail}") from no
        except SourceError as weak:
            raise SourceError(weak.doubt, f"[{self.rule}] {weak.detail}") from weak
        except Undetermined as doubt:
            raise Undetermined(doubt.doubt, f"[{self.rule}] {doubt.detail}") from doubt

    def excludes(self, other: Policy) -> str | None:
        return contradiction(self.policy, other)

    def __str__(self) -> str:
        return str(self.policy)


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """What a file says: the ``policy``; ``said``, how the network is queried so that it can be met; and what is read with.

    ``reader`` reads documents with the contexts and the issuers of status lists that the file adds: see `ebl.verify.examine`.
    """

    policy: AllOf
    rules: tuple[Rule, ...]
    said: Layer = field(default_factory=dict)
    reader: Reader = field(default_factory=Reader)

    @property
    def settings(self) -> NetworkSettings:
        """The network settings, with the defaults for what the file does not say. It names no nodes."""
        return merged(self.said)

    def can_be_met(self, name: str, setting: str | int) -> bool:
        """Whether the rule of a name can be met by what is read with a setting of the caller's: `latest` is not final."""
        for rule in self.rules:
            if rule.rule == name:
                match rule.policy, setting:
                    case DnsAssured(dnssec=True), "off":
                        return False
                    case Settled(finality=least), str(finality):
                        return finality in FINALITIES[FINALITIES.index(least) :]
                    case AgreedBy(nodes=least), int(nodes):
                        return nodes >= least
        return True

    def explain(self) -> tuple[str, ...]:
        """Each rule and each setting as one sentence, with its place in the file."""
        rules = tuple(f"[{rule.rule}] {rule}." for rule in self.rules)
        if resolvers := self.said.get("resolver"):
            rules += (f"[dns.resolvers] domains are asked about at: {', '.join(resolvers)}.",)
        if self.said.get("dnssec") == "off":
            rules += ("[dns.dnssec] nobody is asked for DNSSEC signatures.",)
        if dids := self.reader.list_issuers:
            rules += (f"[credentials.list_issuers] status lists of these are accepted, too: {', '.join(dids)}.",)
        rules += tuple(
            f"[credentials.contexts] the context {url} is known, by its bytes with the SHA-256 {sha256}."
            for url, sha256 in self.contexts.items()
        )
        return rules

    @property
    def contexts(self) -> dict[str, str]:
        """The SHA-256 of each context that the file adds to those of the library, by URL."""
        if self.reader.contexts is None:
            return {}
        from ebl.primitives.contexts import known

        ours = known().by_url
        return {url: one.sha256 for url, one in self.reader.contexts.by_url.items() if url not in ours}


def load(path: Path, *, known: Networks | None = None) -> PolicyFile:
    """Read a policy file, and the contexts that it names. ``known`` are the chains that have names.

    Raises `InvalidInput`, which lists every mistake.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
        if len(raw) > _MAX_BYTES:
            raise InvalidInput(f"{path.name} is larger than {_MAX_BYTES} bytes.")
        found = parse(raw.decode("utf-8"), path.name, known=known, folder=path.parent)
    except (OSError, UnicodeDecodeError) as bad:
        raise InvalidInput(f"{path.name} cannot be read: {getattr(bad, 'strerror', None) or 'not UTF-8'}.") from bad
    return replace(found, policy=AllOf(*found.rules, file=File.of(raw, path.name)))


def parse(text: str, name: str = "the policy", *, known: Networks | None = None, folder: Path = Path()) -> PolicyFile:
    """Read the text of a policy file; the files that it names are looked for in ``folder``.

    Raises `InvalidInput`, which lists every mistake. Rules that nothing can meet are mistakes, too: an empty list, and two rules
    that contradict each other.
    """
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
    dns, blocks = top.table("dns"), top.table("blocks")
    said = _settings(dns, "dns") | _settings(blocks, "blocks")
    rules += [*_dns(dns, said), *_blocks(blocks, said)]
    rules += [*_title(top.table("title")), *_document(top.table("document"))]
    rules += _presentation(top.table("presentation"))
    reader = _reader(top.table("credentials"), folder)
    rules += [rule for entry in top.tables("content", _content_meant) if (rule := _content(entry)) is not None]
    top.end()
    problems += _contradictions(rules)
    if problems:
        raise InvalidInput(f"{name} has mistakes.", problems=tuple(problems))
    if said.get("dnssec") == "require":
        # A required proof is a rule: where the world has none, the answer is no, and not that nobody could be asked.
        said["dnssec"] = "prefer"
    return PolicyFile(AllOf(*rules), tuple(rules), MappingProxyType(said), reader)


def _settings(table: Table, which: str) -> dict[str, Any]:
    """The network settings of a table, within the limits of their declaration."""
    said: dict[str, Any] = {}
    for key, name in KEYS[which].items():
        setting = SETTINGS.get(name)
        if name == "resolver":
            value: Any = table.texts(key, _WORD, "resolvers", secret=True) or None
        elif setting is None:
            value = table.flag(key) or None
        elif setting.words:
            value = table.text(key, None, re.compile("|".join(setting.words)), setting.expected)
        elif key in table:
            number = table.number(key, None, setting.expected, least=setting.least, most=setting.most + 1)
            value = timedelta(minutes=number) if setting.default is None else number
        else:
            value = None
        if value is not None:
            said[name] = value
    return said


def _dns(table: Table, said: Layer) -> Iterator[Rule]:
    mode, agree = said.get("dnssec"), said.get("resolvers_agree", 1)
    if mode == "require" or agree > 1:
        yield Rule("dns.dnssec" if mode == "require" else "dns.agree", DnsAssured(mode == "require", agree))
    if not table.flag("wildcard", True):
        yield Rule("dns.wildcard", NoWildcard())
    table.end()


def _blocks(table: Table, said: Layer) -> Iterator[Rule]:
    if "finality" in said:
        yield Rule("blocks.finality", Settled(said["finality"]))
    if said.get("nodes_agree", 1) > 1:
        yield Rule("blocks.agree", AgreedBy(said["nodes_agree"]))
    if "max_age" in said:
        yield Rule("blocks.max_age_minutes", FreshWithin(said["max_age"]))
    if "prove" in said:
        yield Rule("blocks.prove", StateProved())
    table.end()


def _issuers(table: Table) -> Iterator[Rule]:
    anyone, has_list = table.flag("any"), "trusted" in table
    trusted = [one for entry in table.tables("trusted", _issuer_meant) if (one := _trusted(entry)) is not None]
    table.end()
    if anyone:
        yield Rule("issuers.any", UnsafeAnyIssuer())
        if has_list:
            table.wrong("trusted", "no list beside any = true, which accepts every issuer", "a list")
    elif trusted:
        yield Rule("issuers.trusted", IssuedByTrusted(*trusted))
    elif not table.is_wrong():
        table.wrong("trusted", f"at least one issuer that you trust, such as [{_ISSUER}] (or any = true)", "none")


def _trusted(entry: Table) -> Trusted | None:
    named = {key: entry.text(key, None, _WORD, f"text such as {example}") for key, example in _NAMED.items()}
    since, until = entry.date("since"), entry.date("until")
    known = [_contract(one) for one in entry.tables("registries", _contract_meant)]
    entry.end()
    registries = frozenset(one for one in known if one is not None)
    if since and until and until < since:
        entry.wrong("until", f"a day from {since} on", str(until))
    if entry.is_wrong():
        return None
    given = [key for key, value in named.items() if value is not None]
    if len(given) != 1:
        entry.wrong("", f"one of domain, under and did, such as {_ISSUER}", " and ".join(given) or "none of them")
        return None
    return _made(entry, "", "an issuer", partial(Trusted, **named, since=since, until=until, registries=registries))


def _issuer_meant(value: object) -> str:
    """The entry that was meant by a bare value, such as a domain without its key."""
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        return _ISSUER
    return f"{{ {'did' if value.startswith('did:') else 'domain'} = {shown(value)} }}"


def _contract_meant(value: object) -> str:
    address = value if isinstance(value, str) and value.startswith("0x") else "0x…"
    return f'{{ chain = 1, address = "{address}" }}'


def _chains(table: Table, known: Networks) -> Iterator[Rule]:
    words = table.values("accepted")
    table.end()
    ids: set[int] = set()
    for at, word in enumerate(words or ()):
        if isinstance(word, int) and not isinstance(word, bool) and 0 < word < 2**63:
            ids.add(word)
        elif not isinstance(word, str):
            table.wrong(f"accepted/{at}", _CHAIN, shown(word))
        elif (network := _made(table, f"accepted/{at}", _CHAIN, partial(known.find, word))) is not None:
            ids.add(network.chain_id)
    if ids:
        yield Rule("chains.accepted", OnChains(frozenset(ids)))
    elif words == []:
        table.wrong("accepted", "at least one chain (or leave the rule out)", "an empty list")


def _contracts(table: Table) -> Iterator[Rule]:
    for key, kind in (("stores", InStores), ("registries", InRegistries)):
        if key in table:
            found = frozenset(filter(None, map(_contract, table.tables(key, _contract_meant))))
            if found:
                yield Rule(f"contracts.{key}", kind(found))
            elif not table.is_wrong(key):
                table.wrong(key, "at least one contract (or leave the rule out)", "an empty list")
    table.end()


def _contract(entry: Table) -> Contract | None:
    chain, address = entry.number("chain", None, "a chain id", most=2**63), entry.text("address", None, _WORD, _ADDRESS)
    entry.end()
    if entry.is_wrong():
        return None
    if address is None:
        entry.wrong("address", _ADDRESS, "nothing")
        return None
    return _made(entry, "address", _ADDRESS, partial(Contract, chain, address))


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
        address = table.text(key, None, _WORD, _ADDRESS)
        if address is not None and (party := _made(table, key, _ADDRESS, partial(kind, address))) is not None:
            yield Rule(f"title.{key}", party)
    table.end()


def _document(table: Table) -> Iterator[Rule]:
    if "formats" in table:
        if formats := table.texts("formats", _FORMAT, "oa2, oa3, vc and vp"):
            yield Rule("document.formats", OfFormat(frozenset(formats)))
        elif not table.is_wrong("formats"):
            table.wrong("formats", "at least one of oa2, oa3, vc and vp (or leave the rule out)", "an empty list")
    if table.text("whole", None, _WHOLE, "require or prefer") == "require":
        yield Rule("document.whole", ShownWhole())
    if not table.flag("withheld", True):
        yield Rule("document.withheld", NothingWithheld())
    if "list_max_age_days" in table:
        days = table.number("list_max_age_days", None, "a number of days", most=10**5)
        yield Rule("document.list_max_age_days", ListsWithin(timedelta(days=days)))
    table.end()


def _presentation(table: Table) -> Iterator[Rule]:
    for key in ("challenge", "domain"):
        text = table.text(key, None, _TEXT, "a text of up to 300 characters")
        if text is not None:
            yield Rule(f"presentation.{key}", PresentedTo(**{key: text}))
    table.end()


def _reader(table: Table, folder: Path) -> Reader:
    dids: tuple[str, ...] = table.texts("list_issuers", _WORD, 'DIDs, such as "did:web:lists.example"')
    for at, did in enumerate(dids):
        if not is_did(did):
            table.wrong(f"list_issuers/{at}", 'a DID, such as "did:web:lists.example"', shown(did))
    contexts: Contexts | None = None
    for entry in table.tables("contexts", lambda _: _CONTEXT):
        contexts = _context(entry, contexts, folder)
    table.end()
    return Reader(contexts, tuple(filter(is_did, dids)))


def _context(entry: Table, contexts: Contexts | None, folder: Path) -> Contexts | None:
    """The contexts and one more, whose bytes are in a file; those that there were, with the mistake noted, if it is not good."""
    from ebl.primitives.contexts import known  # a table of thousands of terms, which few policies add to

    given = {
        "url": entry.text("url", None, _WORD, "the URL of the context, in quotes"),
        "file": entry.text("file", None, _TEXT, "the name of a file, in quotes"),
        "sha256": entry.text("sha256", None, _SHA256, "the SHA-256 of that file, 64 hex digits in quotes"),
    }
    entry.end()
    if entry.is_wrong():
        return contexts
    for key, value in given.items():
        if value is None:
            entry.wrong(key, f"a value, as in {_CONTEXT}", "nothing")
            return contexts
    try:
        with (folder / given["file"]).open("rb") as file:
            raw = file.read(strict_json.MAX_BYTES + 1)
    except OSError as trouble:
        entry.wrong("file", "a file that can be read", f"{shown(given['file'])} ({trouble.strerror or trouble})")
        return contexts
    if len(raw) > strict_json.MAX_BYTES:
        entry.wrong("file", f"a file of at most {strict_json.MAX_BYTES:,} bytes", "a larger one")
        return contexts
    before = known() if contexts is None else contexts
    return _made(entry, "", "a context", lambda: before.adding(given["url"], raw, sha256=given["sha256"])) or contexts


def _content_meant(value: object) -> str:
    name = shown(value) if isinstance(value, str) and _WORD.fullmatch(value) else '"port_of_discharge"'
    return f"{{ field = {name}, present = true }}"


def _content(entry: Table) -> Rule | None:
    from ebl.bill import table  # for files that have such a rule

    name = entry.text("field", "", _WORD, "text such as port_of_discharge")
    asked = {key: entry.any(key) for key in ("equals", "one_of", "matches", "present", "which")}
    entry.end()
    if name not in table().fields:
        if not entry.is_wrong("field"):
            alike = table().alike(name) or ("port_of_discharge",)
            entry.wrong("field", f"a name such as {' or '.join(alike)}", shown(name) if name else "nothing")
        return None
    given = {key: value for key, value in asked.items() if value is not None}
    kinds = {"one_of": (list, "a list"), "matches": (str, "text"), "which": (str, "every or any")}
    for key, (kind, expected) in kinds.items():
        if key in given and not isinstance(given[key], kind):
            entry.wrong(key, expected, shown(given[key]))
    if given.get("present", True) is not True:
        entry.wrong("present", "true (or leave the rule out)", shown(given["present"]))
    if entry.is_wrong():
        return None
    try:
        return Rule(f"content.{name}", HasField(name, **given))
    except InvalidInput as bad:
        for problem in bad.problems:
            entry.wrong(problem.pointer, problem.expected, problem.came, detail=problem.detail)
        return None


def _made(table: Table, key: str, expected: str, make: Callable[[], T]) -> T | None:
    """What the caller's values make, or None with the mistake noted, in the words of who refuses it."""
    try:
        return make()
    except InvalidInput as bad:
        table.wrong(
            key, expected, "another value", detail=f"{bad.message.removeprefix('address: ')} {bad.fix}".rstrip()
        )
        return None


def _contradictions(rules: Sequence[Rule]) -> Iterator[Problem]:
    """Each two rules that nothing can meet together, said of the later one."""
    for one, other in combinations(rules, 2):
        if (why := contradiction(one, other)) is not None:
            yield Problem(
                f"/{other.rule.replace('.', '/')}",
                f"a rule that can hold beside [{one.rule}]",
                "one that cannot",
                f"[{one.rule}] and [{other.rule}] contradict each other: {why}. Change one of them, or leave it out.",
            )
