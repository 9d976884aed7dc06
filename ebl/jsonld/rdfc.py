"""RDFC-1.0: one canonical text for an RDF dataset, regardless of the labels of its blank nodes and the order of its quads.

Functions, variables and numbered steps are those of ``RDF Dataset Canonicalization`` (W3C Recommendation, 21 May 2024), section
4, so that the two can be compared. In short:

1. Every blank node is hashed by the quads that mention it, with its own label written ``_:a`` and every other ``_:z``.
2. If all those hashes differ, the nodes are labelled ``_:c14n0`` … in the order of their hashes, and the labelling is done.
   This is the usual case for a credential.
3. Nodes with the same hash are distinguished by following their neighbours, in every order of neighbours that are alike
   (section 4.8). That can take exponential time, so the steps are counted and limited, as section 7.1 of the Recommendation
   ("Dataset Poisoning") asks.
4. The relabelled quads are sorted by code point.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Literal

from ebl.jsonld.faults import PoisonGraph
from ebl.jsonld.nquads import Quad, line

Hash = Literal["sha256", "sha384"]
Order = Callable[[str], object]

MAX_WORK = 150_000
"""The most steps for distinguishing nodes: some tenths of a second. A real bill takes none, or some hundreds."""
MAX_DEPTH = 200
"""The most indistinguishable nodes that may be connected in one chain."""


def code_points(text: str) -> str:
    """Sort key for the order of the standard."""
    return text


def utf16_units(text: str) -> bytes:
    """Sort key for JavaScript's order. It differs only where characters beyond U+FFFF are compared with U+E000 to U+FFFF."""
    return text.encode("utf-16-be")


