"""A credential with a proof of ecdsa-jcs-2019 (truly signed): NOT VALID, "a proof may not have @context", which
proofs of that suite must have."""

from lab import INPUTS, cli, end

ran = cli("verify", "--offline", INPUTS / "credential_of_suite_ecdsa_jcs_2019.json")
print("exit code", ran.returncode, ran.stdout, ran.stderr)
end(
    ran.returncode in (3, 5),
    "cannot be determined (3) or unsupported (5), and the suite by its name. Refusing is right, saying no is not",
)
