"""Nothing is signed and nothing is sent out of a file that was not proved, whichever command is given it.

The commands are found in the command line itself: one that signs out of a file and is not tried here fails the first test.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ebl.sources
from ebl.chain.signers import LocalKey
from ebl.cli import main
from ebl.codes import Doubt
from ebl.credential import Credential, derive, transferable
from ebl.credential import sign as sign_credential
from ebl.credentials import status_list_credential as list_credential
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import KeyType
from ebl.did.document_writer import web_document
from ebl.errors import SourceError
from ebl.jsonld.contexts import known
from ebl.messages import own_words
from ebl.model.findings import Verdict
from ebl.model.ports import Page, Sources
from ebl.policy import IssuedBy
from ebl.sources import online
from ebl.testing.chain import LocalChain
from ebl.testing.dns import DnsServer
from ebl.verify import examine
from ebl.wrap import wrap
from tests.unit.hostile.mutation import mutated, written

Json = dict[str, Any]
DOMAIN, OTHER_DOMAIN = "carrier.example", "other.example"
WEB = f"did:web:{DOMAIN}"

# What signs or sends out of a FILE, and how it is called. {file}, {to} and the contracts are filled in.
MOVES = {
    "title transfer-holder": "title transfer-holder {file} {to}",
    "title nominate": "title nominate {file} {to}",
    "title endorse": "title endorse {file} {to}",
    "title transfer": "title transfer {file} {to}",
    "title reject": "title reject {file}",
    "title return": "title return {file}",
}
ANSWERS = {
    "title accept-return": "title accept-return {file}",
    "title reject-return": "title reject-return {file}",
}
MINT = {"registry mint": "registry mint {file} --beneficiary {to}"}
ANCHOR = {
    "store issue": "store issue {store} {file}",
    "store revoke": "store revoke {store} {file}",
    "bulk issue": "bulk issue {store} {file}",
}
SIGN = {"sign", "vc sign", "vc present", "status-list update"}
ON_CHAIN = {**MOVES, **ANSWERS, **MINT, **ANCHOR}
# A key is given to these too, to read with and not to sign with.
READS = {"decrypt", "did check"}


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        with click.Context(command) as ctx:
            for name in command.list_commands(ctx):
                found = command.get_command(ctx, name)
                assert found is not None
                yield from commands(found, (*path, name))
    else:
        yield " ".join(path), command


def test_every_command_that_signs_out_of_a_file_is_tried_here() -> None:
    found = set()
    for name, command in commands(main):
        options = {option for param in command.params for option in param.opts}
        arguments = [param.metavar or param.name or "" for param in command.params if isinstance(param, click.Argument)]
        takes_file = any("FILE" in word or "PATH" in word or "DIR" in word for word in arguments)
        if takes_file and options & {"--key-file", "--keystore", "--calldata"}:
            found.add(name)
    assert found == ON_CHAIN.keys() | SIGN | READS


def test_every_command_that_sends_out_of_a_file_has_the_way_round_spelt_out() -> None:
    for name, command in commands(main):
        options = {option for param in command.params for option in param.opts}
        assert ("--file-unverified" in options) == (name in ON_CHAIN or name == "status-list update"), name


def key(seed: int, did: str | None = None) -> IssuerKey:
    return IssuerKey.generate(KeyType.P256, did=did, randomness=Random(seed).randbytes)


CARRIER, FORGER = key(1), key(2)  # each is its own did:key
OF_SITE, FORGED_OF_SITE = key(3, WEB), key(5, WEB)  # the site lists the first only, as keys-1
UNLISTED = IssuerKey.generate(KeyType.P256, did=WEB, fragment="keys-2", randomness=Random(5).randbytes)


@dataclass
class World:
    """A carrier with a store and a registry, whose bills the bank holds; and whoever forges them."""

    chain: LocalChain
    dns: DnsServer
    home: Path
    registry: str = ""
    store: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)
    honest: dict[str, Json] = field(default_factory=dict)
    returned: dict[str, Json] = field(default_factory=dict)
    unminted: dict[str, Json] = field(default_factory=dict)
    stored: dict[str, Json] = field(default_factory=dict)

    def who(self, name: str) -> str:
        return self.chain.account(name).address

    def run(self, who: str, words: str, *more: str) -> Result:
        environment = {"EBL_PRIVATE_KEY": self.chain.account(who).key, "XDG_STATE_HOME": str(self.home)}
        asked = ("--rpc", f"1337={self.chain.url}")
        return CliRunner().invoke(main, [*words.split(), *more, *asked], env=environment)

    def done(self, who: str, words: str, *more: str) -> Json:
        ran = self.run(who, words, *more, "--yes", "--json")
        assert ran.exit_code == 0, ran.output
        answer: Json = json.loads(ran.stdout.splitlines()[-1])
        return answer

    def file(self, document: Any) -> Path:
        path = self.home / "file.json"
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        return path

    def act(self, name: str, document: Any, *more: str) -> Result:
        """Give a command a file, as the one who could do it."""
        who = "bank" if name in MOVES else "carrier"
        words = ON_CHAIN[name].format(file=self.file(document), to=self.who("stranger"), store=self.store)
        accepting = ("--issuer", DOMAIN) if name in MOVES else ()
        return self.run(who, words, *accepting, "--resolver", self.dns.url, *more)

    def fetch(self, url: str, *, accept: Any) -> Page:
        if url not in self.pages:
            raise SourceError(Doubt.WEB_UNREACHABLE, own_words(f"no page {url}"))
        return Page(url, "application/json", self.pages[url])

    @property
    def block(self) -> int:
        return int(self.chain.rpc("eth_blockNumber"), 16)


def v2(world: World, number: str, *, domain: str = DOMAIN, chain: str = "1337", **contract: str) -> Json:
    proof = {"type": "DNS-TXT", "location": domain}
    issuer = {"name": "Carrier", **(contract or {"tokenRegistry": world.registry}), "identityProof": proof}
    goods = [{"description": "copper cathodes", "quantity": 1000}]
    return {"issuers": [issuer], "network": {"chain": "local", "chainId": chain}, "blNumber": number, "packages": goods}


def v3(world: World, number: str, *, domain: str = DOMAIN, chain: str = "1337", **method: str) -> Json:
    proof = {"type": "OpenAttestationProofMethod", **(method or {"method": "TOKEN_REGISTRY", "value": world.registry})}
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://carrier.example/terms#"}],
        "type": ["VerifiableCredential"],
        "issuer": {"id": "https://carrier.example", "name": "Carrier"},
        "issuanceDate": "2026-01-01T00:00:00Z",
        "network": {"chain": "local", "chainId": chain},
        "credentialSubject": {"blNumber": number, "goodsDescription": "copper cathodes"},
        "openAttestationMetadata": {
            "template": {"name": "A", "type": "EMBEDDED_RENDERER", "url": "https://renderer.example"},
            "proof": proof,
            "identityProof": {"type": "DNS-TXT", "identifier": domain},
        },
    }


def vc(
    world: World, number: str, signer: IssuerKey, *, chain: int = 1337, id_: str = "", goods: str = "copper"
) -> Json:
    made = Credential(
        issuer=signer.did,
        subject={"type": ["BillOfLading"], "blNumber": number, "packages": [{"packagesDescription": goods}]},
        status=transferable(chain_id=chain, registry=world.registry),
        **({"id": id_} if id_ else {}),
    )
    return sign_credential(made.to_dict(), signer)


def bills(world: World, number: str) -> dict[str, Json]:
    """A title in each format."""
    return {
        "oa2": wrap(v2(world, number)),
        "oa3": wrap(v3(world, number)),
        "vc": vc(world, number, OF_SITE),
    }


def token(document: Json) -> str:
    if "credentialStatus" in document:
        return "0x" + str(document["credentialStatus"]["tokenId"])
    return "0x" + str((document.get("signature") or document["proof"])["merkleRoot"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with LocalChain() as chain, DnsServer() as dns, pytest.MonkeyPatch.context() as patch:
        made = World(chain, dns, tmp_path_factory.mktemp("acts"))

        def with_pages(*settings: Any, **options: Any) -> Sources:
            return replace(online(*settings, **options), fetch=made.fetch)

        patch.setattr("ebl.sources.online", with_pages)
        made.registry = str(made.done("carrier", "registry deploy --name C --symbol C")["registry"])
        made.store = str(made.done("carrier", "store deploy --name C")["store"])
        for contract in (made.registry, made.store):
            dns.zone.txt(DOMAIN, f"openatts net=ethereum netId=1337 addr={contract}")
        dns.zone.txt(OTHER_DOMAIN, f"openatts net=ethereum netId=1337 addr={made.who('stranger')}")
        site = web_document(WEB, [(OF_SITE.id, OF_SITE.public)])
        made.pages[f"https://{DOMAIN}/.well-known/did.json"] = json.dumps(site).encode()
        for number, held in (("BL-1", made.honest), ("BL-2", made.returned), ("BL-3", made.unminted)):
            held |= bills(made, number)
        both = "--beneficiary", made.who("bank")
        for held in (made.honest, made.returned):
            for document in held.values():
                made.done("carrier", f"registry mint {token(document)} --registry {made.registry}", *both)
        for document in made.returned.values():
            made.done("bank", f"title return {token(document)} --registry {made.registry}")
        # So that the bank can reject what was transferred to it: the shipper had it before.
        for document in made.honest.values():
            at = f"{token(document)} --registry {made.registry}"
            made.done("bank", f"title transfer {at} {made.who('shipper')}")
            made.done("shipper", f"title transfer {at} {made.who('bank')}")
        made.stored |= {
            "oa2": wrap(v2(made, "BL-4", documentStore=made.store)),
            "oa3": wrap(v3(made, "BL-4", method="DOCUMENT_STORE", value=made.store)),
        }
        yield made


def suited(world: World, name: str) -> Mapping[str, Json]:
    """The honest files that a command would act on."""
    if name in MOVES:
        return world.honest
    if name in ANSWERS:
        return world.returned
    return world.unminted if name in MINT else world.stored


@pytest.mark.parametrize("name", ON_CHAIN)
def test_an_honest_file_is_acted_on_and_its_bill_is_in_the_plan(world: World, name: str) -> None:
    for kind, document in suited(world, name).items():
        done = world.act(name, document, "--dry-run")
        assert done.exit_code == 0, (kind, done.output)
        assert "number    BL-" in done.stderr and "copper" in done.stderr, done.stderr
        assert f"issuer    {DOMAIN} (verified with" in done.stderr.replace("issuer    did:web:", "issuer    "), (
            done.stderr
        )
        assert "Doubt" not in done.stderr


def changed(document: Json) -> Json:
    text = json.dumps(document)
    assert "copper" in text
    return json.loads(text.replace("copper", "sand 1 t"))  # type: ignore[no-any-return]


def of_another_wrapping(world: World, document: Json) -> Json:
    """Other content under the root of the honest bill, which is the number of its title."""
    if "credentialStatus" in document:
        return vc(world, "BL-9", OF_SITE, id_=document["id"] + "x") | {"id": document["id"]}
    other = wrap(v2(world, "BL-9")) if "data" in document else wrap(v3(world, "BL-9"))
    head = "signature" if "data" in document else "proof"
    hashes = {
        name: document[head][name] for name in ("targetHash", "merkleRoot", "proofs", "proof") if name in document[head]
    }
    return {**other, head: {**other[head], **hashes}}


def by_the_forger(world: World, document: Json) -> Json:
    """A credential about sand with the id of the honest bill, signed with a key that the issuer never had."""
    return vc(world, "BL-9", FORGED_OF_SITE, id_=document["id"], goods="sand")


def by_an_unlisted_key(world: World, document: Json) -> Json:
    return vc(world, "BL-9", UNLISTED, id_=document["id"], goods="sand")


def by_a_key_that_is_its_own_did(world: World, document: Json) -> Json:
    """The same, with a proof by a did:key, which anybody can look up: it is good, and not the issuer's."""
    made = vc(world, "BL-9", FORGER, id_=document["id"], goods="sand")
    return {**made, "issuer": WEB}


