"""A node whose newest block is nine years old (behind, or lying): VALID, without a remark."""

from datetime import UTC, datetime

from lab import World, bill, end


class Old(World):
    """A world whose chain is behind the clock of this machine, as the commands that make it are told."""

    def done(self, *args, **who):
        return super().done(*args, "--max-age", 10**7, **who)


then = datetime(2017, 1, 1, tzinfo=UTC).timestamp()
with Old(clock=lambda: then) as w:
    store = w.store()
    file = w.wrap(bill({"documentStore": store}))
    w.done("store", "issue", store, file)
    ran = w.verify(file)
    print("exit code", ran.returncode, ran.stdout, ran.stderr)
end(
    ran.returncode == 3,
    "cannot be determined (3), chain.stale: every chain has a greatest age of its newest block unless the caller says otherwise. "
    "(Now only max_age_minutes of a policy file does it.)",
)
