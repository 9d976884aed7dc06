"""From a DID to its document, whatever its method. To add a method, write its ``document`` and a line in `METHODS`."""

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
    """The document of a DID; its ``id`` is exactly the DID.

    Raises `ebl.errors.Refuted` if the DID or its document is wrong, `Unsupported` for a method that is not known here, and
    `ebl.errors.SourceError`.
    """
    name = did.split(":")[1] if did.startswith("did:") else ""
    method = METHODS.get(name)
    if method is None:
        raise Unsupported(Doubt.UNSUPPORTED_METHOD, "method", did=did, method=name, supported=[*METHODS])
    return method(did, sources)
