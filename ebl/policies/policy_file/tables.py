"""The tables of a policy file that are rules: each is read key by key, and every mistake in it is listed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import TypeVar

from ebl.chain.titles.title_challenge import VERIFIER
from ebl.chain.titles.title_state import State
from ebl.config.networks import Networks
from ebl.config.settings import Layer
from ebl.config.toml_table import TomlTable, shown
from ebl.errors import InvalidInput
from ebl.ethereum.chain_id import END, is_chain_id
from ebl.identity.trusted import Trusted
from ebl.model.contract import Contract
from ebl.policies.assurance_rules import AgreedBy, DnsAssured, FreshWithin, NoWildcard, Settled, StateProved
from ebl.policies.base_policy import Policy
from ebl.policies.content_rules import HasField
from ebl.policies.contract_rules import InRegistries, InStores, OnChains
from ebl.policies.credential_rules import ListsWithin, PresentedTo
from ebl.policies.document_rules import NothingWithheld, OfFormat, ShownWhole
from ebl.policies.issuer_rules import IssuedByTrusted, UnsafeAnyIssuer
from ebl.policies.policy_file.named_rule import Rule
from ebl.policies.presenter_rules import PresentedByHolder
from ebl.policies.title_rules import HasTitle, HeldBy, OwnedBy, RegistryVouched, TitleIn
from ebl.policies.trade_rules import PARTS, MeetsDcsa

T = TypeVar("T")

WORD = re.compile(r"[!-~]{1,300}")
TEXT = re.compile(r"[^\x00-\x1f\x7f]{1,300}")
_REGISTRY = re.compile(r"vouched")
_STATE = re.compile(r"held|returned|taken_out")
_WHOLE = re.compile(r"require|prefer")
_FORMAT = re.compile(r"oa2|oa3|vc|vp")
_PART = re.compile("|".join(PARTS))
_TD = re.compile(r"TD-[0-9]{2}")

_ISSUER = '{ domain = "carrier.example" }'
_NAMED = {"domain": '"carrier.example"', "under": '"carrier.example"', "did": '"did:web:carrier.example"'}
_CHAIN = "a chain id, or the name of a network in quotes"
_ADDRESS = "an address, 0x and 40 hex digits in quotes"


def issuers(table: TomlTable) -> Iterator[Rule]:
    """The issuers that the verifier accepts."""
    any_issuer, has_list = table.flag("any"), "trusted" in table
    trusted = [one for entry in table.tables("trusted", _issuer_meant) if (one := _trusted(entry)) is not None]
    table.end()
    if any_issuer:
        yield Rule("issuers.any", UnsafeAnyIssuer())
        if has_list:
            table.wrong("trusted", "no list together with any = true, which accepts every issuer", "a list")
    elif trusted:
        yield Rule("issuers.trusted", IssuedByTrusted(*trusted))
    elif not table.is_wrong():
        table.wrong("trusted", f"at least one issuer that you trust, such as [{_ISSUER}] (or any = true)", "none")


def _trusted(entry: TomlTable) -> Trusted | None:
    named = {key: entry.text(key, None, WORD, f"text such as {example}") for key, example in _NAMED.items()}
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
    return made(entry, "", "an issuer", partial(Trusted, **named, since=since, until=until, registries=registries))


def _issuer_meant(value: object) -> str:
    """The entry that a bare value probably means, such as a domain without its key."""
    if not isinstance(value, str) or not WORD.fullmatch(value):
        return _ISSUER
    return f"{{ {'did' if value.startswith('did:') else 'domain'} = {shown(value)} }}"


def _contract_meant(value: object) -> str:
    address = value if isinstance(value, str) and value.startswith("0x") else "0x…"
    return f'{{ chain = 1, address = "{address}" }}'


def chains(table: TomlTable, known: Networks) -> Iterator[Rule]:
    """The chains that are accepted; ``known`` have names."""
    words = table.values("accepted")
    table.end()
    ids: set[int] = set()
    for at, word in enumerate(words or ()):
        if is_chain_id(word):
            ids.add(word)
        elif not isinstance(word, str):
            table.wrong(f"accepted/{at}", _CHAIN, shown(word))
        elif (network := made(table, f"accepted/{at}", _CHAIN, partial(known.find, word))) is not None:
            ids.add(network.chain_id)
    if ids:
        yield Rule("chains.accepted", OnChains(frozenset(ids)))
    elif words == []:
        table.wrong("accepted", "at least one chain (or leave the rule out)", "an empty list")


def contracts(table: TomlTable) -> Iterator[Rule]:
    """The stores and registries that are accepted."""
    for key, kind in (("stores", InStores), ("registries", InRegistries)):
        if key in table:
            found = frozenset(filter(None, map(_contract, table.tables(key, _contract_meant))))
            if found:
                yield Rule(f"contracts.{key}", kind(found))
            elif not table.is_wrong(key):
                table.wrong(key, "at least one contract (or leave the rule out)", "an empty list")
    table.end()


def _contract(entry: TomlTable) -> Contract | None:
    chain, address = entry.number("chain", None, "a chain id", most=END), entry.text("address", None, WORD, _ADDRESS)
    entry.end()
    if entry.is_wrong():
        return None
    if address is None:
        entry.wrong("address", _ADDRESS, "nothing")
        return None
    return made(entry, "address", _ADDRESS, partial(Contract, chain, address))


def dns(table: TomlTable, said: Layer) -> Iterator[Rule]:
    """The required assurance of DNS records. ``said`` are the network settings of the table."""
    mode, agree = said.get("dnssec"), said.get("resolvers_agree", 1)
    if mode == "require" or agree > 1:
        yield Rule("dns.dnssec" if mode == "require" else "dns.agree", DnsAssured(mode == "require", agree))
    if not table.flag("wildcard", True):
        yield Rule("dns.wildcard", NoWildcard())
    table.end()


def blocks(table: TomlTable, said: Layer) -> Iterator[Rule]:
    """The block at which chains are read. ``said`` are the network settings of the table."""
    if "finality" in said:
        yield Rule("blocks.finality", Settled(said["finality"]))
    if said.get("nodes_agree", 1) > 1:
        yield Rule("blocks.agree", AgreedBy(said["nodes_agree"]))
    if "max_age" in said:
        yield Rule("blocks.max_age_minutes", FreshWithin(said["max_age"]))
    if "prove" in said:
        yield Rule("blocks.prove", StateProved())
    table.end()


def title(table: TomlTable) -> Iterator[Rule]:
    """The required state, registry, holder and beneficiary of a title."""
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
        address = table.text(key, None, WORD, _ADDRESS)
        if address is not None and (party := made(table, key, _ADDRESS, partial(kind, address))) is not None:
            yield Rule(f"title.{key}", party)
    verifier = table.text("presented_to", None, VERIFIER, "your own domain in lower case, such as bank.example")
    if verifier is not None:
        yield Rule("title.presented_to", PresentedByHolder(verifier))
    table.end()


def document(table: TomlTable) -> Iterator[Rule]:
    """The required format and wholeness of the document."""
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
    if "dcsa" in table or "dcsa_without" in table:
        parts = table.texts("dcsa", _PART, "schema and rules")
        without = table.texts("dcsa_without", _TD, 'rules, such as "TD-05"')
        if not parts and not table.is_wrong("dcsa"):
            table.wrong("dcsa", "at least one of schema and rules (or leave the rule out)", "nothing")
        elif parts and not table.is_wrong("dcsa_without"):
            rule = made(table, "dcsa_without", "rules from TD-01 to TD-23", partial(MeetsDcsa, *parts, without=without))
            if rule is not None:
                yield Rule("document.dcsa", rule)
    table.end()


def presentation(table: TomlTable) -> Iterator[Rule]:
    """The challenge and the domain that a presentation has to be made for."""
    for key in ("challenge", "domain"):
        text = table.text(key, None, TEXT, "a text of up to 300 characters")
        if text is not None:
            yield Rule(f"presentation.{key}", PresentedTo(**{key: text}))
    table.end()


def content_meant(value: object) -> str:
    """The entry that a bare value probably means."""
    name = shown(value) if isinstance(value, str) and WORD.fullmatch(value) else '"port_of_discharge"'
    return f"{{ field = {name}, present = true }}"


def content(entry: TomlTable) -> Rule | None:
    """One rule on a field of the bill; None if it has a mistake."""
    from ebl.bill import table  # for files that have such a rule

    name = entry.text("field", "", WORD, "text such as port_of_discharge")
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


def made(table: TomlTable, key: str, expected: str, make: Callable[[], T]) -> T | None:
    """What ``make`` returns, or None if it refuses the values; the mistake is then noted in the words of its error."""
    try:
        return make()
    except InvalidInput as bad:
        table.wrong(
            key, expected, "another value", detail=f"{bad.message.removeprefix('address: ')} {bad.fix}".rstrip()
        )
        return None
