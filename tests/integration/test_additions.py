"""What the page about the design says of additions is true: a copy of the package gets one, and verifies a document with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENT

ROOT = Path(__file__).parents[2]

IDENTITY = '''
"""The issuer's domain names the contract on a page of its web site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebl.codes import Failure
from ebl.errors import Refuted
from ebl.messages import Message, say
from ebl.model.findings import Claim, Group, Identified, Who
from ebl.model.ports import Sources


@dataclass(frozen=True, slots=True)
class ToyPage(Claim):
    """``domain`` vouches for the contract at ``address``."""

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "toy_page"

    domain: str
    address: str

    def check(self, sources: Sources) -> NamedOnPage:
        page = sources.fetch(f"https://{self.domain}/.well-known/toy.txt", accept=("text/plain",))
        if self.address.encode() not in page.body.split():
            raise Refuted(Failure.NO_DNS_RECORD, "no_contracts", domain=self.domain, address=self.address, chain=1)
        return NamedOnPage(self)


@dataclass(frozen=True, slots=True)
class NamedOnPage(Identified):
    """The page names the contract."""

    claim: ToyPage

    @property
    def message(self) -> Message:
        return say("fact", "toy_page", domain=self.claim.domain, address=self.claim.address)

    @property
    def who(self) -> Who:
        return Who(domain=self.claim.domain)
