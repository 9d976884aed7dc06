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
from ebl.formats.salting import NotPlain
from ebl.primitives import schema
from ebl.primitives.javascript import stringify
from ebl.primitives.salts import Salts, words
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
    return stringify(document)


_Prepared = tuple[Wrapped, bytes, Callable[[Wrapped, bytes, tuple[bytes, ...], bytes], None]]


def _prepare(data: Mapping[str, Any], options: Options) -> _Prepared:
    version = options.version or _version(data)
    return _prepare_oa2(data, options) if version == "oa2" else _prepare_oa3(data, options)


def _prepare_oa2(data: Mapping[str, Any], options: Options) -> _Prepared:
    try:
        if type(data) is not dict or any(name in data for name in _RESERVED_2):
            raise NotPlain
        document, target = oa2.prepare(data, options.salts, schema_id=options.schema_id)
    except NotPlain:
        clean = _fitting(data, "v2", reserved=_RESERVED_2, signs=".", schema_name=oa2.SCHEMA)
        document, target = oa2.prepare(clean, options.salts, schema_id=options.schema_id)
    if problems := schema.problems(oa2.SCHEMA, data):
        raise _unfit("v2", problems)
    return document, target, oa2.seal


def _prepare_oa3(data: Mapping[str, Any], options: Options) -> _Prepared:
    clean = _fitting(data, "v3", reserved=_RESERVED_3, signs=".[]", schema_name=None)
    credential = oa3.completed(clean, schema_id=options.schema_id)
    if problems := schema.problems(oa3.SCHEMA, credential) or tuple(terms.problems(credential)):
        raise _unfit("v3", problems)
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


def _fitting(
    data: Mapping[str, Any], version: str, *, reserved: tuple[str, ...], signs: str, schema_name: str | None
) -> dict[str, Any]:
    """The data in plain JSON types. Raises `InvalidInput` with what is wrong, by the schema too where it can be asked."""
    found = tuple(fit.problems(data, reserved=reserved, signs=signs))
    if found:
        bounded = not any(problem.expected.startswith("at most") for problem in found)
        more = schema.problems(schema_name, data) if schema_name and bounded and isinstance(data, dict) else ()
        raise _unfit(version, tuple(dict.fromkeys((*found, *more))))
    clean: dict[str, Any] = fit.plain(data)
    return clean


def _unfit(version: str, problems: tuple[Problem, ...]) -> InvalidInput:
    return InvalidInput(f"The data are not those of an OpenAttestation {version} document.", problems=problems)


_RESERVED_2 = ("", *leaves.RESERVED)
_RESERVED_3 = ("", "__proto__", "proof")
