"""`ebl did check`: what a site on the loopback serves for a did:web, compared with key files and a did.json."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebl.cli import main
from ebl.codes import Doubt
from ebl.config.networks import pace
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import KeyType
from ebl.diagnose.did_setup import Expected, Hosted, check_hosted, is_did_document, listed
from ebl.did.document_writer import web_document
from ebl.did.verification_method import find_key
from ebl.model.contract import Contract
from ebl.model.ports import Page, Sources
from ebl.net.guarded_fetch import SafeFetch
from ebl.sources import offline
from tests.unit.net.test_guarded_fetch import serving

DID = "did:web:pages.example"
URL = "https://pages.example/.well-known/did.json"
REGISTRY = Contract(1, "0x142Ca30e3b78A840a82192529cA047ED759a6F7e")
ONE, TWO, OTHER = (IssuerKey.generate(kind, did=DID, fragment=name) for kind, name in (
    (KeyType.P256, "keys-1"), (KeyType.BLS12_381, "bbs-1"), (KeyType.P256, "keys-9"),
))  # fmt: skip
KEYS = [(ONE.id, ONE.public), (TWO.id, TWO.public)]


def good() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(web_document(DID, KEYS, registries=[REGISTRY])))
    return made


def answer(body: bytes, status: str = "200 OK", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


Run = Callable[..., Result]


@pytest.fixture
def ebl(tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run ``ebl did check`` while a site serves something for every name."""
    for name, key in (("one.key", ONE), ("two.key", TWO), ("other.key", OTHER)):
        (tmp_path / name).write_bytes(key.to_json())
        (tmp_path / name).chmod(0o600)

    def run(served: Any, *words: object) -> Result:
        body = served if isinstance(served, bytes) else answer(json.dumps(served).encode())
        with serving(certificate, body) as server:
            fetch = SafeFetch(
                addresses=lambda name: ("127.0.0.1",),
                trust=ssl.create_default_context(cafile=str(certificate)),
                unsafe_allowed=lambda address: address == "127.0.0.1",
                unsafe_port=server.port,
            )
            sources = Sources(pace=pace, chain=offline().chain, dns=offline().dns, fetch=fetch)
            monkeypatch.setattr("ebl.cli.did_check_command.online", lambda **_: sources)
            return CliRunner().invoke(main, ["did", "check", *map(str, words)])

    yield run


def test_a_document_as_it_should_be_exits_with_0_and_names_each_key(ebl: Run, tmp_path: Path) -> None:
    files = [word for name in ("one.key", "two.key") for word in ("--key-file", tmp_path / name)]
    done = ebl(good(), DID, *files)
    assert (done.exit_code, done.stderr) == (0, "")
    assert URL in done.stdout and "Fix" not in done.stdout
    for key in (ONE, TWO):
        assert f"✔ {key.id} ({tmp_path}" in done.stdout
    (tmp_path / "did.json").write_text(json.dumps(good()))
    for what in (DID, tmp_path / "did.json", tmp_path / "two.key"):
        assert ebl(good(), what).exit_code == 0
    found = json.loads(ebl(good(), DID, "--key-file", tmp_path / "one.key", "--json").stdout)
    assert (found["did"], found["url"], found["there"], found["fixes"]) == (DID, URL, True, [])
    assert [one["id"] for one in found["also_listed"]] == [TWO.id]


def without(document: dict[str, Any], *purposes: str) -> dict[str, Any]:
    return {**document, **{name: [one for one in document[name] if one != ONE.id] for name in purposes}}


def changed(**members: Any) -> dict[str, Any]:
    made = good()
    made["verificationMethod"][0] |= members
    return made


