"""The claim that a credential is not revoked and not suspended, by a bit in a list that the issuer signs and hosts.

W3C Bitstring Status List 1.0 and Status List 2021. The list is untrusted until it is bound to the document. It must be a
credential of the issuer itself (or of an issuer that the caller accepts for lists), about this URL and purpose, valid now,
with a valid proof. Otherwise the result is ``status.list_unbound``, and no bit is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from ebl.codec.broken import Broken
from ebl.codec.uri import is_uri
from ebl.codes import Condition, Doubt, Failure
from ebl.credentials import data_integrity as di
from ebl.credentials import suites
from ebl.credentials.linked_data import to_statements
from ebl.credentials.status_list_credential import PURPOSES, ListKind, StatusList, is_list_url, parse, require_one_bit
from ebl.errors import Malformed, Refuted, SourceError, Undetermined, Unreadable, Unsupported
from ebl.messages import Message, explained, say
from ebl.model.broken_input import read_json
from ebl.model.findings import Fact, Group, ListedClaim, Note
from ebl.model.ports import Sources
from ebl.model.wholeness import Extent, Wholeness

ENTRY_TYPES: Final = {
    "BitstringStatusListEntry": ListKind.BITSTRING,
    "StatusList2021Entry": ListKind.STATUS_2021,
}
NEEDED: Final = frozenset({"statusListCredential", "statusListIndex", "statusPurpose"})
"""The members that an entry must have so that its bit can be read."""
_FAILURES: Final = {"revocation": Failure.REVOKED, "suspension": Failure.SUSPENDED}
# A list is trusted for its signature alone, so the media types of static hosts for files without a suffix are accepted.
_ACCEPT: Final = (
    "application/vc",
    "application/vc+ld+json",
    "application/ld+json",
    "application/json",
    "application/octet-stream",
    "text/plain",
)
_TYPES: Final = tuple(f"{kind}Credential" for kind in ListKind)
_INDEX = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class StatusListEntry(ListedClaim):
    """The bit at ``index`` of the list at ``url`` is not set for the document.

    ``url``, ``index`` and ``purpose`` are as the document has them. ``issuer`` is the document's own DID; ``list_issuers``
    are other DIDs whose lists the caller accepts.
    """

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "status_list"

    kind: ListKind
    url: str
    index: str
    purpose: str
    issuer: str
    list_issuers: tuple[str, ...] = ()

    def check(self, sources: Sources) -> NotListed:
        """Fetches the list, binds it to the document, verifies its proof, and reads the bit.

        Raises `Refuted` with ``status.revoked`` or ``status.suspended`` if the bit is set, and with ``status.list_unbound``
        if the list is not bound to the document. Raises `Undetermined` if the list is expired or not whole, or if its
        purpose, suite or size of entries is not supported. Raises `SourceError` if its URL returns no list. Not checked: how
        recent the list is within its own dates (see `ebl.policy.ListsWithin`).
        """
        index = _place(self)
        page = sources.fetch(self.url, accept=_ACCEPT)
        credential = _credential(page.body, self)
        listed = _bound(credential, self)
        proved = _require_proof(credential, listed, self, sources)
        _require_current(listed, self, sources)
        try:
            is_set = listed.bits[index]
        except IndexError as beyond:
            entries = len(listed.bits)
            raise Refuted(
                Failure.LIST_UNBOUND, "too_short", host=_host(self.url), entries=entries, index=index
            ) from beyond
        if is_set:
            raise Refuted(_FAILURES[self.purpose], "in_list", host=_host(self.url), index=index)
        conditions = [note for note in proved.notes if isinstance(note.remark, Condition)]
        if listed.valid_until is None and _may_lack(credential, proved.whole):
            conditions.append(Note.of(Condition.LIST_END, host=_host(self.url)))
        return NotListed(self, listed, proved.claim.proof.created, notes=tuple(conditions))


@dataclass(frozen=True, slots=True)
class NotListed(Fact):
    """The bit is not set. ``listed`` is the list, ``created`` the time in its proof."""

    claim: StatusListEntry
    listed: StatusList
    created: datetime | None = None

    @property
    def signed(self) -> datetime | None:
        """When the list was signed, as far as it states: the later of its start and its proof's time."""
        return max((time for time in (self.listed.valid_from, self.created) if time is not None), default=None)

    @property
    def host(self) -> str:
        """The host of the list."""
        return _host(self.claim.url)

    @property
    def message(self) -> Message:
        """The fact in words."""
        revocation, host, until = self.claim.purpose == "revocation", self.host, self.listed.valid_until
        if until is None:
            return say("fact", "list_not_revoked" if revocation else "list_not_suspended", host=host)
        return say(
            "fact", "list_not_revoked_until" if revocation else "list_not_suspended_until", host=host, until=until
        )


