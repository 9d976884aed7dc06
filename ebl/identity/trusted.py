"""The issuers that a verifier trusts, as its policy names them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ebl.did.did_syntax import is_did
from ebl.did.key_control import same_did
from ebl.errors import InvalidInput, Refuted
from ebl.messages import Message, say
from ebl.model.contract import Contract
from ebl.model.findings import Who

if TYPE_CHECKING:  # the rules for names import the tables of Unicode
    from ebl.did.domain import Domain

_WEB = "did:web:"


@dataclass(frozen=True, slots=True)
class Trusted:
    """One trusted issuer: a ``domain``, every domain ``under`` one (itself included), or a ``did``; exactly one of these.

    ``since`` and ``until`` are the first and the last day of the trust, both included, by the verifier's clock (UTC).
    ``registries`` are token registries known to be the issuer's, in addition to those that it publishes itself.
    """

    domain: str | None = None
    under: str | None = None
    did: str | None = None
    since: date | None = None
    until: date | None = None
    registries: frozenset[Contract] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "registries", frozenset(self.registries))  # callers write lists
        named = [name for name in (self.domain, self.under, self.did) if name is not None]
        if len(named) != 1:
            raise InvalidInput("A trusted issuer is one domain, one domain with all under it, or one DID.")
        if self.did is not None and not is_did(self.did):
            raise InvalidInput(f"{self.did[:80]!r} is not a DID.")
        for name in (self.domain, self.under):
            if name is not None:
                domain = require_domain(name)
        if self.under is not None and domain.registered is None:
            raise InvalidInput(f"{self.under} is a public suffix: any person may register a name under it.")

    @property
    def name(self) -> str:
        """The domain or the DID."""
        return self.domain or self.did or str(self.under)

    @property
    def web(self) -> str | None:
        """The did:web in which, or in whose DNS, the issuer can name its registries; None if it has none."""
        if self.did is not None:
            return self.did if self.did.startswith(_WEB) else None
        return f"{_WEB}{self.name}"

    @property
    def party(self) -> str | None:
        """One text for one party, in whatever form it is named; None if several parties may be meant (``under``).

        A did:web without a path is the same party as its domain.
        """
        if self.did is None:
            return self.domain
        host = self.did.removeprefix(_WEB)
        is_domain = self.did.startswith(_WEB) and ":" not in host
        return host if is_domain else self.did.lower() if self.did.startswith("did:ethr:") else self.did

    def names(self, who: Who) -> bool:
        """Returns whether a proved identity is this issuer, on whatever day."""
        if self.did is not None:
            return who.did is not None and same_did(who.did, self.did)
        if who.domain is None:
            return False
        return who.domain == self.domain or (self.under is not None and f".{who.domain}".endswith(f".{self.under}"))

    def is_on(self, day: date) -> bool:
        """Returns whether the trust applies on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @property
    def message(self) -> Message:
        """The issuer and the days of the trust, as a part of another message."""
        under = self.under
        who = say("rule", "issuer", name=self.name) if under is None else say("rule", "issuers_under", domain=under)
        match self.since, self.until:
            case date() as since, date() as until:
                return say("rule", "issuer_from_until", issuer=who, since=since, until=until)
            case date() as since, None:
                return say("rule", "issuer_from", issuer=who, since=since)
            case None, date() as until:
                return say("rule", "issuer_until", issuer=who, until=until)
        return who

    def __str__(self) -> str:
        return str(self.message)


def require_domain(name: str) -> Domain:
    """Returns the plain domain that a relying party named.

    Raises `InvalidInput` if it is malformed: an error of the relying party must not be reported as one of the document.
    """
    from ebl.did.domain import read_domain, suggestion

    try:
        return read_domain(name)
    except Refuted as no:
        meant = suggestion(name)
        hint = f"Perhaps {meant}" if meant else "Lower case, with a dot, and A-labels (xn--…) for other scripts"
        raise InvalidInput(f"{name[:80]!a} is not a plain domain name.", fix=f"{hint}.") from no
