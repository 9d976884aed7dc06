"""What the suites with selective disclosure share: statements under replaced labels, and the selection of what to show.

Each blank node gets a label made with a key that only issuer and holder know, so that the labels that are shown disclose
nothing about what is hidden. Statements are numbered in the order of their sorted lines. Names and section numbers are
those of section 3.4, "Selective Disclosure Functions", of *Data Integrity ECDSA Cryptosuites* 1.0, unless stated otherwise.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ebl.codec.multibase import encode_base64url
from ebl.codes import Failure, Remark
from ebl.credentials.data_integrity import Signed, to_protect
from ebl.credentials.linked_data import canonical_labels, require_showable, show
from ebl.errors import InvalidInput, Refuted
from ebl.jsonld import rdfc
from ebl.jsonld.contexts import Contexts
from ebl.jsonld.nquads import Quad, line
from ebl.jsonld.statements import Statements
from ebl.model.findings import Note

_WITHHOLDABLE: Final = (
    "credentialStatus",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "renderMethod",
    "qrCode",
)


def withheld(document: Mapping[str, Any], mandatory: Sequence[str]) -> tuple[Note, ...]:
    """Returns notes on the parts of a base document that its holder could hide from others."""
    names = [name for name in _WITHHOLDABLE if name in document and not {"", f"/{name}"} & set(mandatory)]
    if not names:
        return ()
    return (Note.of(Remark.MAY_BE_WITHHELD, names=names),)


LabelMapFactory = Callable[[Mapping[str, str]], Mapping[str, str]]
"""Makes a label map from the canonical one of a dataset, both by blank node: ``{"_:b0": "_:c14n2"}`` to ``{"_:b0": "_:u…"}``."""


@dataclass(frozen=True, slots=True)
class CanonicalNQuads:
    """Statements under replaced labels, sorted. ``label_map`` has each blank node's label, ``positions`` each quad's line."""

    nquads: tuple[str, ...]
    label_map: Mapping[str, str]
    positions: Mapping[Quad, int]

    def matching(self, quads: Iterable[Quad]) -> list[int]:
        """Returns some statements' line numbers, ascending: the keys of *matching* in ``canonicalizeAndGroup`` (3.4.16)."""
        return sorted({self.positions[quad] for quad in quads})

    def indexes_of(self, quads: Sequence[Quad], lines: Iterable[int]) -> set[int]:
        """Returns the positions in ``quads`` of the statements with these line numbers."""
        wanted = set(lines)
        return {index for index, quad in enumerate(quads) if self.positions[quad] in wanted}

    def pick(self, lines: Iterable[int]) -> list[str]:
        """Returns the statements with these line numbers."""
        return [self.nquads[number] for number in lines]


def label_replacement_canonicalize(
    quads: Sequence[Quad], label_map_factory: LabelMapFactory, *, order: rdfc.Order = rdfc.code_points
) -> CanonicalNQuads:
    """Does labelReplacementCanonicalizeNQuads (3.4.1), for distinct statements.

    Raises `Malformed` with ``document.poison_graph``, and the errors of ``label_map_factory``.
    """
    label_map = label_map_factory(canonical_labels(quads, order=order))
    rows = [(line(rdfc.relabel(quad, label_map)), quad) for quad in quads]
    rows.sort(key=(lambda row: row[0]) if order is rdfc.code_points else (lambda row: order(row[0])))  # type: ignore[arg-type, return-value]
    positions = {quad: number for number, (_, quad) in enumerate(rows)}
    return CanonicalNQuads(tuple(row for row, _ in rows), label_map, positions)


def hmac_id_label_map(hmac_key: bytes) -> LabelMapFactory:
    """Does createHmacIdLabelMapFunction (3.4.4): ``u`` and base64url of HMAC-SHA256 of the canonical label."""

    def label_map(canonical_id_map: Mapping[str, str]) -> dict[str, str]:
        return {node: "_:" + encode_base64url(_mac(hmac_key, label)) for node, label in canonical_id_map.items()}

    return label_map


