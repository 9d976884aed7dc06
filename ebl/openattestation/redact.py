"""Redaction of a wrapped document: fields are withheld so that the rest still verifies.

::

    from ebl.openattestation.redact import redact

    shown = redact(document, ["shipper.taxId", "packages[0].value"])
    shown.document     # to send;  shown.withheld  # the withheld paths
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
from ebl.openattestation import redaction
from ebl.openattestation.redaction import Leaf, Redactor
from ebl.openattestation.wrapped_reader import read_wrapped

_GONE: Any = object()
# A field that no hash covers stays an unknown to the next verifier. Withholding other fields neither adds nor hides one.
_PASSED_ON = frozenset({Doubt.UNPROTECTED_FIELD})


@dataclass(frozen=True, slots=True)
class Redaction:
    """A redacted document and what was withheld.

    ``document``  the wrapped document to send
    ``withheld``  the paths of the leaves that this redaction withheld
    ``emptied``   the paths of objects and arrays that were removed because nothing was left in them
    ``total``     how many leaves are withheld in the document, those of earlier redactions included
    """

    document: dict[str, Any]
    withheld: tuple[str, ...]
    emptied: tuple[str, ...]
    total: int


def redact(wrapped: Mapping[str, Any], paths: Iterable[str], *, missing_ok: bool = False) -> Redaction:
    """Withholds what is at each path, in a copy. A path names a leaf, or everything below an object or an array.

    The document must verify before the redaction, as far as it can by itself. The result is written, read again and verified
    before it is returned, and must have the same claims (issuers, domains, contracts, revocation, validity).

    Raises `Refuted` if the document was changed since it was wrapped, `ebl.errors.DocumentError` if it is not a document,
    and `InvalidInput` with every `Problem`: a path that does not exist (skipped if ``missing_ok``), an element that precedes
    others of its array, a field without which the document would not verify or would have other claims.
    """
    before = read_wrapped(stringify(wrapped))
    redactor = redaction.of(before.format)
    doubts = check_integrity(before, accepting=_PASSED_ON)
    pruning = _Pruning(redactor, _located(redactor.content(before.raw), paths, missing_ok))
    kept = pruning.prune(redactor.content(before.raw), ())
    if pruning.problems:
        raise InvalidInput("Some fields cannot be withheld.", problems=tuple(pruning.problems))
    if kept is _GONE:
        raise InvalidInput("Every field would be withheld.", fix="Keep at least one field.")
    document = redactor.replace(before.raw, kept, pruning.gone) if pruning.gone else dict(before.raw)
    _require_same_claims(before, document, redactor, doubts)
    return Redaction(
        document=document,
        withheld=tuple(text(path) for path, _ in pruning.gone),
        emptied=tuple(text(path) for path in pruning.emptied),
        total=len(redactor.withheld(document)),
    )


@dataclass(slots=True)
class _Pruning:
    """One walk over the content: ``prune`` returns what is kept of a node, and records what was withheld and what cannot be."""

    redactor: Redactor
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
        if kept or self.redactor.keeps_empty:
            return kept
        self.emptied.append(path)
        return _GONE

    def _take(self, node: Any, path: Path) -> Any:
        hashed = [
            leaf
            for leaf in leaves(node, path)
            if not (self.redactor.keeps_empty and isinstance(leaf[1], Mapping | list))
        ]
        if not hashed:
            self.problems.append(Problem(pointer(path), "something that has a hash", "an empty object or array"))
        self.gone += hashed
        if self.redactor.keeps_empty and isinstance(path[-1], int) and isinstance(node, Mapping | list):
            return type(node)()  # the array keeps its length, and a reader sees where an element was
        return _GONE

    def _without_end(self, items: list[Any], path: Path) -> list[Any]:
        """Returns an array without the elements withheld from its end. Removing an earlier element would renumber the others."""
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
            "Some paths do not exist in this document.",
            problems=tuple(Problem(words, "a field", "nothing") for words in missing),
            fix="Run `ebl inspect`, which lists every field with its path.",
        )
    return frozenset(path for path in found.values() if path is not None)


def _require_same_claims(
    before: Document, document: Mapping[str, Any], redactor: Redactor, doubts: frozenset[Doubt]
) -> None:
    """Checks that the redacted document, written and read again, verifies as well as before and has the same claims."""
    try:
        after = read_wrapped(stringify(document))
        new_doubts = check_integrity(after, accepting=_PASSED_ON) - doubts
    except (DocumentError, Refuted) as no:
        raise InvalidInput(f"Without these fields the document would not verify: {no}") from no
    if new_doubts:
        raise InvalidInput(f"Without these fields no verifier could check the document's integrity: {min(new_doubts)}.")
    broken = set(schema.problems(redactor.schema, after.data)) - set(schema.problems(redactor.schema, before.data))
    if broken:
        raise InvalidInput(
            "Without these fields the document would not satisfy its schema.",
            problems=tuple(sorted(broken, key=lambda problem: problem.pointer)),
        )
    for what, old, new in (
        ("who issued it, and where that shows", before.issuers, after.issuers),
        ("its status", before.status, after.status),
        ("its identity", before.identity, after.identity),
        ("its hash", before.digest, after.digest),
    ):
        if old != new:
            raise InvalidInput(f"Without these fields the document would state something else about {what}.")
