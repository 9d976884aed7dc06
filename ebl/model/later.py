"""Names of a door that are loaded once somebody asks for them, so that a door may be wide and still open fast."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module

__all__ = ["later"]


def later(door: str, names: Mapping[str, str]) -> Callable[[str], object]:
    """The ``__getattr__`` (PEP 562) of the module ``door``: each room, and the names that it has for the door, by spaces.

    ``a_name=inner_name`` gives a name that is another one inside.
    """
    homes: dict[str, tuple[str, str]] = {}
    for room, listed in names.items():
        for entry in listed.split():
            outer, _, inner = entry.partition("=")
            homes[outer] = (room, inner or outer)

    def load(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {door!r} has no attribute {name!r}")
        room, inner = homes[name]
        value = getattr(import_module(room), inner)
        setattr(sys.modules[door], name, value)
        return value

    return load