@dataclass(frozen=True, slots=True)
class Canonical:
    """The canonical lines, sorted, each with its newline; and the canonical label of every blank node.

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
    """Returns the canonical form of a dataset (duplicate quads count once).

    Raises `PoisonGraph` if distinguishing the blank nodes takes more than ``work`` steps.
    """
    distinct = list(dict.fromkeys(quads))
    labels = _labels(distinct, hash_name, order, work)
    renamed = [line(relabel(quad, labels)) for quad in distinct] if labels else [line(quad) for quad in distinct]
    renamed.sort() if order is code_points else renamed.sort(key=order)  # type: ignore[arg-type]
    return Canonical(tuple(renamed), labels)


def labels(quads: Sequence[Quad], *, order: Order = code_points, work: int = MAX_WORK) -> dict[str, str]:
    """Returns the canonical labels of the blank nodes of distinct quads, as in `Canonical.labels`."""
    return _labels(quads, "sha256", order, work)


def relabel(quad: Quad, labels: Mapping[str, str]) -> Quad:
    """Returns the quad with its blank nodes relabelled by ``labels``, which must have all of them."""
    subject, predicate, value, graph = quad
    if subject[0] == "_":
        subject = labels[subject]
    if value[0] == "_":
        value = labels[value]
    if graph and graph[0] == "_":
        graph = labels[graph]
    return subject, predicate, value, graph


def _labels(quads: Sequence[Quad], hash_name: Hash, order: Order, work: int) -> dict[str, str]:
    """The ``Canonicalization Algorithm`` (4.4.3), steps 1 to 5: the issued identifiers map of its canonical issuer."""
    # 1, 2.
    quads_of: dict[str, list[Quad]] = {}
    for quad in quads:
        for term in {quad[0], quad[2], quad[3]}:
            if term[:1] == "_":
                quads_of.setdefault(term, []).append(quad)
    if not quads_of:
        return {}
    hash_: Callable[[str], str] = lambda text: hashlib.new(hash_name, text.encode()).hexdigest()  # noqa: E731
    # 3.
    first_degree = {node: hash_first_degree_quads(node, about, order, hash_) for node, about in quads_of.items()}
    hash_to_blank_nodes: dict[str, list[str]] = {}
    for node, hash_of_node in first_degree.items():
        hash_to_blank_nodes.setdefault(hash_of_node, []).append(node)
    # 4.
    canonical_issuer = IdentifierIssuer("_:c14n")
    for _, identifiers in sorted(hash_to_blank_nodes.items()):
        if len(identifiers) == 1:
            canonical_issuer.issue(identifiers[0])
    # 5.
    if len(canonical_issuer.issued) < len(quads_of):
        state = _CanonicalizationState(quads_of, first_degree, canonical_issuer, hash_, work)
        for _, identifiers in sorted(hash_to_blank_nodes.items()):
            state.issue_canonical_identifiers(identifiers)
    return canonical_issuer.issued


def hash_first_degree_quads(reference: str, quads: Iterable[Quad], order: Order, hash_: Callable[[str], str]) -> str:
    """Hash First Degree Quads (4.6.3): the quads that mention a blank node, in which it is ``_:a`` and every other ``_:z``."""
    nquads = []
    for subject, predicate, value, graph in quads:
        if subject[0] == "_":
            subject = "_:a" if subject == reference else "_:z"
        if value[0] == "_":
            value = "_:a" if value == reference else "_:z"
        if graph and graph[0] == "_":
            graph = "_:a" if graph == reference else "_:z"
        nquads.append(line((subject, predicate, value, graph)))
    nquads.sort() if order is code_points else nquads.sort(key=order)  # type: ignore[arg-type]
    return hash_("".join(nquads))


@dataclass(slots=True)
class IdentifierIssuer:
    """The state of a blank node identifier issuer (4.3): identifiers issued in order."""

    prefix: str
    issued: dict[str, str] = field(default_factory=dict)

    def issue(self, existing: str) -> str:
        """Issue Identifier (4.5.2)."""
        return self.issued.setdefault(existing, f"{self.prefix}{len(self.issued)}")

    def copy(self) -> IdentifierIssuer:
        return IdentifierIssuer(self.prefix, self.issued.copy())


@dataclass(slots=True)
class _CanonicalizationState:
    """The ``canonicalization state`` (4.2), as far as Hash N-Degree Quads needs it, and what is left of the limits."""

    quads_of: dict[str, list[Quad]]
    first_degree: dict[str, str]
    canonical_issuer: IdentifierIssuer
    hash: Callable[[str], str]
    work: int
    depth: int = 0

    def issue_canonical_identifiers(self, identifiers: list[str]) -> None:
        """Step 5 of the algorithm (4.4.3) for the blank nodes of one first-degree hash."""
        hash_path_list = []  # 5.1
        for node in identifiers:  # 5.2
            if node in self.canonical_issuer.issued:
                continue
            temporary_issuer = IdentifierIssuer("_:b")
            temporary_issuer.issue(node)
            hash_path_list.append(self.hash_n_degree_quads(node, temporary_issuer))
        for _, issuer in sorted(hash_path_list, key=lambda result: result[0]):  # 5.3
            for existing in issuer.issued:
                self.canonical_issuer.issue(existing)

    def hash_related_blank_node(self, related: str, quad: Quad, issuer: IdentifierIssuer, position: str) -> str:
        """Hash Related Blank Node (4.7.3)."""
        text = position if position == "g" else position + quad[1]
        known = self.canonical_issuer.issued.get(related) or issuer.issued.get(related)
        return self.hash(text + (known or self.first_degree[related]))

    def hash_n_degree_quads(self, identifier: str, issuer: IdentifierIssuer) -> tuple[str, IdentifierIssuer]:
        """Hash N-Degree Quads (4.8.3)."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise PoisonGraph("chain", limit=MAX_DEPTH)
        data_to_hash = ""  # 4
        for related_hash, blank_nodes in sorted(self.hash_to_related(identifier, issuer).items()):  # 5
            chosen_path, issuer = self.choose_path(blank_nodes, issuer)  # 5.2 to 5.4, 5.6
            data_to_hash += related_hash + chosen_path  # 5.1, 5.5
        self.depth -= 1
        return self.hash(data_to_hash), issuer  # 6

    def hash_to_related(self, identifier: str, issuer: IdentifierIssuer) -> dict[str, list[str]]:
        """The hash to related blank nodes map (4.8.3, steps 1 to 3)."""
        related_by_hash: dict[str, list[str]] = {}
        self.spend(len(self.quads_of[identifier]))
        for quad in self.quads_of[identifier]:
            for position, related in (("s", quad[0]), ("o", quad[2]), ("g", quad[3])):
                if related[:1] == "_" and related != identifier:
                    found = self.hash_related_blank_node(related, quad, issuer, position)
                    related_by_hash.setdefault(found, []).append(related)
        return related_by_hash

    def choose_path(self, blank_nodes: list[str], issuer: IdentifierIssuer) -> tuple[str, IdentifierIssuer]:
        """The chosen path and the chosen issuer: those of the permutation whose path is least (4.8.3, steps 5.2 to 5.4)."""
        chosen_path, chosen_issuer = "", issuer
        for p in permutations(blank_nodes):
            self.spend(len(blank_nodes) + len(issuer.issued) // 64)  # what copying the issuer costs
            if found := self.path(p, issuer.copy(), chosen_path):
                chosen_path, chosen_issuer = found
        return chosen_path, chosen_issuer

    def path(
        self, p: Sequence[str], issuer_copy: IdentifierIssuer, chosen_path: str
    ) -> tuple[str, IdentifierIssuer] | None:
        """The path of one permutation, or None once it cannot be chosen (4.8.3, steps 5.4.2 to 5.4.6)."""
        path, recursion_list = "", []
        for related in p:  # 5.4.4
            if canonical := self.canonical_issuer.issued.get(related):
                path += canonical
            else:
                if related not in issuer_copy.issued:
                    recursion_list.append(related)
                path += issuer_copy.issue(related)
            if _is_worse(path, chosen_path):
                return None
        for related in recursion_list:  # 5.4.5
            found, issuer_of_found = self.hash_n_degree_quads(related, issuer_copy)
            path += f"{issuer_copy.issue(related)}<{found}>"
            issuer_copy = issuer_of_found
            if _is_worse(path, chosen_path):
                return None
        return None if chosen_path and chosen_path <= path else (path, issuer_copy)  # 5.4.6

    def spend(self, steps: int) -> None:
        self.work -= steps
        if self.work < 0:
            raise PoisonGraph("alike")


def _is_worse(path: str, chosen_path: str) -> bool:
    return bool(chosen_path) and len(path) >= len(chosen_path) and path > chosen_path
