"""Needs an inner module (ebl.chain.sending.journal). A kill while the journal is put aside (at 4 MiB) leaves no open transaction in it: the next send does not know what is under way."""

import inspect

from lab import end, folder

from ebl.chain.sending import journal as journals


class Kill(BaseException): ...


def killed(self, row):
    raise Kill


wanted = {
    "nonce": 1,
    "outcome": journals.Outcome.SIGNED,
    "purpose": next(iter(journals.Purpose)),
    "signed_at": "2026-01-01T00:00:00+00:00",
    "block": None,
}
entry = journals.JournalEntry(
    **{name: wanted.get(name, "x") for name in inspect.signature(journals.JournalEntry).parameters}
)
journal = journals.Journal(folder() / "journal.jsonl")
journal.add(entry)
print("open before:", sum(each.open for each in journal.entries()))
journals._ROTATE_AT, write, journals.Journal._write = 0, journals.Journal._write, killed
try:
    journal.add(entry)
except Kill:
    print("killed between the renaming and the writing")
journals.Journal._write = write
after = sum(each.open for each in journal.entries())
print("open after:", after)
end(
    after == 1,
    "the new file is written and synced beside, with what is open, and then put in place; or what was put aside is read when the journal is missing",
)
