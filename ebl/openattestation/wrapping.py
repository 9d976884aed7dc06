"""Wrapping of documents: data -> wrapped, one document or a batch under one root (`ebl.wrap` is the public module)."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ebl.codec.javascript_json import stringify
from ebl.errors import InvalidInput, Problem
from ebl.ethereum.merkle import Tree
from ebl.openattestation import issuers
from ebl.openattestation.issuers import is_title
from ebl.openattestation.prepare import DEFAULT, Options, Prepared, Wrapped, prepare, seal
from ebl.openattestation.wrapped_reader import read_object


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents under one Merkle root, in the order given. ``root`` is 32 bytes: issue it once."""

    root: bytes
    documents: tuple[Wrapped, ...]

    def texts(self) -> Iterator[bytes]:
        """Yields each document as it should be stored and sent (`to_json`)."""
        return map(to_json, self.documents)


def wrap(data: Mapping[str, Any], options: Options = DEFAULT) -> Wrapped:
    """Wraps the data of one OpenAttestation document, v2 or v3: validates it, salts every leaf, and hashes.

    ``data`` is not changed. Raises `InvalidInput` with every `Problem`. For v3 no context is fetched.
    """
    prepared = prepare(data, options)
    return seal(prepared, [], prepared.target.hex())


def wrap_batch(documents: Iterable[Mapping[str, Any]], options: Options = DEFAULT) -> Batch:
    """Wraps documents under one common root. Raises `InvalidInput` with the problems of each document if any is invalid.

    The problems' pointers start with the document's number, from 0. A title must have its own root, so it is wrapped alone.
    """
    prepared: list[Prepared] = []
    problems: list[Problem] = []
    titles: list[int] = []
    with _garbage_collector_off():
        for at, data in enumerate(documents):
            try:
                prepared.append(prepare(data, options))
            except InvalidInput as bad:
                problems += [replace(p, pointer=f"/{at}{p.pointer}") for p in bad.problems]
            else:
                if is_title(data):
                    titles.append(at)
        if len(prepared) > 1:
            problems += [replace(issuers.TOGETHER, pointer=f"/{at}") for at in titles]
        if problems:
            raise InvalidInput("Some documents cannot be wrapped.", problems=tuple(problems))
        if not prepared:
            raise InvalidInput("A batch needs at least one document.")
        tree = Tree([one.target for one in prepared])
        root = tree.root.hex()
        return Batch(tree.root, tuple([seal(one, tree.hex_proof(one.target), root) for one in prepared]))


@contextmanager
def _garbage_collector_off() -> Iterator[None]:
    """Disables the garbage collector during a batch: a batch has no cycles, and the search for them takes a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def unwrap(wrapped: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the plain data of a wrapped document, as a reader shows it. Nothing is verified.

    Raises `ebl.errors.Malformed` if it is not a wrapped document of exactly one format.
    """
    return dict(read_object(wrapped).data)


def to_json(document: Mapping[str, Any]) -> bytes:
    """Returns the text of a document as it should be stored and sent: UTF-8, compact, numbers as JavaScript writes them.

    Python's own ``json`` writes some numbers differently (``1.0``, ``1e-07``), which a strict reader of v3 refuses.
    """
    return stringify(document)
