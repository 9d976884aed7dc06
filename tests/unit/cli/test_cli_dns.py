"""``ebl dns`` and ``ebl policy`` as an issuer's and a bank's people run them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import dns.zone
import pytest
from click.testing import CliRunner, Result

from ebl.cli import main
from ebl.testing.bills import bill
from ebl.testing.dns import DnsServer, Fault
from ebl.wrap import to_json, wrap
from tests.unit.messages.test_chinese import english_words

STORE = "0x142Ca30e3b78A840a82192529cA047ED759a6F7e"
TEXT = f"openatts net=ethereum netId=1337 addr={STORE}"
KEY = f"did:ethr:{STORE}#controller"
CONTRACT = ("--address", STORE, "--chain", "1337")


def ebl(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer() as running:
        running.zone.txt("carrier.example", "v=spf1 -all", TEXT)
        running.zone.txt("key.example", f"openatts a=dns-did; p={KEY}; v=1.0;")
        yield running


def wrapped(tmp_path: Path, domain: str = "carrier.example") -> Path:
    raw = bill(1, store=STORE, domain=domain, chain_id=1337)
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "raw.json").write_text(json.dumps(raw), "utf-8")
    assert ebl("wrap", str(tmp_path / "raw.json"), "-o", str(tmp_path / "out")).exit_code == 0
    (found,) = (tmp_path / "out").glob("*.json")
    return found


def test_the_record_to_publish_is_printed_for_a_contract_a_key_and_a_document(tmp_path: Path) -> None:
    assert ebl("dns", "record", "carrier.example", *CONTRACT).stdout == f'carrier.example. IN TXT "{TEXT}"\n'
    assert ebl("dns", "record", "CARRIER.example.", *CONTRACT).stdout == f'carrier.example. IN TXT "{TEXT}"\n'
    done = ebl("dns", "record", "key.example", "--key", KEY, "--json")
    assert json.loads(done.stdout)["text"] == f"openatts a=dns-did; p={KEY}; v=1.0;"
    assert ebl("dns", "record", str(wrapped(tmp_path))).stdout == f'carrier.example. IN TXT "{TEXT}"\n'
    by_name = ebl("dns", "record", "carrier.example", "--address", STORE, "--chain", "sepolia")
    assert "netId=11155111" in by_name.stdout


def test_a_long_record_is_printed_as_several_character_strings() -> None:
    key = f"did:web:carrier.example:{'a' * 200}#{'b' * 100}"
    printed = ebl("dns", "record", "carrier.example", "--key", key).stdout
    zone = dns.zone.from_text(
        f"@ 1 SOA a b 1 1 1 1 1\n@ 1 NS a\n{printed}", origin="carrier.example.", relativize=False
    )
    (record,) = zone.find_rdataset("carrier.example.", "TXT")
    assert b"".join(record.strings).decode() == f"openatts a=dns-did; p={key}; v=1.0;"


@pytest.mark.parametrize(
    "words",
    (
        ("carrier.example",),
        ("carrier.example", "--address", STORE),
        ("carrier.example", "--address", "0x12", "--chain", "1"),
        ("carrier.example", "--key", KEY, *CONTRACT),
        ("not a domain", *CONTRACT),
        ("nowhere.json.", "--key"),
    ),
)
def test_what_cannot_be_meant_is_a_usage_error(words: tuple[str, ...]) -> None:
    assert ebl("dns", "record", *words).exit_code == 2


@pytest.mark.parametrize(
    "key", ['did:ethr:0x1#a"; x', "did:ethr:0x1#a\x1b[31m", "did:ethr:0x1#a b", "did:ethr:0x1", ""]
)
def test_what_is_no_key_is_not_printed_for_publishing(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "ebl.openattestation.issuer_checks.problems", lambda *_: ()
    )  # it wraps none that no verifier would accept
    assert ebl("dns", "record", "carrier.example", "--key", key).exit_code == 2
    proof = {"type": "DNS-DID", "key": key, "location": "carrier.example"}
    issuer = {"name": "A", "id": "did:ethr:0x1", "identityProof": proof, "revocation": {"type": "NONE"}}
    (tmp_path / "bill.json").write_bytes(to_json(wrap({"issuers": [issuer]})))
    done = ebl("dns", "record", str(tmp_path / "bill.json"))
    assert (done.exit_code, done.stdout) == (5, "")


def test_a_record_that_every_resolver_has_is_found(server: DnsServer, tmp_path: Path) -> None:
    with DnsServer([server.zone]) as other:
        resolvers = ("--resolver", server.url, "--resolver", other.url)
        done = ebl("dns", "check", "carrier.example", *CONTRACT, *resolvers)
        assert done.exit_code == 0, done.output
        assert f"expected  {TEXT}" in done.stdout
        assert done.stdout.count("✔") == 2
        assert server.url in done.stdout
        assert other.url in done.stdout
        assert ebl("dns", "check", str(wrapped(tmp_path)), *resolvers).exit_code == 0
        assert ebl("dns", "check", "key.example", "--key", KEY, *resolvers).exit_code == 0


@pytest.mark.parametrize(
    ("text", "difference"),
    (
        (TEXT.replace("netId=1337", "netId=3"), "netId is 3, expected 1337"),
        (TEXT.replace(STORE, "0x" + "11" * 20), f"addr is 0x{'11' * 20}, expected {STORE}"),
        (TEXT.replace("addr=", ""), "is not of the form name=value (addr= is missing before it)"),
        (TEXT.replace(" net=", " net = "), "'net' is not of the form name=value (no spaces around the =)"),
        (f"{TEXT} addr={STORE}", "addr is given twice"),
        (TEXT.replace("addr", "address"), "addr is missing"),
        (TEXT.replace("netId", "netid"), "netid must be written netId"),
        (TEXT.replace("openatts", "OPENATTS"), "in lower case"),
        (f" {TEXT}", "with no space before it"),
        (TEXT.replace("ethereum", "polygon"), "net is polygon, expected ethereum"),
    ),
)
def test_a_record_that_is_not_quite_right_is_quoted_with_the_difference(
    server: DnsServer, text: str, difference: str
) -> None:
    server.zone.txt("wrong.example", text)
    done = ebl("dns", "check", "wrong.example", *CONTRACT, "--resolver", server.url)
    assert done.exit_code == 1
    assert difference in done.stdout
    assert f"Publish a TXT record at wrong.example with the text: {TEXT}" in done.stdout


def test_a_record_at_the_domain_above_is_pointed_out(server: DnsServer) -> None:
    done = ebl("dns", "check", "ebl.carrier.example", *CONTRACT, "--resolver", server.url)
    assert done.exit_code == 1
    assert "no openatts record" in done.stdout
    assert "The record is at carrier.example" in done.stdout


def test_resolvers_that_differ_are_each_shown(server: DnsServer) -> None:
    with DnsServer() as behind, DnsServer() as broken:
        broken.fail("*", Fault.SERVFAIL)
        words = [word for one in (server, behind, broken) for word in ("--resolver", one.url)]
        done = ebl("dns", "check", "carrier.example", *CONTRACT, *words, "--json")
        assert done.exit_code == 1
        seen = json.loads(done.stdout)
        assert [one["there"] for one in seen["resolvers"]] == [True, False, None]
        assert seen["resolvers"][2]["trouble"].startswith("dns.servfail")
        assert "Some resolvers have it already" in " ".join(seen["fixes"])
        done = ebl("dns", "check", "carrier.example", *CONTRACT, "--resolver", broken.url)
        assert done.exit_code == 3


def test_names_that_look_like_others_are_remarked_on(server: DnsServer) -> None:
    name = "xn--pypal-4ve.example"
    server.zone.txt(name, TEXT)
    done = ebl("dns", "check", name, *CONTRACT, "--resolver", server.url)
    assert done.exit_code == 0
    assert "identity.mixed_script" in done.stdout
    assert "pаypal.example" in done.stdout


def test_a_policy_explains_itself_and_names_its_mistakes(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    file.write_text("[issuers]\ntrusted = [{ domain = 'carrier.example' }]\n[dns]\nagree = 2\n", "utf-8")
    done = ebl("policy", "explain", str(file))
    assert done.stdout.splitlines() == [
        "[issuers.trusted] every issuer is one of: carrier.example.",
        "[dns.agree] every DNS record that identifies an issuer is verified with DNSSEC, or returned alike by 2 resolvers.",
    ]
    assert json.loads(ebl("policy", "explain", str(file), "--json").stdout)["settings"]["agree"] == 2
    file.write_text("[issuers]\nany = true\n[dns]\nresolvers = ['china']\ndnssec = 'off'", "utf-8")
    assert ebl("policy", "explain", str(file)).stdout.splitlines()[1:] == [
        "[dns.resolvers] domains are queried at: china.",
        "[dns.dnssec] DNSSEC signatures are not requested.",
    ]
    for mistake in ("resolvers = ['192.0.2.1']", "agree = 2\nresolvers = ['udp://192.0.2.1', 'tls://192.0.2.1']"):
        file.write_text(f"[issuers]\nany = true\n[dns]\n{mistake}", "utf-8")
        assert ebl("policy", "explain", str(file)).exit_code == 2
    file.write_text("[issuers]\nany = 3", "utf-8")
    done = ebl("policy", "explain", str(file))
    assert done.exit_code == 2
    assert "/issuers/any: expected true or false; got 3" in done.stderr


def test_verify_applies_a_policy_file_and_names_the_rule_that_refuses(server: DnsServer, tmp_path: Path) -> None:
    file, document = tmp_path / "bank.toml", wrapped(tmp_path)
    file.write_text("[issuers]\nany = true\n[document]\nformats = ['oa3']\n", "utf-8")
    done = ebl("verify", str(document), "--offline", "--policy", str(file))
    assert done.exit_code == 1
    assert "policy.unexpected_format: [document.formats] the format is oa2; accepted: oa3" in done.stdout
    for words in (("--issuer", "carrier.example"), ("--agree", "2"), ("--dnssec", "require")):
        assert ebl("verify", str(document), "--offline", "--policy", str(file), *words).exit_code == 2
    assert ebl("verify", str(document), "--rpc", "1337=http://127.0.0.1:1", "--agree", "2").exit_code == 2


def test_verify_takes_its_way_of_asking_from_the_policy_file(server: DnsServer, tmp_path: Path) -> None:
    file, document = tmp_path / "bank.toml", wrapped(tmp_path)
    with DnsServer([server.zone]) as other:
        file.write_text(
            "[issuers]\ntrusted = [{ domain = 'carrier.example' }]\n"
            f"[dns]\nagree = 2\nresolvers = ['{server.url}', '{other.url}']\n",
            "utf-8",
        )
        done = ebl("verify", str(document), "--rpc", "1337=http://127.0.0.1:1", "--policy", str(file), "--json")
        rows = {row["check"]: row for row in json.loads(done.stdout)["findings"] if row["outcome"] != "note"}
        assert rows["dns_txt"]["message"].endswith("(assurance: quorum(2))")
        assert rows["issuers.trusted"]["outcome"] == rows["dns.agree"]["outcome"] == "passed"
        assert rows["document_store"]["code"] == "chain.unreachable"


def test_who_is_proved_is_shown_before_who_is_claimed(server: DnsServer, tmp_path: Path) -> None:
    document = wrapped(tmp_path)
    claimed = json.loads((tmp_path / "raw.json").read_text("utf-8"))["issuers"][0]["name"]
    words = ("--rpc", "1337=http://127.0.0.1:1", "--resolver", server.url)
    shown = [line.strip() for line in ebl("verify", str(document), *words).stdout.splitlines()]
    assert shown[1:3] == [
        "issued by carrier.example (verified with DNS, assurance: single)",
        f"claimed, not verified: {claimed}",
    ]
    shown = [line.strip() for line in ebl("verify", str(document), "--offline").stdout.splitlines()]
    assert shown[1:3] == ["issued by no verified issuer", f"claimed, not verified: {claimed}"]
    server.zone.txt("xn--bcher-kva.example", TEXT)
    other = wrapped(tmp_path / "other", "xn--bcher-kva.example")
    shown = [line.strip() for line in ebl("verify", str(other), *words).stdout.splitlines()]
    assert shown[1] == "issued by xn--bcher-kva.example (bücher.example) (verified with DNS, assurance: single)"


def test_evidence_is_kept_once_and_replayed_without_a_network(server: DnsServer, tmp_path: Path) -> None:
    document, kept = wrapped(tmp_path), tmp_path / "evidence.json"
    words = ("verify", str(document), "--json", "--issuer", "carrier.example")
    live = ebl(
        *words, "--rpc", "1337=http://user:secret@127.0.0.1:1/key", "--resolver", server.url, "--evidence", str(kept)
    )
    assert live.exit_code == 3, live.output
    assert "secret" not in kept.read_text("utf-8")
    assert "/key" not in kept.read_text("utf-8")
    asked = len(server.queries)
    again = ebl(*words, "--replay", str(kept), "--trust-keeper")
    assert again.exit_code == 3
    before, after = json.loads(live.stdout), json.loads(again.stdout)
    note = after["findings"].pop()
    assert (note["outcome"], note["code"]) == ("condition", "source.replayed")
    assert after.pop("conditions") == [*before.pop("conditions"), note]
    assert after == before
    assert len(server.queries) == asked
    then = ebl("verify", str(document), "--offline", "--at-issuance", str(kept))
    assert (
        f"as of {before['as_of']['time'][:19]}Z: not verified with the evidence (only" in then.stdout
    )  # one resolver's word is no proof
    assert ebl(*words, "--resolver", server.url, "--evidence", str(kept)).exit_code == 2
    for other in (("--offline",), ("--resolver", server.url), ("--evidence", str(tmp_path / "new.json"))):
        assert ebl(*words, "--replay", str(kept), *other).exit_code == 2
    for bad in (document, tmp_path / "none.json"):
        assert ebl(*words, "--replay", str(bad)).exit_code == 2


def test_no_verdict_of_many_is_given_without_saying_that_it_is_a_replay_and_of_any_issuer(
    server: DnsServer, tmp_path: Path
) -> None:
    document, kept, broken = wrapped(tmp_path), tmp_path / "evidence.json", tmp_path / "broken.json"
    ebl("verify", str(document), "--resolver", server.url, "--evidence", str(kept))
    broken.write_text(document.read_text("utf-8").replace("merkleRoot", "merkleroot"), "utf-8")
    told = ebl("verify", str(document), str(broken), "--replay", str(kept), "--trust-keeper").stdout
    assert told.count("source.replayed") == 2
    assert told.count("policy.any_issuer") == 1  # the other broke the rules of its format, and nothing was asked


@pytest.mark.parametrize("domain", ["carrier.example", "key.example", "nowhere.example", "slow.example"])
def test_the_check_of_a_record_is_shown_in_chinese(server: DnsServer, domain: str) -> None:
    server.zone.txt(
        "key.example", "openatts net=ethereum netId=1 addr=0x12", "openatts netId=1 netId=2", "openatts 0x12"
    )
    server.zone.txt("key.example", "Openatts net=ethereum", "openatts netid=1337 net = a")
    server.fail("slow.example", "servfail")
    shown = ebl("dns", "check", domain, *CONTRACT, "--resolver", server.url, "--lang", "zh").stdout
    assert "预期  openatts" in shown
    bare = re.sub(
        r"“(?:[^”\\]|\\.)*”|0x\w+|openatts .*|[\w.]+\.example|udp://\S+|net(?:I|i)d|\bnet\b|addr|dns\.\w+", " ", shown
    )
    assert english_words(bare.replace("ethereum", " ")) == []
