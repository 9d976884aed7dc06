"""Integrity of OpenAttestation v2: the digest of the salted leaves, and its place in the batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar

from ebl.codec.strict_json import some
from ebl.codes import Failure, Remark
from ebl.errors import Refuted
from ebl.ethereum import merkle
from ebl.messages import Message, say
from ebl.model.findings import Claim, Fact, Group, Note
from ebl.model.ports import Sources
from ebl.openattestation import v2_digest
from ebl.openattestation.salts import are_distinct_uuids, is_uuid


@dataclass(frozen=True, slots=True)
class UnalteredV2(Claim):
    """The salted leaves and the hashes of withheld ones digest to ``target``, and ``proof`` leads from it to ``root``.

    ``leaves`` are those of the whole data; ``withheld`` are hex hashes; ``target``, ``root`` and each of ``proof`` are 32 bytes.
    """

    group: ClassVar[Group] = Group.INTEGRITY
    name: ClassVar[str] = "digest"
    is_offline: ClassVar[bool] = True

    leaves: v2_digest.SaltedLeaves
    withheld: tuple[str, ...]
    target: bytes
    proof: tuple[bytes, ...]
    root: bytes

    def check(self, sources: Sources) -> IntactV2:
        """Recomputes the digest and the path to the root.

        Every leaf must have a path of its own, so that only one reading of the document has the digest. Raises `Refuted` if the
        document is not intact. Not checked: that the root was issued.
        """
        if self.leaves.digest == self.target and merkle.leads(self.target, self.proof, self.root):
            return IntactV2(self)
        flat = self.leaves.flat
        data = flat.objects[0] if flat.objects else {}
        _require_clear_root(data)
        names = "".join(chain.from_iterable(flat.objects))  # of all members, for two quick tests below
        if "." in names:
            raise _dotted(data)
        if v2_digest.list_hash(v2_digest.hashes(flat.paths, flat.values, flat.others), self.withheld) != self.target:
            raise Refuted(Failure.HASH_MISMATCH, "content")
        if not merkle.leads(self.target, self.proof, self.root):
            raise Refuted(Failure.HASH_MISMATCH, "proof")
        notes = [] if _is_well_salted(flat) else _salt_notes(data)
        if "0" in names:
            notes += _shape_notes(data)
        return IntactV2(self, notes=tuple(notes))


@dataclass(frozen=True, slots=True)
class IntactV2(Fact):
    """The content has the hash that the document states."""

    claim: UnalteredV2

    @property
    def message(self) -> Message:
        """The fact in words."""
        return say("fact", "unaltered", hash=self.claim.target)


def _require_clear_root(data: Mapping[str, Any]) -> None:
    if "" in data:
        raise Refuted(Failure.PATH_COLLISION, "empty_name")
    for name in v2_digest.RESERVED:
        if name in data:
            raise Refuted(Failure.RESERVED_KEY, name=name)


def _dotted(data: Mapping[str, Any]) -> Refuted:
    objects = ((path, node) for path, node in v2_digest.leaves_and_objects(data) if isinstance(node, dict))
    path, key = next((path, key) for path, node in objects for key in node if "." in key)
    return Refuted(Failure.KEY, "dot", key=key, at=path or "/")


def _is_well_salted(flat: v2_digest.FlatData) -> bool:
    salts = [value[:37] for value in flat.values]
    return are_distinct_uuids(salts, tail=":") and all(isinstance(value, dict | list) for _, value in flat.others)


def _salt_notes(data: Mapping[str, Any]) -> list[Note]:
    salts: list[str] = []
    bare: list[str] = []
    for path, value in v2_digest.leaves_and_objects(data):
        if isinstance(value, str) and value[36:37] == ":" and is_uuid(value[:36]):
            salts.append(value[:36].lower())
        elif not isinstance(value, dict | list):
            bare.append(path)
    notes = []
    if bare:
        notes.append(Note.of(Remark.WEAK_SALT, "bare", paths=some(bare)))
    if repeated := len(salts) - len(set(salts)):
        notes.append(Note.of(Remark.WEAK_SALT, "repeated", count=repeated))
    return notes


def _shape_notes(data: Mapping[str, Any]) -> list[Note]:
    like_arrays = [
        path
        for path, node in v2_digest.leaves_and_objects(data)
        if isinstance(node, dict) and node and all(str(n) in node for n in range(len(node)))
    ]
    if not like_arrays:
        return []
    return [Note.of(Remark.SHAPE_NOT_BOUND, paths=some(like_arrays))]
