"""The command line: a thin skin over the library. Each command lives in a module of its own, imported when it is used."""

from __future__ import annotations

import click

from ebl import __version__
from ebl.cli.group import EblGroup

COMMANDS = {
    "verify": ("ebl.cli.verify:verify", "Verify bills: unaltered, issued, not revoked, and by whom."),
    "key": ("ebl.cli.key:key", "Keys that sign credentials: new, show."),
    "did": ("ebl.cli.did:did", "DID documents to host: web, key."),
}

main = EblGroup(
    name="ebl",
    commands_at=COMMANDS,
    help="Wrap, issue, transfer and verify electronic bills of lading.\n\nVerdicts and results go to stdout, talk to stderr."
    " Exit codes: 0 valid or done, 1 not valid, 2 usage, 3 cannot be determined, 4 transaction failed, 5 unreadable.",
)
click.version_option(__version__, prog_name="ebl")(main)
