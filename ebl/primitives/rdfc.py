"""RDFC-1.0: one text for one RDF dataset, whatever its blank nodes were called and however its quads were ordered.

1. Every blank node is hashed by the quads that mention it, its own name written ``_:a`` and every other ``_:z``.
2. Where all those hashes differ, the nodes are named ``_:c14n0`` … by the order of their hashes, and that is all: the usual
   case for a credential.
3. Nodes that share a hash are told apart by walking their neighbourhoods, trying every order of neighbours that look alike
   (section 4.8 of the standard). That can take exponential time, so it is counted, and stops at a limit.
4. The renamed quads are sorted by code point.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Literal

from ebl.codes import Failure
from ebl.errors import Malformed
from ebl.primitives.nquads import Quad, line

Hash = Literal["sha256", "sha384"]
Order = Callable[[str], object]

MAX_WORK = 150_000
"""Steps that telling look-alike nodes apart may take: some tenths of a second. A real bill takes none or some hundreds."""
MAX_DEPTH = 200
"""Look-alike nodes that may hang together in one chain."""


def code_points(text: str) -> str:
    """The order of the standard."""
    return text


def utf16_units(text: str) -> bytes:
    """The order in which JavaScript compares text: it differs once characters beyond U+FFFF meet U+E000 to U+FFFF."""
    return text.encode("utf-16-be")


@dataclass(frozen=True, slots=True)
class Canonical:
    """The canonical lines, sorted, each with its newline; and what every blank node is called in them.

    ``labels`` maps terms to terms: ``{"_:b0": "_:c14n3"}``.
    """

    lines: tuple[str, ...]
    labels: dict[str, str]

    @property
    def text(self) -> str:
        """The canonical form."""
        return "".join(self.lines)


def canonicalise(
    quads: Iterable[Quad], *, hash_name: Hash = "sha256", order: Order = code_points, work: int = MAX_WORK
) -> Canonical:
    """The canonical form of a dataset (duplicate quads count once).

    Raises `Malformed` with ``document.poison_graph`` where telling blank nodes apart takes more than ``work`` steps.
    """
    distinct = list(dict.fromkeys(quads))
    labels = _labels(distinct, hash_name, order, work)
    renamed = [line(rename(quad, labels)) for quad in distinct] if labels else [line(quad) for quad in distinct]
    renamed.sort() if order is code_points else renamed.sort(key=order)  # type: ignore[arg-type]
    return Canonical(tuple(renamed), labels)


def labels(quads: Sequence[Quad], *, order: Order = code_points, work: int = MAX_WORK) -> dict[str, str]:
    """What the blank nodes of distinct quads are called canonically, as `Canonical.labels`."""
    return _labels(quads, "sha256", order, work)


def rename(quad: Quad, labels: Mapping[str, str]) -> Quad:
    """The quad with its blank nodes called as ``labels`` says; all of them must be in it."""
    subject, predicate, value, graph = quad
    if subject[0] == "_":
        subject = labels[subject]
    if value[0] == "_":
        value = labels[value]
    if graph and graph[0] == "_":
        graph = labels[graph]
    return subject, predicate, value, graph


def _labels(quads: Sequence[Quad], hash_name: Hash, order: Order, work: int) -> dict[str, str]:
    mentions: dict[str, list[Quad]] = {}
    for quad in quads:
        for term in {quad[0], quad[2], quad[3]}:
            if term[:1] == "_":
                mentions.setdefault(term, []).append(quad)
    if not mentions:
        return {}
    digest: Callable[[str], str] = lambda text: hashlib.new(hash_name, text.encode()).hexdigest()  # noqa: E731
    first_degree = {node: digest(_seen_from(node, about, order)) for node, about in mentions.items()}
    alike: dict[str, list[str]] = {}
    for node, shade in first_degree.items():
        alike.setdefault(shade, []).append(node)
    issuer = _Issuer("_:c14n")
    for _, nodes in sorted(alike.items()):
        if len(nodes) == 1:
            issuer.issue(nodes[0])
    if len(issuer.issued) < len(mentions):
        _Walk(mentions, first_degree, issuer, digest, work).tell_apart(alike)
    return issuer.issued


def _seen_from(node: str, quads: Iterable[Quad], order: Order) -> str:
    """The quads that mention a node with every blank node's name replaced (section 4.6)."""
    rows = []
    for subject, predicate, value, graph in quads:
        if subject[0] == "_":
            subject = "_:a" if subject == node else "_:z"
        if value[0] == "_":
            value = "_:a" if value == node else "_:z"
        if graph and graph[0] == "_":
            graph = "_:a" if graph == node else "_:z"
        rows.append(line((subject, predicate, value, graph)))
    rows.sort() if order is code_points else rows.sort(key=order)  # type: ignore[arg-type]
    return "".join(rows)


