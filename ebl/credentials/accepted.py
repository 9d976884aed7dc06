"""What a verifier knows and accepts for W3C credentials, besides what is built in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ebl.did.did_syntax import is_did
from ebl.errors import InvalidInput

if TYPE_CHECKING:
    from ebl.jsonld.contexts import Contexts


@dataclass(frozen=True, slots=True)
class Accepted:
    """``contexts`` are JSON-LD contexts (None: those that the library knows), ``list_issuers`` the DIDs of issuers whose status
    lists are accepted besides those of a credential's own issuer.

    Raises `ebl.errors.InvalidInput` for a list issuer that is not a DID.
    """

    contexts: Contexts | None = None
    list_issuers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "list_issuers", tuple(self.list_issuers))  # callers write lists
        for did in self.list_issuers:
            if not is_did(did):
                raise InvalidInput(f"expected the DID of an issuer of status lists; got {did!r:.80}.")
