"""Fragments whose codes are not those of tt-verify, and which docs/integrator/compatibility.md does not list.

The cases "missing" and "custom" of the trial beside the project are rows of docs/integrator/compatibility.md, and dropped here.
"""

import json
import sys
from dataclasses import replace

from lab import INPUTS, end

from ebl.model.ports import TxtRecords
from ebl.policy import UnsafeAnyIssuer
from ebl.reports.fragments import fragments
from ebl.sources import offline
from ebl.verify import examine


class NoRecords:
    def txt(self, name):
        return TxtRecords(name, ())


CASES = {  # file, fragment, what the official verifier says: (status, code)
    "mixed": ("compat_v2_mixed_issuers.json", "OpenAttestationDnsTxtIdentityProof", ("INVALID", 4)),
    "unsigned": ("compat_v3_did_unsigned.json", "OpenAttestationDidIdentityProof", ("ERROR", 5)),
    "no-location": ("compat_v2_dns_without_location.json", "OpenAttestationDnsTxtIdentityProof", ("ERROR", 5)),
}
wrong = []
for name in sys.argv[1:] or CASES:
    file, which, official = CASES[name]
    raw = (INPUTS / file).read_bytes()
    found = examine(raw, UnsafeAnyIssuer(), sources=replace(offline(), dns=NoRecords()))
    ours = next(each for each in fragments(found, json.loads(raw)) if each["name"] == which)
    said = (ours["status"], (ours.get("reason") or {}).get("code"))
    data = ours.get("data")
    good = said == official and (name != "mixed" or (isinstance(data, list) and len(data) == 4))
    print(
        f"{name:12} {which:40} ours {said}, data {len(data) if isinstance(data, list) else 'none'}; official {official}"
    )
    wrong += [] if good else [name]
end(
    not wrong,
    "the official codes, or a row in the table of docs/integrator/compatibility.md. All of these are not valid on both sides",
)
