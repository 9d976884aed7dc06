"""Wrap documents: data -> wrapped, one or a batch under one root, ready to be issued.

::

    from ebl.wrap import wrap, wrap_batch

    document = wrap(data)                 # issue document["signature"]["merkleRoot"] in a document store
    batch = wrap_batch([data, …])         # issue batch.root once for all of them

For more documents than fit into memory there is `ebl.openattestation.wrap_files`.
"""

from __future__ import annotations

from ebl.openattestation.prepare import Options, Wrapped
from ebl.openattestation.wrapping import Batch, to_json, unwrap, wrap, wrap_batch

__all__ = ["Batch", "Options", "Wrapped", "to_json", "unwrap", "wrap", "wrap_batch"]