'''

USE_IDENTITY = """
from dataclasses import replace
from ebl.openattestation import v2
from ebl.policy import IssuedBy
from ebl.registry import LocalKey, Store, connect, deploy_store, deployed, issue, send
from ebl.sources import Page, online
from ebl.testing import LocalChain, bill
from ebl.verify import examine
from ebl.wrap import to_json

with LocalChain(roles=("carrier",)) as chain:
    key, node = LocalKey.from_hex(chain.account("carrier").key), connect(chain.url)
    made = send(deploy_store(chain.chain_id, name="Toy", owner=key.address), signer=key, node=node)
    store = Store(chain.chain_id, deployed(made))
    data = bill(1, store=store.address, domain="carrier.example", chain_id=chain.chain_id)
    data["issuers"][0]["identityProof"]["type"] = "TOY-PAGE"
    document, target = v2.prepare(data)
    v2.seal(document, target, [], target.hex())
    send(issue(store, target), signer=key, node=node)
    sources = online(rpc={chain.chain_id: chain.url})
    for named in (store.address, "0x" + "00" * 20):
        pages = replace(sources, fetch=lambda url, *, accept: Page(url, "text/plain", named.encode()))
        print(examine(to_json(document), IssuedBy("carrier.example"), sources=pages).verdict)
"""

USE_SUITE = """
from ebl.credential import Credential, IssuerKey, KeyType
from ebl.credentials import toy_suite
from ebl.policy import IssuedByTrusted, Trusted
from ebl.sources import offline
from ebl.verify import examine

key = IssuerKey.generate(KeyType.P256)
bare = Credential(issuer=key.did, subject={"id": "urn:x:1"}).to_dict()
signed = toy_suite.sign(bare, key, options={"proofPurpose": "assertionMethod", "created": "2026-01-01T00:00:00Z"})
assert signed["proof"]["cryptosuite"] == "toy-rdfc-2026"
trusted = IssuedByTrusted(Trusted(did=key.did))
print(examine(signed, trusted, sources=offline()).verdict)
print(examine({**signed, "credentialSubject": {"id": "urn:x:2"}}, trusted, sources=offline()).verdict)
"""

USE_CHAIN = """
import time
from ebl.policy import IssuedBy
from ebl.registry import LocalKey, Store, connect, deploy_store, deployed, issue, send
from ebl.sources import online
from ebl.testing import DnsServer, LocalChain, bill
from ebl.verify import examine
from ebl.wrap import wrap

days = 3
with LocalChain(chain_id=424242, roles=("carrier",), clock=lambda: time.time() - days * 86400) as chain, DnsServer() as dns:
    key, node = LocalKey.from_hex(chain.account("carrier").key), connect(chain.url)
    made = send(deploy_store(424242, name="Toy", owner=key.address), signer=key, node=node)
    store = Store(424242, deployed(made))
    dns.zone.txt("carrier.example", f"openatts net=ethereum netId=424242 addr={store.address}")
    document = wrap(bill(1, store=store.address, domain="carrier.example", chain_id=424242))
    send(issue(store, bytes.fromhex(document["signature"]["merkleRoot"])), signer=key, node=node)
    sources = online(rpc={424242: chain.url}, resolver=dns.url)
    print(examine(document, IssuedBy("carrier.example"), sources=sources).verdict)
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "ebl", tmp_path / "ebl", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    return tmp_path


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{path.name} is not as it was: {old}"
    path.write_text(text.replace(old, new), "utf-8")


def run(copy: Path, program: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(copy), "XDG_STATE_HOME": str(copy / "state")}
    check = f"import ebl; assert ebl.__file__.startswith({str(copy)!r}), ebl.__file__\n"
    done = subprocess.run(
        [sys.executable, "-c", check + program],
        capture_output=True,
        text=True,
        cwd=copy,
        env=environment,
        timeout=3 * PATIENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_an_identity_method_is_a_file_its_words_and_a_line_in_the_reader(copy: Path) -> None:
    (copy / "ebl/identity/toy_page.py").write_text(IDENTITY, "utf-8")
    words = copy / "ebl/messages/en.json"
    catalogue = json.loads(words.read_text("utf-8"))
    catalogue["fact"]["toy_page"] = "a page of {domain:name} names {address:address}"
    words.write_text(json.dumps(catalogue, ensure_ascii=False), "utf-8")
    changed(
        copy / "ebl/openattestation/v2.py",
        '    if proof.get("type") != "DNS-TXT" or domain is None:\n',
        '    if proof.get("type") == "TOY-PAGE" and domain is not None:\n'
        "        from ebl.identity.toy_page import ToyPage\n\n"
        "        return status, (ToyPage(domain, contract),)\n"
        '    if proof.get("type") != "DNS-TXT" or domain is None:\n',
    )
    assert run(copy, USE_IDENTITY) == ["valid", "invalid"]


def test_a_cryptosuite_is_a_file_and_a_line_among_the_suites(copy: Path) -> None:
    suite = (copy / "ebl/credentials/ecdsa_rdfc.py").read_text("utf-8")
    suite = suite.replace('"ecdsa-rdfc-2019"\n', '"toy-rdfc-2026"\n', 1)
    assert suite.count("options + di.sha256(") == 1 and suite.count("contexts) + di.sha256(text)") == 1
    suite = suite.replace("options + di.sha256(", 'b"toy" + options + di.sha256(')
    suite = suite.replace("hashed = di.proof_hash(", 'hashed = b"toy" + di.proof_hash(')
    (copy / "ebl/credentials/toy_suite.py").write_text(suite, "utf-8")
    suites = copy / "ebl/credentials/suites.py"
    changed(suites, "import ecdsa_rdfc, ecdsa_sd\n", "import ecdsa_rdfc, ecdsa_sd, toy_suite\n")
    changed(suites, "(ecdsa_sd, bbs, ecdsa_rdfc)}", "(ecdsa_sd, bbs, ecdsa_rdfc, toy_suite)}")
    assert run(copy, USE_SUITE) == ["valid", "invalid"]


def test_a_chain_is_an_entry_in_the_table(copy: Path) -> None:
    assert run(copy, USE_CHAIN) == [
        "indeterminate"
    ]  # its newest block is three days old, and nothing says that this is in order
    with (copy / "ebl/config/networks.toml").open("a", encoding="utf-8") as table:
        table.write(
            '\n[toy]\nchain_id = 424242\nlabel = "Toy"\ncurrency = "TOY"\ntestnet = true\nconfirmations = 0\n'
            "max_age_minutes = 10000\nfinality_lag_minutes = 10000\n"
        )
    assert run(copy, USE_CHAIN) == ["valid"]
