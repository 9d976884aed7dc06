"""A credential whose credentialStatus is of a type that is not known here: INVALID, status.list_unbound."""

import hashlib

from lab import INPUTS, cli, end

context = INPUTS / "context_of_our_own.json"
ran = cli(
    "verify",
    "--offline",
    INPUTS / "credential_with_a_status_of_unknown_type.json",
    "--context",
    "https://carrier.example/context/v1",
    context,
    hashlib.sha256(context.read_bytes()).hexdigest(),
)
print("exit code", ran.returncode, ran.stdout, ran.stderr)
end(
    ran.returncode == 3,
    "cannot be determined (3), document.unsupported_claim, as OpenAttestation's revocation of an unknown kind is already",
)
