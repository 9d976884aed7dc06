"""The command line: a thin layer over the library. Each command has a module of its own, imported when it is used."""

from __future__ import annotations

import click

from ebl import __version__
from ebl.cli.group import EblGroup

COMMANDS = {
    "wrap": ("ebl.cli.wrap_command:wrap", "Wrap raw documents: salt, hash, join a batch under one root."),
    "unwrap": ("ebl.cli.wrap_command:unwrap", "Print the plain content of a wrapped document."),
    "inspect": ("ebl.cli.inspect_command:inspect", "Show what a file is and what it claims; queries no source."),
    "show": ("ebl.cli.show_command:show", "Draw a bill from its data, to look at and print: HTML or PDF."),
    "attachments": (
        "ebl.cli.attachments_command:attachments_",
        "The files inside a document: list them, take them out.",
    ),
    "redact": ("ebl.cli.redact_command:redact", "Withhold fields of a document that still verifies."),
    "sign": ("ebl.cli.sign_command:sign", "Issue wrapped documents by the signature of a DID's key."),
    "verify": ("ebl.cli.verify_command:verify", "Verify bills: unaltered, issued, not revoked, and by whom."),
    "report": ("ebl.cli.report_command:report", "Reports to print and file: PDF or HTML, of a file or a folder."),
    "trade": ("ebl.cli.trade_commands:trade", "The data of a bill: check it against DCSA's schema and rules."),
    "policy": ("ebl.cli.policy_commands:policy", "A bank's policy file: new, explain."),
    "dns": ("ebl.cli.dns_commands:dns", "The DNS record that names an issuer: what to publish; is it there."),
    "store": ("ebl.cli.store_commands:store", "Document stores: deploy, issue, revoke, status, roles."),
    "registry": ("ebl.cli.registry_commands:registry", "Token registries: deploy, mint, status, roles, pause."),
    "title": (
        "ebl.cli.title_commands:title",
        "Titles: show, history, can; transfer, nominate, endorse, reject, return …",
    ),
    "bulk": ("ebl.cli.bulk_commands:bulk", "Very many at once: verify, wrap, diff, issue."),
    "wallet": ("ebl.cli.wallet_commands:wallet", "Keys that sign transactions: new, import, address."),
    "tx": ("ebl.cli.tx_commands:tx", "Transactions that were sent: status, speed-up, cancel."),
    "encrypt": ("ebl.cli.encryption_commands:encrypt", "Encrypt a document under a new key."),
    "decrypt": ("ebl.cli.encryption_commands:decrypt", "Decrypt a document."),
    "qr": ("ebl.cli.encryption_commands:qr", "Links to encrypted documents, and their QR codes: make, read."),
    "key": ("ebl.cli.key_commands:key", "Keys that sign credentials: new, show."),
    "did": ("ebl.cli.did_commands:did", "DID documents to host: web, check, key."),
    "vc": ("ebl.cli.vc_commands:vc", "W3C credentials: new, sign, derive, present."),
    "status-list": (
        "ebl.cli.status_list_commands:status_list",
        "Revoke and suspend credentials: create, update, show.",
    ),
    "net": ("ebl.cli.net_commands:net", "Chains and nodes: list, add, doctor."),
    "explain": ("ebl.cli.explain_command:explain", "What a code means, and what to do: explain status.revoked."),
    "completion": ("ebl.cli.completion_command:completion", "Completion for a shell: bash, zsh, fish."),
    "mcp": ("ebl.cli.mcp_command:mcp", "Read-only tools for an assistant on this machine."),
    "demo": ("ebl.cli.demo_command:demo", "A complete demonstration: chain, DNS, a hundred bills."),
}

main = EblGroup(
    name="ebl",
    commands_at=COMMANDS,
    help="Wrap, issue, transfer and verify electronic bills of lading.\n\nResults and verdicts go to stdout, messages to stderr."
    " Exit codes: 0 valid or done, 1 not valid, 2 usage, 3 cannot be determined, 4 transaction failed, 5 unusable input.",
)
click.version_option(__version__, prog_name="ebl")(main)
