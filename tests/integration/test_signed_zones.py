"""An independent validator (delv, of BIND) agrees that our test zones are signed as they should be."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from ebl.testing.dns import DnsServer, spoof
from ebl.testing.zones import LocalZone, SignedZone
from tests import needs
from tests.patience import PATIENT

DELV = shutil.which("delv")


@pytest.fixture(autouse=True)
def _delv() -> None:
    needs.need(DELV, needs.DELV)


def world(denial: str) -> tuple[SignedZone, list[LocalZone]]:
    leaf = SignedZone("carrier.example", denial=denial)  # type: ignore[arg-type]
    leaf.txt("carrier.example", "openatts")
    leaf.add("alias.carrier.example", "CNAME", "carrier.example.")
    leaf.add("a.b.c.carrier.example", "A", "127.0.0.1")
    leaf.add("old.carrier.example", "DNAME", "wild.carrier.example.")
    leaf.txt("*.wild.carrier.example", "any")
    now = int(time.time())
    stale = SignedZone("stale.example", inception=now - 9 * 86400, expiration=now - 86400)
    stale.txt("stale.example", "old")
    plain = LocalZone("unsigned.example")
    plain.txt("unsigned.example", "plain")
    top = SignedZone("example", denial=denial, opt_out=denial == "nsec3")  # type: ignore[arg-type]
    for child in (leaf, stale, plain):
        top.delegate(child)
    root = SignedZone(".")
    root.delegate(top)
    return root, [root, top, leaf, stale, plain]


def delv(server: DnsServer, root: SignedZone, name: str, folder: Path) -> str:
    anchors = folder / "anchors.conf"
    ds = root.ds()
    digest = ds.digest.hex().upper()
    anchors.write_text(
        f'trust-anchors {{ . static-ds {ds.key_tag} {int(ds.algorithm)} {int(ds.digest_type)} "{digest}"; }};\n'
    )
    command = [DELV, f"@{server.host}", "-p", str(server.port), "-a", str(anchors), "+root=.", name, "TXT"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PATIENT, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("denial", ["nsec", "nsec3"])
@pytest.mark.parametrize(
    "name, said",
    [
        ("carrier.example", "; fully validated"),
        ("alias.carrier.example", "; fully validated"),
        ("x.wild.carrier.example", "; fully validated"),
        ("x.old.carrier.example", "; fully validated"),
        ("no.such.carrier.example", "; negative response, fully validated"),
        ("c.carrier.example", "; negative response, fully validated"),
        ("unsigned.example", "; unsigned answer"),
        ("stale.example", "resolution failed"),
    ],
)
def test_delv_agrees_with_our_zones(denial: str, name: str, said: str, tmp_path: Path) -> None:
    root, zones = world(denial)
    with DnsServer(zones) as server:
        assert said in delv(server, root, name, tmp_path)


def test_delv_refuses_a_spoofed_record(tmp_path: Path) -> None:
    root, zones = world("nsec")
    with DnsServer(zones) as server:
        server.fail("carrier.example", spoof("forged"), "TXT")
        assert "resolution failed" in delv(server, root, "carrier.example", tmp_path)
