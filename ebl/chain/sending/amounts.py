"""Amounts of money as text: in the chain's coin by its name, and in gwei for the price of gas."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Context, Decimal

from ebl.config.networks import GWEI
from ebl.errors import InvalidInput

THE_COIN = "of the chain's coin"
_WEI = 10**18
_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]+)?")


def amount(wei: int, coin: str | None) -> str:
    """Returns wei as text in the chain's coin, rounded up to six digits: it is never less than what may be paid."""
    rounded = Context(prec=6, rounding=ROUND_CEILING).divide(Decimal(wei), Decimal(_WEI))
    digits = f"{rounded:f}"
    shown = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{shown} {coin or THE_COIN}"


def gwei(wei: int) -> str:
    """Returns a gas price as text, exact to the wei."""
    whole, rest = divmod(wei, GWEI)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".") + " gwei"


def parse_amount(text: str) -> int:
    """Reads an amount of the chain's coin, for example ``0.05``; returns wei. Raises `InvalidInput`."""
    return _parse(text, 18, "a number of the chain's coin, for example 0.05")


def parse_gwei(text: str) -> int:
    """Reads a gas price in gwei, for example ``1.5``; returns wei. Raises `InvalidInput`."""
    return _parse(text, 9, "a number of gwei, for example 30")


def _parse(text: str, decimals: int, expected: str) -> int:
    whole, _, fraction = text.partition(".")
    if not _NUMBER.fullmatch(text) or len(fraction) > decimals:
        raise InvalidInput(f"Expected {expected}; found {text[:40]!r}.")
    return int(whole + fraction.ljust(decimals, "0"))
