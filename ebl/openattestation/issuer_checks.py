"""Issuer checks before wrapping: what every verification would refuse, found while it can still be corrected.

A misspelt member leaves an issuer without a place of issuance; a web address is not a domain. Once wrapped, such a document
would be INVALID permanently. The readers and checks of verification are used, without any network source. An issuer that
names nothing but a store is accepted: a policy may know the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from ebl.codec.strict_json import shown
from ebl.config.documentation import page
from ebl.errors import DocumentError, Problem, Refuted, Undetermined
from ebl.model.document import Document, Issuer
from ebl.model.ports import offline
from ebl.openattestation import v2 as oa2
from ebl.openattestation import v3 as oa3
from ebl.openattestation.v3_integrity import flatten

_MEMBERS: Final = ("documentStore", "tokenRegistry", "certificateStore", "identityProof", "revocation", "name", "id")
_KNOWN: Final[dict[str, tuple[Problem, ...]]] = {}
_MOST: Final = 256
_PARTS: Final = {"v2": ("issuers", "network"), "v3": ("issuer", "network", "openAttestationMetadata")}


def problems(data: Mapping[str, Any], version: str) -> tuple[Problem, ...]:
    """Returns what every verifier would refuse of the issuers of v2 or v3 data that satisfies its schema. Results are cached."""
    parts = {name: data[name] for name in _PARTS[version] if name in data}
    key = f"{version} {parts!r}"  # the fastest text of them that differs for different data
    if (known := _KNOWN.get(key)) is None:
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        known = _KNOWN[key] = _problems(parts, version)
    return known


def _problems(parts: dict[str, Any], version: str) -> tuple[Problem, ...]:
    try:
        document = _read(parts, version)
    except DocumentError as bad:
        where = "/issuers" if version == "v2" else "/openAttestationMetadata"
        return (Problem(where, "issuers that a verifier can read", "others", bad.detail),)
    return tuple(
        problem
        for at, issuer in enumerate(document.issuers)
        for problem in _of_issuer(issuer, parts["issuers"][at] if version == "v2" else {}, _place(version, at))
    )


def _place(version: str, at: int) -> str:
    return f"/issuers/{at}" if version == "v2" else "/openAttestationMetadata"


def _read(parts: dict[str, Any], version: str) -> Document:
    """Returns the smallest document with these issuers, as a verifier reads it."""
    if version == "v2":
        document, target = oa2.prepare(parts, any_end=True)
        oa2.seal(document, target, [], target.hex())
        return oa2.read(document)
    credential = oa3.completed(parts)
    document, target = oa3.prepare(
        credential, flatten(credential), lambda count: ["00" * 32] * count, dialect="govtech"
    )
    oa3.seal(document, target, [], target.hex())
    document["proof"]["key"] = _future_key_id(document["openAttestationMetadata"])
    return oa3.read(document)


def _future_key_id(metadata: Mapping[str, Any]) -> str:
    """Returns the key id that a later signature would have; the DID is that of the issuer."""
    did = str(metadata["proof"].get("value")).partition("#")[0]
    return f"{did}#{did.removeprefix('did:key:') if did.startswith('did:key:') else 'controller'}"


def _of_issuer(issuer: Issuer, data: Mapping[str, Any], where: str) -> Iterator[Problem]:
    if not any(claim.settles for claim in issuer.status):
        yield Problem(where, "a documentStore, a tokenRegistry, or the DID that signs it", _similar_members(data))
    for claim in issuer.identity:
        if isinstance(domain := getattr(claim, "domain", None), str):
            from ebl.did.domain import read_domain

            try:
                read_domain(domain)
            except Refuted as no:
                member = "location" if where.startswith("/issuers") else "identifier"
                yield Problem(f"{where}/identityProof/{member}", "a plain domain name", shown(domain), f"{no.detail}.")
                return
    if not issuer.identity and any(claim.settles for claim in issuer.status):
        yield Problem(f"{where}/identityProof", "an identity proof that can be checked", "none", f"See {page('dns')}.")
    for claim in (*issuer.status, *issuer.identity):
        if (
            claim.issued_by is not None or claim.is_offline
        ):  # not issued or not signed yet, or something that a policy may know
            continue
        try:
            claim.check(offline())
        except Refuted as no:
            yield Problem(where, "what a verifier accepts", "what every verifier refuses", f"{no.detail}.")
            return
        except Undetermined:  # no network source is queried
            continue


def _similar_members(data: Mapping[str, Any]) -> str:
    """Returns the members that may have been meant: those whose names are similar to expected ones."""
    near = [name for name in data if name not in _MEMBERS and get_close_matches(name, _MEMBERS, n=1, cutoff=0.8)]
    return f"{', '.join(near)}, which is none of these" if near else "none of these"
