"""A presentation that leaves `holder` out (optional in VCDM 2.0): NOT VALID, document.schema, as if the format were broken."""

from lab import INPUTS, cli, end

ran = cli(
    "verify",
    "--offline",
    "--json",
    INPUTS / "presentation_without_holder.json",
    "--challenge",
    "7f3a",
    "--domain",
    "bank.example",
)
print("exit code", ran.returncode, ran.stdout, ran.stderr)
end(
    "document.schema" not in ran.stdout,
    "a decision to check: refusing is safe; the code should say what it is (such as identity.holder_not_bound), not"
    " that the format is broken",
)
