"""Integrity of OpenAttestation v3: the digest of the leaves with their salts, and its place in the batch.

The two official libraries digest differently where a leaf is false, 0, "" or null: one skips such leaves, so that no hash
covers them, the other hashes them as any. Both dialects are tried, and the report says which one matched.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ebl.errors import Refuted, Undetermined, Unreadable
from ebl.primitives import strict_json
from ebl.primitives.javascript import json_member, number_text, ordered, text
from ebl.primitives.keccak import keccak256
from ebl.primitives.strict_json import shown, some
from ebl.proofs import merkle
from ebl.proofs.leaves import list_hash
from ebl.report import Claim, Doubt, Fact, Failure, Group, Note, Remark
from ebl.sources import Sources

Dialect = Literal["tradetrust", "govtech"]
Leaf = tuple[str, Any]

_SALT = re.compile("[0-9a-f]{64}")
_NUMBER = re.compile(r"-?[0-9.]+(?:e[+-][0-9]+)?")


@dataclass(frozen=True, slots=True)
class Unaltered(Claim):
    """The ``document`` (without its proof), each leaf with its salt, digests to ``target``, which leads to ``root``.

    ``salts`` is the text in the document; ``withheld`` are hex hashes; ``target``, ``root`` and each of ``proof`` are 32
    bytes.
    """

    group: ClassVar[Group] = Group.INTEGRITY
    name: ClassVar[str] = "digest"

    document: Mapping[str, Any]
    salts: str
    withheld: tuple[str, ...]
    target: bytes
    proof: tuple[bytes, ...]
    root: bytes


@dataclass(frozen=True, slots=True)
class Intact(Fact):
    """The content is what was hashed. ``dialect`` is None where both give the same digest."""

    claim: Unaltered
    dialect: Dialect | None

    def __str__(self) -> str:
        dialect = f", by the {self.dialect} digest" if self.dialect else ""
        return f"unaltered since it was wrapped (document hash {self.claim.target.hex()[:16]}…{dialect})"


def check(claim: Unaltered, sources: Sources) -> Intact:
    """Recompute the digest and the path to the root.

    Every visible leaf must have one salt, and every salt one visible leaf. Raises `Refuted`, and `Undetermined` where some
    visible leaf is covered by no hash. Not checked: that anybody issued the root.
    """
    if problem := unclear_paths(claim.document):
        raise Refuted(*problem)
    flat = flatten(claim.document)
    salts = decode_salts(claim.salts)
    if sorted(path for path, _ in flat) != sorted(path for path, _ in salts):
        raise Refuted(Failure.SALT_PATHS, "the salts are not those of the visible fields, one for each")
    by_path = dict(salts)
    unprotected = [path for path, value in flat if not value]
    dialect: Dialect | None = "tradetrust" if unprotected else None
    if digest(flat, by_path, claim.withheld) != claim.target:
        dialect = "govtech"
        if not unprotected or digest(flat, by_path, claim.withheld, dialect=dialect) != claim.target:
            raise Refuted(Failure.HASH_MISMATCH, "the content does not digest to the document's hash: it was changed")
    if merkle.path(claim.target, claim.proof)[-1] != claim.root:
        raise Refuted(Failure.HASH_MISMATCH, "the proof does not lead from the document's hash to the root")
    if dialect == "tradetrust":
        raise Undetermined(
            Doubt.UNPROTECTED_FIELD,
            f"covered by no hash, so that anybody may have changed or added them: {some(unprotected)}",
        )
    return Intact(claim, dialect, notes=tuple(_notes(claim.document, flat, salts)))


def digest(
    leaves: Iterable[Leaf], salts: Mapping[str, str], withheld: Iterable[str] = (), *, dialect: Dialect = "tradetrust"
) -> bytes:
    """The bare 32-byte digest of flat leaves with their salts by path."""
    hashes = [
        keccak256(json_member(path, f"{salts[path]}:{text(value)}")).hex()
        for path, value in leaves
        if value or dialect == "govtech"
    ]
    return list_hash([*hashes, *withheld])


def flatten(document: Mapping[str, Any]) -> list[Leaf]:
    """Every leaf with its path (``a.b[0].c``), in JavaScript's order; empty containers have none.

    No key of the root may be empty, and none at all hold a dot or a bracket (see `unclear_paths`).
    """
    leaves: list[Leaf] = []
    stack: list[tuple[str, Any]] = [("", document)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, dict):
            prefix = f"{path}." if path else ""
            stack += [(f"{prefix}{key}", value) for key, value in reversed(list(ordered(node)))]
        elif isinstance(node, list):
            stack += [(f"{path}[{at}]", node[at]) for at in range(len(node) - 1, -1, -1)]
        else:
            leaves.append((path, node))
    return leaves


def unclear_paths(document: Mapping[str, Any]) -> tuple[Failure, str] | None:
    """Why two leaves of this document could share a path, or one have none; None where every leaf has its own."""
    if "" in document:
        return (
            Failure.PATH_COLLISION,
            "a member of the root has an empty name, so what is below it has no path of its own",
        )
    if "__proto__" in document:
        return Failure.RESERVED_KEY, "a member of the root is named __proto__, which no hash covers"
    for path, node in _containers(document):
        if isinstance(node, dict) and (found := _sign(node)):
            where = shown(path or "/")
            return (
                Failure.KEY,
                f"the key {shown(found)} in {where} has a dot or bracket: its path would read as another's",
            )
    return None


def _sign(node: Mapping[str, Any]) -> str | None:
    keys = "".join(node)
    if "." in keys or "[" in keys or "]" in keys:
        return next(key for key in node if "." in key or "[" in key or "]" in key)
    return None


def encode_salts(salts: Iterable[tuple[str, str]]) -> str:
    """The text for (path, salt) pairs: standard base64 of a JSON array."""
    rows = b",".join(b'{"value":"' + salt.encode() + b'",' + json_member("path", path)[1:] for path, salt in salts)
    return base64.b64encode(b"[" + rows + b"]").decode()


def decode_salts(encoded: str) -> list[tuple[str, str]]:
    """The (path, salt) pairs of a document. Raises `Refuted` for anything but canonical base64 of well-formed salts."""
    try:
        raw = base64.b64decode(encoded, validate=True)
        if base64.b64encode(raw).decode() != encoded:
            raise ValueError("not canonical")
        rows = strict_json.parse(raw)
    except (binascii.Error, ValueError, Unreadable):
        raise Refuted(Failure.SALT_PATHS, "the salts are not canonical base64 of JSON") from None
    if not isinstance(rows, list):
        raise Refuted(Failure.SALT_PATHS, "the salts are no list")
    return [_salt(row) for row in rows]


def _salt(row: object) -> tuple[str, str]:
    match row:
        case {"value": str(value), "path": str(path), **rest} if not rest and _SALT.fullmatch(value):
            return path, value
    raise Refuted(Failure.SALT_PATHS, "a salt is not 64 lower-case hex digits and a path")


def _notes(document: Mapping[str, Any], flat: Sequence[Leaf], salts: Sequence[tuple[str, str]]) -> Iterator[Note]:
    if repeated := len(salts) - len({salt for _, salt in salts}):
        yield Note(Remark.WEAK_SALT, f"salts used more than once: {repeated}")
    if empty := [path for path, node in _containers(document) if not node]:
        yield Note(Remark.EMPTY_CONTAINER, f"empty, and covered by no hash: {some(empty)}")
    if loose := [path for path, value in flat if not isinstance(value, str) or _reads_as_another_type(value)]:
        yield Note(
            Remark.TYPE_NOT_BOUND, f"bound as text only, whether string, number, true, false or null: {some(loose)}"
        )


def _reads_as_another_type(value: str) -> bool:
    if value in ("true", "false", "null"):
        return True
    return bool(_NUMBER.fullmatch(value)) and value.count(".") < 2 and number_text(float(value)) == value


def _containers(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    stack: list[tuple[str, Any]] = [("", document)]
    while stack:
        path, node = stack.pop()
        yield path, node
        if isinstance(node, dict):
            prefix = f"{path}." if path else ""
            stack += [(f"{prefix}{key}", value) for key, value in node.items() if isinstance(value, dict | list)]
        else:
            stack += [(f"{path}[{at}]", value) for at, value in enumerate(node) if isinstance(value, dict | list)]
