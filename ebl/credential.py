"""W3C credentials: compose one that will verify, sign it, and derive from it what its holder wants to show.

::

    from ebl.credential import Credential, derive, sign, transferable

    bill = Credential(
        issuer=key.did,
        subject={"type": ["BillOfLading"], "blNumber": "BL-1"},
        status=transferable(chain_id=50, registry="0x…"),
    )
    signed = sign(bill.to_dict(), key)                          # goes to the holder
    shown = derive(signed, ["/credentialSubject/blNumber"])     # goes to a recipient who may see that much

`present` joins credentials for one verifier. This module also makes the keys of issuers and holders, their DID documents and
their status lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebl.codec.bitstring import Bitstring
from ebl.credentials.issue import Credential, Renderer, derive, listed, new_id, require_good, sign, transferable
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.status_list_credential import ListKind, StatusList, read_status_list
from ebl.credentials.status_list_credential import new_list as new_status_list
from ebl.credentials.status_list_credential import require_own as require_own_status_list
from ebl.credentials.status_list_credential import signed as sign_status_list
from ebl.credentials.status_list_credential import updated as update_status_list
from ebl.crypto.multikey import KeyType, PublicKey
from ebl.jsonld.contexts import Contexts, Published
from ebl.jsonld.contexts import known as known_contexts
from ebl.model.later import later

if TYPE_CHECKING:  # loaded when they are first used
    from ebl.credentials.present import present
    from ebl.did.document_writer import key_document, web_document
else:
    __getattr__ = later(
        __name__,
        {
            "ebl.credentials.present": "present",
            "ebl.did.document_writer": "key_document web_document",
        },
    )

__all__ = [
    "Bitstring",
    "Contexts",
    "Credential",
    "IssuerKey",
    "KeyType",
    "ListKind",
    "PublicKey",
    "Published",
    "Renderer",
    "StatusList",
    "derive",
    "key_document",
    "known_contexts",
    "listed",
    "new_id",
    "new_status_list",
    "present",
    "read_status_list",
    "require_good",
    "require_own_status_list",
    "sign",
    "sign_status_list",
    "transferable",
    "update_status_list",
    "web_document",
]
