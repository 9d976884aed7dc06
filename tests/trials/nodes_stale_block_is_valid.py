"""A node whose newest block is nine years old (behind, or lying): VALID, without a remark."""

from datetime import UTC, datetime

from lab import World, bill, end

then = datetime(2017, 1, 1, tzinfo=UTC).timestamp()
with World(clock=lambda: then) as w:
    store = w.store()
    file = w.wrap(bill({"documentStore": store}))
    w.done("store", "issue", store, file, "--max-age", 10**7)
    ran = w.verify(file)
    print("exit code", ran.returncode, ran.stdout, ran.stderr)
end(
    ran.returncode == 3,
    "cannot be determined (3), chain.stale: every chain has a greatest age of its newest block unless the caller says otherwise. "
    "(Now only max_age_minutes of a policy file does it.)",
)
