"""Presentation of credentials: their holder signs that it shows them to a verifier now.

::

    from ebl.credentials.present import present

    shown = present([derived], key, expires=in_ten_minutes, challenge=what_the_verifier_sent, domain="bank.example")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ebl.codec.timestamp import format_timestamp
from ebl.codes import Doubt
from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import data_model as vc_model
from ebl.credentials import ecdsa_rdfc, ecdsa_sd, vc, vp
from ebl.credentials.data_model import PRESENTATION, V2
from ebl.credentials.issue import DATA_INTEGRITY, derive, new_id
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import KeyType
from ebl.errors import InvalidInput, Malformed, Unsupported
from ebl.jsonld.contexts import Contexts, known
from ebl.model.integrity import check_integrity
from ebl.model.ports import offline

# The holder shows what was issued and attests no more. These unknowns are the verifier's to resolve, with network sources.
_FOR_THE_VERIFIER = frozenset({Doubt.OFFLINE, Doubt.AMBIGUOUS_NUMBER, Doubt.UNSUPPORTED_CLAIM})


def present(
    credentials: Sequence[Mapping[str, Any]],
    key: IssuerKey,
    *,
    expires: datetime,
    challenge: str | None = None,
    domain: str | None = None,
    created: datetime | None = None,
    contexts: Contexts | None = None,
) -> dict[str, Any]:
    """Returns a presentation of credentials, signed by their holder with the P-256 key ``key``.

    ``challenge`` is what the verifier sent so that the presentation cannot be replayed; ``domain`` names the verifier. A
    credential as it was issued (with a base proof) is shown whole; derive from it first to show less. No network source is
    queried, so a credential's signature is checked as far as possible without one (a did:key's is, a did:web's is not).

    Raises `InvalidInput` if the presentation would not verify (the credential of another subject, no time left, nothing to
    present), and `ebl.errors.Refuted` if a credential was changed.
    """
    contexts, created = contexts or known(), created or datetime.now(UTC)
    if key.public.kind is not KeyType.P256:
        raise InvalidInput(
            f"Presentations are signed with {KeyType.P256} keys; {key.id} is of {key.public.kind}.",
            fix="Make a key for presentations with `ebl key new --suite ecdsa-sd-2023`.",
        )
    if expires <= created:
        raise InvalidInput("The presentation would expire at once.", fix="Let it expire some minutes from now.")
    shown = [_whole(credential, contexts) for credential in credentials]
    for credential in shown:
        for subject in vc_model.parse(credential).subjects:
            if subject.get("id", key.did) != key.did:
                raise InvalidInput(
                    f"A credential is about {subject['id']}, but the key is of {key.did}.",
                    fix="Present it with a key of its subject's DID.",
                )
    document = {
        "@context": [V2, DATA_INTEGRITY],
        "id": new_id(now=created),
        "type": [PRESENTATION],
        "holder": key.did,
        "verifiableCredential": shown,
    }
    options = {
        "created": format_timestamp(created),
        "expires": format_timestamp(expires),
        "proofPurpose": "assertionMethod" if challenge is None else "authentication",
        **({"challenge": challenge} if challenge is not None else {}),
        **({"domain": domain} if domain is not None else {}),
    }
    try:
        for credential in shown:
            issued = vc.read(credential, contexts=contexts)
            check_integrity(issued, accepting=_FOR_THE_VERIFIER, sources=offline(now=created))
        signed = ecdsa_rdfc.sign(document, key, options=options, contexts=contexts)
        vp.read(signed, contexts=contexts)
    except (Malformed, Unsupported) as bad:
        raise InvalidInput(f"This presentation would not verify: {bad.detail}") from bad
    return signed


def _whole(credential: Mapping[str, Any], contexts: Contexts) -> Mapping[str, Any]:
    body = {name: value for name, value in credential.items() if name != "proof"}
    try:
        signed, derived = vc.signature(credential, body, contexts, purpose="assertionMethod")
    except (Malformed, Unsupported) as bad:
        raise InvalidInput(f"This credential cannot be presented: {bad.detail}") from bad
    is_base = not derived and signed.proof.cryptosuite in (ecdsa_sd.SUITE, bbs.SUITE)
    return derive(credential, [""], contexts=contexts) if is_base else credential
