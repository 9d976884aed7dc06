"""Wrapping of documents: salt, hash and join data under one root, ready to be issued; and redacting and signing afterwards.

::

    from ebl.wrap import wrap, wrap_batch

    document = wrap(data)                 # issue document["signature"]["merkleRoot"] in a document store
    batch = wrap_batch([data, …])         # issue batch.root once for all of them

`wrap_files` wraps more documents than fit into memory. `redact` withholds fields from a wrapped document, and `sign` signs a
document that is not issued in a store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebl.model.later import later
from ebl.openattestation.prepare import Options, Version, Wrapped
from ebl.openattestation.salts import Salts
from ebl.openattestation.wrapping import Batch, to_json, unwrap, wrap, wrap_batch

if TYPE_CHECKING:  # loaded when they are first used
    from ebl.openattestation.redact import Redaction, redact
    from ebl.openattestation.sign import sign, sign_batch
    from ebl.openattestation.v3_integrity import Dialect
    from ebl.openattestation.wrap_files import Job, Load, Progress, WrappedFiles, wrap_files
else:
    __getattr__ = later(
        __name__,
        {
            "ebl.openattestation.v3_integrity": "Dialect",
            "ebl.openattestation.redact": "Redaction redact",
            "ebl.openattestation.sign": "sign sign_batch",
            "ebl.openattestation.wrap_files": "WrappedFiles wrap_files Job Load Progress",
        },
    )

__all__ = [
    "Batch",
    "Dialect",
    "Job",
    "Load",
    "Options",
    "Progress",
    "Redaction",
    "Salts",
    "Version",
    "Wrapped",
    "WrappedFiles",
    "redact",
    "sign",
    "sign_batch",
    "to_json",
    "unwrap",
    "wrap",
    "wrap_batch",
    "wrap_files",
]
