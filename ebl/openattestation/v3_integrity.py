"""Integrity of OpenAttestation v3: the digest of the leaves with their salts, and its place in the batch.

The two official libraries digest a leaf that is false, 0, "" or null differently: one skips it, so that no hash covers
it; the other hashes it like any leaf. Both dialects are tried, and the report names the one that matched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar, Literal, NamedTuple

from ebl.codec import strict_base64
from ebl.codec.javascript_json import number_text, ordered, stringify, text
from ebl.codec.strict_json import some
from ebl.codes import Doubt, Failure, Remark
from ebl.errors import Refuted, Undetermined, Unreadable
from ebl.ethereum import merkle
from ebl.messages import Message, say
from ebl.model.broken_input import read_json
from ebl.model.findings import Claim, Fact, Group, Note
from ebl.model.ports import Sources
from ebl.native import core as native
from ebl.openattestation.v2_digest import CONTAINERS, MAX_PATHS, leaves_and_objects, too_long
from ebl.openattestation.v2_digest import digest_of as digest_of_leaves

Dialect = Literal["tradetrust", "govtech"]
"""The official library whose digest a document has: of leaves that are false, 0, "" or null each has its own."""

_ROW = re.compile(r'\{"value":"(.{64})","path":"([^"]*)"\}')
"""A salt as it is usually written. What the pattern leaves open is tested for all rows at once, which is faster."""
_HEX_DIGITS = b"0123456789abcdef"
_ESCAPED = bytes([*range(0x20), ord("\\")])
_SALT = re.compile("[0-9a-f]{64}")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-][0-9]+)?")


@dataclass(frozen=True, slots=True)
class UnalteredV3(Claim):
    """The ``document`` (without its proof), each leaf with its salt, digests to ``target``, which leads to ``root``.

    ``salts`` is the text in the document; ``withheld`` are hex hashes; ``target``, ``root`` and each of ``proof`` are 32
    bytes.
    """

    group: ClassVar[Group] = Group.INTEGRITY
    name: ClassVar[str] = "digest"
    is_offline: ClassVar[bool] = True

    document: Mapping[str, Any]
    salts: str
    withheld: tuple[str, ...]
    target: bytes
    proof: tuple[bytes, ...]
    root: bytes

    def check(self, sources: Sources) -> IntactV3:
        """Recomputes the digest and the path to the root.

        Every visible leaf must have one salt, and every salt one visible leaf. Raises `Refuted` if the document is not intact,
        and `Undetermined` if no hash covers some visible leaf. Not checked: that the root was issued.
        """
        if (intact := _intact_if_plain(self)) is not None:
            return intact
        _require_clear_root(self.document)
        flat = flatten(self.document, in_order=False)
        _require_clear_names(self.document, flat)
        salts = decode_salts(self.salts)
        by_path = dict(salts)
        if len(by_path) != len(salts) or len(salts) != len(flat.paths) or by_path.keys() != set(flat.paths):
            raise Refuted(Failure.SALT_PATHS, "paths")
        unprotected = []
        if not all(flat.values):
            unprotected = [path for path, value in zip(flat.paths, flat.values, strict=True) if not value]
        dialect: Dialect | None = "tradetrust" if unprotected else None
        if digest(flat, by_path, self.withheld) != self.target:
            dialect = "govtech"
            if not unprotected or digest(flat, by_path, self.withheld, dialect=dialect) != self.target:
                raise Refuted(Failure.HASH_MISMATCH, "content")
        if not merkle.leads(self.target, self.proof, self.root):
            raise Refuted(Failure.HASH_MISMATCH, "proof")
        if dialect == "tradetrust":
            raise Undetermined(Doubt.UNPROTECTED_FIELD, paths=some(unprotected))
        repeated = len(by_path) - len(set(by_path.values()))
        loose = [
            path
            for path, value in zip(flat.paths, flat.values, strict=True)
            if type(value) is not str or (value[:1] in "-0123456789tfn" and _reads_as_another_type(value))
        ]
        return IntactV3(self, dialect, notes=tuple(_notes(repeated, flat.empty, loose)))


@dataclass(frozen=True, slots=True)
class IntactV3(Fact):
    """The content has the hash that the document states. ``dialect`` is None if both dialects have the same digest."""

    claim: UnalteredV3
    dialect: Dialect | None

    @property
    def message(self) -> Message:
        """The fact in words."""
        if self.dialect is None:
            return say("fact", "unaltered", hash=self.claim.target)
        return say("fact", "unaltered_by_dialect", hash=self.claim.target, dialect=self.dialect)


class FlatDocument(NamedTuple):
    """A document laid out flat.

    ``paths``    one for each leaf (``a.b[0].c``)
    ``values``   the leaf of each path
    ``objects``  every object that is not empty
    ``empty``    the paths of empty objects and arrays, which are not leaves
    """

    paths: list[str]
    values: list[Any]
    objects: list[dict[str, Any]]
    empty: list[str]


def _intact_if_plain(claim: UnalteredV3) -> IntactV3 | None:
    """Returns the fact if the document is plain and intact; otherwise None, and `check` determines the reason."""
    found = _examined(claim.document, claim.salts, claim.withheld)
    if found is None or found[0] != claim.target or not merkle.leads(claim.target, claim.proof, claim.root):
        return None
    _, empty, loose = found
    loosely = [path for path, value in loose if value is None or _reads_as_another_type(value)]
    return IntactV3(claim, None, notes=tuple(_notes(0, empty, loosely)))


def digest_of(document: Mapping[str, Any], salts: str, withheld: tuple[str, ...] = ()) -> bytes:
    """Returns the 32-byte digest of a document (without its proof) and its salts as written there, in the dialect "tradetrust".

    Raises `Refuted` if the salts are not well-formed, and `KeyError` if one is missing. No strict rule is applied.
    """
    if (found := _examined(document, salts, withheld)) is not None:
        return found[0]
    return digest(flatten(document, in_order=False), dict(decode_salts(salts)), withheld)


def _examined(
    document: Mapping[str, Any], salts: str, withheld: tuple[str, ...]
) -> tuple[bytes, list[str], list[tuple[str, str | None]]] | None:
    """Returns the result of the native core if it is installed and the salts are written in the usual form."""
    if not native.CORE.INTERFACE:
        return None
    try:
        decoded = strict_base64.decode(salts)
    except ValueError:
        return None
    return native.CORE.oa3_examine(document, decoded, withheld)


def digest(
    flat: FlatDocument, salts: Mapping[str, str], withheld: Iterable[str] = (), *, dialect: Dialect = "tradetrust"
) -> bytes:
    """Returns the 32-byte digest of a flat document with its salts by path. No strict rule is applied."""
    paths, values = flat.paths, flat.values
    if dialect == "tradetrust" and not all(values):
        paths = [path for path, value in zip(paths, values, strict=True) if value]
        values = [value for value in values if value]
    texts = [
        f"{salt}:{value if type(value) is str else text(value)}"
        for salt, value in zip(map(salts.__getitem__, paths), values, strict=True)
    ]
    return digest_of_leaves(paths, texts, withheld)


def flatten(document: Mapping[str, Any], *, in_order: bool = True) -> FlatDocument:
    """Lays a document out flat, in JavaScript's order if ``in_order``. Its depth must be bounded (reading ensures this).

    Raises `ebl.errors.Malformed` if all paths together are too long.
    """
    flat = FlatDocument([], [], [], [])
    _lay_out(document, "", flat, ordered if in_order else dict.items, MAX_PATHS)
    return flat


def _lay_out(
    node: Any, path: str, flat: FlatDocument, members: Callable[[Any], Iterable[tuple[str, Any]]], room: int
) -> int:
    """Returns how much of the ``room`` for paths, in characters, is left."""
    room -= len(path) * len(node)
    if room < 0:
        raise too_long()
    if not node:
        flat.empty.append(path)
        return room
    paths, values = flat.paths, flat.values
    if isinstance(node, dict):
        flat.objects.append(node)
        prefix = f"{path}." if path else ""
        for key, value in members(node):
            if type(value) is str or type(value) not in CONTAINERS:
                paths.append(prefix + key)
                values.append(value)
            else:
                room = _lay_out(value, prefix + key, flat, members, room)
    else:
        for at, value in enumerate(node):
            if type(value) is str or type(value) not in CONTAINERS:
                paths.append(f"{path}[{at}]")
                values.append(value)
            else:
                room = _lay_out(value, f"{path}[{at}]", flat, members, room)
    return room


def _require_clear_root(document: Mapping[str, Any]) -> None:
    if "" in document:
        raise Refuted(Failure.PATH_COLLISION, "empty_name")
    if "__proto__" in document:
        raise Refuted(Failure.RESERVED_KEY, name="__proto__")


def _require_clear_names(document: Mapping[str, Any], flat: FlatDocument) -> None:
    names = "".join(chain.from_iterable(flat.objects))
    if "." in names or "[" in names or "]" in names:
        path, key = next(
            (path, key)
            for path, node in leaves_and_objects(document)
            if isinstance(node, dict)
            for key in node
            if "." in key or "[" in key or "]" in key
        )
        raise Refuted(Failure.KEY, "dot_or_bracket", key=key, at=path or "/")
    if ".[" in " ".join(flat.paths):
        raise Refuted(Failure.PATH_COLLISION, "array")


def encode_salts(salts: Iterable[tuple[str, str]]) -> str:
    """Returns the text for (path, salt) pairs: standard base64 of a JSON array."""
    rows = [{"value": salt, "path": path} for path, salt in salts]
    return strict_base64.encode(stringify(rows))


def decode_salts(encoded: str) -> list[tuple[str, str]]:
    """Returns the (path, salt) pairs of a document. Raises `Refuted` if the text is not canonical base64 of well-formed salts."""
    try:
        raw = strict_base64.decode(encoded)
        cells = _ROW.split(raw.decode())
        salts, paths, between = cells[1::3], cells[2::3], "".join(cells[::3])
        if between == f"[{',' * (len(salts) - 1)}]" and _need_no_escapes(salts, paths):
            return list(zip(paths, salts, strict=True))
        rows = read_json(raw, with_mark=False)
    except (ValueError, Unreadable):
        raise Refuted(Failure.SALT_PATHS, "encoding") from None
    return [_pair(row) for row in (rows if isinstance(rows, list) else [None])]


def _need_no_escapes(salts: list[str], paths: list[str]) -> bool:
    """Whether the salts are hex digits, and no path contains a character that JSON escapes."""
    digits, names = "".join(salts).encode(), "".join(paths).encode()
    return not digits.translate(None, _HEX_DIGITS) and names.translate(None, _ESCAPED) == names


def _pair(row: Any) -> tuple[str, str]:
    match row:
        case {"path": str(path), "value": str(salt)} if len(row) == 2 and _SALT.fullmatch(salt):
            return path, salt
    raise Refuted(Failure.SALT_PATHS, "rows")


def _notes(repeated: int, empty: list[str], loose: list[str]) -> Iterator[Note]:
    if repeated:
        yield Note.of(Remark.WEAK_SALT, "repeated", count=repeated)
    if empty:
        yield Note.of(Remark.EMPTY_CONTAINER, paths=some(empty))
    if loose:
        yield Note.of(Remark.TYPE_NOT_BOUND, paths=some(loose))


def _reads_as_another_type(value: str) -> bool:
    if _NUMBER.fullmatch(value):
        return number_text(float(value)) == value
    return value in ("true", "false", "null")
