"""What is asked of a core, in C or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

Hash = bytes


class Core(Protocol):
    """What is asked of a core. Each function gives None where its arguments are not plain."""

    INTERFACE: int
    """0 if there is no core."""

    def oa2_examine(self, data: Mapping[str, Any], withheld: object, /) -> tuple[Hash, int] | None:
        """The digest of salted v2 data with the hashes (hex) of withheld leaves, and flags: 0 if no strict rule objects."""

    def oa2_salt(
        self, data: Mapping[str, Any], random: Callable[[int], bytes], any_end: bool, /
    ) -> tuple[dict[str, Any], Hash] | None:
        """A salted copy of v2 data, and its digest. Without ``any_end``, texts that end in white space are not plain."""

    def oa3_examine(
        self, document: Mapping[str, Any], rows: list[str], withheld: object, /
    ) -> tuple[Hash, list[str], list[tuple[str, str | None]]] | None:
        """The digest of a v3 document, the paths of empty containers, and the leaves that could read as another type.

        A row is ``SALT","path":"PATH``, one for each leaf in their order; no salt is there twice, and no leaf is false, 0, ""
        or null. Each of the last has its path and its text, or None if it is no string; the caller looks closer at the text.
        """

    def is_canonical(self, parsed: object, /) -> bool | None:
        """True if JSON has no more than 64 levels, and only numbers that Python and JavaScript write in the same way."""

    def list_hash(self, paths: list[str], values: list[str], withheld: object, /) -> Hash | None:
        """The digest of leaves that are laid out, and of withheld ones (hex)."""

    def leads(self, target: Hash, proof: tuple[Hash, ...], root: Hash, /) -> bool | None:
        """Whether the siblings of a proof lead from a leaf to a root."""

    def layers(self, leaves: list[Hash], /) -> list[list[Hash]] | None:
        """The layers of the Merkle tree over some leaves: the leaves sorted, and the root at last."""
