"""The commands, the policy and the program in the how-tos on identity and DNSSEC do what the text says."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import dns.message
import dns.name
import dns.query
import pytest
from click.testing import CliRunner
from dns.rdatatype import RdataType

from ebl.cli import main
from ebl.policy import parse
from ebl.testing.bills import bill
from ebl.testing.dns import DnsServer
from ebl.testing.zones import SignedZone
from ebl.wrap import to_json, wrap
from tests.patience import PATIENT

DOCS = Path(__file__).parents[3] / "docs"
PAGE = "".join((DOCS / name).read_text("utf-8") for name in ("bank/identity.md", "integrator/dnssec.md"))
STORE = "0x142Ca30e3b78A840a82192529cA047ED759a6F7e"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_command_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bill.json").write_bytes(to_json(wrap(bill(1, store=STORE, domain="carrier.example", chain_id=1))))
    (policy,) = blocks("toml")
    policy = re.sub(r"until = \d{4}", f"until = {datetime.now(UTC).year + 1}", policy)  # it trusts somebody until then
    Path("bank.toml").write_text(policy.replace('resolvers = ["public"]', ""), "utf-8")
    with DnsServer() as server, DnsServer([server.zone]) as other:
        server.zone.txt("carrier.example", f"openatts net=ethereum netId=1 addr={STORE}")
        local = {"tls://192.0.2.1": server.url, "udp://192.0.2.1": server.url, "https://192.0.2.2/dns-query": other.url}
        for line in (line for block in blocks("sh") for line in block.splitlines()):
            words = [local.get(word, word) for word in shlex.split(line)]
            assert words[0] == "ebl"
            if "--policy" in words:
                words += ["--resolver", server.url, "--resolver", other.url]
            done = CliRunner().invoke(main, words[1:])
            assert done.exit_code == (3 if words[1] == "verify" else 0), (words, done.output)


def test_the_policy_of_the_page_is_one_and_explains_itself() -> None:
    (text,) = blocks("toml")
    assert len(parse(text).explain()) == 9


def test_the_program_of_the_page_runs() -> None:
    root, carrier = SignedZone("."), SignedZone("carrier.example")
    carrier.txt("carrier.example", "hello")
    root.delegate(carrier)
    with DnsServer([root, carrier]) as server:

        def fetch(name: dns.name.Name, rdtype: RdataType) -> dns.message.Message:
            query = dns.message.make_query(name, rdtype, want_dnssec=True)
            return dns.query.udp_with_fallback(query, "127.0.0.1", port=server.port, timeout=PATIENT)[0]

        (program,) = blocks("python")
        exec(program, {"fetch": fetch, "anchors": {dns.name.root: (root.ds(),)}})
