"""A bill of lading goes from Singapore to Shenzhen: issued, presented and refused, pledged, paid for, surrendered, delivered.

Run it with ``python examples/corridor.py``. The chain and the DNS are in this process, and the keys have no value. Each party
sees what it would really see: the document itself, and the public state of the chain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ebl.errors import TransactionError
from ebl.policy import AllOf, HeldBy, IssuedBy, OwnedBy, Policy, ThroughRegistry
from ebl.registry import (
    Call,
    Journals,
    LocalKey,
    Move,
    Node,
    Registry,
    Title,
    accept_return,
    capabilities,
    connect,
    deploy_factory,
    deploy_registry,
    history,
    mint,
    nominate,
    reject,
    reject_return,
    require_own,
    return_to_issuer,
    send,
    title,
    transfer,
    transfer_holder,
    transfer_role,
)
from ebl.sources import Sources, online
from ebl.testing import DnsServer, LocalChain
from ebl.verify import Verdict, examine, read, verify
from ebl.wrap import to_json, wrap

DOMAIN, BILL = "straits-line.example", "SCL-SGSZX-0042"
PARTIES = ("carrier", "agent", "shipper", "Singapore bank", "Shenzhen bank", "consignee")


@dataclass
class Corridor:
    """The parties and their shared chain. In production each has its own key (a KMS, a keystore), nodes and resolver."""

    node: Node
    sources: Sources
    keys: dict[str, LocalKey]
    journals: Journals
    registry: Registry | None = None
    raw: bytes = b""
    token: int = 0

    def address(self, party: str) -> str:
        return self.keys[party].address

    def send(self, party: str, call: Call) -> str:
        """Sends a move, and returns the address of the contract that it created, if any."""
        receipt = send(call, signer=self.keys[party], node=self.node, journals=self.journals)
        self.say(party, call.summary)
        return receipt.contract or ""

    def say(self, party: str, words: str) -> None:
        """Prints a line of the story, with names instead of addresses."""
        for name, key in self.keys.items():
            words = words.replace(key.address, f"the {name}")
        print(f"{party:>14}  {words}")

    def move(self, party: str, compose: Callable[..., Call], remark: str, **parties: str | None) -> None:
        """Moves the title of the file: verifies it, composes the move from the report, sends it.

        A bill that is not VALID moves nothing. Every holder of the document can read the remark.
        """
        assert self.registry is not None
        to = {role: who and self.address(who) for role, who in parties.items()}
        policy = AllOf(IssuedBy(DOMAIN), ThroughRegistry(self.registry.address))
        self.send(party, compose(verify(self.raw, policy, sources=self.sources), remark=remark, **to))

    def take_back(self, party: str, compose: Callable[..., Call], remark: str) -> None:
        """Responds to a surrender. The file must be this carrier's, unaltered, and of its registry; then its title moves."""
        assert self.registry is not None
        own = require_own(read(self.raw), self.registry, sources=self.sources)
        assert not own.doubts, own.doubts
        self.send(party, compose(self.title, remark=remark, document_id=own.document.id))

    def refused(self, party: str, compose: Callable[..., Call], because: str) -> None:
        """Tries a move that the contracts refuse. It is simulated first, so nothing is sent and no gas is spent."""
        try:
            self.move(party, compose, "")
        except TransactionError as no:
            assert because in str(no), no
            self.say(party, f"may not: {no}")
        else:
            raise AssertionError(f"{party} made a move that it may not make")

    @property
    def title(self) -> Title:
        """The title as of the newest block, with its holder and its title beneficiary."""
        assert self.registry is not None
        return title(self.sources.chain(self.registry.chain_id), self.registry, self.token)

    def policy(self, party: str) -> Policy:
        """What a party accepts: this carrier's bill, through its registry, with the party as holder and title beneficiary."""
        assert self.registry is not None
        us = self.address(party)
        return AllOf(IssuedBy(DOMAIN), ThroughRegistry(self.registry.address), HeldBy(us), OwnedBy(us))

    def is_ours(self, party: str) -> None:
        """Verifies the bill for a party before it pays or delivers. Raises unless it is VALID under the party's policy."""
        report = verify(self.raw, self.policy(party), sources=self.sources)
        self.say(party, f"finds it {report.verdict}, as of block {report.moment.blocks[0].number}")

    def is_not(self, party: str, code: str, raw: bytes | None = None) -> None:
        """Verifies the bill (or a file sent in its place) for a party, which learns why it must not rely on it."""
        report = examine(raw or self.raw, self.policy(party), sources=self.sources)
        codes = {row["code"] for row in report.to_dict()["findings"] if row["outcome"] == "failed"}
        assert report.verdict is Verdict.INVALID and code in codes, report.to_dict()
        self.say(party, f"finds it {report.verdict}: {code}")


def set_up(world: Corridor, dns: DnsServer) -> Registry:
    """Deploys the carrier's registry, grants its agent in Shenzhen the roles that deliver, and publishes the registry in DNS.

    On a public network `ebl.registry.deploy_registry_through` makes the released deployer create it instead.
    """
    chain_id = world.node.chain_id
    factory = world.send("carrier", deploy_factory(chain_id))
    made = deploy_registry(chain_id, name="Straits Container Line", symbol="SCL", factory=factory)
    world.registry = registry = Registry(chain_id, world.send("carrier", made))
    for role in ("accepter", "restorer"):  # so that no key can both issue and deliver
        for call in transfer_role(registry, role, owner=world.address("carrier"), to=world.address("agent")):
            world.send("carrier", call)
    dns.zone.txt(DOMAIN, f"openatts net=ethereum netId={chain_id} addr={registry.address}")
    return registry


