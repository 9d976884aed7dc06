"""The transport document of DCSA 3.0.4: its schema, the conditional rules TD-01 to TD-23, and the codes in it.

Pure functions on the content of a document. Whether it is unaltered and who issued it is verified elsewhere (`ebl.verify`).
"""

from __future__ import annotations
