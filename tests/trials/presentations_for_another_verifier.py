"""A presentation signed for another verifier's domain, shown on to the bank with the bank's own challenge (a relay):
VALID with `--challenge`, and no remark that it was made for somebody else."""

import json

from lab import cli, end, folder

from ebl.credential import Credential, sign
from ebl.credentials.issuer_keys import IssuerKey

at = folder()
for who in ("issuer", "holder"):
    made = cli("key", "new", "-o", at / f"{who}.json", "--json")
    (at / f"{who}.out").write_text(made.stdout)
holder = json.loads((at / "holder.out").read_text())
issuer = json.loads((at / "issuer.out").read_text())
did = {
    who: next(v for v in said.values() if isinstance(v, str) and v.startswith("did:key:")).partition("#")[0]
    for who, said in (("issuer", issuer), ("holder", holder))
}
credential = Credential(issuer=did["issuer"], subject={"id": did["holder"], "type": ["Coo"]}).to_dict()
(at / "vc.json").write_text(json.dumps(sign(credential, IssuerKey.from_json((at / "issuer.json").read_bytes()))))
shown = cli(
    "vc",
    "present",
    at / "vc.json",
    "--key-file",
    at / "holder.json",
    "--challenge",
    "the-banks-own",
    "--domain",
    "evil.example",
    "-o",
    at / "vp.json",
)
if shown.returncode:
    raise RuntimeError(shown.stderr)
ran = cli("verify", at / "vp.json", "--challenge", "the-banks-own", "--json")
found = json.loads(ran.stdout.splitlines()[-1])
said = [f["message"] for f in found["findings"] if "evil.example" in f["message"]]
print(
    "exit code", ran.returncode, found["verdict"], "| named:", said, [f["code"] for f in found["findings"] if f["code"]]
)
with_domain = cli("verify", at / "vp.json", "--challenge", "the-banks-own", "--domain", "bank.example")
print("with --domain bank.example: exit code", with_domain.returncode)
end(
    found["verdict"] != "valid" or bool(said),
    "a remark, always, that it was signed for the domain evil.example, which was not compared (as "
    "identity.challenge_not_compared is for the challenge)",
)
