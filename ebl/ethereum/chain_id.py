"""The number of a chain (EIP-155), in decimal and as JSON."""

from __future__ import annotations

import re
from typing import Final

DECIMAL: Final = r"[1-9][0-9]{0,18}"
"""The pattern of a chain id in a text."""

END: Final = 2**63
"""No chain has this number or a higher one (EIP-2294 ends a little below)."""

_WHOLE = re.compile(DECIMAL)


def parse_chain_id(text: object) -> int | None:
    """The chain id that a text is in decimal, with no sign, space or leading zero; None if it is not one."""
    return int(text) if isinstance(text, str) and _WHOLE.fullmatch(text) else None


def is_chain_id(value: object) -> bool:
    """Whether a value is a number that a chain can have."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < END
