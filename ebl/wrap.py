"""Wrap documents: data -> wrapped, one or a batch under one root, ready to be issued.

::

    from ebl.wrap import wrap, wrap_batch

    document = wrap(data)                 # issue document["signature"]["merkleRoot"] in a document store
    batch = wrap_batch([data, …])         # issue batch.root once for all of them
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ebl.errors import InvalidInput, Malformed, Problem
from ebl.formats import fit, oa2, oa3, terms
from ebl.primitives import schema
from ebl.primitives.javascript import stringify
from ebl.primitives.salts import Salts, uuids, words
from ebl.proofs import leaves
from ebl.proofs.merkle import Tree
from ebl.proofs.oa3 import Dialect
from ebl.report import Failure

Wrapped = dict[str, Any]
Version = Literal["oa2", "oa3"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents under one Merkle root, in the order in which they came. ``root`` is 32 bytes: issue it once."""

    root: bytes
    documents: tuple[Wrapped, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to wrap.

    ``version``            None takes OpenAttestation v3 for data with ``@context`` or ``openAttestationMetadata``, else v2
    ``schema_id``          stored as ``schema`` for whoever displays the document; nothing checks it
    ``dialect``            v3: whose digest; "tradetrust" covers no false, 0, "" or null, "govtech" covers them
    ``allow_unprotected``  v3: accept such leaves though the dialect leaves them uncovered (verifying is then inconclusive)
    ``salts``              where salts come from; None is the system's random generator
    """

    version: Version | None = None
    schema_id: str | None = None
    dialect: Dialect = "tradetrust"
    allow_unprotected: bool = False
    salts: Salts | None = None


_DEFAULT = Options()


def wrap(data: Mapping[str, Any], options: Options = _DEFAULT) -> Wrapped:
    """Wrap the data of one OpenAttestation document, v2 or v3: validate, salt every leaf, hash.

    ``data`` is not changed. Raises `InvalidInput` with every `Problem`. For v3 no context is fetched.
    """
    document, target, seal = _prepare(data, options)
    seal(document, target, (), target)
    return document


def wrap_batch(documents: Iterable[Mapping[str, Any]], options: Options = _DEFAULT) -> Batch:
    """Wrap documents under one common root. All of them are good, or `InvalidInput` says what is wrong with each.

    The problems' pointers start with the document's number, from 0.
    """
    prepared: list[_Prepared] = []
    problems: list[Problem] = []
    for at, data in enumerate(documents):
        try:
            prepared.append(_prepare(data, options))
        except InvalidInput as bad:
            problems += [Problem(f"/{at}{p.pointer}", p.expected, p.came) for p in bad.problems]
    if problems:
        raise InvalidInput("Some documents cannot be wrapped.", problems=tuple(problems))
    if not prepared:
        raise InvalidInput("A batch needs at least one document.")
    tree = Tree(target for _, target, _ in prepared)
    for document, target, seal in prepared:
        seal(document, target, tree.proof(target), tree.root)
    return Batch(tree.root, tuple(document for document, _, _ in prepared))


def unwrap(wrapped: Mapping[str, Any]) -> dict[str, Any]:
    """The plain data of a wrapped document, as a reader sees them. Nothing is verified.

    Raises `ebl.errors.Malformed` where it is no wrapped document of one format.
    """
    is_oa2, is_oa3 = oa2.looks_like(wrapped), oa3.looks_like(wrapped)
    if is_oa2 and is_oa3:
        raise Malformed(Failure.AMBIGUOUS_VERSION, "This could be read as OpenAttestation v2 and as v3.")
    return dict((oa3 if is_oa3 else oa2).read(wrapped).data)


def to_json(document: Mapping[str, Any]) -> bytes:
    """The text of a document as it should be stored and sent: UTF-8, compact, numbers as JavaScript writes them.

    Python's own ``json`` spells some numbers otherwise (``1.0``, ``1e-07``), which a strict reader of v3 refuses.
    """
    return stringify(document).encode()


_Prepared = tuple[Wrapped, bytes, Callable[[Wrapped, bytes, tuple[bytes, ...], bytes], None]]


def _prepare(data: Mapping[str, Any], options: Options) -> _Prepared:
    version = options.version or _version(data)
    if version == "oa2":
        _require(data, oa2.SCHEMA, "v2", reserved=("", *leaves.RESERVED), signs=".")
        document, target = oa2.prepare(data, options.salts or uuids, schema_id=options.schema_id)
        return document, target, oa2.seal
    _require(data, None, "v3", reserved=("", "__proto__", "proof"), signs=".[]")
    credential = oa3.completed(data, schema_id=options.schema_id)
    if found := schema.problems(oa3.SCHEMA, credential) or tuple(terms.problems(credential)):
        raise _unfit("v3", found)
    if options.dialect == "tradetrust" and not options.allow_unprotected and (bare := tuple(fit.falsy(credential))):
        raise InvalidInput(
            "No hash would cover these values.",
            problems=bare,
            fix='Or choose the dialect "govtech", which covers them.',
        )
    document, target = oa3.prepare(credential, options.salts or words, dialect=options.dialect)
    return document, target, oa3.seal


def _version(data: object) -> Version:
    if isinstance(data, Mapping) and ("@context" in data or "openAttestationMetadata" in data):
        return "oa3"
    return "oa2"


def _require(data: Mapping[str, Any], name: str | None, version: str, *, reserved: tuple[str, ...], signs: str) -> None:
    problems = tuple(fit.problems(data, reserved=reserved, signs=signs)) or (
        schema.problems(name, data) if name else ()
    )
    if problems:
        raise _unfit(version, problems)


def _unfit(version: str, problems: tuple[Problem, ...]) -> InvalidInput:
    return InvalidInput(f"The data are not those of an OpenAttestation {version} document.", problems=problems)
