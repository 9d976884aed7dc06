"""Sharing of documents: encrypted, as links, by their content ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebl.model.later import later

if TYPE_CHECKING:  # loaded at the first access
    from ebl.model.content_ids import ContentIds, canonical_bytes, document_id
    from ebl.model.content_ids import content_ids as ids_of
    from ebl.sharing.encryption import Encrypted, decrypt, encrypt, key_from_hex, new_key
    from ebl.sharing.links import ActionLink, qr_png, qr_svg
else:
    __getattr__ = later(
        __name__,
        {
            "ebl.model.content_ids": "ContentIds canonical_bytes ids_of=content_ids document_id",
            "ebl.sharing.encryption": "Encrypted decrypt encrypt key_from_hex new_key",
            "ebl.sharing.links": "ActionLink qr_png qr_svg",
        },
    )

__all__ = [
    "ActionLink",
    "ContentIds",
    "Encrypted",
    "canonical_bytes",
    "decrypt",
    "document_id",
    "encrypt",
    "ids_of",
    "key_from_hex",
    "new_key",
    "qr_png",
    "qr_svg",
]
