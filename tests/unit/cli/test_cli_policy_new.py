"""`ebl policy new` writes what was answered, as a file that is read back as just that, and over no other file."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click import Context
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from ebl.cli import main
from ebl.cli.policy_text import AcceptedIssuer, Answers, text
from ebl.errors import InvalidInput
from ebl.ethereum.address import checksummed
from ebl.identity.trusted import Trusted
from ebl.model.contract import Contract
from ebl.policy import AgreedBy, DnsAssured, FreshWithin, IssuedByTrusted, OnChains, PolicyFile, Settled, load, parse

REGISTRY = checksummed("0x142ca30e3b78a840a82192529ca047ed759a6f7e")
STRICT = {
    "issuers.trusted",
    "dns.agree",
    "dns.wildcard",
    "blocks.finality",
    "blocks.agree",
    "blocks.max_age_minutes",
    "title.registry",
    "document.whole",
}


def ebl(*words: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["policy", "new", *map(str, words)], input=stdin)


def rules(found: PolicyFile) -> dict[str, Any]:
    return {rule.rule: rule.policy for rule in found.rules}


def test_an_issuer_is_enough_and_the_strict_rules_are_on(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    done = ebl(file, "--issuer", "Carrier.example.")
    assert done.exit_code == 0, done.output
    found = load(file)
    assert set(rules(found)) == STRICT
    assert rules(found)["issuers.trusted"] == IssuedByTrusted(Trusted(domain="carrier.example"))
    assert "[title.registry]" in done.stderr and f"--policy {file}" in done.stderr
    asked = found.settings
    assert (asked.resolvers_agree, asked.nodes_agree, asked.resolver, asked.dnssec) == (2, 2, ("public",), "prefer")
    explained = CliRunner().invoke(main, ["policy", "explain", str(file)])
    assert explained.exit_code == 0 and explained.stdout.count("\n") == len(found.explain())


def test_every_answer_has_an_option(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    words = (
        *("--issuer", "carrier.example", "--issuer", "did:web:line.example:x", "--under", "group.example"),
        *("--until", "carrier.example", "2030-12-31", "--registry", "carrier.example", "polygon", REGISTRY),
        *("--registry", "did:web:line.example:x", "1", REGISTRY.lower(), "--chain", "mainnet", "--chain", "137"),
        *("--dnssec", "require", "--agree", "1", "--resolver", "udp://192.0.2.1", "--wildcard"),
        *("--finality", "safe", "--nodes-agree", "3", "--max-age", "30", "--title", "--not-vouched", "--state", "held"),
        *("--holder", REGISTRY.lower(), "--owner", REGISTRY, "--format", "vc", "--whole", "prefer"),
    )
    assert ebl(file, *words).exit_code == 0
    found = rules(load(file))
    assert found["issuers.trusted"].accepts == {
        Trusted(domain="carrier.example", until=date(2030, 12, 31), registries=frozenset({Contract(137, REGISTRY)})),
        Trusted(did="did:web:line.example:x", registries=frozenset({Contract(1, REGISTRY)})),
        Trusted(under="group.example"),
    }
    assert found["chains.accepted"] == OnChains(frozenset({1, 137}))
    assert found["dns.dnssec"] == DnsAssured(True, 1)
    assert found["blocks.finality"] == Settled("safe")
    assert found["blocks.agree"] == AgreedBy(3)
    assert found["blocks.max_age_minutes"] == FreshWithin(timedelta(minutes=30))
    assert {"title.required", "title.state", "title.holder", "title.owner", "document.formats"} <= set(found)
    assert not {"title.registry", "document.whole", "dns.wildcard"} & set(found)
    here = Context(main)
    options = {
        name
        for parameter in main.get_command(here, "policy").get_command(here, "new").params
        for name in parameter.opts
    }  # type: ignore[union-attr,attr-defined]
    assert options - {"file", "--any-issuer", "--vouched", "--yes", "-h", "--help"} <= set(words)


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    file.write_text("mine", "utf-8")
    done = ebl(file, "--issuer", "carrier.example")
    assert done.exit_code != 0 and "exists already" in done.stderr
    assert file.read_text("utf-8") == "mine"


def test_the_file_may_go_to_stdout() -> None:
    done = ebl("-", "--any-issuer")
    assert done.exit_code == 0
    assert "issuers.any" in rules(parse(done.stdout))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "Name whom you accept"),
        (("--any-issuer", "--issuer", "carrier.example"), "do not go with it"),
        (("--issuer", "localhost"), "not a plain domain name"),
        (("--issuer", "did:web:a b"), "DID"),
        (("--under", "co.uk"), "public suffix"),
        (
            ("--issuer", "carrier.example", "--until", "other.example", "2030-01-01"),
            "other.example is not among the issuers",
        ),
        (("--issuer", "carrier.example", "--until", "carrier.example", "soon"), "2027-12-31"),
        (("--issuer", "carrier.example", "--registry", "carrier.example", "1", "0x12"), "address"),
        (("--issuer", "carrier.example", "--chain", "atlantis"), "atlantis"),
        (("--issuer", "carrier.example", "--resolver", "dns9"), "dns9"),
        (("--issuer", "carrier.example", "--resolver", "udp://192.0.2.1", "--agree", "2"), "agree"),
        (("--issuer", "carrier.example", "--holder", "0x1"), "holder"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    file = tmp_path / "bank.toml"
    done = ebl(file, *words)
    assert done.exit_code == 2, done.output
    assert told in done.stderr
    assert not file.exists()


def test_without_several_resolvers_one_is_asked_to_agree(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    assert ebl(file, "--issuer", "carrier.example", "--resolver", "udp://192.0.2.1").exit_code == 0
    assert load(file).settings.resolvers_agree == 1


class _Terminal:
    """Says of a stream that a person sits before it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def isatty(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def test_on_a_terminal_it_asks_for_what_was_not_given_and_again_for_what_it_cannot_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ebl.cli.policy_new_command as module

    monkeypatch.setattr(module, "sys", type("Sys", (), {"stdin": _Terminal(sys.stdin)}))
    file = tmp_path / "bank.toml"
    answers = [
        "nobody",  # no domain: asked again
        "carrier.example, did:web:line.example",
        f"1 {REGISTRY}, polygon {REGISTRY}",
        "",
        "mainnet polygon",
        "",  # resolvers
        "",  # dnssec
        "99",  # agree: more than there are
        "2",
        "1",  # nodes
        "",  # finality
        "45",
        "",  # whole
        "maybe",
        "no",  # vouched
        "yes",  # a title
    ]
    done = ebl(file, stdin="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    found = rules(load(file))
    both = frozenset({Contract(1, REGISTRY), Contract(137, REGISTRY)})
    assert found["issuers.trusted"].accepts == {
        Trusted(domain="carrier.example", registries=both),
        Trusted(did="did:web:line.example"),
    }
    assert found["blocks.finality"] == Settled("finalized") and found["blocks.max_age_minutes"].age == timedelta(
        minutes=45
    )
    assert "title.required" in found and not {"title.registry", "blocks.agree"} & set(found)
    assert "Expected yes or no" in done.stderr and "not a plain domain name" in done.stderr
    quick = tmp_path / "quick.toml"
    assert ebl(quick, "--issuer", "carrier.example", "--yes").exit_code == 0  # asks nothing, though it could
    assert set(rules(load(quick))) == STRICT


_CONTRACTS = st.builds(Contract, st.integers(1, 2**40), st.just(REGISTRY))
_ISSUERS = st.builds(
    AcceptedIssuer,
    st.sampled_from(["domain", "under"]),
    st.sampled_from(["carrier.example", "line.example", "xn--fiqs8s.example"]),
    st.none() | st.dates(date(2026, 1, 1)),
    st.lists(_CONTRACTS, max_size=3).map(tuple),
) | st.builds(
    AcceptedIssuer, st.just("did"), st.sampled_from(["did:web:a.example:x", "did:key:zDna"]), st.none(), st.just(())
)
_ANSWERS = st.builds(
    Answers,
    issuers=st.lists(_ISSUERS, max_size=4).map(tuple),
    chains=st.lists(st.integers(1, 2**40), max_size=3).map(tuple),
    dnssec=st.sampled_from(["require", "prefer", "off"]),
    agree=st.integers(1, 19),
    resolvers=st.lists(st.sampled_from(["public", "china", 'https://x/"\\d', "udp://192.0.2.1"]), max_size=3).map(
        tuple
    ),
    wildcard=st.booleans(),
    finality=st.sampled_from(["latest", "safe", "finalized"]),
    nodes_agree=st.integers(1, 19),
    max_age=st.integers(1, 10**6 - 1),
    title=st.booleans(),
    vouched=st.booleans(),
    state=st.none() | st.sampled_from(["held", "returned", "taken_out"]),
    holder=st.none(),
    owner=st.none() | st.just(REGISTRY),
    formats=st.lists(st.sampled_from(["oa2", "vc"]), unique=True).map(tuple),
    whole=st.sampled_from(["require", "prefer"]),
)


@given(_ANSWERS)
def test_whatever_is_answered_is_read_back_as_it_was(answers: Answers) -> None:
    if answers.owner is not None and answers.state not in (None, "held"):
        with pytest.raises(InvalidInput, match=r"\[title\.state\] and \[title\.owner\] contradict each other"):
            parse(text(answers))
        answers = replace(answers, owner=None)
    found = parse(text(answers))
    named = rules(found)
    made = {
        Trusted(**{one.key: one.name}, until=one.until, registries=frozenset(one.registries))  # type: ignore[arg-type]
        for one in answers.issuers
    }
    assert named["issuers.trusted"].accepts == made if made else "issuers.any" in named
    assert (
        named["chains.accepted"].chain_ids == set(answers.chains) if answers.chains else "chains.accepted" not in named
    )
    asked = found.settings
    assert (asked.resolvers_agree, asked.nodes_agree) == (answers.agree, answers.nodes_agree)
    assert found.said.get("resolver", ()) == answers.resolvers
    assert named["blocks.finality"] == Settled(answers.finality)
    expected = {
        "title.required": answers.title,
        "title.registry": answers.vouched,
        "title.state": answers.state is not None,
        "title.owner": answers.owner is not None,
        "document.whole": answers.whole == "require",
        "document.formats": bool(answers.formats),
        "dns.wildcard": not answers.wildcard,
    }
    assert {name: name in named for name in expected} == expected


def test_what_is_off_in_the_file_is_on_once_its_sign_is_taken_away() -> None:
    made = text(Answers(issuers=(AcceptedIssuer("domain", "carrier.example"),)))
    on = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and " = " in line and ":" not in line else line
        for line in made.splitlines()
        if "withheld = false refuses" not in line
    ).replace("0x…", REGISTRY)
    assert set(rules(parse(on))) > STRICT | {"title.holder", "title.owner", "document.withheld", "chains.accepted"}