def entry(
    status: Mapping[str, Any], types: Sequence[str], *, issuer: str, list_issuers: tuple[str, ...] = ()
) -> StatusListEntry:
    """Returns the claim that one ``credentialStatus`` object of these types makes.

    An index may be a number, as in early examples of version 1.0 of the specification. Raises `Unsupported` for types other
    than those named above and for entries of several bits, and `Malformed` if the entry lacks a required member.
    """
    kind = ENTRY_TYPES.get(types[0]) if len(types) == 1 else None
    if kind is None:
        raise Unsupported(Doubt.UNSUPPORTED_STATUS, "entry", types=types, known=(*ENTRY_TYPES,))
    require_one_bit(status)
    number = status.get("statusListIndex")
    index = str(number) if type(number) is int else number
    url, purpose = status.get("statusListCredential"), status.get("statusPurpose")
    if not (isinstance(url, str) and isinstance(index, str) and isinstance(purpose, str)):
        raise Malformed(Failure.LIST_UNBOUND, "entry")
    return StatusListEntry(kind, url, index, purpose, issuer, list_issuers)


def _may_lack(credential: Mapping[str, Any], whole: Wholeness) -> bool:
    """Whether a member may have been removed from a list of which only some members are mandatory."""
    return whole.extent is not Extent.WHOLE and not credential.keys() - {"@context", "id", "proof"} <= set(whole.bound)


def _place(claim: StatusListEntry) -> int:
    if not is_list_url(claim.url):
        if is_uri(claim.url):
            raise SourceError(Doubt.WEB_REFUSED, "status_list", url=claim.url)
        raise Refuted(Failure.LIST_UNBOUND, "no_url", came=claim.url)
    if not _INDEX.fullmatch(claim.index):
        raise Refuted(Failure.LIST_UNBOUND, "index", came=claim.index)
    if claim.purpose not in PURPOSES:
        raise Unsupported(Doubt.UNSUPPORTED_PURPOSE, purpose=claim.purpose, known=PURPOSES)
    return int(claim.index)


def _credential(body: bytes, claim: StatusListEntry) -> Mapping[str, Any]:
    try:
        credential = read_json(body, any_number=True)
    except Unreadable as bad:
        raise SourceError(Doubt.WEB_BAD_ANSWER, "list_json", host=_host(claim.url), because=bad.message) from bad
    if not isinstance(credential, dict):
        raise SourceError(Doubt.WEB_BAD_ANSWER, "list_object", host=_host(claim.url))
    types = credential.get("type")
    if not set(_TYPES).intersection(
        one for one in (types if isinstance(types, list) else [types]) if isinstance(one, str)
    ):  # for example the error page of a web server, or a list of a later kind
        raise SourceError(Doubt.WEB_BAD_ANSWER, "list_type", host=_host(claim.url), types=_TYPES)
    return credential


def _bound(credential: Mapping[str, Any], claim: StatusListEntry) -> StatusList:
    host = _host(claim.url)
    try:
        listed = parse(credential)
    except Broken as bad:
        raise _unbound(claim, explained(bad.reason)) from bad
    if listed.url != claim.url:
        raise Refuted(Failure.LIST_UNBOUND, "other_url", host=host)
    if listed.kind is not claim.kind:
        raise Refuted(Failure.LIST_UNBOUND, "other_kind", host=host, expected=claim.kind, came=listed.kind)
    if claim.purpose not in listed.purposes:
        raise Refuted(Failure.LIST_UNBOUND, "other_purpose", host=host, expected=claim.purpose, came=listed.purposes)
    if listed.issuer not in (claim.issuer, *claim.list_issuers):
        raise Refuted(Failure.LIST_UNBOUND, "other_issuer", host=host, issuer=listed.issuer, expected=claim.issuer)
    return listed


def _require_current(listed: StatusList, claim: StatusListEntry, sources: Sources) -> None:
    where = _host(claim.url)
    if listed.valid_from is not None and sources.now < listed.valid_from:
        raise Undetermined(Doubt.LIST_OUTDATED, "not_yet", host=where, start=listed.valid_from)
    if listed.valid_until is not None and sources.now > listed.valid_until:
        raise Undetermined(Doubt.LIST_OUTDATED, "over", host=where, end=listed.valid_until)


def _require_proof(
    credential: Mapping[str, Any], listed: StatusList, claim: StatusListEntry, sources: Sources
) -> di.Authentic:
    body = {name: value for name, value in credential.items() if name != "proof"}
    try:
        suite, proof, value = suites.parse(credential.get("proof"))
        if proof.purpose != "assertionMethod":
            raise Refuted(Failure.LIST_UNBOUND, "proof_purpose", host=_host(claim.url))
        if proof.did != listed.issuer:
            raise Refuted(Failure.LIST_UNBOUND, "other_signer", host=_host(claim.url), signer=proof.did)
        authentic: di.Authentic = suite.SIGNED(body, to_statements(body), proof, value).check(sources)
    except Malformed as bad:
        raise _unbound(claim, bad.message) from bad
    except Refuted as no:
        raise no if no.failure is Failure.LIST_UNBOUND else _unbound(claim, no.message) from no
    if authentic.whole.extent is Extent.DERIVED:  # the host may have left out the end of its validity
        raise Undetermined(Doubt.LIST_NOT_WHOLE, host=_host(claim.url))
    return authentic


def _unbound(claim: StatusListEntry, why: Message) -> Refuted:
    return Refuted(Failure.LIST_UNBOUND, "because", host=_host(claim.url), because=why)


def _host(url: str) -> str:
    return url.removeprefix("https://").partition("/")[0].partition("?")[0][:100]
