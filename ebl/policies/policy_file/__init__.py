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
    agree = 2                   # resolvers that must agree, if DNSSEC does not prove the record
    resolvers = ["public"]
    wildcard = false
    [blocks]
    finality = "finalized"      # or safe, latest
    agree = 2                   # nodes of each chain that must agree
    max_age_minutes = 30
    prove = true                # verify stores and titles with storage proofs
    [title]
    required = true
    state = "held"              # or returned, taken_out
    registry = "vouched"        # the issuer or this file names it as the issuer's
    holder = "0x…"
    owner = "0x…"
    presented_to = "bank.example"   # the holder answered your challenge
    [document]
    formats = ["oa2", "oa3"]
    whole = "require"           # or prefer: what may be hidden is then a condition
    withheld = false
    list_max_age_days = 30      # of the status list of a credential
    dcsa = ["schema", "rules"]  # of DCSA's transport document
    dcsa_without = ["TD-05"]    # rules that are not required
    [presentation]
    challenge = "…"             # the one that you sent
    domain = "bank.example"     # your own
    [credentials]
    list_issuers = ["did:web:lists.example"]
    contexts = [{ url = "https://carrier.example/v1", file = "v1.json", sha256 = "…" }]
    [[content]]
    field = "port_of_discharge" # a name of docs/bank/bill.md
    equals = "SGSIN"            # or one_of = [...], matches = "...", present = true
    which = "every"             # or any, for a field that may have several values

``[[content]]`` may occur several times, once for each rule. Every table and key may be left out, except for ``[issuers]``:
to accept any issuer, write ``any = true`` there. ``schemas/policy.schema.json`` describes the whole form, for editors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ebl.config import files, networks
from ebl.config.networks import Networks
from ebl.config.settings import SETTINGS, Layer, NetworkSettings, merged
from ebl.config.toml_table import TomlTable, read_toml
from ebl.credentials.accepted import Accepted
from ebl.errors import InvalidInput, Problem
from ebl.messages.catalogue import ENGLISH, Filling, phrase, render
from ebl.model.findings import File
from ebl.policies.assurance_rules import FINALITIES, AgreedBy, DnsAssured, Settled
from ebl.policies.base_policy import contradiction
from ebl.policies.combined_policies import AllOf
from ebl.policies.policy_file import tables
from ebl.policies.policy_file.credentials_table import accepted
from ebl.policies.policy_file.named_rule import Rule

__all__ = ["KEYS", "PolicyFile", "Rule", "load", "parse"]

KEYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "dns": {"dnssec": "dnssec", "agree": "resolvers_agree", "resolvers": "resolver"},
        "blocks": {"finality": "finality", "agree": "nodes_agree", "max_age_minutes": "max_age", "prove": "prove"},
    }
)
"""The keys that are network settings (`ebl.config.settings`), by their table."""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """The content of a policy file: the ``policy``, and its network settings (``said``), without which it cannot be met.

    ``accepted`` are the contexts and the issuers of status lists that the file adds: read documents with `ebl.verify.Reader.of`
    of them.
    """

    policy: AllOf
    rules: tuple[Rule, ...]
    said: Layer = field(default_factory=dict)
    accepted: Accepted = field(default_factory=Accepted)

    @property
    def settings(self) -> NetworkSettings:
        """The network settings, with defaults for what the file does not set. They name no nodes."""
        return merged(self.said)

    def can_be_met(self, name: str, setting: str | int) -> bool:
        """Whether the rule of this name can be met with a setting of the caller's: ``latest``, for example, is not final."""
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

    def explain(self, language: str = ENGLISH) -> tuple[str, ...]:
        """Each rule and each setting as one sentence, with its place in the file."""

        def said(name: str, **params: Filling) -> str:
            return phrase("policy_text", name, language, **params)

        told = [said("rule", rule=rule.rule, sentence=_sentence(rule, language)) for rule in self.rules]
        if resolvers := self.said.get("resolver"):
            told.append(said("resolvers", resolvers=tuple(resolvers)))
        if self.said.get("dnssec") == "off":
            told.append(said("dnssec_off"))
        if dids := self.accepted.list_issuers:
            told.append(said("list_issuers", dids=tuple(dids)))
        told += [said("context", url=url, sha256=sha256) for url, sha256 in self.contexts.items()]
        return tuple(told)

    @property
    def contexts(self) -> dict[str, str]:
        """The SHA-256 of each context that the file adds to those of the library, by URL."""
        if self.accepted.contexts is None:
            return {}
        from ebl.jsonld.contexts import known

        ours = known().by_url
        return {url: one.sha256 for url, one in self.accepted.contexts.by_url.items() if url not in ours}


