"""Another accepted issuer signs a bill with the id and the registry of the carrier's: the carrier's title stands behind it."""

import json

from lab import World, cli, end, folder, renamed

with World() as w:
    registry, at, dids = w.registry(), folder(), {}
    for who, goods in (("carrier", "1000 t copper"), ("other", "1000 kg gold")):
        dids[who] = cli("key", "new", "-o", at / who).stdout.split("#")[0].strip()
        (at / "subject.json").write_text(
            json.dumps({"type": ["BillOfLading"], "blNumber": "BHLU0001", "shipperName": goods})
        )
        raw = json.loads(cli("vc", "new", at / "subject.json", "--issuer", dids[who], "--title", 1337, registry).stdout)
        (at / "raw.json").write_text(json.dumps(renamed(raw, "urn:uuid:0192f9a0-0000-7000-8000-000000000008")))
        cli("vc", "sign", at / "raw.json", "--key-file", at / who, "-o", at / f"{who}.json")
    token = json.loads((at / "carrier.json").read_text())["credentialStatus"]["tokenId"]
    w.done(
        "registry", "mint", "0x" + token.removeprefix("0x"), "--registry", registry, "--beneficiary", w.address("bank")
    )
    ran = cli(
        "verify",
        at / "other.json",
        "--rpc",
        f"1337={w.chain.url}",
        "--issuer",
        dids["carrier"],
        "--issuer",
        dids["other"],
        "--json",
    )
    found = json.loads(ran.stdout)
    remarks = [f["code"] for f in found["findings"] if f["group"] == "status" and f["outcome"] != "passed"]
    print("the other issuer's bill about gold:", found["verdict"], "| remarks about the status:", remarks)
    print([f["message"] for f in found["findings"] if f["group"] == "status"])
    end(
        found["verdict"] != "valid" or bool(remarks),
        "a registry that the issuer does not vouch for (in the policy, in the DNS "
        "of its did:web, in its DID document) leaves the status open; at the least a remark, always",
    )
