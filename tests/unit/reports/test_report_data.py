"""A report is complete data: what a message tells is a member too, and text and page are renderings of that data."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from ebl import __version__
from ebl.chain.contracts import token_registry_v5
from ebl.chain.titles.title_state import State
from ebl.checking.formats import read
from ebl.cli import main
from ebl.codes import Condition, Doubt, Failure
from ebl.config.schemas import load as schema
from ebl.identity.trusted import Trusted
from ebl.messages import own_words
from ebl.model.content_ids import content_ids
from ebl.model.contract import Contract
from ebl.model.document import Document, Issuer
from ebl.model.findings import Failed, File, Group, Moment, Noted, Passed, Unknown
from ebl.openattestation.redact import redact
from ebl.policy import AllOf, AnyOf, HeldBy, InStores, IssuedBy, IssuedByTrusted, Policy, TitleIn, UnsafeAnyIssuer, load
from ebl.reports import html, text
from ebl.reports.data import TELLING
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine
from ebl.wrap import to_json, wrap
from tests.unit.chain.titles import registry_chain
from tests.unit.chain.titles.registry_chain import ALICE, BOB, CAROL, REGISTRY
from tests.unit.credentials.test_present import PRESENTATION, certificate
from tests.unit.hostile.world import DOMAIN, NOW, chain_of, root, sources, v2
from tests.unit.reports.test_fragments import DOCUMENTS, WORLDS, report_of
from tests.unit.reports.test_report_schema import SCHEMA

ROOT = Path(__file__).parents[3]
TITLED = "v2 with a title"
TOLD = re.compile(r"0x[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?\b|did:[a-z]+:[^\s,;()]+|[a-z-]+\.example\b")


def data(report: Report) -> dict[str, Any]:
    """The report as it is kept: written, read, and of the schema."""
    made: dict[str, Any] = json.loads(json.dumps(report.to_dict()))
    SCHEMA.validate(made)
    return made


def titled(policy: Policy | None = None, **said: Any) -> Report:
    """A report of a title, of which its registry says this (see `registry_chain.titled`)."""
    token, chain = root(DOCUMENTS[TITLED]), chain_of(DOCUMENTS)
    chain.titles[token] = registry_chain.titled(at=REGISTRY, token=int.from_bytes(token, "big"), **said)
    return examine(to_json(DOCUMENTS[TITLED]), policy or UnsafeAnyIssuer(), sources=sources(chain))


def without_prose(made: Any) -> Any:
    """The data of a report without anything that is written for people."""
    if isinstance(made, dict):
        return {name: without_prose(value) for name, value in made.items() if name not in ("message", "sentence")}
    return [without_prose(one) for one in made] if isinstance(made, list) else made


# what a program needs -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_whoever_and_whatever_a_message_names_is_a_member_too(name: str, world: str) -> None:
    for policy in (UnsafeAnyIssuer(), IssuedBy("other.example"), HeldBy(CAROL)):
        within = WORLDS[world](sources(chain_of(DOCUMENTS)))
        made = data(examine(to_json(DOCUMENTS[name]), policy, sources=within))
        known = json.dumps(without_prose(made))
        asked = str(made["policy"])  # what the verifier itself gave
        for row in made["findings"]:
            for named in TOLD.findall(row["message"]):
                assert named.rstrip(".") in known or named in asked, row


def test_a_title_is_told_whole() -> None:
    made = data(titled())
    assert made["titles"] == [
        {
            "chain_id": 1337,
            "registry": REGISTRY,
            "token_id": made["document"]["root"],
            "version": 5,
            "state": "held",
            "holder": ALICE,
            "beneficiary": ALICE,
            "nominee": None,
            "previous_holder": None,
            "previous_beneficiary": None,
            "remark": "0x",
            "paused": False,
            "escrow": made["titles"][0]["escrow"],
            "code": "ebl",
            "proved": False,
            "not_established": None,
            "issuers": [0],
        }
    ]


@pytest.mark.parametrize(
    ("owner", "state", "code"),
    [("nobody", "not_minted", "status.not_minted"), ("registry", "returned", None), ("dead", "taken_out", None)],
)
def test_a_title_has_its_state_wherever_its_token_is(owner: str, state: str, code: str | None) -> None:
    (title,) = data(titled(owner=owner, holder=BOB, previous_holder=CAROL))["titles"]
    assert (title["state"], title["not_established"]) == (state, code)
    assert (title["holder"], title["previous_holder"]) == ((BOB, CAROL) if state == "returned" else (None, None))


def test_a_title_has_its_parties_and_its_remark() -> None:
    said = {"nominee": BOB, "previous_holder": BOB, "previous_beneficiary": CAROL, "remark": b"ok", "version": 5}
    (title,) = data(titled(beneficiary=CAROL, **said))["titles"]
    parties = ("holder", "beneficiary", "nominee", "previous_holder", "previous_beneficiary", "remark")
    assert [title[name] for name in parties] == [ALICE, CAROL, BOB, BOB, CAROL, "0x6f6b"]


def test_a_title_of_a_hostile_registry_or_one_that_could_not_be_read_is_told_as_far_as_it_is_known() -> None:
    chain = chain_of(DOCUMENTS)
    token = root(DOCUMENTS[TITLED])
    honest = registry_chain.titled(at=REGISTRY, token=int.from_bytes(token, "big"))
    chain.titles[token] = replace(honest, says={**honest.says, (REGISTRY, token_registry_v5.OWNER_OF): BOB})
    raw = to_json(DOCUMENTS[TITLED])
    (hostile,) = data(examine(raw, UnsafeAnyIssuer(), sources=sources(chain)))["titles"]
    assert (hostile["state"], hostile["not_established"]) == ("hostile", "status.hostile_registry")
    (unread,) = data(examine(raw, UnsafeAnyIssuer(), sources=offline(now=NOW)))["titles"]
    assert (unread["state"], unread["not_established"]) == (None, "source.offline")
    for title in (hostile, unread):
        assert (title["chain_id"], title["registry"], title["holder"]) == (1337, REGISTRY, None)
        assert title["token_id"] == f"0x{token.hex()}"


def test_each_credential_of_a_presentation_has_its_place() -> None:
    made = data(examine(to_json(PRESENTATION), UnsafeAnyIssuer(), sources=offline(now=NOW)))
    assert len(made["document"]["credentials"]) == len(made["issuers"]) == 2
    assert all("VerifiableCredential" in one["types"] for one in made["document"]["credentials"])
    assert made["document"]["hash"] is None and made["document"]["root"] is None
    signed = [row["about"] for row in made["findings"] if row["check"] == "signature"]
    assert {one.get("at") for one in signed} >= {"verifiableCredential[0].", "verifiableCredential[1]."}
    assert all(one["key_id"].startswith("did:key:") and one["cryptosuite"] for one in signed)
    one = data(examine(to_json(certificate()), UnsafeAnyIssuer(), sources=offline(now=NOW)))
    assert len(one["document"]["credentials"]) == 1


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_hash_and_the_root_are_those_that_the_document_states(name: str) -> None:
    document = DOCUMENTS[name]
    stated = document.get("signature") or document["proof"]
    made = data(report_of(name, sources(chain_of(DOCUMENTS))))["document"]
    assert (made["hash"], made["root"]) == (f"0x{stated['targetHash']}", f"0x{stated['merkleRoot']}")
    assert made["credentials"] == []


def test_the_leaves_are_counted_as_inspect_counts_them(tmp_path: Path) -> None:
    for name, document in DOCUMENTS.items():
        (tmp_path / "bill.json").write_bytes(to_json(document))
        shown = json.loads(CliRunner().invoke(main, ["inspect", "--json", str(tmp_path / "bill.json")]).stdout)
        assert data(report_of(name, offline(now=NOW)))["document"]["leaves"] == len(shown["fields"])


def test_what_made_it_is_told() -> None:
    made = data(titled())
    assert made["made_by"] == {"program": "ebl", "version": __version__}
    assert made["schema"] == schema("report.schema.json")["$id"]


def test_times_are_utc_and_a_block_has_its_age() -> None:
    east = timezone(timedelta(hours=8))
    within = replace(sources(chain_of(DOCUMENTS)), now=NOW.astimezone(east))
    made = data(examine(to_json(DOCUMENTS[TITLED]), UnsafeAnyIssuer(), sources=within))["as_of"]
    assert made["time"] == "2026-11-22T00:00:00Z"
    (block,) = made["blocks"]
    assert block["age_seconds"] == -12 * 3600  # the block is ahead of this clock


def test_the_bill_is_told_by_the_names_of_the_trade_and_not_at_any_length() -> None:
    raw = {
        **v2(),
        "blNumber": "BL-7",
        "shipper": {"name": "S" * 5_000},
        "containers": [{"containerNumber": f"C{n}"} for n in range(50)],
    }
    made = data(examine(to_json(wrap(raw)), UnsafeAnyIssuer(), sources=offline(now=NOW)))["bill"]
    fields = made["fields"]
    assert made["complete"] and fields["number"]["entries"] == [
        {"text": "BL-7", "value": "BL-7", "unit": None, "path": "blNumber", "is_cut": False}
    ]
    (shipper,) = fields["shipper"]["entries"]
    assert (shipper["text"], shipper["value"], shipper["is_cut"]) == ("S" * 400, None, True)
    assert any((field["count"], len(field["entries"])) == (50, 10) for field in fields.values())
    assert len(json.dumps(made)) < 10_000


def test_a_field_that_may_be_withheld_is_not_told_as_absent() -> None:
    whole = to_json(DOCUMENTS[TITLED])
    shown = to_json(redact(json.loads(whole), ["blNumber"]).document)
    nowhere = offline(now=NOW)
    before, after = (data(examine(raw, UnsafeAnyIssuer(), sources=nowhere))["bill"] for raw in (whole, shown))
    assert before["complete"] and "number" in before["fields"]
    assert not after["complete"] and "number" not in after["fields"]


# the file -------------------------------------------------------------------------------------------------------------


def test_the_file_is_told_by_what_was_given(tmp_path: Path) -> None:
    raw = json.dumps(DOCUMENTS[TITLED], indent=3).encode()
    path = tmp_path / "bill.json"
    path.write_bytes(raw)
    expected = {"size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    ids = content_ids(raw, read(raw))
    for came, name in ((raw, None), (bytearray(raw), None), (path, str(path))):
        made = data(examine(came, UnsafeAnyIssuer(), sources=offline(now=NOW)))
        assert made["file"] == {"name": name, **expected, "content_id": ids.file}
        assert made["document"]["content_id"] == ids.document
    for parsed in (read(raw), raw.decode(), json.loads(raw)):
        assert data(examine(parsed, UnsafeAnyIssuer(), sources=offline(now=NOW)))["file"] is None


def test_a_file_that_breaks_its_format_or_is_no_document_has_its_hash_too(tmp_path: Path) -> None:
    broken = {**DOCUMENTS[TITLED], "signature": {}}
    raw = to_json(broken)
    made = data(examine(raw, UnsafeAnyIssuer(), sources=offline(now=NOW)))
    assert made["document"] is None and made["titles"] == [] and made["issuers"] == []
    assert made["file"]["sha256"] == hashlib.sha256(raw).hexdigest()
    (tmp_path / "note.json").write_bytes(b"[]")
    line = json.loads(CliRunner().invoke(main, ["verify", "--offline", "--json", str(tmp_path / "note.json")]).stdout)
    SCHEMA.validate(line)
    assert line["file"]["sha256"] == hashlib.sha256(b"[]").hexdigest() and line["error"]["code"]
    line = json.loads(CliRunner().invoke(main, ["verify", "--offline", "--json", str(tmp_path / "none")]).stdout)
    SCHEMA.validate(line)
    assert line["file"] == {"name": str(tmp_path / "none"), "size": None, "sha256": None, "content_id": None}


def test_a_file_is_hashed_once_and_a_document_never(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[int] = []
    whole = hashlib.sha256

    def counting(content: bytes = b"", **options: Any) -> Any:
        hashed.append(len(content))
        return whole(content, **options)

    raw = json.dumps(DOCUMENTS["v2 in a store"], indent=40).encode()
    nowhere, document = offline(now=NOW), read(raw)
    monkeypatch.setattr(hashlib, "sha256", counting)
    data(examine(raw, UnsafeAnyIssuer(), sources=nowhere))
    assert hashed.count(len(raw)) == 1
    examine(document, UnsafeAnyIssuer(), sources=nowhere)
    assert hashed.count(len(raw)) == 1


# the policy -----------------------------------------------------------------------------------------------------------


def test_a_policy_file_is_told_by_its_rules_and_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "bank.toml"
    path.write_text(f'[issuers]\ntrusted = [{{ domain = "{DOMAIN}" }}]\n[title]\nrequired = true\n', "utf-8")
    file = {"name": "bank.toml", "size": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    found = load(path)
    made = data(titled(found.policy))["policy"]
    assert [(rule["rule"], rule["sentence"], rule["key"]) for rule in made["rules"]] == [
        ("issuers.trusted", f"every issuer is one of: {DOMAIN}", "rule/issued_by_trusted"),
        ("title.required", "the document has a title in a registry", "rule/has_title"),
    ]
    assert made["files"] == [file]
    more = data(titled(AllOf(found.policy, HeldBy(ALICE))))["policy"]
    assert more["files"] == [file]
    held = {
        "rule": "HeldBy",
        "sentence": f"{ALICE} holds the title",
        "key": "rule/held_by",
        "params": {"holder": ALICE},
    }
    assert more["rules"] == [*made["rules"], held]
    either = data(titled(AnyOf(found.policy, HeldBy(ALICE))))["policy"]
    assert (len(either["rules"]), either["files"]) == (1, [file])


def test_the_rules_are_those_that_the_findings_name(tmp_path: Path) -> None:
    policy = AllOf(IssuedBy(DOMAIN), AllOf(HeldBy(ALICE), TitleIn(State.HELD)))
    made = data(titled(policy))
    checked = [row["check"] for row in made["findings"] if row["group"] == "policy" and row["outcome"] == "passed"]
    assert [rule["rule"] for rule in made["policy"]["rules"]] == checked


def test_the_command_line_names_its_policy_file(tmp_path: Path) -> None:
    (tmp_path / "bank.toml").write_text("issuers.any = true\n", "utf-8")
    (tmp_path / "bill.json").write_bytes(to_json(DOCUMENTS[TITLED]))
    words = ["verify", "--offline", "--json", "--policy", str(tmp_path / "bank.toml"), "--holder", ALICE]
    made = json.loads(CliRunner().invoke(main, [*words, str(tmp_path / "bill.json")]).stdout)
    SCHEMA.validate(made)
    assert [rule["rule"] for rule in made["policy"]["rules"]] == ["issuers.any", "HeldBy"]
    assert [file["name"] for file in made["policy"]["files"]] == ["bank.toml"]
    assert made["file"]["name"] == str(tmp_path / "bill.json")


def test_a_rule_that_does_not_list_everything_says_how_much_more_there_is() -> None:
    stores = frozenset(Contract(1, f"0x{number:040x}") for number in range(1, 9))
    assert str(InStores(stores)).endswith("; and 3 more")
    trusted = [Trusted(domain=f"line{number}.example") for number in range(9)]
    assert all(one.domain in str(IssuedByTrusted(*trusted)) for one in trusted if one.domain)


# text and page --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_report_that_was_kept_is_rendered_as_it_was_at_first(name: str, world: str) -> None:
    report = report_of(name, WORLDS[world](sources(chain_of(DOCUMENTS))))
    kept = data(report)
    assert "\n".join(text.lines(kept)) == str(report)
    assert html.part(kept) == report._repr_html_()
    assert list(text.lines(kept, brief=True)) == list(report.lines(brief=True))


def test_the_text_of_a_report_is_what_the_command_line_prints(tmp_path: Path) -> None:
    path = tmp_path / "bill.json"
    path.write_bytes(to_json(DOCUMENTS[TITLED]))
    printed = CliRunner().invoke(main, ["verify", "--offline", str(path)]).stdout.splitlines()
    ours = str(examine(path, UnsafeAnyIssuer(), sources=offline())).splitlines()
    assert ours[0] == f"CANNOT BE DETERMINED  {path}"
    assert [line for line in printed if "as of" not in line] == [line for line in ours if "as of" not in line]


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"&\u202e\x1b[31m\n"


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def made_up(said: str, findings: int = 1) -> Report:
    """A report in which a stranger says something wherever a stranger can."""
    document = Document("oa2", bytes(32), (Issuer(said, said),), (), {"id": said}, {"id": said})
    rows = (
        Passed(Group.INTEGRITY, "hash"),
        Failed(Group.STATUS, "s", Failure.REVOKED, own_words(said)),
        Unknown(Group.IDENTITY, "i", Doubt.OFFLINE, own_words(said)),
        Noted(Group.DOCUMENT, "d", Condition.WITHHELD, own_words(said)),
    )
    moment = Moment(datetime(2026, 1, 1, tzinfo=UTC))
    return Report(document, moment, rows * findings, file=File(size=1, sha256=bytes(32), name=said))


@pytest.mark.slow
@given(st.text(max_size=60) | st.just(HOSTILE))
def test_whatever_a_stranger_says_is_text_and_one_line(said: str) -> None:
    report = made_up(said)
    page = Tags(report._repr_html_())
    assert page.tags <= {"div", "p", "b", "table", "tr", "td", "br"} and page.names <= {"style"}
    assert page.text.isprintable()
    lines = str(report).split("\n")
    assert len(lines) == len(str(made_up("x" if said else "")).split("\n")) and all(map(str.isprintable, lines))


def test_a_page_is_small_and_shows_what_speaks_against_it_first() -> None:
    page = made_up("y" * 10_000, findings=5_000)._repr_html_()
    assert len(page) < 100_000 and "and 19900 more" in page
    few = made_up("z")._repr_html_()
    assert few.index("status.revoked") < few.index("Integrity")


def test_the_repr_is_short_whatever_was_found() -> None:
    assert len(repr(made_up(HOSTILE * 100, findings=1_000))) < 500


# the schema -----------------------------------------------------------------------------------------------------------


def members(part: dict[str, Any], where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, member in part.get("properties", {}).items():
        yield f"{where}.{name}", member
        yield from members(member, f"{where}.{name}")
    if isinstance(part.get("items"), dict):
        yield from members(part["items"], f"{where}[]")


def test_every_member_is_described_and_no_object_is_open() -> None:
    published = schema("report.schema.json")["$defs"]
    for kind, part in published.items():
        for where, member in members(part, kind):
            said = member if "$ref" not in member else published[member["$ref"].rpartition("/")[2]]
            assert said.get("description") or member.get("description") or where.endswith((".outcome",)), where
            assert "properties" not in member or member.get("additionalProperties") is False, where
        assert "properties" not in part or part["additionalProperties"] is False, kind


def test_the_schema_knows_everything_that_a_finding_may_be_about() -> None:
    assert schema("report.schema.json")["$defs"]["about"]["properties"].keys() == TELLING


def test_the_page_has_every_member_of_a_report() -> None:
    page = (ROOT / "docs" / "bank" / "verifying.md").read_text("utf-8")
    rows = {
        name for row in page.splitlines() if row.startswith("| `") for name in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    assert rows >= schema("report.schema.json")["$defs"]["report"]["properties"].keys()


@pytest.mark.parametrize(
    ("doubt", "is_of_a_source"),
    [
        (Doubt.CHAIN_TIMEOUT, True),
        (Doubt.WEB_REFUSED, True),
        (Doubt.MISSING_EXTRA, True),
        (Doubt.CHAIN_NOT_NAMED, False),
        (Doubt.KEY_EXPIRED, False),
        (Doubt.LIST_OUTDATED, False),
    ],
)
def test_an_error_of_a_source_is_told_not_to_be_the_documents(doubt: Doubt, is_of_a_source: bool) -> None:
    report = Report(None, Moment(NOW), (Unknown(Group.STATUS, "issued", doubt, own_words("nothing was learnt.")),))
    tail = "othing was learnt. This says nothing about the document."  # it begins with a capital letter on a page
    assert (tail in str(report), tail in html.part(data(report))) == (is_of_a_source, is_of_a_source)
    assert "nothing was learnt" in str(report)
