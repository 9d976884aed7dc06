"""The codes that state the reason in reports and errors. They are stable and unique; each has a page (see `page`)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

__all__ = ["Condition", "Doubt", "Failure", "Remark", "page"]


class Failure(StrEnum):
    """Reasons why a check failed. Each has a page (see `page`)."""

    NO_FILE = "document.no_file"
    NOT_JSON = "document.not_json"
    DUPLICATE_KEY = "document.duplicate_key"
    TOO_DEEP = "document.too_deep"
    TOO_LARGE = "document.too_large"
    AMBIGUOUS_NUMBER = "document.ambiguous_number"
    UNSUPPORTED_FORMAT = "document.unsupported_format"
    AMBIGUOUS_VERSION = "document.ambiguous_version"
    SCHEMA = "document.schema"
    KEY = "document.key"
    POISON_GRAPH = "document.poison_graph"
    CONTEXT = "document.context"
    UNSIGNED_JSON = "document.unsigned_json"

    ENCRYPTION_TYPE = "encryption.unsupported_type"
    ENCRYPTION_MALFORMED = "encryption.malformed"
    ENCRYPTION_NOT_OPENED = "encryption.not_opened"
    LINK = "link.malformed"

    HASH_MISMATCH = "integrity.hash_mismatch"
    MALFORMED_HASH = "integrity.malformed_hash"
    PATH_COLLISION = "integrity.path_collision"
    RESERVED_KEY = "integrity.reserved_key"
    SALT_PATHS = "integrity.salt_paths"

    PROOF_SHAPE = "proof.shape"
    PROOF_SIGNATURE = "proof.signature"
    PROOF_EXPIRED = "proof.expired"
    PROOF_INDEXES = "proof.indexes"
    BBS_INDEXES = "proof.bbs_indexes"
    LABEL_MAP = "proof.label_map"
    BASE_INCOMPLETE = "proof.base_incomplete"
    WRONG_KEY = "proof.wrong_key"

    NO_STATUS = "status.missing"
    NOT_ISSUED = "status.not_issued"
    REVOKED = "status.revoked"
    SUSPENDED = "status.suspended"
    LIST_UNBOUND = "status.list_unbound"
    EXPIRED = "status.expired"
    NOT_YET_VALID = "status.not_yet_valid"
    WRONG_CHAIN = "status.wrong_chain"
    NO_CONTRACT = "status.no_contract"
    NOT_MINTED = "status.not_minted"
    IN_CIRCULATION = "status.in_circulation"
    RETURNED = "status.returned"
    TAKEN_OUT = "status.taken_out"
    HOSTILE_REGISTRY = "status.hostile_registry"
    SHARED_TOKEN = "status.shared_token"  # noqa: S105
    UNSIGNED = "status.unsigned"
    WRONG_SIGNATURE = "status.wrong_signature"
    BAD_ADDRESS = "status.bad_address"
    TITLE_NUMBER = "status.title_number"
    ISSUERS_CONFLICT = "status.issuers_conflict"

    NO_IDENTITY = "identity.missing"
    NO_DNS_RECORD = "identity.no_dns_record"
    BAD_DOMAIN = "identity.bad_domain"
    KEY_NOT_OF_DID = "identity.key_not_of_did"
    DID_MISMATCH = "identity.did_mismatch"
    ISSUER_MISMATCH = "identity.issuer_mismatch"
    HOLDER_MISMATCH = "identity.holder_mismatch"
    REGISTRY_OF_ANOTHER = "identity.registry_of_another"
    REGISTRY_NOT_VOUCHED = "identity.registry_not_vouched"

    UNEXPECTED_ISSUER = "policy.unexpected_issuer"
    TRUST_LAPSED = "policy.trust_lapsed"
    UNEXPECTED_CHAIN = "policy.unexpected_chain"
    UNEXPECTED_STORE = "policy.unexpected_store"
    UNEXPECTED_FORMAT = "policy.unexpected_format"
    DNS_NOT_SIGNED = "policy.dns_not_signed"
    WILDCARD = "policy.wildcard"
    WITHHELD = "policy.withheld"
    WRONG_CHALLENGE = "policy.wrong_challenge"
    UNEXPECTED_HOLDER = "policy.unexpected_holder"
    UNEXPECTED_OWNER = "policy.unexpected_owner"
    UNEXPECTED_REGISTRY = "policy.unexpected_registry"
    CONTENT_ABSENT = "policy.content_absent"
    CONTENT_DIFFERS = "policy.content_differs"
    NO_FACT = "policy.no_fact"
    DCSA = "policy.dcsa"
    ANSWER_OF_ANOTHER = "identity.answer_of_another"
    ANSWER_SIGNATURE = "identity.answer_signature"
    ANSWER_EXPIRED = "identity.answer_expired"
    ANSWER_USED = "identity.answer_used"
    NOT_BY_HOLDER = "policy.not_by_holder"


class Doubt(StrEnum):
    """Reasons why a check could not be carried out. Each has a page (see `page`)."""

    OFFLINE = "source.offline"
    OUT_OF_TIME = "source.out_of_time"
    CHAIN_UNREACHABLE = "chain.unreachable"
    CHAIN_WRONG_ID = "chain.wrong_id"
    CHAIN_NOT_CONFIGURED = "chain.not_configured"
    CHAIN_NOT_NAMED = "chain.not_named"
    CHAIN_BAD_ANSWER = "chain.bad_answer"
    CHAIN_TIMEOUT = "chain.timeout"
    CHAIN_REFUSED = "chain.refused"
    CHAIN_REORGANISED = "chain.reorganised"
    CHAIN_STALE = "chain.stale"
    CHAIN_NO_FINALITY = "chain.no_finality"
    CHAIN_UNPROVED = "chain.unproved"
    CHAIN_DISAGREEMENT = "chain.disagreement"
    CHAIN_TOO_FEW = "chain.too_few"
    DNS_UNREACHABLE = "dns.unreachable"
    DNS_TIMEOUT = "dns.timeout"
    DNS_SERVFAIL = "dns.servfail"
    DNS_REFUSED = "dns.refused"
    DNS_BAD_ANSWER = "dns.bad_answer"
    DID_DOCUMENT = "did.bad_answer"
    DNS_BOGUS = "dns.bogus"
    DNS_NOT_VALIDATED = "dns.not_validated"
    DNS_DISAGREEMENT = "dns.disagreement"
    DNS_TOO_FEW = "dns.too_few"
    WEB_REFUSED = "web.refused"
    WEB_UNREACHABLE = "web.unreachable"
    WEB_TIMEOUT = "web.timeout"
    WEB_BAD_ANSWER = "web.bad_answer"
    UNPROTECTED_FIELD = "integrity.unprotected_field"
    AMBIGUOUS_NUMBER = "document.ambiguous_number"
    UNSUPPORTED_CLAIM = "document.unsupported_claim"
    NOT_LOOKED_AT = "document.not_looked_at"
    UNSUPPORTED_VERSION = "document.unsupported_version"
    UNSUPPORTED_CONTEXT = "document.unsupported_context"
    UNSUPPORTED_SUITE = "proof.unsupported_suite"
    UNSUPPORTED_STATUS = "status.unsupported_type"
    UNSUPPORTED_PURPOSE = "status.unsupported_purpose"
    UNSUPPORTED_SIZE = "status.unsupported_size"
    OBLIGATION = "status.obligation_registry"
    UNSUPPORTED_IDENTITY = "identity.unsupported_proof"
    UNSUPPORTED_METHOD = "did.unsupported_method"
    UNSUPPORTED_DID_URL = "did.unsupported_url"
    UNSUPPORTED_KEY = "did.unsupported_key"
    KEY_EXPIRED = "did.key_expired"
    MISSING_EXTRA = "install.missing_extra"
    PROGRAM_FAULT = "program.fault"
    LIST_OUTDATED = "status.list_outdated"
    UNBOUND_ANSWER = "revocation.unbound_answer"
    LIST_NOT_WHOLE = "status.list_not_whole"
    STATUS_NOT_SHOWN = "status.not_shown"
    IDENTITY_NOT_SHOWN = "identity.not_shown"
    STATUS_MAY_BE_HIDDEN = "status.may_be_hidden"
    NOT_WHOLE = "policy.not_whole"
    CONTENT_UNKNOWN = "policy.content_unknown"
    CONTENT_AMBIGUOUS = "policy.content_ambiguous"
    REGISTRY_NOT_VOUCHED = "identity.registry_not_vouched"
    NO_FACT = "policy.undetermined"
    ENGINE_CRASHED = "engine.crashed"
    DCSA_OPEN = "policy.dcsa_undetermined"
    ANSWER_NOT_REMEMBERED = "identity.answer_not_remembered"


class Remark(StrEnum):
    """Observations that change no verdict. Each has a page (see `page`)."""

    EMPTY_CONTAINER = "integrity.empty_container"
    SHAPE_NOT_BOUND = "integrity.shape_not_bound"
    TYPE_NOT_BOUND = "integrity.type_not_bound"
    WEAK_SALT = "integrity.weak_salt"
    UNSIGNED_MEMBER = "integrity.unsigned_member"
    CREATED_LATER = "proof.created_later"
    ORDER_NOT_BOUND = "integrity.order_not_bound"
    PLACE_NOT_BOUND = "integrity.place_not_bound"
    UTF16_ORDER = "integrity.utf16_order"
    MAY_BE_WITHHELD = "integrity.may_be_withheld"
    REDACTED = "document.redacted"
    SELF_CERTIFIED = "identity.self_certified"
    PUBLIC_SUFFIX = "identity.public_suffix"
    MIXED_SCRIPT = "identity.mixed_script"
    NOT_ASCII = "identity.not_ascii"
    WILDCARD = "dns.wildcard"
    RESOLVER_DISSENT = "dns.dissent"
    DNS_NOT_CHECKED = "dns.not_checked"
    NODE_DISSENT = "chain.dissent"
    PAUSED = "status.paused"


class Condition(StrEnum):
    """What a VALID verdict assumes without having established it. Read every condition before acting on the verdict.

    A condition changes no verdict unless the policy states so. It is shown wherever the verdict is, in brief output too.
    Each has a page (see `page`).
    """

    REPLAYED = "source.replayed"
    LIST_UNDATED = "status.list_undated"
    ANY_ISSUER = "policy.any_issuer"
    WITHHELD = "document.withheld"
    DERIVED = "document.derived"
    UNKNOWN_EXTENT = "document.unknown_extent"
    LIST_END = "status.list_end"
    HOLDER_NOT_BOUND = "identity.holder_not_bound"
    NO_CHALLENGE = "identity.no_challenge"
    CHALLENGE_NOT_COMPARED = "identity.challenge_not_compared"
    DOMAIN_NOT_COMPARED = "identity.domain_not_compared"
    NO_STATUS = "status.none"
    UNKNOWN_CODE = "status.unknown_code"
    REGISTRY_NOT_VOUCHED = "identity.registry_not_vouched"
    BOUND_BY_ID = "status.bound_by_id"
    REPEATED = "document.repeated"
    TITLE_TWICE = "status.title_twice"
    KEY_EXPIRED = "identity.key_expired"
    DELEGATED_ACCOUNT = "identity.delegated_account"


def page(code: str) -> str:
    """The page of a code in Markdown: what it means, and what to do.

    ``ebl explain`` prints it. The same pages are in ``docs/codes``. Raises `ValueError` if there is no such code.
    """
    if not any(code == one for kind in (Failure, Doubt, Condition, Remark) for one in kind):
        raise ValueError(f"{code!r} is not a code.")
    package = Path(__file__).parent
    folder = package / "code_pages"  # in the wheel; a clone has them in its docs
    if not folder.is_dir():
        folder = package.parent / "docs" / "codes"
    return (folder / f"{code}.md").read_text("utf-8")
