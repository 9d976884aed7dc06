"""A hostile title in a folder (its "factory" runs out of gas): the honest titles beside it cannot be determined any more."""

import json

from eth_hash.auto import keccak
from lab import World, bill, end, salted, wrapped_v2

FACTORY, REGISTRY = "0x00000000000000000000000000000000000f0001", "0x00000000000000000000000000000000000f0002"
OUT_OF_GAS = "0x63ffffffff8052"  # writes to memory where no gas is enough


def registry() -> str:
    """Code that names FACTORY as its titleEscrowFactory, is of version 5 (by its ERC-165 id), and answers 1 to all else."""
    head, one = "60003560e01c", "600160005260206000f3"
    names_factory, asked_version = f"8063{keccak(b'titleEscrowFactory()')[:4].hex()}14", "806301ffc9a714"
    at = (len(head + names_factory + asked_version + one) // 2) + 6
    factory = f"5b73{FACTORY[2:]}60005260206000f3"
    version = "5b60043560e01c636010a5e71460005260206000f3"
    return f"0x{head}{names_factory}60{at:02x}57{asked_version}60{at + len(factory) // 2:02x}57{one}{factory}{version}"


with World() as w:
    honest = w.registry()
    document = json.loads(w.wrap(bill({"tokenRegistry": honest})).read_text())
    token = "0x" + document["signature"]["merkleRoot"]
    w.done("registry", "mint", token, "--registry", honest, "--beneficiary", w.address("shipper"))
    w.chain.rpc("anvil_setCode", FACTORY, OUT_OF_GAS)
    w.chain.rpc("anvil_setCode", REGISTRY, registry())
    files = w.dir / "bills"
    files.mkdir()
    (files / "b-good.json").write_text(json.dumps(document))
    for n in range(12):  # one is enough where it is asked about first; twelve, so that it does not hang on the threads
        hostile = wrapped_v2(salted(bill({"tokenRegistry": REGISTRY})))
        (files / f"a{n:02}-hostile.json").write_text(json.dumps(hostile))
    alone = w.verify(files / "b-good.json")
    both = [json.loads(line) for line in w.verify(files, "--json").stdout.splitlines()]
found = {one["file"]["name"].rpartition("/")[2]: one for one in both if "file" in one}
good = found["b-good.json"]
print("alone:", alone.returncode, alone.stdout.splitlines()[0][:5])
unknown = [(f["code"], f["message"]) for f in good["findings"] if f["outcome"] == "unknown"]
print("beside a hostile one:", good["verdict"], unknown)
if alone.returncode or len(found) != 13:
    raise RuntimeError("the honest bill is not VALID by itself")
end(good["verdict"] == "valid", "VALID. A question that fails is that question's trouble, and not its whole batch's")