def by_another_issuer(world: World, document: Json) -> Json:
    """A bill that is good in itself, of somebody else, who took the id of the honest one."""
    if "credentialStatus" in document:
        return vc(world, "BL-9", FORGER, id_=document["id"], goods="sand")
    raw = v2(world, "BL-9", domain=OTHER_DOMAIN) if "data" in document else v3(world, "BL-9", domain=OTHER_DOMAIN)
    return wrap(raw)


def of_another_chain(world: World, document: Json) -> Json:
    if "credentialStatus" in document:
        return vc(world, "BL-9", OF_SITE, id_=document["id"], chain=1)
    return wrap(v2(world, "BL-9", chain="1") if "data" in document else v3(world, "BL-9", chain="1"))


def of_another_contract(world: World, document: Json) -> Json:
    other = world.who("stranger")
    if "credentialStatus" in document:
        status = {**document["credentialStatus"], "tokenRegistry": other}
        return {**document, "credentialStatus": status}
    return wrap(
        v2(world, "BL-9", tokenRegistry=other)
        if "data" in document
        else v3(world, "BL-9", method="TOKEN_REGISTRY", value=other)
    )


def cut(world: World, document: Json) -> Json:
    return {name: value for name, value in document.items() if name not in ("proof", "signature")}


FORGERIES: dict[str, Callable[[World, Json], Json]] = {
    "changed": lambda _, document: changed(document),
    "other content under the same number": of_another_wrapping,
    "another issuer": by_another_issuer,
    "another chain": of_another_chain,
    "another contract": of_another_contract,
    "without its proof": cut,
}
OF_CREDENTIALS = {
    "a key that the issuer never had": by_the_forger,
    "a key that is not listed": by_an_unlisted_key,
    "a key that is its own DID": by_a_key_that_is_its_own_did,
}


