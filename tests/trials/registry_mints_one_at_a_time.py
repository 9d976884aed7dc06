"""`ebl registry mint` takes one file: a folder is "cannot read …: Is a directory", two files are "unexpected extra argument". 50 titles are 50 processes."""

import json

from lab import STRANGER, World, bill, cli, end, folder

with World() as w:
    registry, at, out = w.registry(), folder(), folder()
    for name in "ab":
        (at / f"{name}.json").write_text(json.dumps(bill({"tokenRegistry": registry}, blNumber=name)))
    cli("wrap", "--each", at, "-o", out)
    ran = w.run("registry", "mint", out, "--beneficiary", STRANGER, "--yes", "--domain-unconfirmed")
    print("a folder: exit code", ran.returncode, ran.stderr)
end(
    ran.returncode == 0,
    "wanted: many at once (mint, transfer and show of a folder; send_all in Python), with progress, resumable",
)
