"""`examine_all` while a source does not answer: the one exception kept for a question grows with every document, and keeps the documents alive."""

import json
import resource

from lab import bill, end, salted, wrapped_v2

from ebl.policy import IssuedBy
from ebl.sources import offline
from ebl.verify import examine_all


def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


raw = json.dumps(wrapped_v2(salted(bill({"documentStore": "0x" + "11" * 20}, cargo=["a box"] * 60)))).encode()
seen = {}
for n, _ in enumerate(
    examine_all((raw for _ in range(2500)), IssuedBy("carrier.example"), sources=offline(), at_once=1), 1
):
    if n in (500, 1500, 2500):
        seen[n] = most()
        print(n, "documents:", seen[n], "MB")
end(
    seen[2500] - seen[500] < 10,
    "memory does not grow: code and text of the failure are kept, and a fresh exception is raised each time",
)
