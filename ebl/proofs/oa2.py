"""Integrity of OpenAttestation v2: the digest of the salted leaves, and its place in the batch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ebl.errors import Refuted
from ebl.primitives.strict_json import shown, some
from ebl.proofs import leaves, merkle
from ebl.report import Claim, Fact, Failure, Group, Note, Remark
from ebl.sources import Sources

_SALT = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unaltered(Claim):
    """The salted ``data`` (and the hashes of what was withheld) digest to ``target``, which ``proof`` leads to ``root``.

    ``withheld`` are hex hashes; ``target``, ``root`` and each of ``proof`` are 32 bytes.
    """

    group: ClassVar[Group] = Group.INTEGRITY
    name: ClassVar[str] = "digest"

    data: Mapping[str, Any]
    withheld: tuple[str, ...]
    target: bytes
    proof: tuple[bytes, ...]
    root: bytes


@dataclass(frozen=True, slots=True)
class Intact(Fact):
    """The content is what was hashed."""

    claim: Unaltered

    def __str__(self) -> str:
        return f"unaltered since it was wrapped (document hash {self.claim.target.hex()[:16]}…)"


def check(claim: Unaltered, sources: Sources) -> Intact:
    """Recompute the digest and the path to the root.

    Every leaf must have a path of its own, so that the digest stands for one reading of the document only. Raises
    `Refuted`. Not checked: that anybody issued the root.
    """
    if problem := unclear_paths(claim.data):
        raise Refuted(*problem)
    flat = leaves.flatten(claim.data)
    if leaves.digest_of(flat, claim.withheld) != claim.target:
        raise Refuted(Failure.HASH_MISMATCH, "the content does not digest to the document's hash: it was changed")
    if merkle.path(claim.target, claim.proof)[-1] != claim.root:
        raise Refuted(Failure.HASH_MISMATCH, "the proof does not lead from the document's hash to the root")
    return Intact(claim, notes=(*_salt_notes(flat), *_shape_notes(claim.data)))


def unclear_paths(data: Mapping[str, Any]) -> tuple[Failure, str] | None:
    """Why two leaves of these data could share a path, or one have no hash; None where every leaf has its own."""
    if "" in data:
        return (
            Failure.PATH_COLLISION,
            "a member of the root has an empty name, so what is below it has no path of its own",
        )
    for name in leaves.RESERVED:
        if name in data:
            return Failure.RESERVED_KEY, f"a member of the root is named {name}, which no hash covers"
    for path, node in leaves.containers(data):
        if isinstance(node, dict) and "." in "".join(node):
            key = next(key for key in node if "." in key)
            return (
                Failure.KEY,
                f"the key {shown(key)} in {shown(path or '/')} has a dot: its path would read as another's",
            )
    return None


def _salt_notes(flat: Sequence[leaves.Leaf]) -> Iterator[Note]:
    salts: list[str] = []
    bare: list[str] = []
    for path, value in flat:
        if isinstance(value, str) and _SALT.match(value):
            salts.append(value[:36].lower())
        elif not isinstance(value, dict | list):
            bare.append(path)
    if bare:
        yield Note(Remark.WEAK_SALT, f"not salted, so that a withheld value could be guessed: {some(bare)}")
    if len(set(salts)) < len(salts):
        yield Note(Remark.WEAK_SALT, f"{len(salts) - len(set(salts))} salts are used more than once")


def _shape_notes(data: Mapping[str, Any]) -> Iterator[Note]:
    like_arrays = [
        path
        for path, node in leaves.containers(data)
        if isinstance(node, dict) and "0" in node and all(str(n) in node for n in range(len(node)))
    ]
    if like_arrays:
        yield Note(Remark.SHAPE_NOT_BOUND, f"objects that would have the same hash as arrays: {some(like_arrays)}")
