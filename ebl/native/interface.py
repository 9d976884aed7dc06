"""Interface of a core, which is the C extension or a stand-in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

Hash = bytes


class Core(Protocol):
    """Functions of a core. Each returns None if its arguments are not plain."""

    INTERFACE: int
    """0 if the core is a stand-in."""

    def oa2_examine(self, data: Mapping[str, Any], withheld: object, /) -> tuple[Hash, int] | None:
        """Digests salted v2 data with the hashes (hex) of redacted leaves, and sets flags (0 if no strict rule is broken)."""

    def oa2_salt(
        self, data: Mapping[str, Any], random: Callable[[int], bytes], any_end: bool, /
    ) -> tuple[dict[str, Any], Hash] | None:
        """Returns a salted copy of v2 data and its digest. Without ``any_end``, texts that end in white space are not plain."""

    def oa2_plain(self, data: Mapping[str, Any], /) -> dict[str, Any] | None:
        """Returns the content of salted v2 data if every leaf is a string, and no text ends in white space."""

    def oa3_examine(
        self, document: Mapping[str, Any], salts: bytes, withheld: object, /
    ) -> tuple[Hash, list[str], list[tuple[str, str | None]]] | None:
        """Returns the digest of a v3 document, the paths of empty containers, and the leaves that could be read as another type.

        ``salts`` is the JSON of the salts as it is usually written, without white space: one for each leaf, in the order of the
        leaves. Plain data has no salt twice, and no leaf that is false, 0, "" or null. An ambiguous leaf is given as its path
        and its text; the text is None if the leaf is not a string. The caller examines the text.
        """

    def is_canonical(self, parsed: object, /) -> bool | None:
        """Returns True if JSON has at most 64 levels, and only numbers that Python and JavaScript write in the same way."""

    def list_hash(self, paths: list[str], values: list[str], withheld: object, /) -> Hash | None:
        """Returns the digest of leaves, given as paths and values, together with redacted leaves (hex)."""

    def leads(self, target: Hash, proof: tuple[Hash, ...], root: Hash, /) -> bool | None:
        """Returns whether the sibling hashes of a Merkle proof lead from a leaf to a root."""

    def path(self, target: Hash, proof: tuple[Hash, ...], /) -> tuple[Hash, ...] | None:
        """Returns every node from a leaf to the root, both included, from the sibling hashes of a Merkle proof."""

    def layers(self, leaves: list[Hash], /) -> list[list[Hash]] | None:
        """Returns the layers of the Merkle tree over some leaves, from the sorted leaves to the root."""