CASES: dict[str, tuple[Any, str, str]] = {
    "a key that is not listed": (
        web_document(DID, KEYS[1:]), "it is not listed", f'Add to "verificationMethod": {{"id": "{ONE.id}"',
    ),
    "one purpose lacks it": (
        without(good(), "assertionMethod"), "it is not named by assertionMethod", f'Add to "assertionMethod": "{ONE.id}"',
    ),
    "both purposes lack it": (
        without(good(), "assertionMethod", "authentication"),
        "it is not named by assertionMethod and authentication",
        f'Add to "authentication": "{ONE.id}"',
    ),
    "another key by its name": (
        changed(publicKeyMultibase=str(OTHER.public)), f"it is another key: {OTHER.public}; expected {ONE.public}",
        "Replace it with",
    ),
    "another controller": (
        changed(controller="did:web:other.example"), f"its controller is did:web:other.example, expected {DID}",
        f'Set the "controller" of {ONE.id} to {DID}',
    ),
    "the same key by another name": (changed(id=f"{DID}#old"), f"the same key is listed as {DID}#old", "Add to"),
    "twice": (
        {**good(), "verificationMethod": [*good()["verificationMethod"], good()["verificationMethod"][0]]},
        "it is listed 2 times", f"List {ONE.id} once",
    ),
    "its secret is published": (changed(secretKeyMultibase="z42"), "any reader can sign", "Publish"),
    "another id": ({**good(), "id": "did:web:other.example"}, f"it is did:web:other.example, expected {DID}", 'the "id"'),
    "an older type": (changed(type="Ed25519VerificationKey2020"), "it is another key: Ed25519", "Replace it with"),
    "no such page": (answer(b"", "404 Not Found"), "pages.example returned HTTP 404", "Publish the did.json that"),
    "no JSON": (answer(b"<html>"), "is not JSON", "Publish"),
    "a list": (answer(b"[]"), "is not a JSON object", "Publish"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_missing_or_different_exits_with_1_and_says_what_to_publish(
    ebl: Run, tmp_path: Path, case: str
) -> None:
    served, said, fix = CASES[case]
    done = ebl(served, DID, "--key-file", tmp_path / "one.key")
    assert done.exit_code == 1, done.output
    assert said in done.stdout
    fixes = done.stdout[done.stdout.index("Fix:") :]
    assert fix in fixes and URL in fixes


@pytest.mark.parametrize(
    ("served", "said"),
    [
        (answer(b"", "500 Oh"), "returned HTTP 500"),
        (answer(b"", "301 Moved\r\nLocation: https://www.pages.example/"), "redirects are not followed"),
        (answer(json.dumps(good()).encode(), kind="text/html"), "expected application/did+json"),
        (b"", "web."),
    ],
)
def test_what_could_not_be_told_exits_with_3(ebl: Run, tmp_path: Path, served: bytes, said: str) -> None:
    done = ebl(served, DID, "--key-file", tmp_path / "one.key")
    assert done.exit_code == 3, done.output
    assert said in done.stdout and "Fix:" in done.stdout


def test_a_did_json_is_compared_both_ways(ebl: Run, tmp_path: Path) -> None:
    mine, hosted = good(), good()
    (tmp_path / "did.json").write_text(json.dumps(mine))
    hosted["verificationMethod"].append(
        {"id": "#keys-9", "type": "Multikey", "controller": DID, "publicKeyMultibase": "?"}
    )
    hosted["capabilityInvocation"] = [ONE.id]
    del hosted["service"]
    done = ebl(hosted, tmp_path / "did.json")
    assert done.exit_code == 1
    for said in (
        f"✘ {OTHER.id}", "it is hosted, and not in did.json", "capabilityInvocation name it too", "it lacks {",
        f"eip155:1:{REGISTRY.address}", f"Remove {OTHER.id} ",
    ):  # fmt: skip
        assert said in done.stdout, said
    mine["verificationMethod"][0]["id"] = mine["assertionMethod"][0] = mine["authentication"][0] = "#keys-1"
    (tmp_path / "did.json").write_text(json.dumps(mine))
    assert ebl(good(), tmp_path / "did.json").exit_code == 0  # relative references are the same names


def test_a_did_alone_is_looked_at_by_itself(ebl: Run) -> None:
    assert ebl(good(), DID).exit_code == 0
    done = ebl({"id": DID}, DID)
    assert (done.exit_code, "the document lists no key" in done.stdout) == (1, True)
    done = ebl({**good(), "assertionMethod": [], "authentication": []}, DID)
    assert (done.exit_code, "it has no purpose" in done.stdout) == (1, True)


def test_what_cannot_be_meant_is_a_mistake_of_the_caller(ebl: Run, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{}")
    for words, said in (
        (("did:key:zDnaeyhm5e8B5LjvdAqnNZF7zoKDoKVHwDG8gPmjMQXrcpEFr",), "not a did:web"),
        (("did:web:other.example", "--key-file", tmp_path / "one.key"), "is not a key of did:web:other.example"),
        (("nowhere.json",), "there is no such file"),
        (("did:web:Carrier.example",), "did:web"),
    ):
        done = ebl(good(), *words)
        assert (done.exit_code, done.stdout) == (2, ""), done.output
        assert said in " ".join(done.stderr.split())
    assert ebl(good(), tmp_path / "odd.json").exit_code == 5


def hosted(document: Any) -> Hosted:
    def fetch(url: str, *, accept: object) -> Page:
        return Page(url, "application/json", json.dumps(document).encode())

    return check_hosted(DID, fetch, [Expected(ONE.id, ONE.public), Expected(TWO.id, TWO.public)])


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from([DID, ONE.id, "#keys-1", "Multikey", str(ONE.public)]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "controller", "publicKeyMultibase", "publicKeyJwk"]), inner)
    ),
    max_leaves=8,
)
_MEMBERS = ["id", "verificationMethod", "assertionMethod", "authentication", "service", "capabilityInvocation"]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(_MEMBERS), _JSON, max_size=4), st.sampled_from(["alone", "over"]))
def test_whatever_is_hosted_it_is_there_only_if_a_verification_finds_each_key(
    members: dict[str, Any], how: str
) -> None:
    document = members if how == "alone" else {**good(), **members}
    found = hosted(document)
    json.dumps(found.to_dict())

    def fetch(url: str, *, accept: object) -> Page:
        return Page(url, "application/json", json.dumps(document).encode())

    sources = Sources(pace=pace, chain=offline().chain, dns=offline().dns, fetch=fetch)
    usable = True
    for key in (ONE, TWO):
        for purpose in ("assertionMethod", "authentication"):
            try:
                usable &= find_key(key.id, sources, purpose=purpose, used=None).public == key.public
            except Exception:
                usable = False
    assert found.there is usable
    assert (found.fixes == ()) is usable
    if is_did_document(document):
        assert {key.id for key in listed(document, DID) if key.public} >= ({ONE.id, TWO.id} if usable else set())


