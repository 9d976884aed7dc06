"""A credential of a P-384 did:key (truly signed): NOT VALID, "is no key"."""

from lab import INPUTS, cli, end

ran = cli("verify", "--offline", INPUTS / "credential_of_a_p384_key.json")
print("exit code", ran.returncode, ran.stdout, ran.stderr)
end(
    ran.returncode in (3, 5),
    "cannot be determined (3) or unsupported (5): a key of a kind that is not supported. Refusing is right, saying no is not",
)
