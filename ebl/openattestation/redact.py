"""Redact a wrapped document: withhold fields so that the rest still verifies.

::

    from ebl.openattestation.redact import redact

    shown = redact(document, ["shipper.taxId", "packages[0].value"])
    shown.document     # to pass on;  shown.withheld  # the paths that went
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ebl.codec.javascript_json import stringify
from ebl.codes import Doubt
from ebl.config import schemas as schema
from ebl.errors import DocumentError, InvalidInput, Problem, Refuted
from ebl.model.document import Document
from ebl.model.integrity import check_integrity
from ebl.model.paths import Path, find, leaves, pointer, text
from ebl.openattestation import redaction as withholding
from ebl.openattestation.redaction import Leaf, Withholding
from ebl.openattestation.wrapped_reader import read_wrapped

_GONE: Any = object()
# A field that no hash covers is as doubtful to the next reader as it was; withholding others neither adds to it nor hides it.
_PASSED_ON = frozenset({Doubt.UNPROTECTED_FIELD})


@dataclass(frozen=True, slots=True)
class Redaction:
    """A redacted document and what went.

    ``document``  the wrapped document to pass on
    ``withheld``  the paths of the leaves that this redaction withheld
    ``emptied``   the paths of objects and arrays that went because nothing was left in them
    ``total``     how many leaves are withheld by now, those of earlier redactions included
    """

    document: dict[str, Any]
    withheld: tuple[str, ...]
    emptied: tuple[str, ...]
    total: int


def redact(wrapped: Mapping[str, Any], paths: Iterable[str], *, missing_ok: bool = False) -> Redaction:
    """Withhold what stands at each path, in a copy. A path names a leaf or everything below an object or an array.

    The document must verify before, as far as it can by itself; the result is written, read again and verified before it
    is returned, and it claims exactly what the document claimed (issuers, domains, contracts, revocation, validity).

    Raises `Refuted` where the document was changed since it was wrapped, `ebl.errors.DocumentError` where it is none, and
    `InvalidInput` with every `Problem`: a path where there is nothing (with ``missing_ok`` it is passed over), an element
    before others of its array, a field without which the document would not verify or would claim something else.
    """
    before = read_wrapped(stringify(wrapped))
    way = withholding.of(before.format)
    doubts = check_integrity(before, accepting=_PASSED_ON)
    pruning = _Pruning(way, _located(way.content(before.raw), paths, missing_ok))
    kept = pruning.prune(way.content(before.raw), ())
    if pruning.problems:
        raise InvalidInput("Some fields cannot be withheld.", problems=tuple(pruning.problems))
    if kept is _GONE:
        raise InvalidInput("Nothing would be left of the document.")
    document = way.replace(before.raw, kept, pruning.gone) if pruning.gone else dict(before.raw)
    _prove(before, document, way, doubts)
    return Redaction(
        document=document,
        withheld=tuple(text(path) for path, _ in pruning.gone),
        emptied=tuple(text(path) for path in pruning.emptied),
        total=len(way.withheld(document)),
    )


@dataclass(slots=True)
class _Pruning:
    """One walk over the content: ``prune`` returns what is kept of a node, and notes what went and what cannot."""

    way: Withholding
    chosen: frozenset[Path]
    gone: list[Leaf] = field(default_factory=list)
    emptied: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _touched: frozenset[Path] = field(init=False)

    def __post_init__(self) -> None:
        self._touched = frozenset(path[:end] for path in self.chosen for end in range(len(path) + 1))

    def prune(self, node: Any, path: Path) -> Any:
        if path not in self._touched:
            return node
        if path in self.chosen:
            return self._take(node, path)
        kept: Any
        if isinstance(node, Mapping):
            pruned = ((key, self.prune(value, (*path, key))) for key, value in node.items())
            kept = {key: value for key, value in pruned if value is not _GONE}
        else:
            kept = self._without_end([self.prune(value, (*path, at)) for at, value in enumerate(node)], path)
        if kept or self.way.keeps_empty:
            return kept
        self.emptied.append(path)
        return _GONE

    def _take(self, node: Any, path: Path) -> Any:
        hashed = [
            leaf for leaf in leaves(node, path) if not (self.way.keeps_empty and isinstance(leaf[1], Mapping | list))
        ]
        if not hashed:
            self.problems.append(Problem(pointer(path), "something that has a hash", "an empty object or array"))
        self.gone += hashed
        if self.way.keeps_empty and isinstance(path[-1], int) and isinstance(node, Mapping | list):
            return type(node)()  # the array keeps its length, and the reader sees where something was
        return _GONE

    def _without_end(self, items: list[Any], path: Path) -> list[Any]:
        """An array without what went from its end. What goes from before another element would move that one."""
        while items and items[-1] is _GONE:
            items.pop()
        for at, item in enumerate(items):
            if item is _GONE:
                self.problems.append(
                    Problem(
                        pointer((*path, at)),
                        "an element at the end of its array, or parts of one",
                        f"element {at + 1}, with others after it that stay",
                    )
                )
        return items


def _located(content: Mapping[str, Any], paths: Iterable[str], missing_ok: bool) -> frozenset[Path]:
    found = {words: find(content, words) for words in paths}
    missing = [words for words, path in found.items() if path is None]
    if missing and not missing_ok:
        raise InvalidInput(
            "Some paths lead nowhere in this document.",
            problems=tuple(Problem(words, "a field", "nothing") for words in missing),
            fix="`ebl inspect` lists every field with its path.",
        )
    return frozenset(path for path in found.values() if path is not None)


def _prove(before: Document, document: Mapping[str, Any], way: Withholding, doubts: frozenset[Doubt]) -> None:
    """The redacted document, written and read again, verifies as well as before, and claims what it claimed."""
    try:
        after = read_wrapped(stringify(document))
        new_doubts = check_integrity(after, accepting=_PASSED_ON) - doubts
    except (DocumentError, Refuted) as no:
        raise InvalidInput(f"Without these fields the document would not verify: {no}") from no
    if new_doubts:
        raise InvalidInput(f"Without these fields nobody could tell that the document is unaltered: {min(new_doubts)}.")
    broken = set(schema.problems(way.schema, after.data)) - set(schema.problems(way.schema, before.data))
    if broken:
        raise InvalidInput(
            "Without these fields the document would break its schema.",
            problems=tuple(sorted(broken, key=lambda problem: problem.pointer)),
        )
    for what, old, new in (
        ("who issued it, and where that shows", before.issuers, after.issuers),
        ("its status", before.status, after.status),
        ("its identity", before.identity, after.identity),
        ("its hash", before.digest, after.digest),
    ):
        if old != new:
            raise InvalidInput(f"Without these fields the document would say something else of {what}.")
