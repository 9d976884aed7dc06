"""Settings of a verifier for W3C credentials, in addition to what the library includes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ebl.did.did_syntax import is_did
from ebl.errors import InvalidInput

if TYPE_CHECKING:
    from ebl.jsonld.contexts import Contexts


@dataclass(frozen=True, slots=True)
class Accepted:
    """``contexts`` are JSON-LD contexts (None: those included in the library), ``list_issuers`` the DIDs of issuers whose status
    lists are accepted in addition to those of a credential's own issuer.

    Raises `ebl.errors.InvalidInput` if a list issuer is not a DID.
    """

    contexts: Contexts | None = None
    list_issuers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "list_issuers", tuple(self.list_issuers))  # callers may pass a list
        for did in self.list_issuers:
            if not is_did(did):
                raise InvalidInput(f"Expected the DID of an issuer of status lists; found {did!r:.80}.")
