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
    ├── NotVerified                  the verdict is not VALID; carries the report (`ebl.verify`)
    └── TransactionError             a transaction was not sent, or failed
        ├── PlanOutdated             the plan cannot be carried out as it is: plan again, and decide again
        ├── TooExpensive             it would cost more than a limit allows
        ├── OutcomeUnknown           it was sent, and what became of it is not known yet
        └── NodeRefused              the node answered with an error (`ebl.registry`)

`Refuted` and `Undetermined` never meet: an outage is not an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ebl.codes import Doubt, Failure
from ebl.messages import Message, Parameter, say

__all__ = [
    "DocumentError",
    "Error",
    "InvalidInput",
    "Malformed",
    "MissingExtra",
    "OutcomeUnknown",
    "PlanOutdated",
    "Problem",
    "Refuted",
    "SourceError",
    "TooExpensive",
    "TransactionError",
    "Undetermined",
    "Unreadable",
    "Unsupported",
]


class Error(Exception):
    """Base of every error that ebl raises on purpose."""


class DocumentError(Error, ValueError):
    """A stranger's bytes are not a document that we accept.

    ``code`` is stable (`ebl.codes.page` explains it); ``message`` says what was expected, what came, and what to do.
    """

    def __init__(self, code: Failure, said: str | Message = "", /, **params: Parameter) -> None:
        self.code = code
        self.message = _message(code, said, params)
        super().__init__(code, self.message)

    @property
    def detail(self) -> str:
        """The message in English."""
        return str(self.message)

    def __str__(self) -> str:
        return str(self.message)


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
    """A check looked, and the answer is no. ``reason`` is the number that whoever said no gave for it, where one did.

    ``said`` is the variant of the code's message in `ebl.messages`, which ``params`` fill; or a whole message, such as
    `ebl.messages.own_words` of a policy of yours.
    """

    def __init__(
        self, failure: Failure, said: str | Message = "", /, *, reason: int | None = None, **params: Parameter
    ) -> None:
        self.failure, self.reason = failure, reason
        self.message = _message(failure, said, params)
        super().__init__(failure, self.message)

    @property
    def detail(self) -> str:
        """The message in English."""
        return str(self.message)

    def __str__(self) -> str:
        return f"{self.failure}: {self.message}"


class Undetermined(Error):
    """A check could not tell. ``said`` and ``params`` are as for `Refuted`."""

    def __init__(self, doubt: Doubt, said: str | Message = "", /, **params: Parameter) -> None:
        self.doubt = doubt
        self.message = _message(doubt, said, params)
        super().__init__(doubt, self.message)

    @property
    def detail(self) -> str:
        """The message in English."""
        return str(self.message)

    def __str__(self) -> str:
        return f"{self.doubt}: {self.message}"


class SourceError(Undetermined):
    """A chain, DNS or web source gave no usable answer. Never put a URL beyond its host into a parameter."""


class Unsupported(Undetermined):
    """The document uses something well-formed that is not known here: a suite, a context, a kind of key or status.

    The message names it, and says what to do. Never raised for what breaks a rule: that is `Malformed` or `Refuted`.
    """


class MissingExtra(Undetermined):
    """An optional part of ebl is not installed; ``extra`` names it, as in ``pip install 'ebl[extra]'``."""

    def __init__(self, extra: str) -> None:
        super().__init__(Doubt.MISSING_EXTRA, what=f"extra_{extra}", extra=extra)
        self.extra = extra


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


def _message(code: str, said: str | Message, params: Mapping[str, Parameter]) -> Message:
    return say(code, said, **params) if isinstance(said, str) else said
