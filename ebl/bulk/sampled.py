"""What a run would take, estimated from its first documents."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from math import ceil
from typing import Any

from ebl import sources
from ebl.bulk.input_part import InputPart
from ebl.bulk.inputs import Inputs
from ebl.checking.formats import Reader
from ebl.checking.memo import Run
from ebl.config.settings import NetworkSettings
from ebl.policies.base_policy import Policy
from ebl.verify import examine_all


def sampled(
    inputs: Inputs,
    parts: Sequence[InputPart],
    policy: Policy,
    settings: NetworkSettings | None,
    reader: Reader,
    most: int,
) -> dict[str, Any]:
    """See `ebl.bulk.estimate`."""
    documents = sum(part.count for part in parts)
    found = [*islice((raw for part in parts for _, raw in inputs.items(part) if isinstance(raw, bytes)), most)]
    run = Run(sources.offline() if settings is None else sources.online(settings))
    began = time.process_time()
    reports = [*examine_all(found, policy, sources=run.once, at_once=1, reader=reader)]
    spent = time.process_time() - began
    times = documents / len(found) if found else 0.0
    kinds = Counter(str(question[0]) for question, _ in run.answers) if settings is not None else Counter()
    size = settings.batch if settings is not None else 1
    once = {"only", "chain", "txt", "page"}  # a few for a whole run, whatever its size
    questions = {kind: count if kind in once else ceil(count * times) for kind, count in sorted(kinds.items())}
    return {
        "documents": documents,
        "parts": len(parts),
        "sample": len(reports),
        "questions": questions,
        "requests": sum(count if kind in once else ceil(count / size) for kind, count in questions.items()),
        "cpu_seconds": round(spent * times, 1),
    }
