"""A credential with a context that is not known here: NOT VALID ("do not pay"). With the context given, the same file
is VALID."""

import hashlib

from lab import INPUTS, cli, end

context, file = INPUTS / "context_of_our_own.json", INPUTS / "credential_with_a_context_of_its_own.json"
known = cli(
    "verify",
    "--offline",
    file,
    "--context",
    "https://carrier.example/context/v1",
    context,
    hashlib.sha256(context.read_bytes()).hexdigest(),
)
ran = cli("verify", "--offline", file)
print("context given: exit code", known.returncode, "\nwithout: exit code", ran.returncode, ran.stdout, ran.stderr)
end(
    known.returncode == 0 and ran.returncode in (3, 5),
    "cannot be determined (3), or 5: more knowledge must not turn a no into a yes",
)