def shuffled_id_label_map(hmac_key: bytes) -> LabelMapFactory:
    """Does createShuffledIdLabelMapFunction (BBS cryptosuites, 3.2.1): ``b`` and the rank of the HMAC, which discloses less."""

    def label_map(canonical_id_map: Mapping[str, str]) -> dict[str, str]:
        macs = {node: encode_base64url(_mac(hmac_key, label)) for node, label in canonical_id_map.items()}
        ranks = {mac: rank for rank, mac in enumerate(sorted(macs.values()))}
        return {node: f"_:b{ranks[mac]}" for node, mac in macs.items()}

    return label_map


def _mac(hmac_key: bytes, label: str) -> bytes:
    return hmac.digest(hmac_key, label[2:].encode(), "sha256")


def label_map_function(given: Mapping[int, str]) -> LabelMapFactory:
    """Does createLabelMapFunction (3.4.3), for a derived proof's label map: ``{2: "_:b0"}`` labels ``_:c14n2`` as ``_:b0``.

    Raises `Refuted` with ``proof.label_map`` unless the map names exactly the blank nodes of the dataset, each differently.
    """

    def label_map(canonical_id_map: Mapping[str, str]) -> dict[str, str]:
        if sorted(given) != list(range(len(canonical_id_map))):
            raise Refuted(Failure.LABEL_MAP, "count", named=len(given), expected=len(canonical_id_map))
        if len(set(given.values())) != len(given):
            raise Refuted(Failure.LABEL_MAP, "twice")
        return {node: given[int(label[6:])] for node, label in canonical_id_map.items()}

    return label_map


def verifier_label_map(selected: Sequence[Quad], label_map: Mapping[str, str], *, order: rdfc.Order) -> dict[int, str]:
    """Returns the verifierLabelMap of createDisclosureData (3.5.4): from canonical numbers in what is shown to labels."""
    return {int(label[6:]): label_map[node] for node, label in canonical_labels(selected, order=order).items()}


def require_ascending(indexes: Any, count: int, failure: Failure) -> list[int]:
    """Returns line numbers from a proof: strictly ascending, each below ``count``. Raises `Refuted` if they are not."""
    if not isinstance(indexes, list) or not all(isinstance(index, int) for index in indexes):
        raise Refuted(failure, "not_indexes")
    if indexes and any(index >= after for index, after in zip(indexes, [*indexes[1:], count], strict=True)):
        raise Refuted(failure, "not_ascending", count=count)
    return indexes


def to_sign(document: Mapping[str, Any], mandatory: Sequence[str], contexts: Contexts) -> Statements:
    """Returns the statements of a document of which the ``mandatory`` pointers must always be shown.

    Raises `InvalidInput` if a pointer finds nothing, or if another reader might not find it. Raises `Malformed` as
    `to_protect` does.
    """
    statements = to_protect(document, contexts)
    show(document, mandatory)
    for pointer in mandatory:
        require_showable(statements, pointer, by_others=True)
    return statements


def require_mandatory(claim: Signed, mandatory: Sequence[str]) -> None:
    """Raises `Refuted` if a mandatory part is not in the document."""
    try:
        show(claim.document, mandatory)
    except InvalidInput as bad:
        missing = next(pointer for pointer in mandatory if not _is_there(claim.document, pointer))
        raise Refuted(Failure.BASE_INCOMPLETE, "missing", at=missing) from bad


def _is_there(document: Mapping[str, Any], pointer: str) -> bool:
    try:
        show(document, [pointer])
    except InvalidInput:
        return False
    return True


def reveal(claim: Signed, mandatory: Sequence[str], pointers: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    """Returns the pointers to all that a holder shows, and that part of the document.

    Raises `InvalidInput` if a pointer finds nothing, if it leads into an ordered list (which is shown whole or not at all), or
    if nothing would be shown.
    """
    everything = [*mandatory, *pointers]
    if not everything:
        raise InvalidInput("Nothing would be shown.", fix="Name at least one place, such as /credentialSubject.")
    shown = show(claim.document, everything)
    for pointer in everything:
        require_showable(claim.statements, pointer, by_others=False)
    return everything, shown


def derived_already() -> InvalidInput:
    """Returns the error for a derived document from which another is to be derived."""
    return InvalidInput(
        "This document is derived already, and nothing can be derived from it.", fix="Use the base document."
    )
