"""Preparation of a document up to its place in a batch: validated, salted and hashed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ebl.config import schemas as schema
from ebl.errors import InvalidInput, Malformed, Problem
from ebl.openattestation import input_checks as fit
from ebl.openattestation import issuer_checks as refused
from ebl.openattestation import issuers, v2_digest
from ebl.openattestation import v2 as oa2
from ebl.openattestation import v3 as oa3
from ebl.openattestation import vocabulary as terms
from ebl.openattestation.salting import NotPlain
from ebl.openattestation.salts import Salts, words
from ebl.openattestation.v3_integrity import Dialect, flatten
from ebl.openattestation.wrapped_members import MAX_ISSUERS

Version = Literal["oa2", "oa3"]
"""A version of OpenAttestation."""

Wrapped = dict[str, Any]
"""A wrapped document, as JSON data."""

_RESERVED_2 = ("", *v2_digest.RESERVED)
_RESERVED_3 = ("", "__proto__", "proof")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to wrap.

    ``version``            None takes OpenAttestation v3 for data with ``@context`` or ``openAttestationMetadata``, else v2
    ``schema_id``          stored as ``schema`` for software that displays the document; not checked
    ``dialect``            v3: how to digest; "tradetrust" does not cover false, 0, "" and null, "govtech" covers them
    ``allow_unprotected``  v3: accept such leaves though the dialect leaves them uncovered (verification is then undetermined)
    ``allow_white_space``  v2: accept texts that end in white space, though every reader of the format drops it
    ``salts``              the source of salts; None is the system's random generator
    """

    version: Version | None = None
    schema_id: str | None = None
    dialect: Dialect = "tradetrust"
    allow_unprotected: bool = False
    allow_white_space: bool = False
    salts: Salts | None = None


DEFAULT = Options()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document without its place in a batch. ``target`` is its digest, 32 bytes."""

    document: Wrapped
    target: bytes


def prepare(data: Mapping[str, Any], options: Options) -> Prepared:
    """Validates, salts and hashes the data of one document, and leaves the data unchanged.

    Raises `InvalidInput` with every `Problem`. No context is fetched.
    """
    version = options.version or _version(data)
    return Prepared(*(_prepare_oa2(data, options) if version == "oa2" else _prepare_oa3(data, options)))


def seal(prepared: Prepared, proof: list[str], root: str) -> Wrapped:
    """Completes the document: ``proof`` leads to the batch's ``root``, both in hex. ``prepared`` must not be used again."""
    (oa3 if "proof" in prepared.document else oa2).seal(prepared.document, prepared.target, proof, root)
    return prepared.document


def _prepare_oa2(data: Mapping[str, Any], options: Options) -> tuple[Wrapped, bytes]:
    clean = data
    try:
        if type(data) is not dict or any(name in data for name in _RESERVED_2):
            raise NotPlain
        document, target = oa2.prepare(
            data, options.salts, schema_id=options.schema_id, any_end=options.allow_white_space
        )
    except NotPlain:
        clean = _checked(data, "v2", reserved=_RESERVED_2, signs=".", schema_name=oa2.SCHEMA)
        if not options.allow_white_space and (problems := tuple(fit.dropped_ends(clean))):
            fix = "Strip it, or allow its loss (allow_white_space; `ebl wrap --allow-white-space`)."
            raise InvalidInput(
                "Readers drop the white space at the end of these texts.", problems=problems, fix=fix
            ) from None
        document, target = oa2.prepare(clean, options.salts, schema_id=options.schema_id, any_end=True)
    if problems := schema.problems(oa2.SCHEMA, data):
        raise _refused(data, "v2", problems)
    if (count := len(data["issuers"])) > MAX_ISSUERS:
        raise _refused(data, "v2", (Problem("/issuers", f"at most {MAX_ISSUERS} issuers", f"{count:,}"),))
    kinds = [issuers.of_data(issuer) for issuer in data["issuers"]]
    if len(kinds) > 1 and (conflict := issuers.conflict(kinds)) is not None:
        raise _refused(
            data, "v2", (Problem("/issuers", "one issuer for a title, else issuers of one kind", str(conflict)),)
        )
    if problems := refused.problems(clean, "v2"):
        raise _refused(data, "v2", problems)
    return document, target


def _prepare_oa3(data: Mapping[str, Any], options: Options) -> tuple[Wrapped, bytes]:
    clean: Mapping[str, Any] = data
    if not fit.is_plain(data, reserved=_RESERVED_3, signs=".[]"):
        clean = _checked(data, "v3", reserved=_RESERVED_3, signs=".[]", schema_name=None)
    credential = oa3.completed(clean, schema_id=options.schema_id)
    if problems := schema.problems(oa3.SCHEMA, credential) or tuple(terms.problems(credential)):
        raise _refused(data, "v3", problems)
    try:
        flat = flatten(credential)
    except Malformed as bad:
        raise _refused(data, "v3", (fit.LONG_PATHS,)) from bad
    if problems := refused.problems(credential, "v3"):
        raise _refused(data, "v3", problems)
    if options.dialect == "tradetrust" and not options.allow_unprotected and not all(flat.values):
        raise InvalidInput(
            "No hash would cover these values.",
            problems=tuple(fit.falsy(credential)),
            fix='Or choose the dialect "govtech", which covers them.',
        )
    return oa3.prepare(credential, flat, options.salts or words, dialect=options.dialect)


def _version(data: object) -> Version:
    if isinstance(data, Mapping) and ("@context" in data or "openAttestationMetadata" in data):
        return "oa3"
    return "oa2"


def _checked(
    data: Mapping[str, Any], version: str, *, reserved: tuple[str, ...], signs: str, schema_name: str | None
) -> dict[str, Any]:
    """Returns the data in plain JSON types. Raises `InvalidInput` with every problem, also by the schema."""
    found = tuple(fit.problems(data, reserved=reserved, signs=signs))
    if found:
        bounded = not any(isinstance(problem, fit.LimitExceeded) for problem in found)
        more = schema.problems(schema_name, data) if schema_name and bounded and isinstance(data, dict) else ()
        raise _refused(data, version, tuple(dict.fromkeys((*found, *more))))
    clean: dict[str, Any] = fit.to_exact_json(data)
    return clean


def _refused(data: object, version: str, problems: tuple[Problem, ...]) -> InvalidInput:
    for member in ("signature", "proof"):
        seal = data.get(member) if isinstance(data, Mapping) else None
        if isinstance(seal, Mapping) and "merkleRoot" in seal:  # then every other problem follows from this one
            problems = (Problem(f"/{member}", "raw data", "a document that is wrapped already: unwrap it first"),)
    return InvalidInput(f"The data is not that of an OpenAttestation {version} document.", problems=problems)
