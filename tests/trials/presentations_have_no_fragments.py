"""`ebl.reports.fragments` raises for presentations. TrustVC since 2.15 gives three fragments of them; docs/integrator/compatibility.md speaks of 2.11 only."""

from lab import end, load, report

from ebl.errors import Error
from ebl.reports.fragments import fragments

document = load("presentation.json")
found = report(document)
try:
    given = fragments(found, document)
    print(given)
except Error as no:
    given = None
    print(found.verdict, "| fragments:", no)
end(
    given is not None,
    "fragments W3CVpSignatureIntegrity, W3CVpCredentialStatus and W3CVpIssuerIdentity, or a line in docs/integrator/compatibility.md that there are none for 2.15",
)
