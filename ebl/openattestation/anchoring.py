"""Merkle roots of wrapped documents, and the other documents that issuing a root would issue.

Issuing a root issues every document below it, even if another party made the batch. So a root is taken from documents only
if the whole batch is given, or if the caller allows documents that are not given (``unseen_ok``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ebl.codes import Doubt, Failure
from ebl.errors import InvalidInput, Refuted
from ebl.model.document import Document
from ebl.model.integrity import check_integrity
from ebl.openattestation.coverage import Coverage
from ebl.openattestation.wrapped_reader import read_wrapped

__all__ = ["require_seen", "roots_of", "unseen_below"]

Anchor = tuple[bytes, bytes, tuple[bytes, ...]]


def roots_of(
    documents: Iterable[Document | bytes], *, unseen_ok: bool = False, unprotected_ok: bool = False
) -> tuple[bytes, ...]:
    """Returns the Merkle roots (32 bytes each) of wrapped documents, each once, to be issued with `ebl.registry.issue`.

    ``unprotected_ok`` accepts documents with fields that no hash covers (`ebl.wrap.Options`).

    Raises `InvalidInput` if a document has no root, or if a root covers documents that were not given (unless ``unseen_ok``).
    Raises `ebl.errors.Refuted` if a document was changed since it was wrapped, `ebl.errors.Undetermined` if this cannot be
    determined, and `ebl.errors.DocumentError` if it is not a document. Not checked: that the documents name the store in
    which they are to be issued.
    """
    found = unseen_below(documents, unprotected_ok=unprotected_ok)
    if not unseen_ok:
        require_seen(found)
    return tuple(found)


def unseen_below(documents: Iterable[Document | bytes], *, unprotected_ok: bool = False) -> dict[bytes, int]:
    """Returns the Merkle roots of wrapped documents, each with the least number of documents below it that were not given.

    Zero means that the whole batch was given. The documents are read one after the other, and only hashes are kept. Raises
    the same errors as `roots_of` does for a single document.
    """
    accepting = {Doubt.UNPROTECTED_FIELD} if unprotected_ok else ()

    def anchors() -> Iterator[Anchor]:
        for one in documents:
            document = read_wrapped(one) if isinstance(one, bytes) else one
            check_integrity(document, accepting=accepting)
            yield anchor_of(document)

    return unseen_of(anchors())


def unseen_of(anchors: Iterable[Anchor]) -> dict[bytes, int]:
    """Does the same as `unseen_below` for checked documents: each is given by its root, its own hash, and the proof.

    Raises `Refuted` if a proof does not lead to its root, which is possible if a document was not checked.
    """
    roots: dict[bytes, int] = {}
    coverage = Coverage()
    for root, target, proof in anchors:
        try:
            coverage.add(root, target, proof)
        except ValueError as bad:
            raise Refuted(Failure.HASH_MISMATCH, "stated_root", root=root) from bad
        roots[root] = 0
    return roots | coverage.unseen()


def anchor_of(document: Document) -> Anchor:
    """Returns the root, the document's hash, and the proof between them. Raises `InvalidInput` if the format has no root."""
    for claim in document.integrity:
        root, target, proof = (getattr(claim, name, None) for name in ("root", "target", "proof"))
        if isinstance(root, bytes) and isinstance(target, bytes) and isinstance(proof, tuple):
            return root, target, proof
    raise InvalidInput(f"A document of the format {document.format} has no Merkle root.")


def require_seen(unseen: Mapping[bytes, int]) -> None:
    """Raises `InvalidInput` if any of these roots (see `unseen_below`) covers documents that were not given."""
    hidden = {root: count for root, count in unseen.items() if count}
    if hidden:
        root, count = next(iter(hidden.items()))
        others = f" (and {len(hidden) - 1} more of the roots)" if len(hidden) > 1 else ""
        raise InvalidInput(
            f"The root 0x{root.hex()}{others} is the root of a batch of which {words(count)} not given: issuing the root would"
            " issue them unseen.",
            fix="Give every document of the batch, for example its whole folder; or, if you know the others, allow them with"
            " --batch-unseen (in Python unseen_ok=True).",
        )


def words(count: int) -> str:
    """Returns the number of unseen documents as words with a verb. The number is a minimum: a proof shows no more."""
    return f"at least {count} document{' was' if count == 1 else 's were'}"
