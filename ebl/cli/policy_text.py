"""The text of a policy file: the answers, with a comment for each rule for later readers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from ebl.config.documentation import page
from ebl.model.contract import Contract


@dataclass(frozen=True, slots=True)
class AcceptedIssuer:
    """An issuer to accept: ``key`` is domain, under or did. ``registries`` are the token registries known to be theirs."""

    key: str
    name: str
    until: date | None = None
    registries: tuple[Contract, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers for the file. No issuer means any issuer. An empty value or None writes the rule as a comment only."""

    issuers: tuple[AcceptedIssuer, ...] = ()
    chains: tuple[int, ...] = ()
    dnssec: str = "prefer"
    agree: int = 2
    resolvers: tuple[str, ...] = ("public",)
    wildcard: bool = False
    finality: str = "latest"
    nodes_agree: int = 2
    max_age: int = 60
    title: bool = False
    vouched: bool = True
    state: str | None = None
    holder: str | None = None
    owner: str | None = None
    formats: tuple[str, ...] = ()
    whole: str = "require"
    names: dict[int, str] = field(default_factory=dict)
    """The names of chains, for the comments."""


def text(answers: Answers) -> str:
    """The file, as `ebl.policies.policy_file` reads it."""
    return "\n".join(_lines(answers)) + "\n"


def _lines(a: Answers) -> Iterator[str]:
    yield "# Whom we accept, and what assurance we require. ebl policy explain shows this file in plain words."
    yield "# A rule that begins with # is off."
    yield from _section("issuers")
    if a.issuers:
        yield from _comment(
            "Every issuer has to be verified to be one of these: a domain, every domain under one, or a DID. since and until are",
            "the first and last day of the trust. registries are the token registries known to be the issuer's; what the issuer",
            "itself publishes counts as well, unless this file lists the registry for another issuer.",
        )
        yield "trusted = ["
        yield from (f"  {_issuer(one)}," for one in a.issuers)
        yield "]"
    else:
        yield from _comment(
            'Any issuer is accepted, known or not. For a list: trusted = [{ domain = "carrier.example" }]'
        )
        yield "any = true"
    yield from _section("chains")
    yield from _comment("Everything on chain has to be on one of these chains: names, or chain ids.")
    named = ", ".join(a.names.get(number, str(number)) for number in a.chains)
    yield _rule("accepted", f"[{', '.join(map(str, a.chains))}]" if a.chains else None, "[1]", named)
    yield from _section("dns")
    yield from _comment(
        "dnssec: require refuses a record that DNSSEC does not prove; prefer uses DNSSEC if the domain is signed. agree: how",
        "many resolvers have to return the same if DNSSEC proves nothing. wildcard: whether a wildcard record counts.",
    )
    yield _rule("dnssec", _text(a.dnssec))
    yield _rule("agree", str(a.agree))
    yield _rule("resolvers", _texts(a.resolvers) if a.resolvers else None, '["public"]')
    yield _rule("wildcard", str(a.wildcard).lower())
    yield from _section("blocks")
    yield from _comment(
        "finality: the block that each chain is read at, latest, safe or finalized. agree: how many nodes, on distinct hosts,",
        "have to return the same. max_age_minutes: the accepted age of that block. prove: stores and titles are verified with",
        "storage proofs.",
    )
    yield _rule("finality", _text(a.finality))
    yield _rule("agree", str(a.nodes_agree))
    yield _rule("max_age_minutes", str(a.max_age))
    yield _rule("prove", None, "true")
    yield from _section("title")
    yield from _comment(
        "required: the document has to have a title. registry: a title's registry has to be named by its issuer or by this file.",
        "state: held, returned or taken_out. holder and owner: these addresses have possession, and the right to the goods.",
    )
    yield _rule("required", "true" if a.title else None, "true")
    yield _rule("registry", _text("vouched") if a.vouched else None, '"vouched"')
    yield _rule("state", _text(a.state) if a.state else None, '"held"')
    yield _rule("holder", _text(a.holder) if a.holder else None, '"0x…"')
    yield _rule("owner", _text(a.owner) if a.owner else None, '"0x…"')
    yield from _section("document")
    yield from _comment(
        "formats: oa2, oa3, vc or vp. whole: require leaves the verdict open if a part that may be hidden could change it.",
        "withheld = false refuses every document of which a field is withheld.",
    )
    yield _rule("formats", _texts(a.formats) if a.formats else None, '["oa2", "oa3", "vc", "vp"]')
    yield _rule("whole", _text(a.whole))
    yield _rule("withheld", None, "false")
    yield from _section("presentation")
    yield from _comment(
        "It has to be a verifiable presentation for this domain, which is ours, and this challenge, which we sent. Any other",
        "document is refused then. A challenge is new each time: ebl verify --challenge.",
    )
    yield _rule("domain", None, '"bank.example"')
    yield _rule("challenge", None, '"…"')
    yield from _section("credentials")
    yield from _comment(
        "list_issuers: status lists of these count as well as those of a credential's own issuer. contexts: JSON-LD contexts",
        "that we accept, each by its URL, a file next to this one, and the SHA-256 of that file.",
    )
    yield _rule("list_issuers", None, '["did:web:lists.example"]')
    yield _rule("contexts", None, '[{ url = "https://carrier.example/v1", file = "v1.json", sha256 = "…" }]')
    yield ""
    yield from _comment(
        f"What the bill has to contain, in a table of its own for each field ({page('bill')} lists them); for example:",
        '[[content]] with the lines: field = "port_of_discharge" and: one_of = ["SGSIN", "Singapore"]',
    )


def _section(name: str) -> Iterator[str]:
    yield ""
    yield f"[{name}]"


def _comment(*lines: str) -> Iterator[str]:
    return (f"# {line}" for line in lines)


def _rule(key: str, value: str | None, example: str = "", comment: str = "") -> str:
    """A key with its value. Without a value, the rule is a comment with an example."""
    if value is None:
        return f"# {key} = {example}"
    return f"{key} = {value}{f'  # {comment}' if comment else ''}"


def _issuer(one: AcceptedIssuer) -> str:
    until = f", until = {one.until.isoformat()}" if one.until else ""
    known = ", ".join(f"{{ chain = {each.chain_id}, address = {_text(each.address)} }}" for each in one.registries)
    return f"{{ {one.key} = {_text(one.name)}{until}{f', registries = [{known}]' if known else ''} }}"


def _texts(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(value: str) -> str:
    """A TOML string: JSON has the same escapes, except for one character."""
    return json.dumps(value).replace("\x7f", "\\u007f")
