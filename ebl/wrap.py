"""Wrap documents: data -> wrapped, one or a batch under one root, ready to be issued.

::

    from ebl.wrap import wrap, wrap_batch

    document = wrap(data)                 # issue document["signature"]["merkleRoot"] in a document store
    batch = wrap_batch([data, …])         # issue batch.root once for all of them
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ebl.errors import InvalidInput, Problem
from ebl.formats import oa2
from ebl.primitives import schema
from ebl.primitives.javascript import number_text
from ebl.primitives.salts import Salts, uuids
from ebl.primitives.strict_json import MAX_DEPTH, MAX_NODES, shown
from ebl.proofs import leaves
from ebl.proofs.merkle import Tree

Wrapped = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents under one Merkle root, in the order in which they came. ``root`` is 32 bytes: issue it once."""

    root: bytes
    documents: tuple[Wrapped, ...]


def wrap(data: Mapping[str, Any], *, schema_id: str | None = None, salts: Salts = uuids) -> Wrapped:
    """Wrap the data of one OpenAttestation v2 document: validate, salt every leaf, hash.

    ``schema_id`` is stored as ``schema`` for whoever displays the document; nothing checks it. ``data`` is not changed.
    Raises `InvalidInput` with every `Problem`.
    """
    document, target = _salted(data, schema_id, salts)
    document["signature"] = _signature(target, (), target)
    return document


def wrap_batch(documents: Iterable[Mapping[str, Any]], *, schema_id: str | None = None, salts: Salts = uuids) -> Batch:
    """Wrap documents under one common root. All of them are good, or `InvalidInput` says what is wrong with each.

    The problems' pointers start with the document's number, from 0.
    """
    wrapped: list[tuple[Wrapped, bytes]] = []
    problems: list[Problem] = []
    for at, data in enumerate(documents):
        try:
            wrapped.append(_salted(data, schema_id, salts))
        except InvalidInput as bad:
            problems += [Problem(f"/{at}{p.pointer}", p.expected, p.came) for p in bad.problems]
    if problems:
        raise InvalidInput("Some documents cannot be wrapped.", problems=tuple(problems))
    if not wrapped:
        raise InvalidInput("A batch needs at least one document.")
    tree = Tree(target for _, target in wrapped)
    for document, target in wrapped:
        document["signature"] = _signature(target, tree.proof(target), tree.root)
    return Batch(tree.root, tuple(document for document, _ in wrapped))


def unwrap(wrapped: Mapping[str, Any]) -> dict[str, Any]:
    """The plain data of a wrapped document, as a reader sees them. Nothing is verified.

    Raises `ebl.errors.Malformed` where it is no wrapped document.
    """
    return dict(oa2.read(wrapped).data)


def _salted(data: Mapping[str, Any], schema_id: str | None, salts: Salts) -> tuple[Wrapped, bytes]:
    if problems := tuple(_unfit(data)) or schema.problems(oa2.SCHEMA, data):
        raise InvalidInput("The data are not those of an OpenAttestation v2 document.", problems=problems)
    document: Wrapped = {"version": oa2.VERSION, "data": oa2.salted(data, salts)}
    if schema_id is not None:
        document["schema"] = schema_id
    return document, leaves.digest(document["data"])


def _signature(target: bytes, proof: tuple[bytes, ...], root: bytes) -> Wrapped:
    return {
        "type": "SHA3MerkleProof",
        "targetHash": target.hex(),
        "proof": [sibling.hex() for sibling in proof],
        "merkleRoot": root.hex(),
    }


def _unfit(data: object) -> Iterator[Problem]:
    """What no schema says: only JSON, within the limits, with keys that give every leaf a path of its own."""
    if not isinstance(data, dict):
        yield Problem("", "an object (a dict)", type(data).__name__)
        return
    for name in ("", *leaves.RESERVED):
        if name in data:
            yield Problem(f"/{name}", "another name: no leaf under it would have a hash of its own", shown(name))
    nodes = 0
    stack: list[tuple[str, int, Any]] = [("", 1, data)]
    while stack:
        pointer, depth, node = stack.pop()
        nodes += len(node)
        if nodes > MAX_NODES:
            yield Problem("", f"at most {MAX_NODES:,} values", "more")
            return
        if depth > MAX_DEPTH:
            yield Problem(pointer, f"at most {MAX_DEPTH} levels", "more")
            continue
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if not isinstance(key, int | str) or (isinstance(key, str) and "." in key):
                yield Problem(f"{pointer}/{key}", "a name without a dot", shown(str(key)))
            elif isinstance(value, dict | list | tuple):
                stack.append((f"{pointer}/{key}", depth + 1, value))
            elif problem := _unfit_leaf(value):
                yield Problem(f"{pointer}/{key}", *problem)


def _unfit_leaf(value: object) -> tuple[str, str] | None:
    if value is None or isinstance(value, str | bool):
        return None
    if isinstance(value, float):
        return None if math.isfinite(value) else ("a finite number", str(value))
    if not isinstance(value, int):
        return "a string, number, true, false or null", type(value).__name__
    try:
        kept = number_text(value) == str(value)
    except (OverflowError, ValueError):
        kept = False
    return None if kept else ("a number that a float64 keeps (else write it as a string)", "one that would be altered")
