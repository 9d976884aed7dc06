"""Make W3C credentials: compose one that will verify, sign it, and derive from it what a holder wants to show.

::

    from ebl.credential import Credential, derive, sign, transferable

    bill = Credential(
        issuer=key.did,
        subject={"type": ["BillOfLading"], "blNumber": "BL-1"},
        status=transferable(chain_id=50, registry="0x…"),
    )
    signed = sign(bill.to_dict(), key)                          # goes to the holder
    shown = derive(signed, ["/credentialSubject/blNumber"])     # goes to whoever is to see that much
"""

from __future__ import annotations

from ebl.credentials.issue import Credential, Renderer, derive, listed, new_id, require_good, sign, transferable

__all__ = ["Credential", "Renderer", "derive", "listed", "new_id", "require_good", "sign", "transferable"]
