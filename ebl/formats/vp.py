"""W3C verifiable presentations: credentials, and the proof that their holder presents them."""

from __future__ import annotations

from typing import Any, Final

from ebl.document import Document, Issuer
from ebl.errors import Malformed
from ebl.formats import vc, vc_model
from ebl.formats.parts import wrong
from ebl.formats.vc_model import CREDENTIAL, V2, Object
from ebl.identity.holder import Holder
from ebl.primitives.contexts import Contexts, known
from ebl.proofs import data_integrity as di
from ebl.proofs import ecdsa_rdfc
from ebl.wholeness import of_parts

MOST: Final = 50
"""How many credentials a presentation may hold."""


def read(raw: Object, *, contexts: Contexts | None = None, list_issuers: tuple[str, ...] = ()) -> Document:
    """Read a signed presentation of version 2.0 of the data model, and every credential in it.

    Each credential is an issuer with the claims of its own. Raises `Malformed`, naming the credential that is not good.
    Nothing is verified.
    """
    contexts = contexts or known()
    if vc_model.version_of(raw) != V2 or CREDENTIAL in vc_model.types_of(raw):
        raise wrong("", f"a presentation of version 2.0, with {V2} as its first context, and no credential", raw)
    body = {name: value for name, value in raw.items() if name != "proof"}
    presenter = _holder(raw)
    credentials = [_credential(entry, number, contexts, list_issuers) for number, entry in enumerate(_entries(raw))]
    signed = _signature(raw, body, contexts)
    options = signed.proof.raw
    holder = Holder(
        presenter,
        signed.proof.key_id,
        signed.proof.purpose,
        tuple(subject.get("id") for credential in credentials for subject in vc_model.parse(credential.data).subjects),
        options.get("challenge"),
        options.get("domain"),
    )
    return Document(
        format="vp",
        digest=None,
        issuers=tuple(
            Issuer(one.issuers[0].name, one.issuers[0].id, status=one.status, identity=one.issuers[0].identity)
            for one in credentials
        ),
        integrity=(signed, *(claim for one in credentials for claim in one.integrity)),
        data=body,
        raw=raw,
        identity=(holder,),
        whole=of_parts(one.whole for one in credentials),
    )


def _signature(raw: Object, body: Object, contexts: Contexts) -> di.Signed:
    proof = raw.get("proof")
    asked = isinstance(proof, dict) and "challenge" in proof
    signed, _ = vc.signature(raw, body, contexts, purpose="authentication" if asked else "assertionMethod")
    if not isinstance(signed, ecdsa_rdfc.Signed):
        raise di.shape(f"a presentation is signed whole, by {ecdsa_rdfc.SUITE}")
    if signed.proof.expires is None:
        raise di.shape("a presentation must say until when it holds (expires)")
    return signed


def _entries(raw: Object) -> list[Object]:
    entries = raw.get("verifiableCredential")
    listed: list[Any] = entries if isinstance(entries, list) else [entries]
    if not 0 < len(listed) <= MOST:
        raise wrong("/verifiableCredential", f"from 1 to {MOST} credentials", entries)
    for number, entry in enumerate(listed):
        if not isinstance(entry, dict):
            raise wrong(f"/verifiableCredential/{number}", "a credential", entry)
    return listed


def _credential(entry: Object, number: int, contexts: Contexts, list_issuers: tuple[str, ...]) -> Document:
    try:
        return vc.read(entry, contexts=contexts, list_issuers=list_issuers, at=f"verifiableCredential[{number}].")
    except Malformed as bad:
        raise Malformed(bad.code, f"/verifiableCredential/{number}: {bad.detail}", bad.fix) from bad


def _holder(raw: Object) -> str:
    holder = raw.get("holder")
    named = holder.get("id") if isinstance(holder, dict) else holder
    if not isinstance(named, str):
        raise wrong("/holder", "the DID of whoever presents", holder)
    return named
