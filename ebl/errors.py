"""Everything ebl raises.

::

    Error
    ├── DocumentError (ValueError)   a stranger's bytes are not a document that we accept
    │   ├── Unreadable               not JSON, too large, or of no format that we know
    │   └── Malformed                of a format that we know, but breaking its rules
    ├── InvalidInput (ValueError)    the caller's own data or arguments need mending
    ├── Refuted                      a check looked, and the answer is no
    ├── Undetermined                 a check could not tell
    │   ├── SourceError              because a chain, DNS or web source gave no usable answer
    │   ├── Unsupported              because the document uses something that is not known here
    │   └── MissingExtra             because an optional part of ebl is not installed
    ├── NotVerified                  the verdict is not VALID; carries the report
    └── TransactionError             a transaction was not sent, or failed
        ├── PlanOutdated             the plan cannot be carried out as it is: plan again, and decide again
        ├── TooExpensive             it would cost more than a limit allows
        ├── OutcomeUnknown           it was sent, and what became of it is not known yet
        └── NodeRefused              the node answered with an error (`ebl.transactions.node`)

`Refuted` and `Undetermined` never meet: an outage is not an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ebl.codes import Doubt, Failure

if TYPE_CHECKING:
    from ebl.report import Report


class Error(Exception):
    """Base of every error that ebl raises on purpose."""


class DocumentError(Error, ValueError):
    """A stranger's bytes are not a document that we accept.

    ``code`` is stable (see ``docs/codes``); ``detail`` says what was expected and what came; ``fix``, what to do.
    """

    def __init__(self, code: Failure, detail: str, fix: str = "") -> None:
        super().__init__(f"{detail} {fix}".rstrip())
        self.code, self.detail, self.fix = code, detail, fix


class Unreadable(DocumentError):
    """Not JSON, beyond a limit, or of no format that we know: there is nothing to verify."""


class Malformed(DocumentError):
    """Of a format that we know, but breaking its rules: verification calls it INVALID."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one place of the caller's data. ``pointer`` is a JSON pointer (RFC 6901).

    ``detail`` is what to say instead, in whole sentences, if ``expected`` and ``came`` alone do not say it.
    """

    pointer: str
    expected: str
    came: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.detail or f'expected {self.expected}; got {self.came}'}"


class InvalidInput(Error, ValueError):
    """The caller's own data or arguments need mending; ``problems`` lists every place, ``fix`` says how."""

    def __init__(self, message: str, *, problems: tuple[Problem, ...] = (), fix: str = "") -> None:
        lines = [f"{message} {fix}".rstrip(), *(f"  {problem}" for problem in problems)]
        super().__init__("\n".join(lines))
        self.message, self.problems, self.fix = message, problems, fix


class Refuted(Error):
    """A check looked, and the answer is no. ``reason`` is the number that whoever said no gave for it, where one did."""

    def __init__(self, failure: Failure, detail: str = "", *, reason: int | None = None) -> None:
        super().__init__(f"{failure}: {detail}")
        self.failure, self.detail, self.reason = failure, detail, reason


class Undetermined(Error):
    """A check could not tell."""

    def __init__(self, doubt: Doubt, detail: str = "") -> None:
        super().__init__(f"{doubt}: {detail}")
        self.doubt, self.detail = doubt, detail


class SourceError(Undetermined):
    """A chain, DNS or web source gave no usable answer. Never put a URL beyond its host into ``detail``."""


class Unsupported(Undetermined):
    """The document uses something well-formed that is not known here: a suite, a context, a kind of key or status.

    ``detail`` names it; ``fix`` says what to do. Never raised for what breaks a rule: that is `Malformed` or `Refuted`.
    """

    def __init__(self, doubt: Doubt, detail: str, fix: str = "") -> None:
        super().__init__(doubt, f"{detail} {fix}".rstrip())
        self.fix = fix


class MissingExtra(Undetermined):
    """An optional part of ebl is not installed; ``extra`` names it, as in ``pip install 'ebl[extra]'``."""

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(Doubt.MISSING_EXTRA, f"{what}: not installed. Install it with: pip install 'ebl[{extra}]'")
        self.extra = extra


class NotVerified(Error):
    """The document is not VALID under the policy; ``report`` says why."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.summary)
        self.report = report


class TransactionError(Error):
    """A transaction was not sent, or failed; ``tx_hash`` is set once it was signed."""

    def __init__(self, message: str, *, tx_hash: str | None = None, fix: str = "") -> None:
        super().__init__(f"{message} {fix}".rstrip())
        self.message, self.tx_hash, self.fix = message, tx_hash, fix


class PlanOutdated(TransactionError):
    """A plan cannot be carried out exactly as it is any more. Plan again, and decide again: nothing else is signed for it.

    ``tx_hash`` is set if the plan's transaction was signed and the node refused it.
    """


class TooExpensive(TransactionError):
    """A transaction would cost more than a limit allows: the network's ceiling, the cap on gas, or the caller's own."""


class OutcomeUnknown(TransactionError):
    """A transaction was sent, and its outcome is not known yet. The same call, made again, waits for it and sends no other."""
