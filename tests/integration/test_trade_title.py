"""``ebl trade title``: a bill of DCSA's names against its title on a local chain."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from ebl.cli import main
from ebl.registry import LocalKey, connect, deploy_factory, deploy_registry, mint, send, title, transfer
from ebl.registry import Registry as At
from ebl.sources import online
from ebl.testing.chain import LocalChain
from ebl.wrap import to_json, wrap
from tests.unit.trade.made_up import changed


def test_a_straight_bill_that_moved_is_told_with_its_code(tmp_path: Path) -> None:
    with LocalChain() as chain:
        carrier, shipper, bank = (chain.account(name) for name in ("carrier", "shipper", "bank"))
        key, node = LocalKey.from_hex(carrier.key), connect(chain.url)
        factory = send(deploy_factory(1337), signer=key, node=node).contract or ""
        made = send(deploy_registry(1337, name="L", symbol="L", factory=factory), signer=key, node=node)
        registry = At(1337, made.contract or "")
        issuer = {
            "name": "Line",
            "tokenRegistry": registry.address,
            "identityProof": {"type": "DNS-TXT", "location": "line.example"},
        }
        raw = {"issuers": [issuer], "network": {"chain": "local", "chainId": "1337"}, **changed()}
        file = tmp_path / "bill.json"
        file.write_bytes(to_json(document := wrap(raw)))
        token = int(document["signature"]["targetHash"], 16)
        party = {"beneficiary": shipper.address, "holder": shipper.address}
        send(mint(registry, token, **party), signer=key, node=node)
        book = tmp_path / "book.csv"
        book.write_text(f"address,name\n{shipper.address},Shipper Pte\n{bank.address},Bank of Straits\n", "utf-8")
        words = ["trade", "title", str(file), "--rpc", f"1337={chain.url}", "--address-book", str(book)]

        def run(*more: str) -> Result:
            return CliRunner().invoke(main, [*words, *more])

        first = run("--json")
        rows = {row["check"]: row for row in json.loads(first.stdout)["rows"]}
        assert rows["straight"]["outcome"] == "passed"
        assert rows["minted"]["outcome"] in ("passed", "manual")  # a node may not tell the time of a log
        holder = LocalKey.from_hex(shipper.key)
        now = title(online(rpc={1337: chain.url}).chain(1337), registry, token)
        send(transfer(now, beneficiary=bank.address, holder=bank.address), signer=holder, node=node)
        done = run("--lang", "both")
        assert done.exit_code == 1, done.output
        assert "Straight bill (FAILED): the bill is straight, to '深圳进口有限公司'" in done.stdout
        assert "记名提单（不符合）：提单为记名提单" in done.stdout
        found = json.loads(run("--json").stdout)
        assert found["rows"][0]["code"] == "title.straight_moved"
        none = CliRunner().invoke(main, words[:5])
        assert none.exit_code == 2 and "no address book" in none.stderr