class Unsigned:
    """Fails the test that signs: whatever else is printed, this is what cannot be taken back."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.signed: list[str] = []

        def refuse(key: Any, *args: Any) -> Any:
            self.signed.append(type(key).__name__)
            raise AssertionError("signed")

        for name in ("sign_transaction", "sign_message"):
            patch.setattr(LocalKey, name, refuse)


@pytest.mark.parametrize("forged", [*FORGERIES, *OF_CREDENTIALS])
@pytest.mark.parametrize("name", ON_CHAIN)
def test_a_forged_file_leads_to_no_transaction(
    world: World, name: str, forged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing, before = Unsigned(monkeypatch), world.block
    for kind, document in suited(world, name).items():
        if forged in OF_CREDENTIALS and kind != "vc":
            continue
        make = FORGERIES.get(forged) or OF_CREDENTIALS[forged]
        for more in (("--yes",), ("--calldata",)):
            done = world.act(name, make(world, document), *more)
            asked = done.exit_code == 2 and "--domain-unconfirmed" in done.stderr and name in {**MINT, **ANSWERS}
            assert done.exit_code in (1, 3, 5) or asked, (kind, done.output)
            assert not refusing.signed and '"data"' not in done.stdout, (kind, done.output)
            assert "Traceback" not in done.output
    assert world.block == before


@pytest.mark.parametrize("name", [*MOVES, *ANSWERS, *MINT])
def test_a_key_that_cannot_be_asked_for_is_no_yes(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = Unsigned(monkeypatch)
    monkeypatch.setattr(world, "pages", {})
    for more in (("--yes",), ("--calldata",)):
        done = world.act(name, suited(world, name)["vc"], *more)
        assert done.exit_code == 3 and "web.unreachable" in done.stderr, done.output
        assert not refusing.signed and '"data"' not in done.stdout


@pytest.mark.parametrize("name", MOVES)
def test_a_domain_that_cannot_be_asked_about_moves_no_title(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = Unsigned(monkeypatch)
    for kind in ("oa2", "oa3"):
        words = MOVES[name].format(file=world.file(world.honest[kind]), to=world.who("stranger"))
        done = world.run("bank", words, "--issuer", DOMAIN, "--resolver", "https://127.0.0.1:9/dns-query", "--yes")
        assert done.exit_code == 3 and "dns." in done.stderr, done.output
        assert not refusing.signed


@pytest.mark.parametrize("name", MOVES)
def test_a_title_that_was_never_issued_or_is_not_held_is_not_moved(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = Unsigned(monkeypatch)
    for held, code in ((world.unminted, "status.not_minted"), (world.returned, "status.returned")):
        for document in held.values():
            done = world.act(name, document, "--yes")
            assert done.exit_code == 1 and code in done.stderr, done.output
            assert not refusing.signed


@pytest.mark.parametrize("name", MOVES)
def test_whose_bill_it_must_be_is_asked_for(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = Unsigned(monkeypatch)
    words = MOVES[name].format(file=world.file(world.honest["oa2"]), to=world.who("stranger"))
    done = world.run("bank", words, "--yes")
    assert done.exit_code == 2 and "--issuer" in done.stderr and "--file-unverified" in done.stderr
    other = world.run("bank", words, "--yes", "--issuer", OTHER_DOMAIN, "--resolver", world.dns.url)
    assert other.exit_code == 1 and "policy.unexpected_issuer" in other.stderr
    assert not refusing.signed


def test_a_file_is_read_with_the_contexts_of_the_policy_that_it_is_held_to(world: World) -> None:
    url, raw = "https://carrier.example/v1", b'{"@context": {"colour": "https://carrier.example/v1#colour"}}'
    sha256 = hashlib.sha256(raw).hexdigest()
    contexts = known().adding(url, raw, sha256=sha256)
    made = Credential(
        issuer=OF_SITE.did,
        subject={"type": ["BillOfLading"], "blNumber": "BL-9", "colour": "red"},
        status=transferable(chain_id=1337, registry=world.registry),
        contexts=[url],
        known_contexts=contexts,
    )
    signed = sign_credential(made.to_dict(), OF_SITE, contexts=contexts)
    at = f"{token(signed)} --registry {world.registry}"
    world.done("carrier", f"registry mint {at}", "--beneficiary", world.who("bank"))
    (world.home / "v1.json").write_bytes(raw)
    trusted = f'[issuers]\ntrusted = [{{ did = "{WEB}" }}]\n'
    entry = f'[credentials]\ncontexts = [{{ url = "{url}", file = "v1.json", sha256 = "{sha256}" }}]\n'
    words = MOVES["title transfer"].format(file=world.file(signed), to=world.who("stranger"))
    for text, exit_code in ((trusted, 3), (trusted + entry, 0)):
        (world.home / "bank.toml").write_text(text, "utf-8")
        policy = ("--policy", str(world.home / "bank.toml"), "--resolver", world.dns.url)
        done = world.run("bank", words, *policy, "--dry-run")
        assert done.exit_code == exit_code, done.output
        assert ("document.unsupported_context" in done.stderr) == (exit_code == 3)


@pytest.mark.parametrize("name", MOVES)
def test_no_key_is_asked_for_before_a_file_is_refused(world: World, name: str) -> None:
    words = MOVES[name].format(file=world.file(world.honest["oa2"]), to=world.who("stranger"))
    keyless = f"{words} --issuer {OTHER_DOMAIN} --resolver {world.dns.url} --yes --key-file /nowhere"
    done = world.run("bank", keyless)
    assert done.exit_code == 1 and "policy.unexpected_issuer" in done.stderr, done.output


def test_the_way_round_is_in_the_plan_and_in_the_journal(world: World) -> None:
    forged = by_the_forger(world, world.honest["vc"])
    words = f"title nominate {world.file(forged)} {world.who('consignee')} --file-unverified"
    planned = world.run("bank", words)
    assert planned.exit_code == 2 and "NOT VERIFIED (--file-unverified)" in planned.stderr
    receipt = world.done("bank", words)
    status = world.run("bank", f"tx status {receipt['tx_hash']}")
    assert "(--file-unverified)" in status.stdout
    at = f"{token(forged)} --registry {world.registry}"
    world.done("bank", f"title nominate {at} --withdraw")


@pytest.mark.parametrize(("more", "exit_code"), [((), 2), (("--domain-unconfirmed",), 0)])
def test_a_missing_record_is_a_doubt_that_yes_alone_does_not_cover(
    world: World, more: tuple[str, ...], exit_code: int
) -> None:
    for document in (wrap(v2(world, "BL-6", domain="new.example")), wrap(v3(world, "BL-6", domain="new.example"))):
        words = f"registry mint {world.file(document)} --beneficiary {world.who('bank')} --resolver {world.dns.url}"
        shown = world.run("carrier", words, "--dry-run")
        assert shown.exit_code == 0 and "Doubt     new.example has no TXT record" in shown.stderr
        done = world.run("carrier", words, "--yes", *more)
        assert done.exit_code == exit_code, done.output


def test_a_root_whose_domain_has_no_record_yet_is_issued_by_a_yes(world: World) -> None:
    document = wrap(v2(world, "BL-7", domain="new.example", documentStore=world.store))
    words = f"store issue {world.store} {world.file(document)} --resolver {world.dns.url}"
    done = world.run("carrier", words, "--yes")
    assert done.exit_code == 0 and "Doubt" in done.stderr


@pytest.mark.parametrize("name", [*ANSWERS, *MINT, *ANCHOR])
def test_a_sender_without_the_role_is_told_so_before_anything_is_signed(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = Unsigned(monkeypatch)
    words = ON_CHAIN[name].format(
        file=world.file(suited(world, name)["oa2"]), to=world.who("stranger"), store=world.store
    )
    done = world.run("stranger", words, "--resolver", world.dns.url, "--yes")
    assert done.exit_code == 4 and "does not have the role" in done.stderr, done.output
    assert not refusing.signed


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**64), name=st.sampled_from([*MOVES]), kind=st.sampled_from(["oa2", "oa3", "vc"]))
def test_whatever_moves_a_title_is_valid(world: World, seed: int, name: str, kind: str) -> None:
    random = Random(seed)
    raw = written(mutated(deepcopy(world.honest[kind]), random, list(world.honest.values())), random)
    done = world.act(name, raw, "--calldata")
    assert done.exception is None or isinstance(done.exception, SystemExit), raw
    if done.exit_code == 0:
        sources = ebl.sources.online(rpc={1337: world.chain.url}, resolver=world.dns.url)
        assert examine(raw, IssuedBy(DOMAIN), sources=sources).verdict is Verdict.VALID
        assert json.loads(done.stdout)["data"]


def test_a_move_that_was_made_meanwhile_is_told_and_not_refused(world: World) -> None:
    """The same command again waits for the first, though the title is no longer as the policy asks."""
    document = wrap(v2(world, "BL-10"))
    world.done(
        "carrier", f"registry mint {token(document)} --registry {world.registry} --beneficiary {world.who('bank')}"
    )
    words = f"title return {world.file(document)} --issuer {DOMAIN} --resolver {world.dns.url} --json --yes"
    world.chain.rpc("evm_setAutomine", False)
    try:
        first = world.run("bank", words, "--timeout", "0.1")
        assert first.exit_code == 3, first.output
    finally:
        world.chain.rpc("evm_setAutomine", True)
        world.chain.mine()
    again = world.run("bank", words)
    assert again.exit_code == 0 and "not sent again" in again.stderr, again.output
    assert (
        "status.returned" in again.stderr and "Nothing was sent" not in again.stderr
    )  # what the file is now is told too
    assert json.loads(again.stdout)["tx_hash"] == json.loads(first.stdout)["tx_hash"]
    late = world.run("bank", words)
    assert late.exit_code == 1 and "status.returned" in late.stderr


def test_a_plan_of_a_file_is_not_made_again_on_what_was_found_out_long_ago(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = f"title nominate {world.file(world.honest['oa2'])} {world.who('consignee')} --issuer {DOMAIN}"
    words = f"{words} --resolver {world.dns.url} --yes"
    refusing = Unsigned(monkeypatch)
    monkeypatch.setattr(
        "ebl.chain.sending.planning.GOOD_FOR", -1.0
    )  # as if the question was answered after ten minutes
    done = world.run("bank", words)
    assert done.exit_code == 4 and "Run the command again" in done.stderr, done.output
    assert done.stderr.count("Plan  ") == 1 and not refusing.signed


def test_a_bill_s_words_move_no_cursor_in_the_plan(world: World) -> None:
    raw = v2(world, "BL-8\x1b[2J\u202e" + "9" * 500) | {
        "packages": [{"description": "line\r\n  issuer    bank.example"}]
    }
    document = wrap(raw)
    words = (
        f"registry mint {world.file(document)} --beneficiary {world.who('bank')} --resolver {world.dns.url} --dry-run"
    )
    done = world.run("carrier", words)
    assert done.exit_code == 0, done.output
    lines = done.stderr.splitlines()
    assert all(line.isprintable() and len(line) < 200 for line in lines)
    assert [line for line in lines if line.startswith("  issuer")] == [
        f"  issuer    {DOMAIN} (verified with DNS, assurance: single)"
    ]


def did_signed() -> Json:
    signer = LocalKey(b"\x01" * 32)
    did = f"did:ethr:{signer.address}"
    proof = {"type": "DID", "key": f"{did}#controller"}
    return wrap(
        {"issuers": [{"id": did, "name": "C", "identityProof": proof, "revocation": {"type": "NONE"}}], "g": "copper"}
    )


def status_list(signer: IssuerKey = CARRIER) -> Json:
    from datetime import UTC, datetime

    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = list_credential.new_list(
        url="https://carrier.example/status/1", issuer=signer.did, purpose="revocation", valid_from=now
    )
    return list_credential.signed(list_credential.updated(made, {7: True}, valid_from=now), signer, created=now)


def cleared(document: Json) -> Json:
    """The list with the bit of a revoked bill cleared by hand."""
    encoded = status_list_bits_cleared()
    return {**document, "credentialSubject": {**document["credentialSubject"], "encodedList": encoded}}


def status_list_bits_cleared() -> str:
    from ebl.codec.bitstring import MIN_BITS, Bitstring

    return Bitstring.zeros(MIN_BITS).encode(multibase=False)


def certificate(subject: str = CARRIER.did) -> Json:
    made = Credential(issuer=FORGER.did, subject={"id": subject, "name": "copper", "description": "of origin"})
    return sign_credential(made.to_dict(), FORGER)


TO_SIGN: dict[str, tuple[str, Callable[[], Json], dict[str, Callable[[Json], Json]]]] = {
    "sign": (
        "sign {file} -o {out} --key-file {ethereum}",
        did_signed,
        {"changed": changed, "without its proof": lambda document: {**document, "signature": {}}},
    ),
    "vc sign": (
        "vc sign {file} -o {out} --key-file {key}",
        lambda: Credential(issuer=CARRIER.did, subject={"name": "copper", "description": "d"}).to_dict(),
        {
            "signed by another": lambda _: certificate(),
            "of another issuer": lambda document: {**document, "issuer": FORGER.did},
        },
    ),
    "vc present": (
        "vc present {file} -o {out} --key-file {key}",
        certificate,
        {
            "changed": changed,
            "derived and changed": lambda document: changed(derive(document, [""])),
            "of another holder": lambda _: certificate(FORGER.did),
            "without its proof": lambda document: {n: v for n, v in document.items() if n != "proof"},
        },
    ),
    "status-list update": (
        "status-list update {file} --set 1 -o {out} --key-file {key}",
        status_list,
        {
            "cleared by hand": cleared,
            "without its proof": lambda document: {n: v for n, v in document.items() if n != "proof"},
            "of another issuer": lambda _: status_list(FORGER),
            "signed by another": lambda _: {**status_list(FORGER), "issuer": CARRIER.did},
            "derived": lambda document: derive(document, [""]),
        },
    ),
}


@pytest.mark.parametrize(("name", "forged"), [(n, f) for n, (_, _, all_) in TO_SIGN.items() for f in ("", *all_)])
def test_a_forged_file_is_not_signed(name: str, forged: str, tmp_path: Path) -> None:
    assert TO_SIGN.keys() == SIGN
    words, make, forgeries = TO_SIGN[name]
    document = make() if not forged else forgeries[forged](make())
    (tmp_path / "file.json").write_text(json.dumps(document), "utf-8")
    (tmp_path / "key.json").write_text(CARRIER.to_json().decode(), "utf-8")
    (tmp_path / "ethereum.key").write_text("01" * 32, "utf-8")
    for secret in ("key.json", "ethereum.key"):
        (tmp_path / secret).chmod(0o600)
    out = tmp_path / "out"
    named = {
        "file": tmp_path / "file.json",
        "key": tmp_path / "key.json",
        "ethereum": tmp_path / "ethereum.key",
        "out": out,
    }
    done = CliRunner().invoke(main, words.format(**named).split())
    assert (done.exit_code == 0) == (not forged), done.output
    assert out.exists() == (not forged)
    assert "Traceback" not in done.output


def test_a_list_that_an_older_key_signed_is_checked_in_the_did_document(world: World, tmp_path: Path) -> None:
    old = IssuerKey.generate(KeyType.P256, did=WEB, fragment="keys-0", randomness=Random(6).randbytes)
    path, secret = tmp_path / "list.json", tmp_path / "key.json"
    path.write_text(json.dumps(status_list(old)), "utf-8")
    secret.write_text(OF_SITE.to_json().decode(), "utf-8")
    secret.chmod(0o600)
    words = [
        "status-list",
        "update",
        str(path),
        "--set",
        "9",
        "--key-file",
        str(secret),
        "-o",
        str(tmp_path / "new.json"),
    ]
    done = CliRunner().invoke(main, words)  # the site lists the new key only
    assert done.exit_code == 1 and "identity.key_not_of_did" in done.stderr, done.output
    again = CliRunner().invoke(main, [*words, "--file-unverified"])
    assert again.exit_code == 0, again.output
