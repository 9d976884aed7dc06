"""`ebl verify --offline` of a credential that needs a did:web and a status list: "not asked (offline): a web page",
three times; which page?"""

import json

from lab import cli, end, folder, load

at = folder() / "bill.json"
at.write_text(json.dumps(load("did_key_as_jwk.json")["document"]))
ran = cli("verify", at, "--offline")
print(ran.stdout)
end("a web page" not in ran.stdout or "did.json" in ran.stdout, "the page is named, as the DNS name and the chain are")
