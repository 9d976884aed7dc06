"""`online(…)` reads the clock once. A service that keeps its Sources calls an expired credential VALID, and files a wrong as_of.time."""

import time
from datetime import UTC, datetime, timedelta

from lab import cli, end, folder

from ebl.policy import UnsafeAnyIssuer
from ebl.sources import online
from ebl.verify import examine

at = folder()
did = cli("key", "new", "-o", at / "key").stdout.split("#")[0].strip()
(at / "subject.json").write_text('{"id": "did:example:1", "name": "Licensed forwarder"}')
until = datetime.now(UTC) + timedelta(seconds=8)
cli(
    "vc",
    "new",
    at / "subject.json",
    "--issuer",
    did,
    "--valid-from",
    "2026-01-01T00:00:00Z",
    "--valid-until",
    f"{until:%Y-%m-%dT%H:%M:%SZ}",
    "-o",
    at / "raw.json",
)
cli("vc", "sign", at / "raw.json", "--key-file", at / "key", "-o", at / "signed.json")
cli("vc", "derive", at / "signed.json", "--all", "-o", at / "shown.json")
document, verdicts = (at / "shown.json").read_bytes(), []
new = lambda: online(rpc={}, resolver="udp://127.0.0.1:9")
kept = new()
for what, sources in (("before the end", kept), ("after it, the same Sources", kept), ("after it, new Sources", None)):
    if verdicts and len(verdicts) == 1:
        time.sleep(max(0, (until - datetime.now(UTC)).total_seconds()) + 1.5)
    found = examine(document, UnsafeAnyIssuer(), sources=sources or new())
    verdicts.append(str(found.verdict))
    print(f"{what:28} {found.verdict}  as of {found.moment.now:%H:%M:%S}, it is {datetime.now(UTC):%H:%M:%S}")
end(
    verdicts[0] == "valid" and verdicts[1] != "valid",
    "the clock is read for each verification (an `until` of the policy and the dates of a status list hang on it too); docs/bank/verifying.md says what may be shared by threads",
)
