"""W3C verifiable presentations: credentials, and the proof that their holder presents them."""

from __future__ import annotations

import re
from typing import Any, Final

from ebl.codes import Doubt, Failure
from ebl.credentials import data_integrity as di
from ebl.credentials import data_model as vc_model
from ebl.credentials import ecdsa_rdfc, vc
from ebl.credentials.data_model import CREDENTIAL, V2, Object
from ebl.credentials.holder import Holder
from ebl.errors import Malformed, Unsupported
from ebl.jsonld.contexts import Contexts, known
from ebl.model import not_known_here as unsupported
from ebl.model.document import Document, Issuer
from ebl.model.findings import Claim, Group
from ebl.model.members import wrong
from ebl.model.not_known_here import NotKnownHere
from ebl.model.wholeness import of_parts
from ebl.status.validity import Valid

MAX_CREDENTIALS: Final = 50
"""The most credentials that a presentation may hold."""
_TOKEN: Final = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_~-]*")


def read(raw: Object, *, contexts: Contexts | None = None, list_issuers: tuple[str, ...] = ()) -> Document:
    """Reads a signed presentation of version 2.0 of the data model, and every credential in it.

    Each credential is an issuer with its own claims. Raises `Malformed`, naming the credential that is malformed. An
    unsupported member becomes a claim that cannot be established. Nothing is verified.
    """
    contexts = contexts or known()
    body = {name: value for name, value in raw.items() if name != "proof"}
    named = _holder(raw)
    credentials = [_credential(entry, number, contexts, list_issuers) for number, entry in enumerate(_entries(raw))]
    try:
        _require_version(raw)
        signed = _signature(raw, body, contexts)
    except (Unsupported, Malformed) as trouble:
        unknown = trouble if isinstance(trouble, Unsupported) else _because_of_a_part(trouble, credentials)
        integrity: Claim = unsupported.claim(Group.INTEGRITY, di.Signed.name, unknown)
        holder: Claim = unsupported.because(Group.IDENTITY, Holder.name, unknown, "presenter_not_told")
    else:
        integrity, holder = signed, _presenter(named, signed, credentials)
    return Document(
        format="vp",
        digest=None,
        issuers=tuple(
            Issuer(one.issuers[0].name, one.issuers[0].id, status=one.status, identity=one.issuers[0].identity)
            for one in credentials
        ),
        integrity=(integrity, *(claim for one in credentials for claim in one.integrity)),
        data=body,
        raw=raw,
        status=_validity(raw),
        identity=(holder,),
        whole=of_parts(one.whole for one in credentials),
    )


def _because_of_a_part(bad: Malformed, credentials: list[Document]) -> Unsupported:
    """Returns the error for JSON that no context defines, if an unsupported credential in the presentation may define it.

    Raises the error itself if every credential is of a supported kind.
    """
    parts = (claim for one in credentials for claim in one.integrity if isinstance(claim, NotKnownHere))
    part = next(parts, None)
    if part is None or bad.code not in (Failure.CONTEXT, Failure.UNSIGNED_JSON):
        raise bad
    return Unsupported(part.doubt, "of_part", because=part.message)


def _require_version(raw: Object) -> None:
    version = vc_model.version_of(raw)
    if CREDENTIAL in vc_model.types_of(raw):
        raise wrong("/type", "presentation", raw["type"])
    if version != V2:
        raise Unsupported(Doubt.UNSUPPORTED_CONTEXT, "presentation_of_1_1", expected=V2)


def _validity(raw: Object) -> tuple[Claim, ...]:
    """Returns the claim of the presentation's own dates. Most have none, and their proof states when they expire."""
    start, end = vc_model.bounds(raw)
    return () if start is None and end is None else (Valid(start, end),)


def _presenter(named: str | None, signed: di.Signed, credentials: list[Document]) -> Holder:
    options = signed.proof.raw
    domain = options.get("domain", ())
    return Holder(
        signed.proof.did if named is None else named,
        signed.proof.key_id,
        signed.proof.purpose,
        tuple(subject for credential in credentials for subject in _subjects(credential)),
        options.get("challenge"),
        (domain,) if isinstance(domain, str) else tuple(domain),
        named=named is not None,
        signed=signed.proof.created,
    )


def _subjects(credential: Document) -> list[str | None]:
    """Returns the subjects of a credential; none if the credential is of an unsupported kind, and so is not shown."""
    try:
        return [subject.get("id") for subject in vc_model.parse(credential.data).subjects]
    except (Unsupported, Malformed):  # does not happen for a credential that was read as one of a supported kind
        return []


def _signature(raw: Object, body: Object, contexts: Contexts) -> di.Signed:
    if "proof" not in raw:
        raise Malformed(Failure.PROOF_SHAPE, "presentation_not_signed")
    asked = "challenge" in di.only_proof(raw["proof"])
    signed, _ = vc.signature(raw, body, contexts, purpose="authentication" if asked else "assertionMethod")
    if not isinstance(signed, ecdsa_rdfc.EcdsaRdfcSigned):
        suite = signed.proof.cryptosuite
        raise Unsupported(Doubt.UNSUPPORTED_SUITE, "presentation", suite=suite, known=ecdsa_rdfc.SUITE)
    if signed.proof.expires is None and vc_model.bounds(raw)[1] is None:
        raise Malformed(Failure.PROOF_SHAPE, "presentation_end")
    return signed


def _entries(raw: Object) -> list[Object | str]:
    entries = raw.get("verifiableCredential")
    listed: list[Any] = entries if isinstance(entries, list) else [entries]
    if not 0 < len(listed) <= MAX_CREDENTIALS:
        raise wrong("/verifiableCredential", "credentials", entries, limit=MAX_CREDENTIALS)
    for number, entry in enumerate(listed):
        if not isinstance(entry, dict) and not _is_token(entry):
            raise wrong(f"/verifiableCredential/{number}", "credential", entry)
    return listed


def _is_token(entry: Any) -> bool:
    """Whether this is a credential as a JSON Web Token, which presentations of version 1.1 hold as a text."""
    return isinstance(entry, str) and _TOKEN.fullmatch(entry) is not None


def _credential(entry: Object | str, number: int, contexts: Contexts, list_issuers: tuple[str, ...]) -> Document:
    if isinstance(entry, str) or not vc_model.ENVELOPED.isdisjoint(vc_model.types_of(entry)):
        unknown = Unsupported(Doubt.UNSUPPORTED_SUITE, "enveloped_credential", number=number)
        shown = entry if not isinstance(entry, str) else {}
        return vc.not_known_here(shown, shown, unknown)
    try:
        return vc.read(entry, contexts=contexts, list_issuers=list_issuers, at=f"verifiableCredential[{number}].")
    except Malformed as bad:
        raise Malformed(bad.code, "of_credential", number=number, because=bad.message) from bad


def _holder(raw: Object) -> str | None:
    """Returns the DID of the presenter; None if the presentation leaves it out, as the data model allows."""
    if "holder" not in raw:
        return None
    holder = raw["holder"]
    named = holder.get("id") if isinstance(holder, dict) else holder
    if not isinstance(named, str):
        raise wrong("/holder", "holder", holder)
    return named
