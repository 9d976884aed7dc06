"""What a bill says: its fields by the trade's names, in whatever format and vocabulary it is written.

::

    from ebl.bill import bill

    port = bill(document)["port_of_discharge"]
    port.state, port.text                # present, "Hamburg"; absent, unknown or ambiguous, None
    port.entries[0].path                 # where it is in the document: "credentialSubject.portOfDischarge"

It is what the document says of itself. Whether it is unaltered, and who says it, is what `ebl.verify` establishes.
"""

from __future__ import annotations

from ebl.bill.mapping import bill
from ebl.bill.model import Bill, Entry, Field, FieldState
from ebl.bill.table import FieldName, FieldTable, Name, Vocabulary, table

__all__ = ["Bill", "Entry", "Field", "FieldName", "FieldState", "FieldTable", "Name", "Vocabulary", "bill", "table"]
