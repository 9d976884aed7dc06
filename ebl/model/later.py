"""Lazy loading of a door's names, so that a door with many names is imported fast."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module

__all__ = ["later"]


def later(door: str, names: Mapping[str, str]) -> Callable[[str], object]:
    """Returns the ``__getattr__`` (PEP 562) of the module ``door``. ``names`` maps rooms to their names, separated by spaces.

    ``a_name=inner_name`` gives the door a name that is another one in the room.
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
