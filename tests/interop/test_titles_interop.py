"""A title that is minted and moved from here is, to the official package, what it is to us; and so are titles that it moves.

The same steps are taken twice in one registry: on one title from Python, on another with the official package. Both readers
then read both titles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from people import ZERO, Ledger, deploy
from test_titles import TOKEN, check_capabilities
from test_titles import World as Scene

from ebl import registry as acts
from ebl.chain.signers import LocalKey
from ebl.credential import Credential, derive, sign, transferable
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import MULTIKEY_CONTEXT, KeyType
from ebl.did.document_writer import key_document
from ebl.model.findings import Verdict
from ebl.model.ports import Sources
from ebl.net.connect import connect
from ebl.policy import IssuedByTrusted, Trusted, UnsafeAnyIssuer
from ebl.registry import History, Journals, Node, Registry, State, history, send, title
from ebl.sources import online
from ebl.testing.anvil import Anvil
from ebl.testing.dns import DnsServer
from ebl.verify import examine
from ebl.wrap import to_json, wrap

Js = Callable[[str, Any], Any]
ID = "urn:bill:0042"
DOMAIN = "carrier.example"
OURS, THEIRS = 7, 8
NETWORK = {"chain": "local", "chainId": "1337"}
KEY = IssuerKey.generate(KeyType.P256)

# Who does what, by its name here and there, and to whom: each parameter by its name here and there.
HOLDER, NEXT = ("holder", "holderAddress"), ("beneficiary", "newBeneficiaryAddress")
BOTH = (NEXT, ("holder", "newHolderAddress"))
TRANSFER, PLEDGE = ("transfer", "transferOwners"), ("transfer_holder", "transferHolder")
RETURN = ("return_to_issuer", "returnToIssuer")
Step = tuple[str, tuple[str, str], tuple[tuple[str, str], ...], str]
STORY: list[Step] = [
    ("shipper", TRANSFER, BOTH, "bank"),
    ("bank", ("reject", "rejectTransferOwners"), (), ""),
    ("shipper", PLEDGE, (HOLDER,), "bank"),
    ("bank", ("reject_holder", "rejectTransferHolder"), (), ""),
    ("shipper", PLEDGE, (HOLDER,), "bank"),
    ("shipper", ("nominate", "nominate"), (("nominee", "newBeneficiaryAddress"),), "consignee"),
    ("bank", ("endorse", "transferBeneficiary"), (NEXT,), "consignee"),
    ("consignee", ("reject_endorsement", "rejectTransferBeneficiary"), (), ""),
    ("shipper", ("nominate", "nominate"), (("nominee", "newBeneficiaryAddress"),), "consignee"),
    ("bank", TRANSFER, BOTH, "consignee"),
    ("consignee", RETURN, (), ""),
    ("carrier", ("reject_return", "rejectReturned"), (), ""),
    ("consignee", RETURN, (), ""),
    ("carrier", ("accept_return", "acceptReturned"), (), ""),
]
# Version 4 knows no rejections of transfers.
OLDER_STORY = [
    ("shipper", TRANSFER, BOTH, "agent"),
    ("agent", TRANSFER, BOTH, "shipper"),
    *STORY[4:7],
    ("bank", PLEDGE, (HOLDER,), "consignee"),
    *STORY[10:],
]

# What the official package calls what happened, in version 5 and in version 4, and the parties that its row is told anew. It
# leaves nominations out.
WORDS = {
    "issued": ("INITIAL", "INITIAL", "holder owner"),
    "endorsed": ("TRANSFER_BENEFICIARY", "TRANSFER_BENEFICIARY", "owner"),
    "holder_transferred": ("TRANSFER_HOLDER", "TRANSFER_HOLDER", "holder"),
    "transferred": ("TRANSFER_OWNERS", "TRANSFER_OWNERS", "holder owner"),
    "endorsement_rejected": ("REJECT_TRANSFER_BENEFICIARY", "", "owner"),
    "holder_transfer_rejected": ("REJECT_TRANSFER_HOLDER", "", "holder"),
    "transfer_rejected": ("REJECT_TRANSFER_OWNERS", "", "holder owner"),
    "returned": ("RETURNED_TO_ISSUER", "SURRENDERED", ""),
    "return_rejected": ("RETURN_TO_ISSUER_REJECTED", "SURRENDER_REJECTED", ""),
    "return_accepted": ("RETURN_TO_ISSUER_ACCEPTED", "SURRENDER_ACCEPTED", "holder owner"),
}


@dataclass
class World:
    """A registry of one make on anvil, and both sides at work on it."""

    js: Js
    anvil: Anvil
    node: Node
    journals: Journals
    registry: Registry

    def key(self, who: str) -> str:
        return self.anvil.account(who).key

    def who(self, who: str) -> str:
        return self.anvil.account(who).address

    def send(self, who: str, call: acts.Call) -> None:
        send(call, signer=LocalKey.from_hex(self.key(who)), node=self.node, journals=self.journals)

    @property
    def sources(self) -> Sources:
        return online(rpc={1337: self.anvil.url})

    def read(self, token: int) -> History:
        return history(self.sources.chain(1337), self.registry, token, document_id=ID)

    def asks(self, *calls: dict[str, Any]) -> list[Any]:
        """What the official package answers."""
        where = {"rpc": self.anvil.url, "registry": self.registry.address, "version": f"v{self.registry.version}"}
        found: list[Any] = self.js("titles.cjs", {**where, "id": ID, "calls": calls})
        return found

    @property
    def story(self) -> list[Step]:
        return STORY if self.registry.version == 5 else OLDER_STORY

    def says(self, name: str) -> str:
        """The remark of a step; version 4 carries none."""
        return f"单证 {name}" if self.registry.version == 5 else ""

    def said(self, name: str) -> dict[str, str]:
        return {"remark": self.says(name), "document_id": ID}

    def title(self, token: int) -> acts.Title:
        return title(self.sources.chain(1337), self.registry, token)

    def mint(self, token: int) -> None:
        shipper = self.who("shipper")
        self.send(
            "carrier", acts.mint(self.registry, token, beneficiary=shipper, holder=shipper, **self.said("issued"))
        )

    def tell_ours(self) -> None:
        """The whole story, from Python."""
        self.mint(OURS)
        for by, (name, _), parameters, to in self.story:
            parties = {ours: self.who(to) for ours, _ in parameters}
            positional = [parties.popitem()[1]] if len(parties) == 1 else []
            self.send(by, getattr(acts, name)(self.title(OURS), *positional, **parties, **self.said(name)))

    def tell_theirs(self) -> None:
        """The whole story, with the official package."""
        shipper = self.who("shipper")
        parties = {"beneficiaryAddress": shipper, "holderAddress": shipper}
        calls = [{"op": "mint", "token": THEIRS, "key": self.key("carrier"), "remarks": self.says("issued"), **parties}]
        for by, (ours, name), parameters, to in self.story:
            parties = {theirs: self.who(to) for _, theirs in parameters}
            calls.append({"op": name, "token": THEIRS, "key": self.key(by), "remarks": self.says(ours), **parties})
        self.asks(*calls)


@pytest.fixture(scope="module", params=["ours", "v5", "v4"])
def world(
    request: pytest.FixtureRequest,
    js: Js,
    anvil: Anvil,
    released: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    snapshot = anvil.snapshot()
    anvil.rpc("anvil_autoImpersonateAccount", True)
    made = deploy(request.param, Ledger(anvil), released)
    anvil.rpc("anvil_autoImpersonateAccount", False)
    registry = Registry(1337, made.registry, 4 if request.param == "v4" else 5)
    world = World(js, anvil, connect(anvil.url), Journals(tmp_path_factory.mktemp("journals")), registry)
    world.tell_ours()
    world.tell_theirs()
    yield world
    anvil.revert(snapshot)


def rows(found: History, version: int) -> list[dict[str, Any]]:
    """Our history as rows of the official chain. A party that a row is not told of stays that of the row before, but for
    rejections, whose parties the official chain does not carry on."""
    made, before = [], {"owner": "", "holder": ""}
    for done in found.endorsements:
        if done.action not in WORDS:
            continue
        *kinds, told = WORDS[done.action]
        after = {"owner": done.after.beneficiary or ZERO, "holder": done.after.holder or ZERO}
        parties = {role: after[role] if role in told else before[role] for role in after}
        if "rejected" not in done.action:
            before = parties
        made.append(
            {
                "type": kinds[version == 4],
                **parties,
                "blockNumber": done.block_number,
                "transactionHash": done.tx_hash,
                "timestamp": int(done.time.timestamp() * 1000) if done.time else None,
                "remark": done.text or "",
            }
        )
    return made


def test_both_readers_tell_the_same_of_titles_moved_by_either(world: World) -> None:
    of_ours, of_theirs = world.asks({"op": "read", "token": OURS}, {"op": "read", "token": THEIRS})
    for theirs, token in ((of_ours, OURS), (of_theirs, THEIRS)):
        found = world.read(token)
        assert found.complete, found.gaps
        ours = rows(found, world.registry.version)
        for row in theirs["chain"]:
            del row["transactionIndex"]
        assert ours == theirs["chain"]
        assert found.title.state is State.TAKEN_OUT
        assert theirs["escrow"] == found.title.escrow


def bill(world: World) -> tuple[dict[str, Any], str]:
    """A bill in the form of OpenAttestation v2, and the number of the token that stands for it."""
    proof = {"type": "DNS-TXT", "location": DOMAIN}
    issuer = {"name": "Straits Line", "tokenRegistry": world.registry.address, "identityProof": proof}
    data = {"id": ID, "issuers": [issuer], "network": NETWORK, "vessel": "MV 东海之星", "packages": [{"quantity": 320}]}
    document = wrap(data)
    return document, document["signature"]["merkleRoot"]


def newer_bill(world: World) -> tuple[dict[str, Any], str]:
    """The same in the form of v3."""
    proof = {"type": "OpenAttestationProofMethod", "method": "TOKEN_REGISTRY", "value": world.registry.address}
    data = {
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "https://schemata.openattestation.com/com/openattestation/1.0/OpenAttestation.v3.json",
            {"@vocab": "https://carrier.example/terms#"},
        ],
        "type": ["VerifiableCredential", "OpenAttestationCredential"],
        "id": ID,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "issuer": {"id": "https://carrier.example", "name": "Straits Line"},
        "credentialSubject": {"vessel": "MV 东海之星"},
        "openAttestationMetadata": {"proof": proof, "identityProof": {"type": "DNS-TXT", "identifier": DOMAIN}},
        "network": NETWORK,
    }
    document = wrap(data)
    return document, document["proof"]["merkleRoot"]


def credential(world: World) -> tuple[dict[str, Any], str]:
    """The same as a W3C credential, all of it shown by its holder."""
    made = Credential(
        issuer=KEY.did,
        subject={"type": ["BillOfLading"], "blNumber": "SCL-0042"},
        status=transferable(chain_id=1337, registry=world.registry.address, chain="local"),
    )
    signed = sign(made.to_dict(), KEY)
    return derive(signed, [""]), signed["credentialStatus"]["tokenId"]


@pytest.mark.parametrize("make", [bill, newer_bill, credential])
def test_a_bill_whose_title_was_minted_here_is_valid_there_and_its_state_is_the_same(
    world: World, make: Callable[[World], tuple[dict[str, Any], str]]
) -> None:
    (document, number), (unminted, _) = make(world), make(world)
    token, who = int(number, 16), world.who
    world.mint(token)
    world.send("shipper", acts.transfer(world.title(token), beneficiary=who("shipper"), holder=who("bank")))
    world.send("shipper", acts.nominate(world.title(token), who("consignee")))
    found = world.title(token)
    zone = {DOMAIN: [f"openatts net=ethereum netId=1337 addr={world.registry.address}"]}
    known = {KEY.did: key_document(KEY.public), KEY.id: {"@context": MULTIKEY_CONTEXT, **KEY.to_method()}}
    theirs, *verdicts = world.asks(
        {"op": "read", "token": f"0x{number}"},
        *({"op": "verify", "document": one, "zone": zone, "known": known} for one in (document, unminted)),
    )
    assert [verdict["valid"] for verdict in verdicts] == [True, False], verdicts
    state = {"holder": found.holder, "beneficiary": found.beneficiary, "nominee": found.nominee, "active": True}
    if found.version == 5:
        state |= {"prevHolder": found.previous_holder or ZERO, "prevBeneficiary": found.previous_beneficiary or ZERO}
    assert (theirs["state"], theirs["owner"]) == (state, found.escrow)
    with DnsServer() as dns:
        dns.zone.txt(DOMAIN, *zone[DOMAIN])
        sources = online(rpc={1337: world.anvil.url}, resolver=dns.url)
        # A W3C title's registry is named by nobody here, so its issuer is the only one that is accepted.
        policy = IssuedByTrusted(Trusted(did=KEY.did)) if make is credential else UnsafeAnyIssuer()
        ours = [examine(to_json(one), policy, sources=sources).verdict for one in (document, unminted)]
    assert ours == [Verdict.VALID, Verdict.INVALID]


@pytest.mark.parametrize("world", ["v4"], indirect=True)
def test_what_somebody_can_do_in_version_4_is_exactly_what_its_contracts_take(world: World) -> None:
    scene = Scene(world.anvil, world.node, world.journals, world.registry)

    def step(who: str, call: acts.Call) -> None:
        scene.do(who, call)
        check_capabilities(scene)

    bank, consignee = scene.who("bank"), scene.who("consignee")
    shipper = scene.who("shipper")
    check_capabilities(scene)
    step("carrier", acts.mint(world.registry, TOKEN, beneficiary=shipper, holder=shipper))
    step("shipper", acts.transfer_holder(scene.title, bank))
    step("shipper", acts.nominate(scene.title, consignee))
    step("bank", acts.transfer(scene.title, beneficiary=consignee, holder=consignee))
    step("consignee", acts.return_to_issuer(scene.title))
    step("carrier", acts.accept_return(scene.title))
