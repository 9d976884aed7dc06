"""Check of the hosted DID document of a did:web: what it lists, how that differs from what is expected, and what to publish.

For the issuer that hosts it. `ebl.did.verification_method` has what a verification reads from a DID document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ebl.codes import Doubt
from ebl.crypto.multikey import PublicKey
from ebl.did import did_web
from ebl.did.did_syntax import NotADid, is_did, is_public_site, relative_to, split_key_id, web_host, web_url
from ebl.did.document_keys import public_key
from ebl.did.document_writer import method
from ebl.did.domain import read_domain
from ebl.did.registry_services import registries
from ebl.did.verification_method import PURPOSES
from ebl.errors import InvalidInput, Refuted, SourceError, Undetermined
from ebl.messages import explained
from ebl.model.ports import Fetch, NoPage

RELATIONS: Final = (*PURPOSES, "keyAgreement", "capabilityInvocation", "capabilityDelegation")
"""The verification relationships of DID Core, section 5.3."""

_PRIVATE: Final = ("secretKeyMultibase", "privateKeyMultibase", "privateKeyJwk", "privateKeyHex", "privateKeyBase58")


@dataclass(frozen=True, slots=True)
class Listed:
    """A key that a DID document lists. ``public`` is None if it is invalid or of an unsupported kind: ``why`` gives the reason.

    ``purposes`` are the relationships that name it. ``id`` and ``controller`` are in full.
    """

    id: str
    type: str
    controller: str
    public: PublicKey | None
    purposes: tuple[str, ...]
    why: str = ""

    @property
    def kind(self) -> str:
        """The kind of key, in words."""
        return self.type if self.public is None else f"{self.type} {self.public.kind}"

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "id": self.id,
            "type": self.type,
            "controller": self.controller,
            "public": None if self.public is None else str(self.public),
            "purposes": list(self.purposes),
            "trouble": self.why or None,
        }


@dataclass(frozen=True, slots=True)
class Expected:
    """A key that should be listed, and its purposes. ``public`` is None if any key may have the name.

    ``exact``: it should be listed for no other purpose. ``source`` is where it comes from: the name of a file.
    """

    id: str
    public: PublicKey | None
    purposes: tuple[str, ...] = PURPOSES
    source: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One part that was compared: the document itself, a key, a service. ``differences`` are all that is wrong with it."""

    what: str
    found: str
    differences: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()

    @property
    def there(self) -> bool:
        """Whether it is as expected."""
        return not self.differences

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "what": self.what,
            "there": self.there,
            "found": self.found or None,
            "differences": list(self.differences),
        }


@dataclass(frozen=True, slots=True)
class Hosted:
    """The hosted document of a DID, compared. ``trouble`` is why it could not be fetched, or is not a document.

    ``there`` is True if every part is as expected, False if one is not, None if this could not be determined.
    """

    did: str
    url: str
    rows: tuple[Row, ...] = ()
    also: tuple[Listed, ...] = ()
    trouble: str | None = None
    missing: bool = False
    hints: tuple[str, ...] = ()

    @property
    def there(self) -> bool | None:
        if self.trouble is not None:
            return False if self.missing else None
        return all(row.there for row in self.rows)

    @property
    def fixes(self) -> tuple[str, ...]:
        """What to do, in order."""
        changes = tuple(fix for row in self.rows for fix in row.fixes)
        if changes:
            changes += (f"Publish the changed document at {self.url} as application/json.",)
        return changes + self.hints

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "did": self.did,
            "url": self.url,
            "there": self.there,
            "compared": [row.to_dict() for row in self.rows],
            "also_listed": [one.to_dict() for one in self.also],
            "trouble": self.trouble,
            "fixes": list(self.fixes),
        }


def is_did_document(parsed: object) -> bool:
    """Whether a JSON value is a DID document, as far as its members show: a DID for an id, and keys or services."""
    if not isinstance(parsed, Mapping) or not isinstance(parsed.get("id"), str) or not is_did(parsed["id"]):
        return False
    return any(name in parsed for name in ("verificationMethod", "service", "controller", *RELATIONS))


def listed(document: Mapping[str, Any], did: str) -> tuple[Listed, ...]:
    """Returns the keys of a DID document, in its order. Entries that are not keys are skipped."""
    found = [entry for name in ("verificationMethod", *RELATIONS) for entry in _list(document, name)]
    return tuple(_listed(entry, document, did) for entry in found if isinstance(entry, Mapping))


def described(document: Mapping[str, Any], did: str) -> tuple[str, ...]:
    """Returns the services of a DID document, in words."""
    return tuple(
        f"{_text(entry.get('id'))}: {_text(entry.get('type'))} at {_text(entry.get('serviceEndpoint'))}"
        for entry in _list(document, "service")
        if isinstance(entry, Mapping)
    )


