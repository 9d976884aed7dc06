"""One issuer signs two bills of lading with one id: both are VALID, for one title, and the report has no remark."""

import json

from lab import World, cli, end, folder, renamed

with World() as w:
    registry, at = w.registry(), folder()
    did = cli("key", "new", "-o", at / "key").stdout.split("#")[0].strip()
    made = []
    for goods in ("1000 t copper", "1 t sand"):
        (at / "subject.json").write_text(
            json.dumps({"type": ["BillOfLading"], "blNumber": "BHLU0001", "shipperName": goods})
        )
        raw = json.loads(cli("vc", "new", at / "subject.json", "--issuer", did, "--title", 1337, registry).stdout)
        (at / "raw.json").write_text(json.dumps(renamed(raw, "urn:uuid:0192f9a0-0000-7000-8000-000000000007")))
        made.append(at / f"{len(made)}.json")
        cli("vc", "sign", at / "raw.json", "--key-file", at / "key", "-o", made[-1])
    token = json.loads(made[0].read_text())["credentialStatus"]["tokenId"]
    w.done(
        "registry", "mint", "0x" + token.removeprefix("0x"), "--registry", registry, "--beneficiary", w.address("bank")
    )
    ran = cli("verify", *made, "--rpc", f"1337={w.chain.url}", "--issuer", did, "--json")
    reports = [json.loads(line) for line in ran.stdout.splitlines()]
    remarks = [
        [f["code"] for f in r["findings"] if f["group"] == "status" and f["outcome"] != "passed"] for r in reports
    ]
    print([r["verdict"] for r in reports], "remarks about the status:", remarks)
    end(
        any(r["verdict"] != "valid" for r in reports) or all(remarks),
        "the report says, always, that a W3C title is bound to the "
        "credential's id and not to what it says (docs/bank/trust-model.md too), or such a title is not VALID",
    )
