"""Chain ids (EIP-155), in decimal and as JSON."""

from __future__ import annotations

import re
from typing import Final

DECIMAL: Final = r"[1-9][0-9]{0,18}"
"""The pattern of a chain id in a text."""

END: Final = 2**63
"""An upper bound: no chain has this id or a higher one (the limit of EIP-2294 is a little below)."""

_WHOLE = re.compile(DECIMAL)


def parse_chain_id(text: object) -> int | None:
    """Returns the chain id of a decimal text without sign, space or leading zero; None if the text is not one."""
    return int(text) if isinstance(text, str) and _WHOLE.fullmatch(text) else None


def is_chain_id(value: object) -> bool:
    """Returns whether a value is a number that can be a chain id."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < END
