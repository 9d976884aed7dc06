"""``ebl bulk``: verification and issuance of very many documents."""

from __future__ import annotations

from ebl.cli.group import EblGroup

bulk = EblGroup(
    name="bulk",
    commands_at={
        "verify": ("ebl.cli.bulk_verify_command:verify", "Verify a folder, an archive or a file of many documents."),
        "wrap": ("ebl.cli.bulk_wrap_command:wrap", "Wrap raw documents by the million, in batches."),
        "diff": ("ebl.cli.bulk_diff_command:diff", "Show what has changed between two runs of verify."),
        "issue": ("ebl.cli.bulk_issue_command:issue", "Issue many roots, up to 100 in one transaction."),
    },
    help="Verify and wrap millions of documents, and issue thousands of roots.",
)