def check_hosted(
    did: str, fetch: Fetch, expected: Sequence[Expected] = (), *, file: Mapping[str, Any] | None = None, name: str = ""
) -> Hosted:
    """Fetches the document of a did:web and compares it with the keys that it should list.

    ``file`` is the document that should be hosted, and ``name`` the file's name: then all keys, relationships and services are
    compared, in both directions. With neither, the hosted document is checked by itself. Outages are in the result. Raises
    `InvalidInput` if the DID is not a did:web that verifiers fetch.
    """
    asked = Hosted(did, require_web(did))
    try:
        document = did_web.fetched(did, fetch)
    except Refuted as no:
        hint = _to_publish(asked.url, name)
        return replace(asked, trouble=f"{no.failure}: {no.detail}", missing=True, hints=(hint,))
    except SourceError as trouble:
        missing = isinstance(trouble, NoPage) or trouble.doubt is Doubt.DID_DOCUMENT
        hint = _to_publish(asked.url, name) if missing else _hint(trouble, asked.url)
        return replace(asked, trouble=f"{trouble.doubt}: {trouble.detail}", missing=missing, hints=(hint,))
    rows = [_of_id(document, did)]
    wanted = list(expected)
    keys = listed(document, did)
    if file is not None:
        wanted = [_merged(one, wanted) for one in _from_file(file, did, name)] + [
            one for one in wanted if one.id not in {key.id for key in listed(file, did)}
        ]
        rows += [_of_services(document, file, did, name)]
    if not wanted and file is None:
        rows += [_alone(key, did) for key in keys] or [
            Row("keys", "", ("the document lists no key",), ("Add a key: `ebl did web KEYFILE…` writes the entries.",))
        ]
        return replace(asked, rows=tuple(rows))
    rows += [_of_key(one, keys, document, did) for one in wanted]
    others = tuple(key for key in keys if key.id not in {one.id for one in wanted})
    if file is not None:
        rows += [
            Row(key.id, key.kind, (f"it is hosted, and not in {name}",), (f"Remove {key.id} if it is not to sign.",))
            for key in others
        ]
        others = ()
    return replace(asked, rows=tuple(rows), also=others)


def require_web(did: str) -> str:
    """Returns the URL of a did:web's document. Raises `InvalidInput` if the DID is not a did:web with a plain domain."""
    try:
        url = web_url(did)
        if is_public_site(did):
            read_domain(web_host(did)[0])
    except NotADid as bad:
        raise InvalidInput(
            f"{did[:100]} is not a did:web: {explained(bad.reason)}.",
            fix="Name a did:web: no document is hosted for a DID of another method.",
        ) from bad
    except Refuted as no:
        raise InvalidInput(f"{did[:100]}: {no.detail}.") from no
    return url


def _to_publish(url: str, name: str) -> str:
    return f"Publish {name or 'the did.json that `ebl did web KEYFILE…` writes'} at {url} as application/json."


def _hint(trouble: SourceError, url: str) -> str:
    match trouble.doubt:
        case Doubt.WEB_BAD_ANSWER:
            return f"Configure {url} to respond with 200, without a redirect, as application/json."
        case Doubt.WEB_REFUSED:
            return "Host the document at a public address and the standard port: verifiers fetch no other."
    return "Retry; if the error persists, ask the operator of the site and its DNS."


def _of_id(document: Mapping[str, Any], did: str) -> Row:
    found = _text(document.get("id"))
    if document.get("id") == did:
        return Row("id", did)
    return Row("id", found, (f"it is {found}, expected {did}",), (f'Set the "id" of the document to {did}.',))


def _of_key(wanted: Expected, keys: Sequence[Listed], document: Mapping[str, Any], did: str) -> Row:
    mine = [key for key in keys if key.id == wanted.id]
    entry = None if wanted.public is None else json.dumps(method(did, wanted.id, wanted.public))
    if not mine:
        same = [key.id for key in keys if wanted.public is not None and key.public == wanted.public]
        why = f"the same key is listed as {same[0]}" if same else "it is not listed"
        fix = f'Add to "verificationMethod": {entry}' if entry else f'List {wanted.id} in "verificationMethod".'
        return Row(wanted.id, "", (why,), (fix, *_naming(wanted, wanted.purposes)))
    differences, fixes = [], []
    if len(mine) > 1:
        differences.append(f"it is listed {len(mine)} times")
        fixes.append(f"List {wanted.id} once.")
    key = mine[0]
    if (wrong := _wrong(key, did)) is not None:
        differences.append(wrong[0])
        fixes.append(wrong[1])
    if wanted.public is not None and key.public != wanted.public:
        found = key.why or (key.kind if key.public is None else f"{key.public}")
        differences.append(f"it is another key: {found}; expected {wanted.public}")
        fixes.append(f"Replace it with: {entry}")
    lacking = [purpose for purpose in wanted.purposes if purpose not in key.purposes]
    if lacking:
        differences.append(f"it is not named by {' and '.join(lacking)}")
        fixes += _naming(wanted, lacking)
    more = [purpose for purpose in key.purposes if purpose not in wanted.purposes] if wanted.exact else []
    if more:
        differences.append(f"{' and '.join(more)} name it too, and not in {wanted.source}")
        fixes.append(f"Remove {wanted.id} from {' and '.join(more)}.")
    return Row(wanted.id, f"{key.kind} for {' and '.join(key.purposes) or 'nothing'}", tuple(differences), tuple(fixes))


