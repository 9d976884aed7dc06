"""Fields of a bill under the names of the trade, from documents of any format and vocabulary.

::

    from ebl.bill import bill

    port = bill(document)["port_of_discharge"]
    port.state, port.text                # present, "Hamburg"; absent, unknown or ambiguous, None
    port.entries[0].path                 # its place in the document: "credentialSubject.portOfDischarge"

These are statements of the document itself. `ebl.verify` establishes whether it is unaltered, and who issued it.
"""

from __future__ import annotations

from ebl.bill.attached_files import Attachment, attachments, file_names
from ebl.bill.mapping import bill
from ebl.bill.model import Bill, Entry, Field, FieldState
from ebl.bill.table import FieldName, FieldTable, Name, Vocabulary, table

__all__ = [
    "Attachment",
    "Bill",
    "Entry",
    "Field",
    "FieldName",
    "FieldState",
    "FieldTable",
    "Name",
    "Vocabulary",
    "attachments",
    "bill",
    "file_names",
    "table",
]
