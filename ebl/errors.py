"""Errors that ebl raises.

::

    Error
    ├── DocumentError (ValueError)   the given bytes are not a document that ebl accepts
    │   ├── Unreadable               not JSON, too large, or of an unknown format
    │   └── Malformed                of a known format, but breaks its rules
    ├── InvalidInput (ValueError)    the caller's own data or arguments are invalid
    ├── Refuted                      a check was carried out, and its result is negative
    ├── Undetermined                 a check could not be carried out
    │   ├── SourceError              because a chain, DNS or web source gave no usable response
    │   ├── Unsupported              because the document uses a feature that ebl does not know
    │   └── MissingExtra             because an optional part of ebl is not installed
    ├── NotVerified                  the verdict is not VALID; carries the report (`ebl.verify`)
    └── TransactionError             a transaction was not sent, or failed
        ├── PlanOutdated             the plan can no longer be carried out as it is: make and approve a new one
        ├── TooExpensive             the transaction would cost more than a limit allows
        ├── OutcomeUnknown           the transaction was sent, and its outcome is not known yet
        └── NodeRefused              the node responded with an error (`ebl.registry`)

`Refuted` and `Undetermined` are never mixed: an outage says nothing about a document.
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
    """The given bytes are not a document that ebl accepts.

    ``code`` is stable (`ebl.codes.page` explains it). ``message`` states what was expected, what was found, and what to do.
    """

    def __init__(self, code: Failure, variant: str | Message = "", /, **params: Parameter) -> None:
        self.code = code
        self.message = _message(code, variant, params)
        super().__init__(code, self.message)

    @property
    def detail(self) -> str:
        """The message in English."""
        return str(self.message)

    def __str__(self) -> str:
        return str(self.message)


class Unreadable(DocumentError):
    """Not JSON, beyond a limit, or of an unknown format: there is nothing to verify."""


class Malformed(DocumentError):
    """Of a known format, but breaks its rules. Its verdict is INVALID."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One error at one place of the caller's data. ``pointer`` is a JSON pointer (RFC 6901).

    ``detail`` replaces ``expected`` and ``came`` (what was found) in the text if those two do not explain the error.
    """

    pointer: str
    expected: str
    came: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.detail or f'expected {self.expected}; got {self.came}'}"


class InvalidInput(Error, ValueError):
    """The caller's own data or arguments are invalid. ``problems`` lists every error, and ``fix`` states what to do."""

    def __init__(self, message: str, *, problems: tuple[Problem, ...] = (), fix: str = "") -> None:
        lines = [f"{message} {fix}".rstrip(), *(f"  {problem}" for problem in problems)]
        super().__init__("\n".join(lines))
        self.message, self.problems, self.fix = message, problems, fix


class Refuted(Error):
    """A check was carried out, and its result is negative. ``reason`` is the number that a contract gave for it, if any.

    ``variant`` is the variant of the code's message in `ebl.messages`, and ``params`` fill it. A whole message can be given
    instead, such as `ebl.messages.own_words` of your own policy.
    """

    def __init__(
        self, failure: Failure, variant: str | Message = "", /, *, reason: int | None = None, **params: Parameter
    ) -> None:
        self.failure, self.reason = failure, reason
        self.message = _message(failure, variant, params)
        super().__init__(failure, self.message)

    @property
    def detail(self) -> str:
        """The message in English."""
        return str(self.message)

    def __str__(self) -> str:
        return f"{self.failure}: {self.message}"


class Undetermined(Error):
    """A check could not be carried out. ``variant`` and ``params`` are as for `Refuted`."""

    def __init__(self, doubt: Doubt, variant: str | Message = "", /, **params: Parameter) -> None:
        self.doubt = doubt
        self.message = _message(doubt, variant, params)
        super().__init__(doubt, self.message)

    @property
    def detail(self) -> str:
        """The message in English."""
        return str(self.message)

    def __str__(self) -> str:
        return f"{self.doubt}: {self.message}"


class SourceError(Undetermined):
    """A chain, DNS or web source gave no usable response. Never put more of a URL than its host into a parameter."""


class Unsupported(Undetermined):
    """The document uses a well-formed feature that ebl does not know: a suite, a context, a kind of key or of status.

    The message names the feature and states what to do. Never raised for what breaks a rule: that is `Malformed` or `Refuted`.
    """


class MissingExtra(Undetermined):
    """An optional part of ebl is not installed. ``extra`` names it; the message has the command that installs it."""

    def __init__(self, extra: str) -> None:
        super().__init__(Doubt.MISSING_EXTRA, what=f"extra_{extra}", command=install_command(extra))
        self.extra = extra


def install_command(extra: str) -> str:
    """The command that installs an optional part. It is run in a clone of the project, which no package index has yet."""
    if extra == "pdf":
        return 'python -m pip install ./fonts ".[pdf]"'
    return f'python -m pip install ".[{extra}]"'


class TransactionError(Error):
    """A transaction was not sent, or failed. ``tx_hash`` is set once the transaction was signed."""

    def __init__(self, message: str, *, tx_hash: str | None = None, fix: str = "") -> None:
        super().__init__(f"{message} {fix}".rstrip())
        self.message, self.tx_hash, self.fix = message, tx_hash, fix


class PlanOutdated(TransactionError):
    """A plan can no longer be carried out exactly as it is. Make a new plan and approve it: nothing else is signed for this one.

    ``tx_hash`` is set if the plan's transaction was signed and the node refused it.
    """


class TooExpensive(TransactionError):
    """A transaction would cost more than a limit allows: the network's fee cap, the gas limit, or the caller's own limit."""


class OutcomeUnknown(TransactionError):
    """A transaction was sent, and its outcome is not known yet.

    To wait for it, make the same call again: it sends no second transaction.
    """


def _message(code: str, variant: str | Message, params: Mapping[str, Parameter]) -> Message:
    return say(code, variant, **params) if isinstance(variant, str) else variant
