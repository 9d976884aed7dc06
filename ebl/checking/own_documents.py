"""The checks of an issuer's own file before a move that cannot be undone: issuing its root, minting its title, revoking it.

::

    from ebl.checking.own_documents import require_own

    own = require_own(document, registry, sources=sources)
    own.issuers   # its verified issuers
    own.doubts    # what could not be established about the issuer's domain: to be shown and asked about

A holder's or a buyer's move is based on a verification instead: `ebl.verify.verify` returns a report, and the functions of
`ebl.registry` that compose a move take it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ebl.chain.stores.store_moves import Store
from ebl.chain.titles.registries import Registry
from ebl.checking.memo import Run
from ebl.codes import Failure
from ebl.did.registry_services import registries
from ebl.errors import InvalidInput, Refuted, SourceError, Undetermined
from ebl.identity.did_issuer import DidIssuer
from ebl.identity.dns_did import DnsDid
from ebl.identity.dns_records import read_contract, read_key
from ebl.identity.dns_txt import DnsTxt
from ebl.identity.store_alone import StoreAlone
from ebl.identity.title_registry import NamesRegistry, can_name, domain_of
from ebl.messages import Message, say
from ebl.model.document import Document, Issuer
from ebl.model.findings import Claim, Fact, Identified, Who
from ebl.model.integrity import check_integrity
from ebl.model.ports import Sources
from ebl.openattestation.did_signature import DidSigned
from ebl.openattestation.revocation import NotRevoked
from ebl.status.document_store import DocumentStore
from ebl.status.token_registry import TokenRegistry

__all__ = ["OwnBill", "require_own"]

_Named = tuple[int | None, str]
_ABSENT = {Failure.NO_DNS_RECORD, Failure.REGISTRY_NOT_VOUCHED}
"""Failures because a record is missing, if there are no other records instead."""


@dataclass(frozen=True, slots=True)
class OwnBill:
    """A file on which its issuer may act: unaltered, signed by its issuer if it is signed, and of the contract in question.

    ``issuers`` are its verified issuers. ``doubts`` are messages about what was not established of their domains. The move
    depends on them, so the person who approves it must see them.
    """

    document: Document
    issuers: tuple[Who, ...]
    doubts: tuple[Message, ...]


def require_own(document: Document, contract: Store | Registry, *, sources: Sources) -> OwnBill:
    """Checks that a file is one that its issuer may issue, mint or revoke in this contract.

    Raises `Refuted` if the file was changed, if its signature is not its issuer's, or if the issuer's domain or DID document
    publishes other contracts. Raises `ebl.errors.Undetermined` if its signature could not be checked, and `InvalidInput` if it
    names another contract. Three things are doubts of the result: a domain without a record, one that could not be queried, and
    an issuer without an identity proof.

    Not checked: the state of the document in the contract, and whether the caller has a role in it.
    """
    sources = Run(sources).once  # one verification time, and every response cached
    # 1. It is what was wrapped or signed. No doubt is accepted: the move cannot be undone.
    check_integrity(document, sources=sources)
    # 2. It names this contract, so the move goes to the contract that verifiers query.
    own = _of(document, contract)
    # 3. The key that signed is its issuer's.
    who: list[Who] = []
    doubts: list[Message] = []
    for claim in _signatures(own):
        _settle(claim, sources, who, doubts, strict=isinstance(claim, DidIssuer))
    # 4. The issuer's domain names the contract, or the key, in its DNS.
    for issuer in own:
        claims = [*_records(issuer, contract)]
        for claim in claims:
            _settle(claim, sources, who, doubts, strict=False)
        if not claims:
            doubts.append(say("own", "no_proof", issuer=issuer.name) if issuer.name else say("own", "nameless"))
    return OwnBill(document, tuple(dict.fromkeys(who)), tuple(dict.fromkeys(doubts)))


def _of(document: Document, contract: Store | Registry) -> list[Issuer]:
    """The issuers that name the contract; all of them if the document as a whole does."""
    if any(_is(named, contract) for named in _named(document.status)):
        return list(document.issuers)
    own = [issuer for issuer in document.issuers if any(_is(named, contract) for named in _named(issuer.status))]
    if not own:
        named = [*_named(document.status), *(found for issuer in document.issuers for found in _named(issuer.status))]
        others = ", ".join(f"{at}{'' if chain is None else f' on chain {chain}'}" for chain, at in dict.fromkeys(named))
        kind = "store" if isinstance(contract, Store) else "registry"
        raise InvalidInput(
            f"The file does not name the {kind} {contract.address} on chain {contract.chain_id};"
            f" it names {others or 'none'}.",
            fix=f"Give the {kind} that it names; or give the hash itself, if that is intended.",
        )
    return own


def _named(claims: Iterable[Claim]) -> Iterator[_Named]:
    """The contracts that issue a document, hold its title, or record its revocation."""
    for claim in claims:
        match claim:
            case DocumentStore(chain_id=chain_id, address=address) | TokenRegistry(chain_id=chain_id, address=address):
                yield chain_id, address
            case NotRevoked(kind="REVOCATION_STORE", chain_id=chain_id, location=str(location)):
                yield chain_id, location


def _is(named: _Named, contract: Store | Registry) -> bool:
    chain_id, address = named
    return chain_id in (None, contract.chain_id) and address.lower() == contract.address.lower()


def _signatures(issuers: Iterable[Issuer]) -> Iterator[Claim]:
    """The claims about whose key signed: a credential's issuer, or the DID that signed the root instead of a contract."""
    for issuer in issuers:
        yield from (claim for claim in issuer.identity if isinstance(claim, DidIssuer))
        yield from (claim for claim in issuer.status if isinstance(claim, DidSigned))


