"""Examination of a file: a transport document as plain JSON, or a bill of any format that carries one.

::

    from ebl.trade import check_file

    found = check_file(raw)
    found.schema.valid, [row.rule.id for row in found.rules if row.outcome == "failed"]

Schema and rules are reported apart, and neither is part of a verification unless a policy requires it
(`ebl.policy.MeetsDcsa`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebl.checking.formats import read
from ebl.codes import Failure
from ebl.errors import Unreadable
from ebl.model.broken_input import read_json
from ebl.model.document import Document
from ebl.model.wholeness import Extent
from ebl.transport_document.port_list import Ports
from ebl.transport_document.transport_check import (
    TransportDocumentCheck,
    examine_transport_document,
    is_transport_document,
    other_vocabulary,
    transport_document_of,
)


def check_file(raw: bytes, *, ports: Ports | None = None) -> TransportDocumentCheck:
    """Examines the transport document in a file; ``ports`` is the list of ports to compare with, if not the library's table.

    A bill without DCSA's names is not decided: ``schema.valid`` is None, and every rule is manual. Raises `Unreadable` if the
    bytes are neither a JSON object with DCSA's names nor a document, `Malformed` if a document breaks the rules of its
    format, and `InvalidInput` if it has several transport documents. Not checked: that a bill is unaltered, and whose it is
    (`ebl.verify`).
    """
    plain = read_json(raw, any_number=True)
    if not isinstance(plain, dict):
        raise Unreadable(Failure.UNSUPPORTED_FORMAT, "not_object")
    if (found := _plain(plain)) is not None:
        return examine_transport_document(found, ports=ports)
    return check_document(read(raw), ports=ports)


def check_document(document: Document, *, ports: Ports | None = None) -> TransportDocumentCheck:
    """Examines the transport document in a document that was read (see `check_file`)."""
    found = transport_document_of(document.data, document.format)
    if found is None:
        return other_vocabulary()
    return examine_transport_document(found, is_whole=document.whole.extent is Extent.WHOLE, ports=ports)


def _plain(parsed: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The transport document of plain JSON: the object itself, or its member ``transportDocument``, as in PINT envelopes."""
    for one in (parsed, parsed.get("transportDocument")):
        if is_transport_document(one):
            return one
    return None
