"""What algorithms find broken, in the words that people read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ebl.codec.broken import Broken, Reason
from ebl.messages import explained


def words(reason: Reason | None) -> str:
    assert reason is not None
    return str(explained(reason))


@contextmanager
def is_broken(kind: type[Broken] = Broken, *, match: str) -> Iterator[None]:
    with pytest.raises(kind) as caught:
        yield
    assert re.search(match, words(caught.value.reason)), words(caught.value.reason)
