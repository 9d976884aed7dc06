"""Moves on chain: issue and revoke roots; mint, transfer and return titles; read their state.

A move is first composed as a `Call`. `plan` returns what it would cost, and `send` signs exactly that plan. Given a `Call`,
`send` plans and sends without asking in between. `connect` opens a node; `LocalKey` and the other signers sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebl.chain.contracts.artifact import Artifact
from ebl.chain.deployments import Deployment, deployed, deployment
from ebl.chain.proved_storage import Proved
from ebl.chain.rpc.given_chain import AnyChain
from ebl.chain.sending import (
    Call,
    Finality,
    Journals,
    Node,
    Plan,
    PlanOfMany,
    Receipt,
    SendProgress,
    SendResult,
    SendState,
    TransactionSigner,
    TransactionState,
    TransactionStatus,
    WaitOptions,
    cancel,
    plan,
    plan_all,
    plan_cancel,
    plan_speed_up,
    resume,
    send,
    send_all,
    speed_up,
    status,
)
from ebl.chain.sending.given_node import AnyNode
from ebl.chain.sending.journal import Journal, JournalEntry, Outcome, Purpose
from ebl.chain.sending.node import Head, NodeRefused, NodeTransport
from ebl.chain.sending.transaction import Fees, Unsigned
from ebl.chain.stores.bulk_issue import issue_all, issues_in_bulk
from ebl.chain.stores.store_moves import (
    Store,
    StoreKind,
    StoreStatus,
    deploy_store,
    issue,
    revoke,
    revoke_under,
    store_at,
    store_status,
    unissued,
    unrevoked,
)
from ebl.chain.titles.appointments import (
    Appointments,
    appointments,
    grant,
    renounce,
    revoke_role,
    roles_of,
    transfer_role,
)
from ebl.chain.titles.capabilities import (
    Capabilities,
    Capability,
    Move,
    capabilities,
    capabilities_of_parties,
)
from ebl.chain.titles.endorsements import Action, Endorsement, Position
from ebl.chain.titles.history import History, history
from ebl.chain.titles.registries import Registry, RegistryStatus, registry_at, registry_status
from ebl.chain.titles.title_moves import (
    accept_return,
    deploy_factory,
    deploy_registry,
    deploy_registry_through,
    endorse,
    mint,
    nominate,
    pause,
    reject,
    reject_endorsement,
    reject_holder,
    reject_return,
    return_to_issuer,
    transfer,
    transfer_holder,
    unpause,
)
from ebl.chain.titles.title_proof import prove
from ebl.chain.titles.title_remarks import seal, unseal
from ebl.chain.titles.title_state import State, Title
from ebl.chain.titles.title_state import read_title as title
from ebl.config.networks import Gas, GasKind
from ebl.config.node_name import NodeName
from ebl.ethereum.state_proof import AccountState
from ebl.ethereum.typed_data import TypedData
from ebl.model.judged import Judged
from ebl.model.later import later
from ebl.model.ports import Block, Chain

if TYPE_CHECKING:  # loaded when they are first used
    from ebl.chain.signers import AwsKms, CallableSigner, CommandSigner, Kms, KmsSigner, LocalKey, Signer
    from ebl.chain.titles.challenge_memory import ChallengeFile, ChallengeMemory
    from ebl.chain.titles.title_challenge import TitleAnswer, TitleChallenge, read_answer, read_challenge
    from ebl.checking.own_documents import OwnBill, require_own
    from ebl.net.connect import connect
    from ebl.openattestation.anchoring import roots_of
else:
    __getattr__ = later(
        __name__,
        {
            "ebl.chain.signers": "AwsKms CallableSigner CommandSigner Kms KmsSigner LocalKey Signer",
            "ebl.chain.titles.challenge_memory": "ChallengeFile ChallengeMemory",
            "ebl.chain.titles.title_challenge": "TitleAnswer TitleChallenge read_answer read_challenge",
            "ebl.checking.own_documents": "OwnBill require_own",
            "ebl.net.connect": "connect",
            "ebl.openattestation.anchoring": "roots_of",
        },
    )

__all__ = [
    "AccountState",
    "Action",
    "AnyChain",
    "AnyNode",
    "Appointments",
    "Artifact",
    "AwsKms",
    "Block",
    "Call",
    "CallableSigner",
    "Capabilities",
    "Capability",
    "Chain",
    "ChallengeFile",
    "ChallengeMemory",
    "CommandSigner",
    "Deployment",
    "Endorsement",
    "Fees",
    "Finality",
    "Gas",
    "GasKind",
    "Head",
    "History",
    "Journal",
    "JournalEntry",
    "Journals",
    "Judged",
    "Kms",
    "KmsSigner",
    "LocalKey",
    "Move",
    "Node",
    "NodeName",
    "NodeRefused",
    "NodeTransport",
    "Outcome",
    "OwnBill",
    "Plan",
    "PlanOfMany",
    "Position",
    "Proved",
    "Purpose",
    "Receipt",
    "Registry",
    "RegistryStatus",
    "SendProgress",
    "SendResult",
    "SendState",
    "Signer",
    "State",
    "Store",
    "StoreKind",
    "StoreStatus",
    "Title",
    "TitleAnswer",
    "TitleChallenge",
    "TransactionSigner",
    "TransactionState",
    "TransactionStatus",
    "TypedData",
    "Unsigned",
    "WaitOptions",
    "accept_return",
    "appointments",
    "cancel",
    "capabilities",
    "capabilities_of_parties",
    "connect",
    "deploy_factory",
    "deploy_registry",
    "deploy_registry_through",
    "deploy_store",
    "deployed",
    "deployment",
    "endorse",
    "grant",
    "history",
    "issue",
    "issue_all",
    "issues_in_bulk",
    "mint",
    "nominate",
    "pause",
    "plan",
    "plan_all",
    "plan_cancel",
    "plan_speed_up",
    "prove",
    "read_answer",
    "read_challenge",
    "registry_at",
    "registry_status",
    "reject",
    "reject_endorsement",
    "reject_holder",
    "reject_return",
    "renounce",
    "require_own",
    "resume",
    "return_to_issuer",
    "revoke",
    "revoke_role",
    "revoke_under",
    "roles_of",
    "roots_of",
    "seal",
    "send",
    "send_all",
    "speed_up",
    "status",
    "store_at",
    "store_status",
    "title",
    "transfer",
    "transfer_holder",
    "transfer_role",
    "unissued",
    "unpause",
    "unrevoked",
    "unseal",
]
