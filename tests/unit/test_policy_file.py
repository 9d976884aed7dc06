"""A policy file is read whole or not at all, explains itself, and names its rule in every refusal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ebl.codes import Doubt, Failure
from ebl.document import Document, Issuer
from ebl.errors import InvalidInput
from ebl.identity.dns_txt import DnsTxt
from ebl.policy_file import load, parse
from ebl.report import Failed, Group, Passed, Unknown, Verdict
from ebl.sources import Block, Sources, TxtRecords
from ebl.verify import examine
from ebl.wholeness import of_leaves

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
    assert (policy.dnssec, policy.agree, policy.finality, policy.nodes_agree) == ("prefer", 2, "finalized", 2)
    assert policy.resolvers == ("public", "udp://192.0.2.1")


def test_the_smallest_file_says_whom_it_trusts() -> None:
    policy = parse("[issuers]\ntrusted = [{ domain = 'carrier.example' }]")
    assert (policy.dnssec, policy.agree, policy.resolvers, policy.finality) == (None, 1, (), None)
    assert policy.nodes_agree == 1
    (anybody,) = parse("[issuers]\nany = true").explain()
    assert anybody == "[issuers.any] whoever issued it is accepted, whether you know them or not."


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


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse("[issuers]\nany = 1\n[dns]\nagree = 'two'\n[blocks]\nfinality = 3", "bank.toml")
    assert len(caught.value.problems) >= 3
    assert "bank.toml has mistakes" in str(caught.value)


@pytest.mark.parametrize("value", ["[" * 5_000, "{a=" * 5_000, "9" * 5_000, "0x" + "f" * 5_000])
def test_a_value_that_python_cannot_read_or_show_is_the_callers_mistake(value: str) -> None:
    with pytest.raises(InvalidInput, match=r"nested too deep|is not TOML"):
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
        return Sources(chain=lambda chain_id: self, dns=self, fetch=Sources.offline().fetch, now=NOW)  # type: ignore[arg-type,return-value]


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
