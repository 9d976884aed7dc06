"""did:ethr:0x…, did:ethr:mainnet:0x… and did:ethr:0x1:0x… are one DID (did:ethr method, "network"): a policy that trusts one of the spellings refuses the others."""

from lab import end

from ebl.model.findings import Who
from ebl.policy import Trusted

ACCOUNT = "0xabc0000000000000000000000000000000000001"
PAIRS = [
    (f"did:ethr:{ACCOUNT}", f"did:ethr:mainnet:{ACCOUNT}"),
    (f"did:ethr:{ACCOUNT}", f"did:ethr:0x1:{ACCOUNT}"),
    (f"did:ethr:sepolia:{ACCOUNT}", f"did:ethr:0xaa36a7:{ACCOUNT}"),
]
same = [Trusted(did=one).names(Who(did=other)) for one, other in PAIRS]
apart = Trusted(did=PAIRS[0][0]).names(Who(did=PAIRS[2][0]))
for pair, found in zip(PAIRS, same):
    print(*pair, "->", "one" if found else "two")
if apart or not Trusted(did=PAIRS[0][0]).names(Who(did=PAIRS[0][0].upper().replace("DID:ETHR:0X", "did:ethr:0x"))):
    raise RuntimeError("accounts of two chains are one, or the case of an account counts")
end(
    all(same),
    "one: compared by chain id and account (ebl.did.did_ethr reads both so already); or the policy file says which spelling to use",
)
