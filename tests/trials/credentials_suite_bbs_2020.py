"""A proof of the older suite BbsBlsSignature2020: NOT VALID, proof.shape. Written down as a decision in
docs/integrator/compatibility.md ("always INVALID here"). The proof value of the input is made up: only the reason matters."""

from lab import INPUTS, cli, end

ran = cli("verify", "--offline", INPUTS / "credential_of_suite_bbs_2020.json")
print("exit code", ran.returncode, ran.stdout, ran.stderr)
end(
    ran.returncode in (3, 5),
    "cannot be determined (3) or unsupported (5), as OpenAttestation v4 is (5) and bbs-2023 without the extra (3); "
    "ADR 2 gives the ground. A documented choice: asked is to change it",
)
