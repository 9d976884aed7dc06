"""The claim that the issuer of a title names the title's registry: in the issuer's DID document, or in the DNS of its domain.

A W3C title is numbered by the credential's id, which any issuer can write into a credential. The existence of the token thus
proves nothing about the issuer, unless the registry is the issuer's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from ebl.codes import Failure
from ebl.did.registry_services import registries
from ebl.errors import Refuted, Undetermined
from ebl.messages import Message, say
from ebl.model.findings import Claim, Fact, Group, Note
from ebl.model.ports import Sources, TxtRecords

_WEB: Final = "did:web:"


By = Literal["did_document", "dns", "policy"]
"""The place that names a registry: the issuer's DID document, the DNS of its domain, or the verifier's policy."""


@dataclass(frozen=True, slots=True)
class NamesRegistry(Claim):
    """The issuer ``did`` names the registry at ``address`` (checksummed) as its own. ``did`` None: the issuer is not a DID."""

    group: ClassVar[Group] = Group.TITLE
    name: ClassVar[str] = "registry"
    settles: ClassVar[bool] = False

    did: str | None
    chain_id: int
    address: str

    def check(self, sources: Sources) -> RegistryNamed:
        """Looks for the registry among the services of a did:web's document; then, if the did:web is a domain, in its DNS.

        Raises `Refuted` (``identity.registry_not_vouched``) if neither names the registry (a DID of another method has neither),
        and `ebl.errors.SourceError` if one of them could not be queried and the other does not name it. Not checked: that the
        DID issued anything.
        """
        if self.did is None or not can_name(self.did):
            if self.did is None:
                raise Refuted(
                    Failure.REGISTRY_NOT_VOUCHED, "issuer_without_did", registry=self.address, chain=self.chain_id
                )
            raise Refuted(
                Failure.REGISTRY_NOT_VOUCHED,
                "did_cannot_name",
                did=self.did,
                registry=self.address,
                chain=self.chain_id,
            )
        doubt: Undetermined | None = None
        try:
            from ebl.did import did_web

            if _is_among(self, did_web.document(self.did, sources)):
                return RegistryNamed(self, "did_document")
        except Undetermined as trouble:
            doubt = trouble
        except Refuted:
            pass  # a document of another DID names nothing; other checks decide whether its keys count
        if (name := domain_of(self.did)) is not None:
            try:
                return _in_dns(self, name, sources)
            except Undetermined as trouble:
                doubt = doubt or trouble
            except Refuted:
                pass
        if doubt is not None:
            raise doubt
        raise Refuted(
            Failure.REGISTRY_NOT_VOUCHED, "not_named", did=self.did, registry=self.address, chain=self.chain_id
        )


@dataclass(frozen=True, slots=True)
class RegistryNamed(Fact):
    """The registry belongs to the issuer. ``by`` is the place that names it; ``records`` are the DNS records, if it was DNS."""

    claim: NamesRegistry
    by: By
    records: TxtRecords | None = None

    @property
    def message(self) -> Message:
        registry, chain = self.claim.address, self.claim.chain_id
        if self.records is not None:
            domain, assurance = self.records.name, self.records.assurance
            return say("fact", "registry_in_dns", domain=domain, registry=registry, chain=chain, assurance=assurance)
        if self.by == "did_document" and self.claim.did is not None:
            return say("fact", "registry_in_did_document", did=self.claim.did, registry=registry, chain=chain)
        return say("fact", "registry_in_policy", registry=registry, chain=chain)


def can_name(did: str | None) -> bool:
    """Returns whether a DID of this method can name a registry; if not, only a verifier's policy can."""
    return did is not None and did.startswith(_WEB)


def domain_of(did: str) -> str | None:
    """Returns the domain of a did:web; None if it has a path or a port, where others may publish, and for other DIDs."""
    host = did.removeprefix(_WEB)
    return host if did.startswith(_WEB) and not {":", "%"} & set(host) else None


def _is_among(claim: NamesRegistry, document: Mapping[str, Any]) -> bool:
    return (claim.chain_id, claim.address.lower()) in registries(document)


def _in_dns(claim: NamesRegistry, name: str, sources: Sources) -> RegistryNamed:
    from ebl.identity.dns_txt import DnsTxt

    found = DnsTxt(name, claim.chain_id, claim.address).check(sources)
    return RegistryNamed(claim, "dns", found.records, notes=_notes(found))


def _notes(found: Any) -> tuple[Note, ...]:
    """Returns the notes on the DNS answer. The notes on the name are given with the DID already."""
    return tuple(note for note in found.notes if note not in found.domain.notes)
