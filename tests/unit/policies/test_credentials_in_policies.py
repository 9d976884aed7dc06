"""What credentials are read with and presentations are held to: on the command line, in a policy file, and in Python."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ebl.checking.formats import Reader, read
from ebl.cli import main
from ebl.codes import Condition, Failure
from ebl.credential import Credential, sign
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.status_list import StatusListEntry
from ebl.crypto.multikey import KeyType
from ebl.errors import InvalidInput
from ebl.jsonld.contexts import known
from ebl.model.findings import Verdict
from ebl.policy import AllOf, PresentedTo, contradiction, load, parse
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine, examine_all, verify

URL = "https://carrier.example/v1"
RAW = b'{"@context": {"colour": "https://carrier.example/v1#colour"}}'
SHA256 = hashlib.sha256(RAW).hexdigest()
LISTS = "did:web:lists.example"
ANY = "[issuers]\nany = true\n"


def ebl(*words: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=stdin)


@pytest.fixture
def coloured(tmp_path: Path) -> Path:
    """A credential with a context that only its issuer knows; the context is beside it, as v1.json."""
    contexts = known().adding(URL, RAW, sha256=SHA256)
    with IssuerKey.generate(KeyType.P256) as key:
        made = Credential(issuer=key.did, subject={"colour": "red"}, contexts=[URL], known_contexts=contexts)
        signed = sign(made.to_dict(), key, contexts=contexts)
    (tmp_path / "v1.json").write_bytes(RAW)
    file = tmp_path / "coloured.json"
    file.write_text(json.dumps(signed), "utf-8")
    return file


@pytest.fixture(scope="module")
def presented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A credential presented for the challenge c-1 and the domain bank.example."""
    home = tmp_path_factory.mktemp("presented")
    did = ebl("key", "new", "-o", home / "key").stdout.partition("#")[0]
    made = ebl("vc", "new", "-", "--issuer", did, stdin=json.dumps({"id": did, "name": "licence"}).encode())
    signed = ebl("vc", "sign", "-", "--key-file", home / "key", "-o", home / "signed.json", stdin=made.stdout_bytes)
    assert signed.exit_code == 0, signed.output
    words = ("--challenge", "c-1", "--domain", "bank.example", "-o", home / "shown.json")
    assert ebl("vc", "present", home / "signed.json", "--key-file", home / "key", *words).exit_code == 0
    return home / "shown.json"


def policy(folder: Path, text: str) -> Path:
    file = folder / "bank.toml"
    file.write_text(ANY + text, "utf-8")
    return file


def context(**more: str) -> str:
    entry = {"url": URL, "file": "v1.json", "sha256": SHA256, **more}
    return f"[credentials]\ncontexts = [{{ {', '.join(f'{key} = {json.dumps(value)}' for key, value in entry.items())} }}]\n"


