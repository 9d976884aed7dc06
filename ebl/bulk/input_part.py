"""A part of the inputs of a bulk run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ebl.codes import Failure
from ebl.config.files import MAX_DOCUMENT
from ebl.config.folder_files import PassedOver
from ebl.errors import Unreadable

PART_SIZE: Final = 2000
"""How many documents are one part."""

Item = tuple[str, bytes | PassedOver | Unreadable]
"""The name of an input, and its bytes, or why there are none."""


@dataclass(frozen=True, slots=True)
class InputPart:
    """A part of the inputs. ``start`` is where it begins, ``first`` the number of its first input (from 1), ``count`` how many
    places it has; a white line has a place, and is not an input.
    """

    number: int
    start: int
    first: int
    count: int

    @property
    def name(self) -> str:
        """How the files of the part are called."""
        return f"{self.number:06d}"


def too_large() -> Unreadable:
    """Why a document that is larger than any may be is not read."""
    return Unreadable(Failure.TOO_LARGE, "file", most=MAX_DOCUMENT // 1024**2)