@dataclass(slots=True)
class _Issuer:
    """Names handed out in order (section 4.5)."""

    prefix: str
    issued: dict[str, str] = field(default_factory=dict)

    def issue(self, node: str) -> str:
        return self.issued.setdefault(node, f"{self.prefix}{len(self.issued)}")

    def copy(self) -> _Issuer:
        return _Issuer(self.prefix, self.issued.copy())


@dataclass(slots=True)
class _Walk:
    """Tells look-alike nodes apart by their neighbourhoods (sections 4.4.3 step 5, 4.7 and 4.8), within a limit."""

    mentions: dict[str, list[Quad]]
    first_degree: dict[str, str]
    canonical: _Issuer
    digest: Callable[[str], str]
    work: int
    depth: int = 0

    def tell_apart(self, alike: dict[str, list[str]]) -> None:
        for _, nodes in sorted(alike.items()):
            results = []
            for node in nodes:
                if node in self.canonical.issued:
                    continue
                issuer = _Issuer("_:b")
                issuer.issue(node)
                results.append(self.neighbourhood(node, issuer))
            for _, found in sorted(results, key=lambda result: result[0]):
                for node in found.issued:
                    self.canonical.issue(node)

    def neighbourhood(self, node: str, issuer: _Issuer) -> tuple[str, _Issuer]:
        """Hash what lies around a node, and name the nodes around it in the order that makes the least text."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Malformed(Failure.POISON_GRAPH, "chain", limit=MAX_DEPTH)
        text = ""
        for shade, nodes in sorted(self.neighbours(node, issuer).items()):
            path, issuer = self.least_path(nodes, issuer)
            text += shade + path
        self.depth -= 1
        return self.digest(text), issuer

    def neighbours(self, node: str, issuer: _Issuer) -> dict[str, list[str]]:
        """The other blank nodes in the quads of a node, by how each is related to it."""
        related: dict[str, list[str]] = {}
        self.spend(len(self.mentions[node]))
        for quad in self.mentions[node]:
            for position, other in (("s", quad[0]), ("o", quad[2]), ("g", quad[3])):
                if other[:1] == "_" and other != node:
                    name = self.canonical.issued.get(other) or issuer.issued.get(other) or self.first_degree[other]
                    relation = position if position == "g" else position + quad[1]
                    related.setdefault(self.digest(relation + name), []).append(other)
        return related

    def least_path(self, nodes: list[str], issuer: _Issuer) -> tuple[str, _Issuer]:
        """Try every order of nodes that look alike from here; keep the one whose path is least."""
        chosen, chosen_issuer = "", issuer
        for candidate in permutations(nodes):
            self.spend(len(nodes) + len(issuer.issued) // 64)  # what copying the names costs
            if found := self.path(candidate, issuer.copy(), chosen):
                chosen, chosen_issuer = found
        return chosen, chosen_issuer

    def path(self, nodes: Sequence[str], issuer: _Issuer, best: str) -> tuple[str, _Issuer] | None:
        """The path through the nodes in this order, or None once it cannot be less than the best."""
        text, deeper = "", []
        for node in nodes:
            if name := self.canonical.issued.get(node):
                text += name
            else:
                if node not in issuer.issued:
                    deeper.append(node)
                text += issuer.issue(node)
            if self.is_worse(text, best):
                return None
        for node in deeper:
            shade, found = self.neighbourhood(node, issuer)
            text += f"{issuer.issue(node)}<{shade}>"
            issuer = found
            if self.is_worse(text, best):
                return None
        return None if best and best <= text else (text, issuer)

    def is_worse(self, text: str, best: str) -> bool:
        return bool(best) and len(text) >= len(best) and text > best

    def spend(self, steps: int) -> None:
        self.work -= steps
        if self.work < 0:
            raise Malformed(Failure.POISON_GRAPH, "alike")