def test_a_context_of_a_policy_file_is_looked_for_beside_it_wherever_the_command_runs(
    coloured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    file = policy(tmp_path, context())
    assert ebl("verify", "--offline", coloured, "--policy", file).exit_code == 0
    assert ebl("verify", "--offline", coloured).exit_code == 3
    both = ("--context", URL, tmp_path / "v1.json", SHA256)
    assert ebl("verify", "--offline", coloured, "--policy", file, *both).exit_code == 0
    told = ebl("policy", "explain", file).stdout
    assert f"[credentials.contexts] the context {URL} is accepted, as the bytes with the SHA-256 {SHA256}." in told
    data = json.loads(ebl("policy", "explain", file, "--json").stdout)
    assert data["credentials"] == {"list_issuers": [], "contexts": [{"url": URL, "sha256": SHA256}]}


def test_the_reader_of_a_policy_file_serves_in_python(coloured: Path, tmp_path: Path) -> None:
    found = load(policy(tmp_path, context()))
    raw, sources = coloured.read_bytes(), offline()
    assert verify(raw, found.policy, sources=sources, reader=Reader.of(found.accepted)).verdict is Verdict.VALID
    assert examine(raw, found.policy, sources=sources).verdict is Verdict.INDETERMINATE
    (report,) = examine_all([raw], found.policy, sources=sources, reader=Reader.of(found.accepted))
    assert isinstance(report, Report) and report.verdict is Verdict.VALID
    again = Reader.of(found.accepted).again(read(raw))  # who read it first knew less
    assert examine(again, found.policy, sources=sources).verdict is Verdict.VALID


@pytest.mark.parametrize(
    ("entry", "place", "said"),
    [
        ({"sha256": "0" * 64}, "/credentials/contexts/0", f"have the SHA-256 {SHA256}; expected 00"),
        ({"sha256": "00"}, "/credentials/contexts/0/sha256", "64 hex digits"),
        ({"file": "none.json"}, "/credentials/contexts/0/file", "No such file"),
        ({"file": "."}, "/credentials/contexts/0/file", "directory"),
        ({"url": "https://www.w3.org/ns/credentials/v2"}, "/credentials/contexts/0", "already known"),
        ({"name": "x"}, "/credentials/contexts/0/name", "url, file, sha256"),
    ],
)
def test_a_context_that_cannot_be_is_named_by_its_place(
    coloured: Path, tmp_path: Path, entry: dict[str, str], place: str, said: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(policy(tmp_path, context(**entry)))
    (problem,) = caught.value.problems
    assert problem.pointer == place and said in str(problem)
    assert ebl("verify", "--offline", coloured, "--policy", tmp_path / "bank.toml").exit_code == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[credentials]\nlist_issuers = ['lists.example']", "/credentials/list_issuers/0"),
        ("[credentials]\nlist_issuers = 'did:web:a.example'", "/credentials/list_issuers"),
        ("[credentials]\ncontexts = ['https://a.example']", "/credentials/contexts/0"),
        ("[credentials]\ncontexts = [{ url = 'https://a.example' }]", "/credentials/contexts/0/file"),
        ("[credentials]\ncontext = []", "/credentials/context"),
        ("[presentation]\nchallenge = ''", "/presentation/challenge"),
        ("[presentation]\ndomain = 3", "/presentation/domain"),
        ("[presentation]\nnonce = 'x'", "/presentation/nonce"),
        ("[presentation]\nchallenge = 'x'\n[document]\nformats = ['oa2']", "/presentation/challenge"),
        ("[blocks]\nprove = 'yes'", "/blocks/prove"),
    ],
)
def test_a_mistake_is_named_by_its_place(text: str, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(ANY + text)
    assert place in [problem.pointer for problem in caught.value.problems]


def test_list_issuers_of_the_file_and_of_the_options_are_those_that_entries_are_held_to(tmp_path: Path) -> None:
    found = parse(ANY + f"[credentials]\nlist_issuers = ['{LISTS}']")
    assert found.explain()[-1] == f"[credentials.list_issuers] status lists of these issuers are accepted too: {LISTS}."
    with IssuerKey.generate(KeyType.P256) as key:
        status = {
            "type": "BitstringStatusListEntry",
            "statusListCredential": "https://lists.example/1",
            "statusListIndex": "7",
            "statusPurpose": "revocation",
        }
        raw = json.dumps(sign(Credential(issuer=key.did, subject={"name": "x"}, status=status).to_dict(), key)).encode()
    (entry,) = (claim for claim in Reader.of(found.accepted)(raw).status if isinstance(claim, StatusListEntry))
    assert entry.list_issuers == (LISTS,)
    assert ebl("verify", "-", "--offline", "--list-issuer", "lists.example", stdin=raw).exit_code == 2
    assert ebl("verify", "-", "--offline", "--list-issuer", LISTS, stdin=raw).exit_code == 3
    with pytest.raises(InvalidInput, match="DID"):
        Reader(list_issuers=("lists.example",))


def codes(done: Result) -> set[str]:
    return {row["code"] for row in json.loads(done.stdout)["findings"] if row["code"]}


@pytest.mark.parametrize(
    ("text", "options", "exit_code", "has", "lacks"),
    [
        ("[presentation]\nchallenge = 'c-1'\ndomain = 'bank.example'", (), 0, "", "not_compared"),
        ("[presentation]\ndomain = 'bank.example'", ("--challenge", "c-1"), 0, "", "not_compared"),
        ("[presentation]\ndomain = 'bank.example'", (), 0, Condition.CHALLENGE_NOT_COMPARED, "domain_not"),
        ("[presentation]\nchallenge = 'c-1'", (), 0, Condition.DOMAIN_NOT_COMPARED, "challenge_not"),
        ("", ("--domain", "bank.example"), 0, Condition.CHALLENGE_NOT_COMPARED, "domain_not"),
        ("[presentation]\ndomain = 'other.example'", (), 1, Failure.WRONG_CHALLENGE, "domain_not"),
        ("[presentation]\nchallenge = 'c-2'", (), 1, Failure.WRONG_CHALLENGE, "challenge_not"),
        ("[presentation]\ndomain = 'bank.example'", ("--challenge", "c-2"), 1, Failure.WRONG_CHALLENGE, "not_compared"),
    ],
)
def test_a_presentation_is_held_to_the_file_and_to_the_options(
    presented: Path, tmp_path: Path, text: str, options: tuple[str, ...], exit_code: int, has: str, lacks: str
) -> None:
    done = ebl("verify", presented, "--offline", "--json", "--policy", policy(tmp_path, text), *options)
    assert done.exit_code == exit_code, done.output
    assert not has or has in codes(done)
    assert not any(lacks in code for code in codes(done))


def test_a_document_that_is_no_presentation_is_refused_as_one(presented: Path, tmp_path: Path) -> None:
    signed = presented.with_name("signed.json")
    assert ebl("verify", signed, "--offline").exit_code == 0
    for words in (
        ("--challenge", "c-1"),
        ("--domain", "bank.example"),
        ("--policy", policy(tmp_path, "[presentation]\ndomain = 'bank.example'")),
    ):
        done = ebl("verify", signed, "--offline", "--json", *words)
        assert (done.exit_code, Failure.NO_FACT in codes(done)) == (1, True), done.output


def test_an_option_and_a_file_that_no_presentation_can_meet_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    file = policy(tmp_path, "[presentation]\nchallenge = 'c-1'")
    done = ebl("verify", "none.json", "--offline", "--policy", file, "--challenge", "c-2")
    assert done.exit_code == 2
    assert (
        "--challenge c-2 and the policy contradict each other: a presentation is made for one challenge" in done.stderr
    )
    assert ebl("verify", "none.json", "--offline", "--challenge", "").exit_code == 2


def test_a_policy_on_presentations_says_a_challenge_or_a_domain() -> None:
    for wrong in ({}, {"challenge": ""}, {"challenge": "c", "domain": ""}):
        with pytest.raises(InvalidInput, match="the challenge that was sent, or the domain"):
            PresentedTo(**wrong)
    challenge, domain = PresentedTo("c"), PresentedTo(domain="bank.example")
    assert (challenge.compares_challenge, challenge.compares_domain) == (True, False)
    assert (domain.compares_challenge, domain.compares_domain) == (False, True)
    both = AllOf(challenge, domain)
    assert (both.compares_challenge, both.compares_domain) == (True, True)
    assert str(domain) == "it was presented for the domain bank.example"
    assert str(PresentedTo("c", "bank.example")) == "it was presented for the challenge c and the domain bank.example"
    assert contradiction(challenge, domain) is None
    assert contradiction(challenge, PresentedTo("c", "other.example")) is None  # a presentation may be for two domains
    assert contradiction(challenge, PresentedTo("d")) is not None


def test_there_is_no_second_command_that_verifies(presented: Path) -> None:
    done = ebl("vc", "verify", presented)
    assert done.exit_code == 2 and "No such command 'verify'" in done.stderr
    assert "`ebl verify`" in " ".join(ebl("vc", "--help").stdout.split())
