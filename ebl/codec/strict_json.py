"""JSON from untrusted sources: one meaning for each text, and limits that are checked before any work.

Beyond RFC 8259: no repeated members, no NaN or Infinity, and every number written as JavaScript writes it, so that the number
shown is the number hashed. One UTF-8 byte order mark at the start is ignored, as the RFC allows: Windows programs write it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NoReturn

from ebl.codec import fast_json as bulk
from ebl.codec import javascript_json as javascript
from ebl.codec.broken import Broken, Reason
from ebl.native import core as native

MAX_BYTES = 32 * 2**20
MAX_DEPTH = 64
MAX_NODES = 200_000
_MAX_DIGITS = 400

_SMALL = 2**20
"""The largest size in bytes of a text that may be parsed before its values are counted."""

_NOT_FAST = object()

_STRINGS = re.compile(r'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
_SPACE = b" \t\r\n"
_STEPS = [1 if byte in b"[{" else -1 for byte in range(256)]
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_HEAD = 4096
_UTF8_MARK = b"\xef\xbb\xbf"


class NotJson(Broken):
    """The text is not JSON in UTF-8."""

    subject = "not_json"


class DuplicateKey(Broken):
    """A member occurs twice in one object."""

    subject = "duplicate_key"


class OddNumber(Broken):
    """A number is not written as JavaScript writes it, or JavaScript would change it."""

    subject = "odd_number"


class LargeJson(Broken):
    """The text has more bytes, or more values, than the limit."""

    subject = "large_json"


class DeepJson(Broken):
    """The text is nested deeper than the limit."""

    subject = "deep_json"


def parse(raw: bytes, *, max_bytes: int = MAX_BYTES, any_number: bool = False, with_mark: bool = True) -> Any:
    """Parses strict JSON into dict, list, str, int, float, bool and None.

    ``any_number`` accepts every spelling of a number that keeps its value (``1.50``), for the caller's own input. Raises
    `NotJson`, `DuplicateKey`, `DeepJson`, `LargeJson` or `OddNumber` if the text breaks the rule. Strings may contain lone
    surrogates: JSON has an escape for them. One UTF-8 byte order mark at the start is ignored. Without ``with_mark`` it is
    refused, for files that only ebl writes, or that must have one spelling.
    """
    if len(raw) > max_bytes:
        raise LargeJson("bytes", size=len(raw), limit=max_bytes)
    if with_mark and raw.startswith(_UTF8_MARK):
        raw = raw[len(_UTF8_MARK) :]
    if len(raw) > _SMALL or (len(raw) >= MAX_NODES and _opened(raw) + raw.count(b",") >= MAX_NODES):
        _require_bounded(raw)
    parsed = _fast(raw)
    if parsed is _NOT_FAST:
        if (
            _opened(raw) > MAX_DEPTH
        ):  # Python's parser recurses, to any depth that a library in this process has allowed
            _require_bounded(raw)
        parsed = _parse(raw, any_number=any_number)
    return parsed


def _opened(raw: bytes) -> int:
    return raw.count(b"[") + raw.count(b"{")


def _fast(raw: bytes) -> Any:
    """Parses a text that would be written again with the same bytes: no member occurs twice, and no number is odd."""
    if (orjson := bulk.orjson()) is None:
        return _NOT_FAST
    try:
        parsed = orjson.loads(raw)
        if orjson.dumps(parsed) == raw.rstrip() or orjson.dumps(parsed, option=orjson.OPT_INDENT_2) == raw.rstrip():
            return parsed if native.CORE.is_canonical(parsed) or _has_canonical_numbers(parsed) else _NOT_FAST
    except (ValueError, TypeError):
        pass
    return _NOT_FAST


def _has_canonical_numbers(parsed: Any) -> bool:
    level, depth = [parsed], 0
    while level:
        below: list[Any] = []
        for node in level:
            kind = type(node)
            if kind is dict or kind is list:
                if depth == MAX_DEPTH:
                    raise _too_deep()
                for value in node.values() if kind is dict else node:
                    if type(value) is not str:
                        below.append(value)  # noqa: PERF401 - a comprehension is a call for every node
            elif kind is float:
                if javascript.number_text(node) != repr(node):
                    return False
            elif kind is int and not -(2**53) <= node <= 2**53:
                return False
        level, depth = below, depth + 1
    return True


def _parse(raw: bytes, *, any_number: bool) -> Any:
    text = _decode(raw)
    number = _same_number if any_number else _canonical_number
    try:
        return json.loads(
            text, object_pairs_hook=_members, parse_int=number, parse_float=number, parse_constant=_no_constant
        )
    except json.JSONDecodeError as bad:
        if bad.pos >= len(text.rstrip()):
            raise NotJson("cut_off") from None
        raise NotJson("syntax", fault=bad.msg, line=bad.lineno, column=bad.colno) from None


def shown(text: str, limit: int = 60) -> str:
    """Makes untrusted text safe to show in one line of a message: quoted, escaped and cut."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if cut.isprintable() and '"' not in cut and "\\" not in cut:
        return f'"{cut}"'
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in json.dumps(cut, ensure_ascii=False))


