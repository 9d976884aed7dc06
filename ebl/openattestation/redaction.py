"""How each format replaces leaves by their hashes. `ebl.openattestation.redact` uses it for every format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from ebl.codec import javascript_json as javascript
from ebl.codec.javascript_json import json_member
from ebl.errors import InvalidInput, Problem
from ebl.ethereum.keccak import keccak256
from ebl.model.document import Format
from ebl.model.paths import Path, leaves, pointer
from ebl.openattestation import v2 as oa2
from ebl.openattestation import v3 as oa3
from ebl.openattestation import v3_integrity as oa3_proof

Leaf = tuple[Path, Any]


class Redactor(Protocol):
    """What redaction needs to know of a format.

    ``schema`` names the schema of the plain content, which a redacted document must satisfy as well.
    ``keeps_empty`` is true if an object or array may be left empty because no hash covers it. If false, an empty container
    is a leaf like any other, so a container that was emptied must be withheld too.
    """

    schema: str
    keeps_empty: bool

    def content(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Returns the part of a wrapped document whose leaves are hashed, as it is in the document."""

    def withheld(self, raw: Mapping[str, Any]) -> list[str]:
        """Returns the hashes (hex) of the leaves that are withheld already."""

    def replace(self, raw: Mapping[str, Any], kept: Mapping[str, Any], gone: Sequence[Leaf]) -> dict[str, Any]:
        """Returns the document with the content ``kept``, and the hashes of the leaves that are ``gone``.

        The hashes are sorted, so that their order does not disclose where the leaves were. Raises `InvalidInput` if a leaf has
        no hash, or has one from which its value could be guessed.
        """


def of(document_format: Format) -> Redactor:
    """Returns the redactor for the format of a wrapped document, v2 or v3."""
    return _REDACTORS[document_format]


class _RedactorV2:
    schema = oa2.SCHEMA
    keeps_empty = False
    _salt = re.compile("([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}):", re.IGNORECASE)

    def content(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        data: Mapping[str, Any] = raw["data"]
        return data

    def withheld(self, raw: Mapping[str, Any]) -> list[str]:
        return list(raw.get("privacy", {}).get("obfuscatedData", []))

    def replace(self, raw: Mapping[str, Any], kept: Mapping[str, Any], gone: Sequence[Leaf]) -> dict[str, Any]:
        self._require_salts(raw, gone)
        hashes = [keccak256(json_member(".".join(map(str, path)), value)).hex() for path, value in gone]
        privacy = {**raw.get("privacy", {}), "obfuscatedData": sorted([*self.withheld(raw), *hashes])}
        return {**raw, "data": kept, "privacy": privacy}

    def _require_salts(self, raw: Mapping[str, Any], gone: Sequence[Leaf]) -> None:
        """Requires a salt of its own for each leaf: otherwise likely values can be tried against its hash."""
        used = Counter(self._salt_of(value) for _, value in leaves(self.content(raw)))
        _refuse_weak(path for path, value in gone if not _is_container(value) and used[self._salt_of(value)] != 1)

    def _salt_of(self, value: Any) -> str:
        match = self._salt.match(value) if isinstance(value, str) else None
        return match[1].lower() if match else ""


def _is_container(value: Any) -> bool:
    return isinstance(value, Mapping | list)


def _refuse_weak(paths: Iterable[Path]) -> None:
    problems = tuple(Problem(pointer(path), "a salt of its own", "none, or another field's") for path in paths)
    if problems:
        raise InvalidInput("Some fields cannot be withheld: their values could be guessed.", problems=problems)


class _RedactorV3:
    schema = oa3.SCHEMA
    keeps_empty = True

    def content(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        return {name: value for name, value in raw.items() if name != "proof"}

    def withheld(self, raw: Mapping[str, Any]) -> list[str]:
        return list(raw["proof"]["privacy"]["obfuscated"])

    def replace(self, raw: Mapping[str, Any], kept: Mapping[str, Any], gone: Sequence[Leaf]) -> dict[str, Any]:
        proof = raw["proof"]
        salts = oa3_proof.decode_salts(proof["salts"])
        self._require_hashed(raw, dict(salts), gone)
        used = Counter(salt for _, salt in salts)
        by_path = dict(salts)
        _refuse_weak(path for path, _ in gone if used[by_path[_dotted(path)]] != 1)
        going = {_dotted(path): value for path, value in gone}
        hashes = [
            keccak256(json_member(path, f"{by_path[path]}:{javascript.text(value)}")).hex()
            for path, value in going.items()
        ]
        return {
            **kept,
            "proof": {
                **proof,
                "salts": oa3_proof.encode_salts(pair for pair in salts if pair[0] not in going),
                "privacy": {**proof["privacy"], "obfuscated": sorted([*self.withheld(raw), *hashes])},
            },
        }

    def _require_hashed(self, raw: Mapping[str, Any], salts: Mapping[str, str], gone: Sequence[Leaf]) -> None:
        """Requires a hash that covers each leaf: otherwise the leaf would be lost, and nothing would show that it existed."""
        bare = [path for path, value in gone if not value]
        leaves = oa3_proof.flatten(self.content(raw))
        target = bytes.fromhex(raw["proof"]["targetHash"])
        if bare and oa3_proof.digest(leaves, salts, self.withheld(raw), dialect="tradetrust") == target:
            problems = tuple(
                Problem(pointer(path), "a value that a hash covers", "false, 0, empty or null") for path in bare
            )
            raise InvalidInput("Some fields cannot be withheld: no hash covers them.", problems=problems)


def _dotted(path: Path) -> str:
    """Returns a path as v3 hashes it: ``a.b[0].c``, with no key quoted."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


_REDACTORS: dict[Format, Redactor] = {"oa2": _RedactorV2(), "oa3": _RedactorV3()}
