"""A policy file is read whole or not at all, explains itself, and names its rule in every refusal."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ebl.cli import main
from ebl.codes import Doubt, Failure
from ebl.config.networks import pace
from ebl.config.settings import NetworkSettings
from ebl.errors import InvalidInput
from ebl.identity.dns_txt import DnsTxt
from ebl.model.document import Document, Issuer
from ebl.model.findings import Failed, Group, Passed, Unknown, Verdict
from ebl.model.ports import Block, Sources, TxtRecords
from ebl.model.wholeness import of_leaves
from ebl.policy import load, parse
from ebl.sources import offline
from ebl.verify import examine

STORE = "0x142Ca30e3b78A840a82192529cA047ED759a6F7e"
WHOLE = f"""
[issuers]
trusted = [
  {{ domain = "carrier.example", since = 2024-01-01, until = 2027-12-31 }},
  {{ under = "line.example" }},
  {{ did = "did:web:third.example" }},
]
[chains]
accepted = [1, "polygon"]
[contracts]
stores = [{{ chain = 1, address = "{STORE}" }}]
registries = [{{ chain = 137, address = "{STORE.lower()}" }}]
[dns]
dnssec = "require"
agree = 2
resolvers = ["public", "udp://192.0.2.1"]
wildcard = false
[blocks]
finality = "finalized"
agree = 2
max_age_minutes = 30
[title]
required = true
state = "held"
holder = "{STORE}"
owner = "{STORE}"
[document]
formats = ["oa2", "oa3"]
withheld = false
"""
CONTENT = """
[[content]]
field = "vessel"
equals = "MV A"
[[content]]
field = "goods.hs_code"
one_of = ["0901"]
which = "any"
[[content]]
field = "number"
matches = "A.*"
[[content]]
field = "terms"
present = true
"""
NOW = datetime(2026, 6, 15, tzinfo=UTC)


def test_a_whole_file_is_read_and_explains_itself() -> None:
    policy = parse(WHOLE)
    assert [rule.rule for rule in policy.rules] == [
        "issuers.trusted", "chains.accepted", "contracts.stores", "contracts.registries", "dns.dnssec", "dns.wildcard",
        "blocks.finality", "blocks.agree", "blocks.max_age_minutes",
        "title.required", "title.state", "title.holder", "title.owner", "document.formats", "document.withheld",
    ]  # fmt: skip
    assert policy.explain()[0] == (
        "[issuers.trusted] every issuer is one of: carrier.example from 2024-01-01 until 2027-12-31;"
        " line.example and every domain under it; did:web:third.example."
    )
    asked = policy.settings
    assert (asked.dnssec, asked.resolvers_agree, asked.finality, asked.nodes_agree) == ("prefer", 2, "finalized", 2)
    assert asked.resolver == ("public", "udp://192.0.2.1")


def test_the_smallest_file_says_whom_it_trusts() -> None:
    policy = parse("[issuers]\ntrusted = [{ domain = 'carrier.example' }]")
    assert policy.said == {} and policy.settings == NetworkSettings()
    (anybody,) = parse("[issuers]\nany = true").explain()
    assert anybody == "[issuers.any] any issuer is accepted, known to you or not."


def test_a_file_explains_itself_in_chinese() -> None:
    told = parse(WHOLE).explain("zh-Hans")
    assert told[0] == (
        "[issuers.trusted] 每个签发人均在以下之列：carrier.example（自 2024-01-01 至 2027-12-31）；"
        "line.example 及其下的所有域名；did:web:third.example。"
    )
    assert "[blocks.finality] 读取每条链最终确定的区块。" in told
    assert [line for line in told if not line.endswith("。")] == []


@pytest.mark.parametrize(
    ("text", "place"),
    (
        ("", "/issuers"),
        ("[issuers]", "/issuers/trusted"),
        ("[issuers]\ntrusted = []", "/issuers/trusted"),
        ("[issuers]\ntrusted = 'carrier.example'", "/issuers/trusted"),
        ("[issuers]\ntrusted = ['carrier.example']", "/issuers/trusted/0"),
        ("[issuers]\ntrusted = [{ domain = 'Carrier.example' }]", "/issuers/trusted/0"),
        ("[issuers]\ntrusted = [{ domain = 'a.example', did = 'did:web:a.example' }]", "/issuers/trusted/0"),
        ("[issuers]\ntrusted = [{ name = 'a.example' }]", "/issuers/trusted/0/name"),
        ("[issuers]\ntrusted = [{ domain = 'a.example', until = '2027' }]", "/issuers/trusted/0/until"),
        (
            "[issuers]\ntrusted = [{ domain = 'a.example', since = 2027-01-01, until = 2026-01-01 }]",
            "/issuers/trusted/0/until",
        ),
        ("[issuers]\nany = 'yes'", "/issuers/any"),
        ("[issuers]\nany = true\ntrusted = [{ domain = 'a.example' }]", "/issuers/trusted"),
        ("[issuers]\nany = true\n[chains]\naccepted = ['nowhere']", "/chains/accepted/0"),
        ("[issuers]\nany = true\n[chains]\naccepted = [true]", "/chains/accepted/0"),
        ("[issuers]\nany = true\n[chains]\naccepted = 1", "/chains/accepted"),
        (
            "[issuers]\nany = true\n[contracts]\nstores = [{ chain = 1, address = '0x12' }]",
            "/contracts/stores/0/address",
        ),
        ("[issuers]\nany = true\n[contracts]\nstores = [{ address = '" + STORE + "' }]", "/contracts/stores/0/chain"),
        ("[issuers]\nany = true\n[dns]\ndnssec = 'maybe'", "/dns/dnssec"),
        ("[issuers]\nany = true\n[dns]\nagree = 0", "/dns/agree"),
        ("[issuers]\nany = true\n[dns]\nwildcards = false", "/dns/wildcards"),
        ("[issuers]\nany = true\n[blocks]\nfinality = 'soon'", "/blocks/finality"),
        ("[issuers]\nany = true\n[blocks]\nmax_age_minutes = 0", "/blocks/max_age_minutes"),
        ("[issuers]\nany = true\n[title]\nholder = 'me'", "/title/holder"),
        ("[issuers]\nany = true\n[title]\nstate = 'lost'", "/title/state"),
        ("[issuers]\nany = true\n[document]\nformats = ['pdf']", "/document/formats"),
        ("[issuers]\nany = true\n[documents]\nwithheld = false", "/documents"),
    ),
)
def test_a_mistake_is_named_by_its_place(text: str, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    assert place in [problem.pointer for problem in caught.value.problems]


ANY = "[issuers]\nany = true\n"


@pytest.mark.parametrize(
    ("text", "said"),
    (
        (
            "[issuers]\ntrusted = ['carrier.example']",
            '/issuers/trusted/0: expected a table, such as { domain = "carrier.example" }; got "carrier.example"',
        ),
        (
            "[issuers]\ntrusted = ['did:web:line.example']",
            '/issuers/trusted/0: expected a table, such as { did = "did:web:line.example" }; got "did:web:line.example"',
        ),
        (
            "[issuers]\ntrusted = 'line.example'",
            '/issuers/trusted: expected a list of tables, such as [{ domain = "line.example" }]; got "line.example"',
        ),
        (
            "[issuers]\ntrusted = [{ domain = 'a.example', did = 'did:web:a.example' }]",
            "/issuers/trusted/0: expected one of domain, under and did, such as"
            ' { domain = "carrier.example" }; got domain and did',
        ),
        (
            "[issuers]\ntrusted = [{ until = 2027-01-01 }]",
            "/issuers/trusted/0: expected one of domain, under and did, such as"
            ' { domain = "carrier.example" }; got none of them',
        ),
        (
            "[issuers]\ntrusted = [{ domain = 'Carrier.Example' }]",
            "/issuers/trusted/0: 'Carrier.Example' is not a plain domain name. Perhaps carrier.example.",
        ),
        (
            "[issuers]\nany = true\ntrusted = [{ domain = 'a.example' }]",
            "/issuers/trusted: expected no list together with any = true, which accepts every issuer; got a list",
        ),
        (
            ANY + "[chains]\naccepted = [true]",
            "/chains/accepted/0: expected a chain id, or the name of a network in quotes; got true",
        ),
        (
            ANY + f"[contracts]\nstores = ['{STORE}']",
            f'/contracts/stores/0: expected a table, such as {{ chain = 1, address = "{STORE}" }}; got "{STORE}"',
        ),
        (
            ANY + "[contracts]\nregistries = [{ chain = 1 }]",
            "/contracts/registries/0/address: expected an address, 0x and 40 hex digits in quotes; got nothing",
        ),
        (
            ANY + "[title]\nholder = 17",
            "/title/holder: expected an address, 0x and 40 hex digits in quotes; got 17",
        ),
        (ANY + "[document]\nwithheld = 'no'", '/document/withheld: expected true or false; got "no"'),
    ),
)
def test_a_mistake_is_said_once_in_a_sentence_with_the_form_that_is_meant(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    assert [str(problem) for problem in caught.value.problems] == [said]


def spoilt() -> Iterator[tuple[str, dict[str, Any]]]:
    """A whole file with one of its values replaced by each kind of value that it cannot be."""

    def places(inner: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
        rows = inner.items() if isinstance(inner, dict) else enumerate(inner) if isinstance(inner, list) else ()
        for key, value in rows:
            yield (*at, key), value
            yield from places(value, (*at, key))

    content = tomllib.loads(WHOLE + CONTENT)
    for at, value in places(content):
        for wrong in (True, -1, 1.5, "?", "", date(2020, 1, 1), [], [[]], {"odd": 1}):
            changed = copy.deepcopy(content)
            place = changed
            for key in at[:-1]:
                place = place[key]
            place[at[-1]] = wrong
            if type(wrong) is not type(value) or wrong in (-1, "?"):
                yield "/" + "/".join(map(str, at)), changed


def test_whatever_value_is_wrong_one_mistake_is_named_and_it_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    for place, content in spoilt():
        monkeypatch.setattr("ebl.policies.policy_file.read_toml", lambda text, name, content=content: content)
        try:
            parse("")
        except InvalidInput as caught:
            lines = [str(problem) for problem in caught.problems]
            assert len(lines) == 1 or all("contradict" in line for line in lines[1:]), (place, lines)
            assert lines[0].startswith(place.rpartition("/")[0]), (place, lines)
            assert re.fullmatch(r"\S+: (expected [^;]+; got [^;]{1,200}|[^;]+\.)", lines[0]), lines[0]
            assert not re.search(r"got [A-Z]|: : |expected [A-Z]|; got expected", lines[0]), lines[0]
        else:
            taken.append((place, content))
    # what is taken after all: a day of 2020 that a trust began on, resolvers, which are read when they are asked, and what a
    # field is compared with, which may be a number or a day as well
    may_be = {"/issuers/trusted/0/since", "/dns/resolvers", "/content/0/equals", "/content/1/one_of"}
    assert {re.sub(r"/\d$", "", place) for place, _ in taken} <= may_be, taken


@pytest.mark.parametrize(
    ("text", "place"),
    (
        ("[chains]\naccepted = []", "/chains/accepted"),
        ("[contracts]\nstores = []", "/contracts/stores"),
        ("[contracts]\nregistries = []", "/contracts/registries"),
        ("[document]\nformats = []", "/document/formats"),
    ),
)
def test_an_empty_list_that_nothing_can_be_in_is_a_mistake(text: str, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(ANY + text)
    (problem,) = caught.value.problems
    assert (problem.pointer, problem.came) == (place, "an empty list")
    with pytest.raises(
        InvalidInput, match=r"/issuers/trusted: expected at least one issuer that you trust.*; got none"
    ):
        parse("[issuers]\ntrusted = []")


@pytest.mark.parametrize(
    ("text", "one", "other"),
    (
        (f"{ANY}[title]\nstate = 'returned'\nholder = '{STORE}'", "title.state", "title.holder"),
        (f"{ANY}[title]\nstate = 'taken_out'\nowner = '{STORE}'", "title.state", "title.owner"),
        (
            f"{ANY}[chains]\naccepted = [137]\n[contracts]\nstores = [{{ chain = 1, address = '{STORE}' }}]",
            "chains.accepted",
            "contracts.stores",
        ),
        (
            f"{ANY}[chains]\naccepted = [137]\n[contracts]\nregistries = [{{ chain = 1, address = '{STORE}' }}]",
            "chains.accepted",
            "contracts.registries",
        ),
        (
            "[issuers]\ntrusted = [{ domain = 'a.example', registries = [{ chain = 1, address = '0x"
            + "11" * 20
            + f"' }}] }}]\n[contracts]\nregistries = [{{ chain = 1, address = '{STORE}' }}]",
            "issuers.trusted",
            "contracts.registries",
        ),
    ),
)
def test_two_rules_that_nothing_can_meet_are_a_mistake_that_names_both(text: str, one: str, other: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"/{other.replace('.', '/')}: [{one}] and [{other}] contradict each other: ")


@pytest.mark.parametrize(
    "text",
    (
        f"{ANY}[title]\nstate = 'held'\nholder = '{STORE}'\nowner = '{STORE}'",
        f"{ANY}[chains]\naccepted = [1, 137]\n[contracts]\nstores = [{{ chain = 1, address = '{STORE}' }}]",
        f"{ANY}[document]\nwhole = 'require'\nwithheld = false",
        f"{ANY}[document]\nwhole = 'prefer'\nwithheld = false",
        "[issuers]\ntrusted = [{ domain = 'a.example' }]\n[contracts]\nregistries = [{ chain = 1, address = '"
        + STORE
        + "' }]",
    ),
)
def test_rules_that_something_can_meet_are_taken(text: str) -> None:
    assert parse(text).rules


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse("[issuers]\nany = 1\n[dns]\nagree = 'two'\n[blocks]\nfinality = 3", "bank.toml")
    assert len(caught.value.problems) >= 3
    assert "bank.toml has mistakes" in str(caught.value)


@pytest.mark.parametrize("value", ["[" * 5_000, "{a=" * 5_000, "9" * 5_000, "0x" + "f" * 5_000])
def test_a_value_that_python_cannot_read_or_show_is_the_callers_mistake(value: str) -> None:
    with pytest.raises(InvalidInput, match=r"nested too deeply|is not TOML"):
        parse(f"[issuers]\nany = true\n[dns]\nagree = {value}")


def test_a_key_that_is_not_known_is_answered_with_those_that_are_and_a_name_with_the_one_that_may_be_meant() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse("[issuers]\ntrusted = [{ domain = 'https://Carrier.example/' }]\n[blocks]\nfinalty = 'safe'\n[chain]\n")
    said = str(caught.value)
    assert "Perhaps carrier.example" in said
    assert "/blocks/finalty: expected one of finality, " in said
    assert "/chain: expected one of issuers, chains, " in said


def test_a_file_that_is_no_toml_or_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is not TOML"):
        parse("[issuers")
    with pytest.raises(InvalidInput, match="cannot be read"):
        load(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xff")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        load(tmp_path / "latin.toml")
    (tmp_path / "bank.toml").write_text(WHOLE, encoding="utf-8")
    assert load(tmp_path / "bank.toml") == parse(WHOLE)


class World:
    id = 1
    block = Block(1, 7, "0x" + "00" * 32, NOW, "latest")

    def __init__(self, records: TxtRecords) -> None:
        self.records = records

    def txt(self, name: str) -> TxtRecords:
        return self.records

    @property
    def sources(self) -> Sources:
        return Sources(pace=pace, chain=lambda chain_id: self, dns=self, fetch=offline().fetch, now=NOW)  # type: ignore[arg-type,return-value]


def examined(policy: str, records: TxtRecords) -> tuple[Verdict, list[Failed | Unknown | Passed]]:
    document = Document(
        "oa2", None, (Issuer("Carrier", identity=(DnsTxt("carrier.example", 1, STORE),)),), (), {}, {},
        status=(DnsTxt("carrier.example", None, STORE),), whole=of_leaves(3, "issuers"),
    )  # fmt: skip
    report = examine(document, parse(policy).policy, sources=World(records).sources)
    ruled = [f for f in report.findings if f.group is Group.POLICY and isinstance(f, Failed | Unknown | Passed)]
    return report.verdict, ruled


RECORD = f"openatts net=ethereum netId=1 addr={STORE}"


def test_each_rule_is_a_finding_and_every_refusal_begins_with_its_name() -> None:
    policy = """
    [issuers]
    trusted = [{ domain = "other.example" }]
    [dns]
    dnssec = "require"
    [blocks]
    finality = "finalized"
    [document]
    formats = ["oa2"]
    whole = "require"
    withheld = false
    """
    verdict, findings = examined(policy, TxtRecords("carrier.example", (RECORD,), dnssec="insecure"))
    assert verdict is Verdict.INVALID
    assert [(type(f).__name__, f.check) for f in findings] == [
        ("Failed", "issuers.trusted"),
        ("Failed", "dns.dnssec"),
        ("Unknown", "blocks.finality"),
        ("Passed", "document.formats"),
        ("Unknown", "document.whole"),
        ("Failed", "document.withheld"),
    ]
    for finding in findings:
        if not isinstance(finding, Passed):
            assert finding.detail.startswith(f"[{finding.check}] ")
    assert [f.failure for f in findings if isinstance(f, Failed)] == [
        Failure.UNEXPECTED_ISSUER,
        Failure.DNS_NOT_SIGNED,
        Failure.WITHHELD,
    ]


def test_what_one_rule_cannot_tell_does_not_excuse_what_another_lacks() -> None:
    for rules in ("[blocks]\nfinality = 'safe'\n[title]\nrequired = true", "[title]\nrequired = true"):
        policy = f"[issuers]\ntrusted = [{{ domain = 'carrier.example' }}]\n{rules}"
        verdict, findings = examined(policy, TxtRecords("carrier.example", (RECORD,)))
        assert verdict is Verdict.INVALID
        assert [f.check for f in findings if isinstance(f, Failed)] == ["title.required"]


def test_a_source_that_is_not_good_enough_leaves_the_verdict_open() -> None:
    policy = "[issuers]\ntrusted = [{ domain = 'carrier.example' }]\n[blocks]\nfinality = 'safe'"
    verdict, findings = examined(policy, TxtRecords("carrier.example", (RECORD,)))
    assert verdict is Verdict.INDETERMINATE
    assert [f.doubt for f in findings if isinstance(f, Unknown)] == [Doubt.CHAIN_NO_FINALITY]


@pytest.mark.parametrize(
    ("rules", "options", "said"),
    (
        ("[title]\nstate = 'returned'", ("--holder", STORE), "only a title in circulation (held) has a holder"),
        ("[title]\nstate = 'taken_out'", ("--owner", STORE), "only a title in circulation (held) has a beneficiary"),
        (f"[title]\nholder = '{STORE}'", ("--holder", "0x" + "11" * 20), "a title has one holder"),
        ("[dns]\ndnssec = 'require'", ("--dnssec", "off"), "[dns.dnssec] of the policy"),
        ("[blocks]\nfinality = 'finalized'", ("--finality", "safe"), "[blocks.finality] of the policy"),
        ("[blocks]\nagree = 3", ("--nodes-agree", "2"), "[blocks.agree] of the policy"),
    ),
)
def test_an_option_that_a_rule_can_never_meet_is_a_mistake(
    tmp_path: Path, rules: str, options: tuple[str, ...], said: str
) -> None:
    (tmp_path / "bank.toml").write_text(f"{ANY}{rules}", encoding="utf-8")
    (tmp_path / "bill.json").write_text("{}", encoding="utf-8")
    asked = ["verify", str(tmp_path / "bill.json"), "--policy", str(tmp_path / "bank.toml"), *options]
    done = CliRunner().invoke(main, asked)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split()) and "contradict each other" in " ".join(done.stderr.split())


def test_an_option_that_is_as_strict_as_a_rule_goes_with_it() -> None:
    found = parse(f"{ANY}[dns]\ndnssec = 'require'\n[blocks]\nfinality = 'safe'\nagree = 2")
    for rule, good in (("dns.dnssec", "prefer"), ("blocks.finality", "finalized"), ("blocks.agree", 3)):
        assert found.can_be_met(rule, good)
    assert parse(ANY).can_be_met("blocks.agree", 1)
