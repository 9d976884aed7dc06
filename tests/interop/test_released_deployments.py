"""On a chain of the user's own list, the released contracts are deployed from the command line, and known for what they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from people import Ledger

from ebl.chain.contracts import title_escrow_factory
from ebl.chain.stores.store_proof import proved
from ebl.cli import main
from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.ethereum import abi
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import online
from ebl.testing.anvil import Anvil
from ebl.testing.bills import bill
from ebl.testing.dns import DnsServer
from ebl.verify import examine
from ebl.wrap import to_json, wrap_batch

TOKEN = "0x" + "07" * 32
UNAUDITED = "not been audited by a third party"


@dataclass
class Harbour:
    """A public network of its own, on anvil, whose released contracts the user's list of chains names."""

    anvil: Anvil
    home: Path
    released: dict[str, Any]
    factory: str

    def run(self, *words: str) -> Result:
        environment = {
            "EBL_PRIVATE_KEY": self.anvil.account("carrier").key,
            "EBL_NETWORKS": str(self.home / "networks.toml"),
            "XDG_STATE_HOME": str(self.home),
        }
        return CliRunner().invoke(main, [*words, "--net", "harbour"], env=environment)

    def sends(self, *words: str) -> tuple[Any, str]:
        done = self.run(*words, "--yes", "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout.splitlines()[-1]), done.stderr

    def artifact(self, contract: str) -> str:
        """A file as a compiler writes it, of a released contract."""
        made = self.released[contract]
        path = self.home / f"{contract}.json"
        path.write_text(json.dumps({"contractName": contract, "abi": made["abi"], "bytecode": made["creation"]}))
        return str(path)


@pytest.fixture(scope="module")
def harbour(released: dict[str, Any], anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    anvil.rpc("anvil_autoImpersonateAccount", True)
    ledger, home = Ledger(anvil), tmp_path_factory.mktemp("harbour")
    factory, implementation, logic = (
        ledger.deploy(bytes.fromhex(released[name]["creation"][2:]), by="agent")
        for name in ("TitleEscrowFactory_v5", "TradeTrustTokenStandard_v5", "TDocDeployer_v5")
    )
    # The deployer runs behind a proxy, which has an owner once it is set up.
    deployer = ledger.deploy(bytes.fromhex("3d602d80600a3d3981f3") + title_escrow_factory.clone(logic), by="agent")
    ledger.send(deployer, abi.call("initialize()"), by="agent")
    ledger.send(deployer, abi.call("addImplementation(address,address)", implementation, factory), by="agent")
    anvil.rpc("anvil_autoImpersonateAccount", False)
    (home / "networks.toml").write_text(
        f"""
        [harbour]
        chain_id = 1337
        rpc = ["{anvil.url}"]
        gas = {{ ceiling_gwei = 1000 }}
        [harbour.v5]
        title_escrow_factory = "{factory}"
        deployer = "{deployer}"
        token_implementation = "{implementation}"
        """
    )
    yield Harbour(anvil, home, released, factory)


def test_a_registry_is_made_by_the_released_deployer_and_its_titles_are_known(harbour: Harbour) -> None:
    admin = harbour.anvil.account("carrier").address
    made, said = harbour.sends("registry", "deploy", "--name", "Straits Line", "--symbol", "SCL")
    assert UNAUDITED not in said
    where = made["registry"]
    told = json.loads(harbour.run("registry", "status", where, "--json").stdout)
    assert (told["name"], told["version"], told["code"]) == ("Straits Line", 5, "token-registry 5.5.1")
    roles = json.loads(harbour.run("registry", "roles", where, admin, "--json").stdout)["roles"]
    assert roles == {admin: ["admin", "minter", "accepter", "restorer"]}
    harbour.sends("registry", "mint", TOKEN, "--registry", where, "--beneficiary", admin)
    shown = json.loads(harbour.run("title", "show", TOKEN, "--registry", where, "--json", "--prove").stdout)
    assert (shown["state"], shown["holder"], shown["code"]) == ("held", admin, "token-registry 5.5.1")
    assert shown["proved"] is True
    history = json.loads(harbour.run("title", "history", TOKEN, "--registry", where, "--json").stdout)
    assert history["complete"] is True


def test_a_build_that_the_user_names_is_deployed_and_ours_is_remarked_on(harbour: Harbour) -> None:
    store, said = harbour.sends("store", "deploy", "--name", "x", "--artifact", harbour.artifact("DocumentStore_old"))
    assert UNAUDITED not in said
    root = "0x" + "11" * 32
    harbour.sends("store", "issue", store["store"], root)
    assert harbour.run("store", "status", store["store"], root).exit_code == 0
    token = harbour.artifact("TradeTrustToken_v5")
    made, said = harbour.sends(
        "registry", "deploy", "--name", "x", "--symbol", "x", "--artifact", token, "--factory", harbour.factory
    )
    assert UNAUDITED not in said
    status = json.loads(harbour.run("registry", "status", made["registry"], "--json").stdout)
    assert status["code"] == "token-registry 5.5.1"
    for ours in (
        ["store", "deploy", "--name", "x"],
        ["registry", "deploy", "--name", "x", "--symbol", "x", "--factory", harbour.factory],
    ):
        asked = harbour.run(*ours)
        assert asked.exit_code == 2 and UNAUDITED in asked.stderr and "Nothing was sent" in asked.stderr


def test_a_store_of_the_newer_kind_issues_a_batch_and_revokes_one_bill_of_it(harbour: Harbour, tmp_path: Path) -> None:
    made, _ = harbour.sends("store", "deploy", "--name", "x", "--artifact", harbour.artifact("DocumentStore_new"))
    store = made["store"]
    batch = wrap_batch(bill(n, store=store, domain="carrier.example", chain_id=1337) for n in range(3))
    names = [str(tmp_path / f"{number}.json") for number in range(3)]
    for name, document in zip(names, batch.documents, strict=True):
        Path(name).write_bytes(to_json(document))
    assert harbour.run("store", "status", store, names[0]).exit_code == 1
    _, said = harbour.sends("store", "issue", store, *names)
    assert "many verifiers in use do not accept" in said
    nothing, _ = harbour.sends("store", "issue", store, names[1], "--batch-unseen")
    assert nothing["sent"] is False
    assert [harbour.run("store", "status", store, name).exit_code for name in names] == [0, 0, 0]
    harbour.sends("store", "revoke", store, names[1])
    assert [harbour.run("store", "status", store, name).exit_code for name in names] == [0, 1, 0]
    with DnsServer() as dns:
        sources = online(rpc={1337: harbour.anvil.url}, resolver=dns.url)
        codes = [
            {row["code"] for row in examine(to_json(one), UnsafeAnyIssuer(), sources=sources).to_dict()["findings"]}
            for one in batch.documents
        ]
    assert ["status.revoked" in found for found in codes] == [False, True, False]
    harbour.sends("store", "revoke", store, names[0], "--batch")
    assert [harbour.run("store", "status", store, name).exit_code for name in names] == [1, 1, 1]


@pytest.mark.parametrize("make", ["ours", "DocumentStore_old", "DocumentStore_new"])
def test_what_a_store_says_of_a_bill_is_proved_by_its_storage(harbour: Harbour, tmp_path: Path, make: str) -> None:
    build = [] if make == "ours" else ["--artifact", harbour.artifact(make)]
    store = harbour.sends("store", "deploy", "--name", "x", *build)[0]["store"]
    batch = wrap_batch(bill(n, store=store, domain="carrier.example", chain_id=1337) for n in range(2))
    (tmp_path / "bill.json").write_bytes(to_json(batch.documents[0]))

    def found() -> list[str]:
        with DnsServer() as dns:
            dns.zone.txt("carrier.example", f"openatts net=ethereum netId=1337 addr={store}")
            sources = replace(online(rpc={1337: harbour.anvil.url}, resolver=dns.url), prove=True)
            reports = [examine(to_json(one), UnsafeAnyIssuer(), sources=sources) for one in batch.documents]
        rows = [row for report in reports for row in report.to_dict()["findings"] if row["group"] == "status"]
        return [row["code"] or str("storage proofs as of block" in row["message"]) for row in rows]

    assert found() == ["status.not_issued", "status.not_issued"]
    harbour.sends("store", "issue", store, str(tmp_path / "bill.json"), "--batch-unseen")
    assert found() == ["True", "True"]
    harbour.sends("store", "revoke", store, str(tmp_path / "bill.json"))
    assert found() == ["status.revoked", "True"]
    harbour.sends("store", "revoke", store, "--batch", str(tmp_path / "bill.json"))
    assert found() == ["status.revoked", "status.revoked"]


def test_a_store_of_unknown_code_is_not_proved_by_the_layout_of_another(harbour: Harbour) -> None:
    chain = online(rpc={1337: harbour.anvil.url}).chain(1337)
    with pytest.raises(SourceError) as caught:
        proved(chain, harbour.factory, [b"\1" * 32])
    assert caught.value.doubt is Doubt.CHAIN_UNPROVED
