"""Policies: the issuers that a verifier accepts, and the assurance that it requires. Every verification needs one: no default.

::

    from ebl.policy import AllOf, IssuedBy, OnChains, load

    policy = AllOf(IssuedBy("carrier.example"), OnChains(frozenset({1})))
    policy = load(Path("bank.toml")).policy

A policy of your own is a class that inherits from `Policy` and has a ``check``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebl.identity.trusted import Trusted
from ebl.messages import Message, own_words
from ebl.model.contract import Contract
from ebl.model.findings import Examined, Fact, Identified, Note, Who
from ebl.model.later import later
from ebl.model.wholeness import WHOLE, Extent, Wholeness
from ebl.policies.base_policy import Policy, ask, contradiction, require_policy
from ebl.policies.combined_policies import AllOf, AnyOf
from ebl.policies.contents import Contents
from ebl.policies.issuer_rules import IssuedBy, IssuedByTrusted, UnsafeAnyIssuer

if TYPE_CHECKING:  # loaded when they are first used
    from ebl.chain.titles.title_state import State
    from ebl.credentials.accepted import Accepted
    from ebl.credentials.holder import Holder, Presented
    from ebl.credentials.status_list import NotListed, StatusListEntry
    from ebl.did.domain import Domain
    from ebl.identity.dns_did import DnsDid, KeyVouchedByDomain
    from ebl.identity.dns_txt import DnsTxt, VouchedByDomain
    from ebl.identity.title_registry import NamesRegistry, RegistryNamed
    from ebl.openattestation.revocation import NotRevoked, StillHolds
    from ebl.policies.assurance_rules import AgreedBy, DnsAssured, FreshWithin, NoWildcard, Settled, StateProved
    from ebl.policies.content_rules import HasField, Wanted
    from ebl.policies.contract_rules import InRegistries, InStores, OnChains, ThroughRegistry
    from ebl.policies.credential_rules import ListsWithin, PresentedTo
    from ebl.policies.document_rules import NothingWithheld, OfFormat, ShownWhole
    from ebl.policies.policy_file import PolicyFile, load, parse
    from ebl.policies.policy_file.named_rule import Rule
    from ebl.policies.presenter_rules import PresentedByHolder
    from ebl.policies.title_rules import HasTitle, HeldBy, NotReturned, OwnedBy, RegistryVouched, TitleIn
    from ebl.policies.trade_rules import MeetsDcsa
    from ebl.status.document_store import DocumentStore, Issued
    from ebl.status.token_registry import Titled, TokenRegistry
else:
    __getattr__ = later(
        __name__,
        {
            "ebl.did.domain": "Domain",
            "ebl.chain.titles.title_state": "State",
            "ebl.credentials.holder": "Presented Holder",
            "ebl.credentials.status_list": "NotListed StatusListEntry",
            "ebl.identity.dns_did": "KeyVouchedByDomain DnsDid",
            "ebl.identity.dns_txt": "VouchedByDomain DnsTxt",
            "ebl.identity.title_registry": "RegistryNamed NamesRegistry",
            "ebl.openattestation.revocation": "StillHolds NotRevoked",
            "ebl.status.document_store": "Issued DocumentStore",
            "ebl.status.token_registry": "Titled TokenRegistry",
            "ebl.policies.assurance_rules": "AgreedBy DnsAssured FreshWithin NoWildcard Settled StateProved",
            "ebl.policies.content_rules": "HasField Wanted",
            "ebl.policies.contract_rules": "InRegistries InStores OnChains ThroughRegistry",
            "ebl.policies.credential_rules": "ListsWithin PresentedTo",
            "ebl.policies.document_rules": "NothingWithheld OfFormat ShownWhole",
            "ebl.credentials.accepted": "Accepted",
            "ebl.policies.policy_file": "PolicyFile load parse",
            "ebl.policies.policy_file.named_rule": "Rule",
            "ebl.policies.trade_rules": "MeetsDcsa",
            "ebl.policies.presenter_rules": "PresentedByHolder",
            "ebl.policies.title_rules": "HasTitle HeldBy NotReturned OwnedBy RegistryVouched TitleIn",
        },
    )

__all__ = [
    "WHOLE",
    "Accepted",
    "AgreedBy",
    "AllOf",
    "AnyOf",
    "Contents",
    "Contract",
    "DnsAssured",
    "DnsDid",
    "DnsTxt",
    "DocumentStore",
    "Domain",
    "Examined",
    "Extent",
    "Fact",
    "FreshWithin",
    "HasField",
    "HasTitle",
    "HeldBy",
    "Holder",
    "Identified",
    "InRegistries",
    "InStores",
    "Issued",
    "IssuedBy",
    "IssuedByTrusted",
    "KeyVouchedByDomain",
    "ListsWithin",
    "MeetsDcsa",
    "Message",
    "NamesRegistry",
    "NoWildcard",
    "NotListed",
    "NotReturned",
    "NotRevoked",
    "Note",
    "NothingWithheld",
    "OfFormat",
    "OnChains",
    "OwnedBy",
    "Policy",
    "PolicyFile",
    "Presented",
    "PresentedByHolder",
    "PresentedTo",
    "RegistryNamed",
    "RegistryVouched",
    "Rule",
    "Settled",
    "ShownWhole",
    "State",
    "StateProved",
    "StatusListEntry",
    "StillHolds",
    "ThroughRegistry",
    "TitleIn",
    "Titled",
    "TokenRegistry",
    "Trusted",
    "UnsafeAnyIssuer",
    "VouchedByDomain",
    "Wanted",
    "Who",
    "Wholeness",
    "ask",
    "contradiction",
    "load",
    "own_words",
    "parse",
    "require_policy",
]