def test_inspect_says_what_a_did_document_is(tmp_path: Path) -> None:
    (tmp_path / "did.json").write_text(json.dumps(good()))
    done = CliRunner().invoke(main, ["inspect", str(tmp_path / "did.json")])
    assert done.exit_code == 0
    assert f"DID document of {DID}, not verified" in done.stdout
    assert f"{ONE.id}  Multikey P-256  for assertionMethod, authentication" in done.stdout
    assert f"TokenRegistry at eip155:1:{REGISTRY.address}" in done.stdout
    found = json.loads(CliRunner().invoke(main, ["inspect", "--json", str(tmp_path / "did.json")]).stdout)
    assert (found["format"], found["did"], [key["id"] for key in found["keys"]]) == ("did", DID, [ONE.id, TWO.id])
    (tmp_path / "other.json").write_text('{"id": "did:web:a.example"}')
    assert CliRunner().invoke(main, ["inspect", str(tmp_path / "other.json")]).exit_code == 5


def test_a_site_that_verifiers_do_not_ask_is_not_asked() -> None:
    def never(url: str, *, accept: object) -> Page:
        raise AssertionError

    found = check_hosted("did:web:127.0.0.1", never)
    assert (found.there, Doubt.WEB_REFUSED in str(found.trouble)) == (None, True)


def test_a_signed_document_needs_the_key_that_signed_it(ebl: Run, tmp_path: Path) -> None:
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/security/data-integrity/v2"],
        "type": ["VerifiableCredential"],
        "issuer": DID,
        "credentialSubject": {"id": "did:example:1"},
    }
    (tmp_path / "raw.json").write_text(json.dumps(credential))
    words = [
        "vc",
        "sign",
        str(tmp_path / "raw.json"),
        "--key-file",
        str(tmp_path / "one.key"),
        "-o",
        str(tmp_path / "vc.json"),
    ]
    assert CliRunner().invoke(main, words).exit_code == 0
    done = ebl(good(), tmp_path / "vc.json")
    assert (done.exit_code, f"✔ {ONE.id}" in done.stdout, f"also lists {TWO.id}" in done.stdout) == (0, True, True)
    assert ebl(without(good(), "authentication"), tmp_path / "vc.json").exit_code == 0  # it need not authenticate
    assert ebl(without(good(), "assertionMethod"), tmp_path / "vc.json").exit_code == 1
    assert (
        ebl(changed(publicKeyMultibase=str(OTHER.public)), tmp_path / "vc.json").exit_code == 0
    )  # which key is not known
    both = ebl(changed(publicKeyMultibase=str(OTHER.public)), tmp_path / "vc.json", "--key-file", tmp_path / "one.key")
    assert (both.exit_code, "it is another key" in both.stdout) == (1, True)


def test_inspect_escapes_what_a_did_document_states(tmp_path: Path) -> None:
    file = tmp_path / "did.json"
    red = "\x1b[31m"
    service = {"id": f"{DID}#s{red}", "type": f"T{red}", "serviceEndpoint": f"https://x.example/{red}"}
    made = {"id": DID, "verificationMethod": [{"id": f"{DID}#1{red}", "type": f"K{red}"}], "service": [service]}
    file.write_text(json.dumps(made))
    told = CliRunner().invoke(main, ["inspect", str(file), "--lang", "both"])
    assert told.exit_code == 0
    assert DID in told.stdout and "\x1b" not in told.stdout