def issue_bill(world: Corridor, registry: Registry) -> None:
    """Wraps the bill for the carrier, and mints its title to the shipper: the document's hash is the number of the token."""
    bill: dict[str, Any] = {
        "id": BILL,
        "$template": {"name": "BILL_OF_LADING", "type": "EMBEDDED_RENDERER", "url": "https://renderer.example"},
        "issuers": [
            {
                "name": "Straits Container Line",
                "tokenRegistry": registry.address,
                "identityProof": {"type": "DNS-TXT", "location": DOMAIN},
            }
        ],
        "network": {"chain": "local", "chainId": str(registry.chain_id)},
        "shipper": {"name": "Meridian Coffee Pte Ltd", "city": "Singapore"},
        "consignee": {"name": "深圳市海达食品有限公司", "city": "深圳", "toOrder": True},
        "vessel": "MV 东海之星",
        "portOfLoading": "SGSIN",
        "portOfDischarge": "CNSZX",
        "packages": [{"description": "Arabica coffee beans 咖啡豆", "quantity": 320, "kind": "bags 袋"}],
    }
    document = wrap(bill)
    world.raw, world.token = to_json(document), int(document["signature"]["merkleRoot"], 16)
    world.is_not("shipper", "status.not_minted")  # a draft: no title exists yet

    shipper = world.address("shipper")
    issued = mint(registry, world.token, beneficiary=shipper, holder=shipper, remark="ISSUE", document_id=BILL)
    world.send("carrier", issued)
    world.is_ours("shipper")


def present_and_refuse(world: Corridor) -> None:
    """Presents under a letter of credit: the bank becomes holder and title beneficiary, and refuses, so the bill goes back."""
    world.move("shipper", transfer, "LC 2026-0042 presentation", beneficiary="Singapore bank", holder="Singapore bank")
    world.is_not("Singapore bank", "integrity.hash_mismatch", raw=world.raw.replace(b":320", b":920"))
    world.is_ours("Singapore bank")
    world.move("Singapore bank", reject, "MT734: late shipment 单证不符")
    world.is_ours("shipper")
    world.is_not("Singapore bank", "policy.unexpected_holder")


def pledge_and_pay(world: Corridor) -> None:
    """Pledges the bill: the bank is only its holder until it has paid, and then transfers the bill and its title."""
    world.move("shipper", transfer_holder, "pledge", holder="Singapore bank")
    bank = capabilities(world.title, world.address("Singapore bank"))
    world.say("Singapore bank", f"is {bank.standing}")
    assert bank.can(Move.TRANSFER_HOLDER) and not bank.can(Move.ENDORSE) and not bank.can(Move.RETURN)
    world.refused("Singapore bank", return_to_issuer, because="CallerNotBeneficiary")

    world.move("shipper", nominate, "paid", nominee="Shenzhen bank")
    world.move("Singapore bank", transfer, "LC 2026-0042 paid", beneficiary="Shenzhen bank", holder="Shenzhen bank")
    world.is_ours("Shenzhen bank")
    world.refused("consignee", return_to_issuer, because="CallerNotBeneficiary")  # not before it is paid for
    world.move("Shenzhen bank", transfer, "付款放单", beneficiary="consignee", holder="consignee")
    world.is_ours("consignee")


def surrender(world: Corridor) -> None:
    """Surrenders the bill for the goods; the carrier's agent rejects the return once, and then accepts it."""
    world.move("consignee", return_to_issuer, "SREQ")
    world.is_not("consignee", "status.returned")
    world.take_back("agent", reject_return, "SREJ: charges unpaid")
    world.is_ours("consignee")
    world.move("consignee", return_to_issuer, "SREQ: charges paid")
    world.take_back("agent", accept_return, "SACC: delivered")
    world.is_not("consignee", "status.taken_out")  # permanently: from now on the file is only evidence


def tell(world: Corridor, registry: Registry) -> None:
    """Reads the endorsement chain, as every holder of the document can, and whether it is complete."""
    names = {key.address: party for party, key in world.keys.items()}
    found = history(world.sources.chain(registry.chain_id), registry, world.token, document_id=BILL)
    print("\nThe endorsement chain")
    for done in found.endorsements:
        holder, owner = (names.get(who or "", "nobody") for who in (done.after.holder, done.after.beneficiary))
        print(f"  {done.action.replace('_', ' '):<20}  holder {holder:<15}  owner {owner:<15}  {done.text}")
    assert found.complete, found.gaps


def main() -> None:
    with LocalChain(roles=PARTIES) as chain, DnsServer() as dns, TemporaryDirectory() as folder:
        keys = {account.name: LocalKey.from_hex(account.key) for account in chain.accounts}
        sources = online(rpc={chain.chain_id: chain.url}, resolver=dns.url)
        world = Corridor(connect(chain.url), sources, keys, Journals(Path(folder)))
        registry = set_up(world, dns)
        issue_bill(world, registry)
        present_and_refuse(world)
        pledge_and_pay(world)
        surrender(world)
        tell(world, registry)


if __name__ == "__main__":
    main()