def some(names: Sequence[str], limit: int = 5) -> Reason:
    """Returns the first few of some untrusted names, and the number of the others."""
    if len(names) <= limit:
        return Reason.of("value", "names", names=names)
    return Reason.of("value", "some", names=names[:limit], more=len(names) - limit)


def describe_value(value: object) -> Reason:
    """Describes a value in a few words, or gives the value itself if it is text."""
    match value:
        case str():
            return Reason.of("value", "text", text=value)
        case None:
            return Reason.of("value", "nothing")
        case bool():
            return Reason.of("value", "true" if value else "false")
        case dict():
            return Reason.of("value", "object" if value else "empty_object")
        case []:
            return Reason.of("value", "empty_list")
        case list() if all(isinstance(one, str) for one in value):
            return Reason.of("value", "list_of", texts=some(value))
        case list():
            return Reason.of("value", "list")
    return Reason.of("value", "number")


def _require_bounded(raw: bytes) -> None:
    """Checks depth and number of values, from the bytes alone, so that nothing is built beyond the limits."""
    bare = _bare(raw).translate(None, _SPACE)
    opened = bare.count(b"[") + bare.count(b"{")
    full = opened - bare.count(b"[]") - bare.count(b"{}")
    nodes = max(1 + bare.count(b",") + full, opened, bare.count(b"]"), bare.count(b"}"))
    if nodes > MAX_NODES:
        raise LargeJson("values", count=nodes, limit=MAX_NODES)
    if _depth(bare) > MAX_DEPTH:
        raise _too_deep()


def depth(raw: bytes) -> int:
    """Returns how deep a JSON text is nested, from its bytes alone.

    Parsers recurse, and the interpreter's own limit cannot be relied on: some libraries raise it.
    """
    return _depth(_bare(raw))


def _bare(raw: bytes) -> bytes:
    """Returns a JSON text with a digit for each string. It is handled as text: joining bytes needs 80 bytes for each piece."""
    return _STRINGS.sub("0", raw.decode("latin-1")).encode("latin-1")


def _depth(bare: bytes) -> int:
    return max(accumulate(map(_STEPS.__getitem__, bare.translate(None, _NOT_BRACKETS))), default=0)


def _too_deep() -> DeepJson:
    return DeepJson("file", limit=MAX_DEPTH)


def _decode(raw: bytes) -> str:
    if not raw.strip():
        raise NotJson("empty")
    _refuse_another_kind(raw)
    try:
        return raw.decode()
    except UnicodeDecodeError as bad:
        if b"\0" in raw:
            raise NotJson("binary") from None
        octet = raw[bad.start : bad.start + 1]
        raise NotJson("encoding", at=bad.start, octet=octet) from None


def _refuse_another_kind(raw: bytes) -> None:
    """Raises `NotJson`, with the kind of the file, if it is known not to be UTF-8 JSON."""
    if raw[:_HEAD].lstrip(_SPACE)[:1] in (b"{", b"[", b'"') and b"\0" not in raw[:4]:
        return  # the content of the text does not matter
    from ebl.codec.file_kind import HEAD, kind_of, wide_encoding

    if wide := wide_encoding(raw):
        raise NotJson("wide", encoding=wide, from_encoding=wide)
    if raw.startswith(_UTF8_MARK):
        raise NotJson("mark")
    if kind := kind_of(raw[:HEAD]):
        raise NotJson("kind", kind=kind.what)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise DuplicateKey(name=twice)
    return members


def _canonical_number(text: str) -> float:
    value = float(text)
    if (canonical := javascript.number_text(value)) != text:
        raise OddNumber("spelling", number=text[:40], canonical=canonical)
    return int(text) if text.lstrip("-").isdigit() else value


def _same_number(text: str) -> float:
    value = float(text)
    canonical = javascript.number_text(value)
    if canonical == text:
        return int(text) if text.lstrip("-").isdigit() else value
    if not _equal(text, canonical):
        raise OddNumber("precision", number=text[:40], canonical=canonical)
    return value


def _equal(text: str, canonical: str) -> bool:
    """Returns whether two decimal numbers are equal; not for long ones or exponents that no float64 has."""
    from fractions import Fraction

    _, _, exponent = text.lower().partition("e")
    if canonical.endswith("Infinity") or len(text) > _MAX_DIGITS or abs(int(exponent or 0)) > _MAX_DIGITS:
        return False
    return Fraction(text) == Fraction(canonical)


def _no_constant(name: str) -> NoReturn:
    raise NotJson("constant", name=name)
