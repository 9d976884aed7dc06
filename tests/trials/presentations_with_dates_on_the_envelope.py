"""A presentation as the newer TrustVC packages make it: one fixed context written into it, validFrom and validUntil
on the envelope. NOT VALID, document.context."""

from lab import INPUTS, cli, end

ran = cli(
    "verify",
    "--offline",
    INPUTS / "presentation_with_dates_on_its_envelope.json",
    "--challenge",
    "7f3a",
    "--domain",
    "bank.example",
)
print("exit code", ran.returncode, ran.stdout, ran.stderr)
end(
    ran.returncode == 0,
    "VALID: that one context is a constant, known byte for byte; the envelope's dates are then held to. Other "
    "contexts written in stay refused",
)
