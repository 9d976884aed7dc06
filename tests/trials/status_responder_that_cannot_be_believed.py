"""Revocation by a responder: at an http address (never asked), one whose answer lacks the hash, one that writes the hash without 0x: NOT VALID, "do not pay", though nobody said that it was revoked."""

import json
from dataclasses import replace

from lab import cli, end, folder

from ebl.policy import UnsafeAnyIssuer
from ebl.sources import Page, offline
from ebl.testing.chain import Account
from ebl.verify import examine

account = Account.named("carrier")
did = f"did:ethr:{account.address}"


def signed(location: str) -> bytes:
    at, out, done = folder(), folder(), folder()
    proof = {"type": "DNS-DID", "location": "carrier.example", "key": f"{did}#controller"}
    issuer = {
        "id": did,
        "name": "Blue Heron Lines",
        "revocation": {"type": "OCSP_RESPONDER", "location": location},
        "identityProof": proof,
    }
    (at / "bill.json").write_text(json.dumps({"issuers": [issuer], "blNumber": "BHLU0001"}))
    for ran in (
        cli("wrap", at / "bill.json", "-o", out),
        cli("sign", *[p for p in out.iterdir() if p.suffix == ".json"], "-o", done, key=account.key),
    ):
        if ran.returncode:
            raise RuntimeError(ran.stdout + ran.stderr)
    return next(p for p in done.iterdir() if p.suffix == ".json").read_bytes()


def outcome(location: str, answer) -> str:
    document = signed(location)
    about = "0x" + json.loads(document)["signature"]["targetHash"]
    body = json.dumps(answer(about)).encode()
    sources = replace(offline(), fetch=lambda url, *, accept: Page(url, "application/json", body))
    found = examine(document, UnsafeAnyIssuer(), sources=sources).to_dict()["findings"]
    (one,) = (f for f in found if f["check"] == "revocation")
    print(f"{location} {answer('0x…')}: {one['outcome']} {one['code'] or ''}")
    return one["outcome"]


HTTPS = "https://ocsp.example"
if (
    outcome(HTTPS, lambda h: {"revoked": False, "documentHash": h}) != "passed"
    or outcome(HTTPS, lambda h: {"revoked": True, "documentHash": h}) != "failed"
):
    raise RuntimeError("the plain cases are not as they were")
odd = [
    outcome("http://ocsp.example", lambda h: {"revoked": False, "documentHash": h}),
    outcome(HTTPS, lambda h: {"revoked": False}),
    outcome(HTTPS, lambda h: {"revoked": False, "documentHash": "0x" + "0" * 64}),
]
bare = outcome(HTTPS, lambda h: {"revoked": False, "documentHash": h[2:]})
end(
    "failed" not in (*odd, bare) and "passed" not in odd,
    "cannot be determined (web.refused, web.bad_answer), never VALID; the hash without 0x may be read as the same",
)
