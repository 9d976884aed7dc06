"""DID resolution for all methods. To add a method, write its ``document`` function and a line in `METHODS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ebl.codes import Doubt
from ebl.did import did_ethr, did_key, did_web
from ebl.errors import Unsupported
from ebl.model.ports import Sources

METHODS: dict[str, Callable[[str, Sources], Mapping[str, Any]]] = {
    "ethr": did_ethr.document,
    "key": did_key.document,
    "web": did_web.document,
}


def document(did: str, sources: Sources) -> Mapping[str, Any]:
    """Returns the document of a DID, whose ``id`` is exactly the DID.

    Raises `ebl.errors.Refuted` if the DID or its document is wrong, `Unsupported` if the method is not known, and
    `ebl.errors.SourceError` if a source gives no usable response.
    """
    name = did.split(":")[1] if did.startswith("did:") else ""
    method = METHODS.get(name)
    if method is None:
        raise Unsupported(Doubt.UNSUPPORTED_METHOD, "method", did=did, method=name, supported=[*METHODS])
    return method(did, sources)