def _records(issuer: Issuer, contract: Store | Registry) -> Iterator[Claim]:
    """The claims about records of domains. A DID may name its registry in its own document too."""
    for claim in issuer.identity:
        if isinstance(claim, DnsTxt) and _is((claim.chain_id, claim.address), contract):
            yield replace(claim, chain_id=contract.chain_id)
        elif isinstance(claim, DidIssuer):
            yield NamesRegistry(claim.did, contract.chain_id, contract.address)
        elif not isinstance(claim, DnsTxt):
            yield claim


def _settle(claim: Claim, sources: Sources, who: list[Who], doubts: list[Message], *, strict: bool) -> None:
    """Adds the identity that a claim proves, or the doubt that is left. Raises `Refuted` if the claim fails."""
    try:
        fact: Fact = claim.check(sources)
    except Refuted as no:
        if isinstance(claim, StoreAlone):  # a verifier that knows whose the store is can verify such a document
            doubts.append(no.message)
            return
        if no.failure not in _ABSENT or _names_others(claim, sources):
            raise
        doubts.append(_absent(claim, no.message))
    except Undetermined as trouble:
        if strict:
            raise
        doubts.append(_open(claim, trouble))
    else:
        if isinstance(fact, Identified):
            who.append(fact.who)


def _names_others(claim: Claim, sources: Sources) -> bool:
    """Whether the domain of a claim publishes records, so that it names other contracts."""
    match claim:
        case DnsTxt(domain=domain):
            return any(read_contract(text) is not None for text in sources.dns.txt(domain).texts)
        case DnsDid(domain=domain):
            return any(read_key(text) is not None for text in sources.dns.txt(domain).texts)
        case NamesRegistry(did=str(did)):
            if _has_registries(did, sources):
                return True
            name = domain_of(did)
            return name is not None and any(read_contract(text) is not None for text in sources.dns.txt(name).texts)
        case _:
            return True


def _has_registries(did: str, sources: Sources) -> bool:
    """Whether the document of a DID names registries: only that of a did:web can."""
    if not did.startswith("did:web:"):
        return False
    from ebl.did import did_web

    try:
        return any(registries(did_web.document(did, sources)))
    except Refuted:  # the document is not this DID's, so it names nothing
        return False


def _absent(claim: Claim, no: Message) -> Message:
    """The message about a missing record, with what to do."""
    if not isinstance(claim, NamesRegistry):
        return say("own", "publish_record", because=no)
    if can_name(claim.did):
        return say("own", "publish_registry", because=no)
    return say("own", "only_by_policy", because=no)


def _open(claim: Claim, trouble: Undetermined) -> Message:
    """The message about a claim that could not be checked, with the reason."""
    code, why = trouble.doubt, trouble.message
    unasked = isinstance(trouble, SourceError)
    match claim:
        case DnsTxt(domain=domain) | DnsDid(domain=domain) if unasked:
            return say("own", "dns_not_asked", domain=domain, code=code, because=why)
        case DnsTxt(domain=domain) | DnsDid(domain=domain):
            return say("own", "dns_not_checked", domain=domain, code=code, because=why)
        case NamesRegistry(did=str(did)) if unasked:
            return say("own", "registry_not_asked", did=did, code=code, because=why)
        case NamesRegistry(did=str(did)):
            return say("own", "registry_not_checked", did=did, code=code, because=why)
    if unasked:
        return say("own", "issuer_not_asked", check=claim.name, code=code, because=why)
    return say("own", "issuer_not_checked", check=claim.name, code=code, because=why)