def _sentence(rule: Rule, language: str) -> str:
    """What a rule requires. A rule of the caller's own speaks for itself."""
    sentence = rule.sentence
    return str(rule) if sentence is None else render(sentence, language)


def load(path: Path, *, known: Networks | None = None) -> PolicyFile:
    """Reads a policy file and the contexts that it names. ``known`` are the chains that have names.

    Raises `InvalidInput`, which lists every mistake.
    """
    try:
        raw = files.load(path, limit=files.MAX_SETTINGS)
        found = parse(raw.decode("utf-8"), path.name, known=known, folder=path.parent)
    except (OSError, UnicodeDecodeError) as bad:
        raise InvalidInput(f"{path.name} cannot be read: {getattr(bad, 'strerror', None) or 'not UTF-8'}.") from bad
    return replace(found, policy=AllOf(*found.rules, file=File.of(raw, path.name)))


def parse(text: str, name: str = "the policy", *, known: Networks | None = None, folder: Path = Path()) -> PolicyFile:
    """Reads the text of a policy file; the files that it names are looked for in ``folder``.

    Raises `InvalidInput`, which lists every mistake. Rules that no document can meet are mistakes too: an empty list, and two
    rules that contradict each other.
    """
    content = read_toml(text, name)
    problems: list[Problem] = []
    top = TomlTable(content, "", problems)
    if "issuers" not in top:
        top.wrong("issuers", "a table of the issuers that you trust", "nothing")
    rules = [
        *tables.issuers(top.table("issuers")),
        *tables.chains(top.table("chains"), known or networks.load()),
        *tables.contracts(top.table("contracts")),
    ]
    dns, blocks = top.table("dns"), top.table("blocks")
    said = _settings(dns, "dns") | _settings(blocks, "blocks")
    rules += [*tables.dns(dns, said), *tables.blocks(blocks, said)]
    rules += [*tables.title(top.table("title")), *tables.document(top.table("document"))]
    rules += tables.presentation(top.table("presentation"))
    adds = accepted(top.table("credentials"), folder)
    rules += [
        rule for entry in top.tables("content", tables.content_meant) if (rule := tables.content(entry)) is not None
    ]
    top.end()
    problems += _contradictions(rules)
    if problems:
        raise InvalidInput(f"{name} has mistakes.", problems=tuple(problems))
    if said.get("dnssec") == "require":
        # A required proof is a rule: if a domain is proved not to be signed, the document is refused, and not left open.
        said["dnssec"] = "prefer"
    return PolicyFile(AllOf(*rules), tuple(rules), MappingProxyType(said), adds)


def _settings(table: TomlTable, which: str) -> dict[str, Any]:
    """The network settings of a table, within the limits of their declaration."""
    said: dict[str, Any] = {}
    for key, name in KEYS[which].items():
        setting = SETTINGS.get(name)
        if name == "resolver":
            value: Any = table.texts(key, tables.WORD, "resolvers", secret=True) or None
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


def _contradictions(rules: Sequence[Rule]) -> Iterator[Problem]:
    """A problem for each two rules that no document can meet together, at the place of the later one."""
    for one, other in combinations(rules, 2):
        if (why := contradiction(one, other)) is not None:
            yield Problem(
                f"/{other.rule.replace('.', '/')}",
                f"a rule that can be met together with [{one.rule}]",
                "one that cannot",
                f"[{one.rule}] and [{other.rule}] contradict each other: {why}. Change one of them, or leave it out.",
            )
