"""A policy of one's own around PresentedTo says itself that it compares the challenge; no remark that it was not compared."""

from lab import codes, end, load, report

from ebl.policy import AllOf, Policy, PresentedTo, UnsafeAnyIssuer


class Mine(Policy):
    """Asks what PresentedTo asks, and says so."""

    compares_challenge = compares_domain = True

    def check(self, facts):
        return PresentedTo("7f3a", "bank.example").check(facts)


document = load("presentation.json")
bare = codes(report(document, policy=AllOf(UnsafeAnyIssuer(), PresentedTo("7f3a", "bank.example"))))
mine = codes(report(document, policy=AllOf(UnsafeAnyIssuer(), Mine())))
print("PresentedTo itself:", bare, "\nwrapped:", mine)
end(
    "identity.challenge_not_compared" not in mine,
    "a policy says itself that it compares the challenge; the remark follows that, not the class",
)