def _naming(wanted: Expected, purposes: Sequence[str]) -> tuple[str, ...]:
    return tuple(f'Add to "{purpose}": "{wanted.id}"' for purpose in purposes)


def _alone(key: Listed, did: str) -> Row:
    """Returns what is wrong with a key regardless of what is expected."""
    found = f"{key.kind} for {' and '.join(key.purposes) or 'nothing'}"
    wrong = _wrong(key, did)
    if wrong is None and not key.purposes:
        wrong = "no relationship names it, so it has no purpose", f'Add "{key.id}" to "assertionMethod".'
    return Row(key.id, found) if wrong is None else Row(key.id, found, (wrong[0],), (wrong[1],))


def _wrong(key: Listed, did: str) -> tuple[str, str] | None:
    """Returns why verifiers cannot use a key, and what to do."""
    try:
        split_key_id(key.id)
    except NotADid as bad:
        return f"its id is not a key id: {explained(bad.reason)}", "Write the DID, # and letters or digits."
    if key.controller != did:
        return f"its controller is {key.controller}, expected {did}", f'Set the "controller" of {key.id} to {did}.'
    if key.public is None and key.why:
        return key.why, f"Publish {key.id} as a Multikey of the kind that signed (`ebl did web` writes it)."
    return None


def _of_services(document: Mapping[str, Any], file: Mapping[str, Any], did: str, name: str) -> Row:
    """Compares services, and the registries that they name, regardless of order and spelling of the ids."""
    hosted, wanted = (_services(one, did) for one in (document, file))
    what = f"{len(wanted)} services"
    if hosted == wanted:
        return Row("service", what)
    differences, fixes = [], []
    for text in sorted(wanted - hosted):
        differences.append(f"it lacks {text}")
        fixes.append(f'Add to "service": {text}')
    for text in sorted(hosted - wanted):
        differences.append(f"it has {text}, which is not in {name}")
        fixes.append(f'Remove from "service": {text}')
    named = set(registries(file)) - set(registries(document))
    fixes += [
        f"Until then the DID does not name the title registry {address} on chain {chain}." for chain, address in named
    ]
    return Row("service", f"{len(hosted)} services", tuple(differences), tuple(fixes))


def _services(document: Mapping[str, Any], did: str) -> set[str]:
    entries = [entry for entry in _list(document, "service") if isinstance(entry, Mapping)]
    return {
        json.dumps({**entry, "id": relative_to(did, _text(entry.get("id")))}, sort_keys=True, ensure_ascii=False)
        for entry in entries
    }


def _from_file(file: Mapping[str, Any], did: str, name: str) -> list[Expected]:
    return [Expected(key.id, key.public, key.purposes, name, exact=True) for key in listed(file, did)]


def _merged(one: Expected, keys: Sequence[Expected]) -> Expected:
    """Merges what a document states about a key with what a key file adds."""
    mine = next((key for key in keys if key.id == one.id), None)
    return one if mine is None else replace(one, public=mine.public or one.public)


def _listed(entry: Mapping[str, Any], document: Mapping[str, Any], did: str) -> Listed:
    key_id = relative_to(did, _text(entry.get("id")))
    public, why = None, ""
    if published := [name for name in _PRIVATE if name in entry]:
        why = f"its private part is published with it ({published[0]}), so any reader can sign with it"
    else:
        try:
            public = public_key(entry, key_id)
        except Refuted as no:
            why = no.detail
        except Undetermined:
            pass  # an unsupported kind, which may be valid
    purposes = tuple(name for name in RELATIONS if _names(_list(document, name), did, key_id))
    return Listed(
        key_id, _text(entry.get("type")), relative_to(did, _text(entry.get("controller"))), public, purposes, why
    )


def _names(entries: Sequence[Any], did: str, key_id: str) -> bool:
    ids = [entry.get("id") if isinstance(entry, Mapping) else entry for entry in entries]
    return any(isinstance(one, str) and relative_to(did, one) == key_id for one in ids)


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    value = document.get(name, [])
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return value[:300] if isinstance(value, str) else "nothing" if value is None else json.dumps(value)[:300]
