"""How whole a document is: what its issuer bound, what may be hidden, and what that does to the verdict."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ebl.checking.formats import read
from ebl.codes import Condition, Doubt, Failure
from ebl.config.networks import pace
from ebl.credential import Credential, derive, listed, sign, transferable
from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import disclosure, ecdsa_rdfc, ecdsa_sd
from ebl.credentials import title_types as titles
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.linked_data import to_statements
from ebl.credentials.present import present
from ebl.credentials.status_list_credential import new_list, updated
from ebl.credentials.vc import token_id
from ebl.crypto.multikey import KeyType
from ebl.errors import InvalidInput
from ebl.jsonld.contexts import known
from ebl.model.findings import Failed, Noted, Unknown, Verdict
from ebl.model.ports import Page, Sources
from ebl.model.wholeness import UNKNOWN, WHOLE, Extent, Wholeness, of_leaves, of_parts
from ebl.openattestation.redact import redact
from ebl.policy import UnsafeAnyIssuer, parse
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine
from ebl.wrap import to_json, wrap

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEYS = {
    ecdsa_sd.SUITE: IssuerKey.generate(KeyType.P256, randomness=random.Random(11).randbytes),
    bbs.SUITE: IssuerKey.generate(KeyType.BLS12_381, randomness=random.Random(12).randbytes),
}
SUITES = tuple(KEYS)
LISTER = KEYS[ecdsa_sd.SUITE]
IN_FULL: dict[str, set[Condition]] = {ecdsa_sd.SUITE: {Condition.UNKNOWN_EXTENT}, bbs.SUITE: set()}
"""What remains open of a base credential: only the proof of one suite shows that nothing is missing."""
ID = "urn:uuid:01a2036d-3856-7bb2-bcb2-8d399d5b84bd"
REGISTRY = "0xa50126Cc2d6c726dE0Ca203c3B659f658d356173"
URL = "https://carrier.example/status/"
V2 = "https://www.w3.org/ns/credentials/v2"
BILL = "https://trustvc.io/context/bill-of-lading.json"
BL = "/credentialSubject/blNumber"


def entry(purpose: str, index: int = 7) -> dict[str, Any]:
    return listed(url=URL + purpose, index=index, purpose=purpose)


def title() -> dict[str, Any]:
    return {**transferable(chain_id=50, registry=REGISTRY), "tokenId": token_id(ID).hex()}


def signed(suite: str, *mandatory: str, **more: Any) -> dict[str, Any]:
    """A bill, of which the issuer binds these members; ``...`` leaves a member out."""
    key = KEYS[suite]
    made = {
        "@context": [V2, BILL],
        "id": ID,
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": {"type": ["BillOfLading"], "blNumber": "BL-1", "vessel": "MV Nordlicht"},
        **more,
    }
    document = {name: value for name, value in made.items() if value is not ...}
    pointers = [f"/{name}" for name in ("issuer", *mandatory)]
    if suite == bbs.SUITE:
        return bbs.sign(document, key, mandatory=pointers)
    return ecdsa_sd.sign(document, key, mandatory=pointers, created="2026-01-02T00:00:00Z")


def page(purpose: str, *revoked: int) -> dict[str, Any]:
    made = new_list(url=URL + purpose, issuer=LISTER.did, purpose=purpose, valid_from=NOW - timedelta(1))
    body = updated(made, dict.fromkeys(revoked, True), valid_from=NOW - timedelta(1))
    return ecdsa_rdfc.sign(body, LISTER, options={"created": "2026-05-31T00:00:00Z", "proofPurpose": "assertionMethod"})


def world(**revoked: Sequence[int]) -> Sources:
    pages = {URL + purpose: page(purpose, *revoked.get(purpose, ())) for purpose in ("revocation", "suspension")}

    def fetch(url: str, *, accept: object) -> Page:
        return Page(url, "application/vc", json.dumps(pages[url]).encode())

    nowhere = offline(now=NOW)
    return Sources(pace=pace, chain=nowhere.chain, dns=nowhere.dns, fetch=fetch, now=NOW)


def report(document: Mapping[str, Any], sources: Sources | None = None, policy: str = "") -> Report:
    rules = parse(f"issuers = {{ any = true }}\n{policy}").policy if policy else UnsafeAnyIssuer()
    from ebl.credentials.vc import read as read_credential
    from ebl.credentials.vp import read as read_presentation

    if "verifiableCredential" in document:
        shown = read_presentation(document, list_issuers=(LISTER.did,))
    elif "issuer" in document and "credentialSubject" in document and "version" not in document:
        shown = read_credential(document, list_issuers=(LISTER.did,))
    else:
        shown = read(to_json(dict(document)))
    return examine(shown, rules, sources=sources or world())


def conditions(found: Report) -> set[Any]:
    return {noted.remark for noted in found.conditions} - {Condition.ANY_ISSUER}


def doubts(found: Report) -> set[Doubt]:
    return {finding.doubt for finding in found.findings if isinstance(finding, Unknown)}


def hidden(found: Report) -> tuple[str, ...]:
    assert found.whole is not None
    return found.whole.may_hide


# What a proof shows --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", SUITES)
def test_a_derived_credential_says_which_members_its_issuer_bound(suite: str) -> None:
    base = signed(suite, "validFrom", "credentialStatus", credentialStatus=entry("revocation"))
    shown = derive(base, ["/validUntil", BL])
    found = report(shown).whole
    assert found is not None
    assert (found.extent, found.withheld) == (Extent.DERIVED, None)
    assert set(found.bound) == {"issuer", "validFrom", "credentialStatus", "type", "id"} & set(shown) - {"id"}
    assert found.may_hide == ("credentialStatus",)
    whole = report(base).whole
    assert whole is not None
    assert {"issuer", "validFrom", "credentialStatus"} <= set(whole.bound)
    assert whole.extent is (Extent.WHOLE if suite == bbs.SUITE else Extent.UNKNOWN)


@pytest.mark.parametrize("suite", SUITES)
def test_what_is_not_established_is_as_the_document_says_of_itself(suite: str) -> None:
    shown = derive(signed(suite, "credentialStatus", credentialStatus=entry("revocation")), [BL])
    shown["credentialSubject"]["blNumber"] = "BL-2"
    found = report(shown)
    assert found.verdict is Verdict.INVALID
    assert found.whole is not None
    assert (found.whole.extent, found.whole.bound) == (Extent.DERIVED, ())


def test_a_bbs_proof_counts_what_is_hidden_so_that_a_credential_shown_entirely_is_whole() -> None:
    base = signed(bbs.SUITE, credentialStatus=...)
    shown, less = derive(base, [""]), derive(base, ["/validFrom", "/validUntil", "/credentialSubject/vessel"])
    assert (found := report(shown).whole) is not None
    assert found.extent is Extent.WHOLE
    assert (found := report(less).whole) is not None
    assert found.extent is Extent.DERIVED


def test_an_ecdsa_proof_does_not_count_so_that_a_credential_shown_entirely_is_not_known_to_be_whole() -> None:
    assert (found := report(derive(signed(ecdsa_sd.SUITE, credentialStatus=...), [""])).whole) is not None
    assert found.extent is Extent.DERIVED


def test_a_status_described_elsewhere_too_is_not_taken_for_bound() -> None:
    status = entry("revocation")
    subject = {"type": ["BillOfLading"], "id": status["id"], "blNumber": "BL-1"}
    base = signed(ecdsa_sd.SUITE, "credentialStatus", credentialStatus=status, credentialSubject=subject)
    found = report(derive(base, [BL]))
    assert Doubt.STATUS_MAY_BE_HIDDEN in doubts(found)


# Titles that show no status ------------------------------------------------------------------------------------------

OF_TITLES = {
    term: context.url
    for context in known().by_url.values()
    if context.title is not None
    for term, meaning in context.body.items()
    if isinstance(meaning, dict) and "@context" in meaning
}


def test_every_context_of_a_document_of_title_that_is_known_says_so() -> None:
    assert {"BillOfLading", "BillOfLadingCarrier", "SeaBillOfLading", "WarehouseReceipt", "PromissoryNote"} == set(
        OF_TITLES
    )
    assert "<https://example.com/terms#BillOfExchange>" in titles.types_of_titles()  # whose context a caller brings
    for other in ("Coo", "Invoice", "OpenCertsCertificate"):
        assert not any(name.endswith(f"#{other}>") for name in titles.types_of_titles())


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("kind", OF_TITLES)
def test_a_title_of_any_kind_that_shows_no_status_is_refused_whole_and_else_left_open(kind: str, suite: str) -> None:
    subject = {"type": [kind], "id": "urn:x:subject"}
    base = signed(suite, credentialSubject=subject, **{"@context": [V2, OF_TITLES[kind]]})
    found = report(base)
    if suite == ecdsa_sd.SUITE:  # a base proof from which a status can be taken out, and nothing shows it
        assert found.verdict is Verdict.INDETERMINATE and Doubt.STATUS_NOT_SHOWN in doubts(found)
    else:
        assert {finding.failure for finding in found.findings if isinstance(finding, Failed)} == {Failure.NO_STATUS}
    found = report(derive(base, ["/credentialSubject"]))
    assert found.verdict is Verdict.INDETERMINATE
    assert Doubt.STATUS_NOT_SHOWN in doubts(found)
    with pytest.raises(InvalidInput):
        Credential(issuer=KEYS[suite].did, subject=subject)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("kept", ("/credentialStatus/statusListIndex", "/credentialStatus/statusListCredential"))
def test_a_part_of_a_status_is_no_status_and_no_broken_one(kept: str, suite: str) -> None:
    found = report(derive(signed(suite, credentialStatus=entry("revocation")), [BL, kept]))
    assert found.verdict is Verdict.INDETERMINATE
    assert Doubt.STATUS_NOT_SHOWN in doubts(found)


@pytest.mark.parametrize("kept", ("/credentialStatus/tokenId", "/credentialStatus/tokenNetwork/chain"))
def test_a_part_of_a_titles_place_is_no_broken_one(kept: str) -> None:
    context = [V2, BILL, "https://trustvc.io/context/transferable-records-context.json"]
    base = signed(ecdsa_sd.SUITE, credentialStatus=title(), **{"@context": context})
    found = report(derive(base, [BL, kept]))
    assert found.verdict is Verdict.INDETERMINATE
    assert Doubt.STATUS_NOT_SHOWN in doubts(found)


# Statuses and dates that may be hidden -------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", SUITES)
def test_a_status_that_the_issuer_did_not_bind_leaves_it_open(suite: str) -> None:
    both = [entry("revocation"), entry("suspension")]
    base = signed(suite, credentialStatus=both)
    for shown in (["/credentialStatus/0"], ["/credentialStatus/1"], ["/credentialStatus"]):
        found = report(derive(base, [BL, *shown]))
        assert found.verdict is Verdict.INDETERMINATE
        assert Doubt.STATUS_MAY_BE_HIDDEN in doubts(found)
    found = report(derive(base, [BL, "/credentialStatus"]), world(suspension=[7]))
    assert found.verdict is Verdict.INVALID


@pytest.mark.parametrize("suite", SUITES)
def test_a_suspension_without_a_revocation_leaves_it_open_even_if_it_is_bound(suite: str) -> None:
    base = signed(suite, "credentialStatus/1", credentialStatus=[entry("revocation"), entry("suspension")])
    found = report(derive(base, [BL]), world(revocation=[7]))
    assert found.verdict is Verdict.INDETERMINATE
    assert Doubt.STATUS_MAY_BE_HIDDEN in doubts(found)


@pytest.mark.parametrize("suite", SUITES)
def test_a_status_that_the_issuer_bound_is_valid_on_condition_that_there_is_no_other(suite: str) -> None:
    base = signed(suite, "validFrom", "validUntil", "credentialStatus", credentialStatus=entry("revocation"))
    found = report(derive(base, [BL]))
    assert (found.verdict, conditions(found)) == (Verdict.VALID, {Condition.DERIVED})
    assert hidden(found) == ("credentialStatus",)
    found = report(base)
    assert (found.verdict, conditions(found)) == (Verdict.VALID, IN_FULL[suite])


@pytest.mark.parametrize("suite", SUITES)
def test_a_date_that_is_not_shown_is_a_condition_and_open_where_the_policy_asks_for_whole_documents(suite: str) -> None:
    base = signed(suite, "credentialStatus", credentialStatus=entry("revocation"))
    found = report(derive(base, [BL]))
    assert (found.verdict, conditions(found)) == (Verdict.VALID, {Condition.DERIVED})
    assert hidden(found) == ("validFrom", "validUntil", "credentialStatus")
    strict = report(derive(base, [BL]), policy='document = { whole = "require" }')
    assert (strict.verdict, doubts(strict)) == (Verdict.INDETERMINATE, {Doubt.NOT_WHOLE})
    full = report(base, policy='document = { whole = "require" }')
    assert full.verdict is (Verdict.INDETERMINATE if IN_FULL[suite] else Verdict.VALID)
    assert report(derive(base, [BL]), policy='document = { whole = "prefer" }').verdict is Verdict.VALID


def test_a_title_is_the_only_status_there_can_be() -> None:
    context = [V2, BILL, "https://trustvc.io/context/transferable-records-context.json"]
    more: dict[str, Any] = {"credentialStatus": title(), "@context": context}
    bound = report(derive(signed(ecdsa_sd.SUITE, "validFrom", "validUntil", "credentialStatus", **more), [BL]))
    assert (hidden(bound), conditions(bound)) == ((), set())
    free = report(derive(signed(ecdsa_sd.SUITE, **more), [BL, "/credentialStatus"]))
    assert "credentialStatus" in hidden(free)
    assert Doubt.STATUS_MAY_BE_HIDDEN not in doubts(free)


def test_version_1_1_has_four_dates() -> None:
    v1 = ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2", BILL]
    dates = {"issuanceDate": "2026-01-01T00:00:00Z", "validFrom": ..., "validUntil": ...}
    base = signed(ecdsa_sd.SUITE, "issuanceDate", **{"@context": v1}, **dates)
    assert hidden(report(derive(base, [BL]))) == ("validFrom", "validUntil", "expirationDate", "credentialStatus")


def test_a_presentation_is_as_whole_as_its_credentials() -> None:
    holder = IssuerKey.generate(KeyType.P256, randomness=random.Random(13).randbytes)
    base = signed(ecdsa_sd.SUITE, "credentialStatus", credentialStatus=entry("revocation"))
    other = signed(bbs.SUITE, "validFrom", "credentialStatus", credentialStatus=entry("suspension"))
    shown = present([derive(base, [BL]), derive(other, [BL])], holder, expires=NOW + timedelta(hours=1), created=NOW)
    found = report(shown)
    assert found.verdict is Verdict.INDETERMINATE  # of the second a revocation may be hidden
    assert hidden(found)[:2] == ("verifiableCredential[0].validFrom", "verifiableCredential[0].validUntil")
    assert "verifiableCredential[1].validUntil" in hidden(found)
    assert any("verifiableCredential[1].credentialStatus" in f.detail for f in found.findings if isinstance(f, Unknown))


# OpenAttestation -----------------------------------------------------------------------------------------------------


def v2(**more: Any) -> dict[str, Any]:
    issuer = {
        "name": "Line",
        "documentStore": REGISTRY,
        "identityProof": {"type": "DNS-TXT", "location": "carrier.example"},
    }
    return {"issuers": [issuer], "network": {"chain": "eth", "chainId": "1"}, "blNumber": "BL-1", "note": "x", **more}


def test_a_v2_document_may_hide_another_issuer_once_anything_is_withheld() -> None:
    document = wrap(v2())
    assert read(to_json(document)).whole == WHOLE
    shown = read(to_json(redact(document, ["note"]).document))
    assert shown.whole == of_leaves(1, "issuers")
    found = examine(shown, UnsafeAnyIssuer(), sources=offline(now=NOW))
    assert conditions(found) == {Condition.WITHHELD}
    assert "(more) issuers" in next(n.detail for n in found.conditions if n.remark is Condition.WITHHELD)
    bare = read(
        to_json(redact(wrap({name: value for name, value in v2().items() if name != "network"}), ["note"]).document)
    )
    assert bare.whole.may_hide == ("issuers", "network.chainId")


@pytest.mark.parametrize(
    ("gone", "doubt"),
    (("identityProof", Doubt.IDENTITY_NOT_SHOWN), ("documentStore", Doubt.STATUS_NOT_SHOWN)),
)
def test_what_a_v2_document_lacks_may_be_withheld_or_was_never_there(gone: str, doubt: Doubt) -> None:
    def lacking(*, withheld: bool) -> Report:
        document = wrap(v2())
        issuer = document["data"]["issuers"][0]
        del issuer[gone]
        document["privacy"] = {"obfuscatedData": ["ab" * 32] if withheld else []}
        read_ = read(to_json(document))
        return examine(read_, UnsafeAnyIssuer(), sources=offline(now=NOW))

    failures = {Doubt.IDENTITY_NOT_SHOWN: Failure.NO_IDENTITY, Doubt.STATUS_NOT_SHOWN: Failure.NO_STATUS}
    assert doubt in doubts(lacking(withheld=True))
    assert doubt not in doubts(lacking(withheld=False))
    assert failures[doubt] in {f.failure for f in lacking(withheld=False).findings if isinstance(f, Failed)}
    assert failures[doubt] not in {f.failure for f in lacking(withheld=True).findings if isinstance(f, Failed)}


def test_the_wholeness_of_several_is_that_of_the_least_whole() -> None:
    derived = Wholeness(Extent.DERIVED, may_hide=("a",))
    assert of_parts([WHOLE, derived]).extent is Extent.DERIVED
    assert of_parts([WHOLE, of_leaves(2, "b"), of_leaves(3)]).withheld == 5
    assert of_parts([of_leaves(1, "b"), derived]).may_hide == ("b", "a")
    assert of_parts([]).extent is Extent.UNKNOWN


def test_a_document_of_which_nothing_is_known_is_valid_on_condition_only() -> None:
    document = copy.copy(read(to_json(wrap(v2()))))
    found = examine(replace(document, whole=UNKNOWN), UnsafeAnyIssuer(), sources=offline())
    assert Condition.UNKNOWN_EXTENT in {f.remark for f in found.findings if isinstance(f, Noted)}


def test_an_issuer_of_ebl_binds_status_and_dates() -> None:
    for suite, key in KEYS.items():
        made = Credential(
            issuer=key.did,
            subject={"type": ["BillOfLading"], "blNumber": "BL-1"},
            status=entry("revocation"),
            valid_from=NOW - timedelta(1),
            valid_until=NOW + timedelta(1),
        )
        found = report(derive(sign(made.to_dict(), key), ["/credentialSubject"]))
        assert found.whole is not None, suite
        assert {"credentialStatus", "validFrom", "validUntil", "issuer", "type"} <= set(found.whole.bound)


def test_a_rule_about_titles_is_open_and_not_broken_if_a_status_could_be_hidden() -> None:
    key = KEYS[bbs.SUITE]
    made = Credential(issuer=key.did, subject={"type": ["Invoice"], "invoiceId": "1", "total": "2"})
    base = sign(made.to_dict(), key)
    found = {
        name: report(document, policy="title = { required = true }")
        for name, document in {"whole": base, "derived": derive(base, ["/credentialSubject/total"])}.items()
    }
    assert found["whole"].verdict is Verdict.INVALID
    assert found["derived"].verdict is Verdict.INDETERMINATE


def test_no_field_withheld_at_all_refuses_what_was_derived_and_takes_what_is_whole() -> None:
    rule = "document = { withheld = false }"
    made = {suite: signed(suite, "credentialStatus", credentialStatus=entry("revocation")) for suite in SUITES}
    assert report(made[bbs.SUITE], policy=rule).verdict is Verdict.VALID
    assert report(made[ecdsa_sd.SUITE], policy=rule).verdict is Verdict.INDETERMINATE
    refused = report(derive(made[bbs.SUITE], [BL]), policy=rule)
    assert {f.failure for f in refused.findings if isinstance(f, Failed)} == {Failure.WITHHELD}


def cut(base: dict[str, Any], *members: str) -> dict[str, Any]:
    """A base credential of ecdsa-sd-2023 without some members, and without the signatures of their statements."""
    return recut(base, {name: member for name, member in base.items() if name not in members})


def recut(base: dict[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """The same, with what is ``shown`` in its place."""
    value = ecdsa_sd.parse_value(base["proof"]["proofValue"])
    assert isinstance(value, ecdsa_sd.EcdsaBaseProof)

    def lines(document: Mapping[str, Any]) -> list[str]:
        """The statements that are signed one by one, in their order."""
        statements = to_statements(document)
        canonical = disclosure.label_replacement_canonicalize(
            statements.quads, disclosure.hmac_id_label_map(value.hmac_key)
        )
        bound = set(canonical.matching(statements.select(value.mandatory)))
        return [line for number, line in enumerate(canonical.nquads) if number not in bound]

    body = {name: member for name, member in base.items() if name != "proof"}
    signatures = dict(zip(lines(body), value.signatures, strict=True))
    less = {name: member for name, member in shown.items() if name != "proof"}
    kept = replace(value, signatures=[signatures[line] for line in lines(less)])
    return {**less, "proof": {**base["proof"], "proofValue": str(kept)}}


def test_a_base_proof_of_ecdsa_sd_does_not_show_that_nothing_is_missing_and_the_report_says_so() -> None:
    base = signed(
        ecdsa_sd.SUITE,
        "credentialStatus",
        credentialStatus=entry("revocation"),
        validUntil="2026-05-01T00:00:00Z",
    )
    assert report(base).verdict is Verdict.INVALID
    found = report(cut(base, "validUntil"))
    assert (found.verdict, conditions(found)) == (Verdict.VALID, {Condition.UNKNOWN_EXTENT})
    assert "validUntil" in hidden(found)
    assert report(cut(base, "validUntil"), policy='document = { whole = "require" }').verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize("purposes", [("revocation", "suspension"), ("revocation",)])
def test_no_form_of_a_credential_hides_that_it_was_revoked(purposes: tuple[str, ...]) -> None:
    """An entry that its issuer did not bind can be taken out of the base proof as out of a derived one."""
    made = [{**entry(purpose), "id": f"urn:x:{purpose}"} for purpose in purposes]
    subject = {"name": "a certificate"}  # of no kind that must show a status
    base = signed(ecdsa_sd.SUITE, credentialStatus=made, credentialSubject=subject, **{"@context": [V2]})
    revoked = world(revocation=[7])
    assert report(base, revoked).verdict is Verdict.INVALID
    shown = cut(base, "credentialStatus")
    found = report(shown, revoked)
    assert Condition.NO_STATUS in conditions(found) and Condition.UNKNOWN_EXTENT in conditions(found)
    said = next(noted.detail for noted in found.conditions if noted.remark is Condition.NO_STATUS)
    assert "left it out" in said and "cannot revoke" not in said
    assert report(shown, revoked, policy='document = { whole = "require" }').verdict is Verdict.INDETERMINATE
    if len(made) > 1:
        fewer = {**base, "credentialStatus": made[1:]}
        found = report(recut(base, fewer), revoked)
        assert found.verdict is Verdict.INDETERMINATE and Doubt.STATUS_MAY_BE_HIDDEN in doubts(found)


def test_a_title_is_never_valid_without_the_status_that_was_taken_out_of_it() -> None:
    subject = {"type": ["BillOfLading"], "blNumber": "BL-1"}
    base = signed(
        ecdsa_sd.SUITE, credentialStatus=entry("revocation"), credentialSubject=subject, **{"@context": [V2, BILL]}
    )
    found = report(cut(base, "credentialStatus"), world(revocation=[7]))
    assert found.verdict is Verdict.INDETERMINATE and Doubt.STATUS_NOT_SHOWN in doubts(found)


def test_a_list_that_may_have_lost_its_end_is_believed_on_condition() -> None:
    def listed_by(*bound: str, **more: Any) -> Report:
        made = new_list(url=URL + "revocation", issuer=LISTER.did, purpose="revocation", valid_from=NOW - timedelta(1))
        body = {**made, **more}
        pointers = [f"/{name}" for name in bound or body if name not in ("@context", "id")]
        page_ = ecdsa_sd.sign(body, LISTER, mandatory=pointers, created="2026-05-31T00:00:00Z")
        sources = offline(now=NOW)
        sources = replace(sources, fetch=lambda url, *, accept: Page(url, "application/vc", json.dumps(page_).encode()))
        return report(signed(bbs.SUITE, credentialStatus=entry("revocation")), sources)

    assert conditions(listed_by()) == set()  # its issuer bound all of it
    assert conditions(listed_by("issuer", "validFrom")) == {Condition.LIST_END}
    assert conditions(listed_by("issuer", "validFrom", validUntil="2026-07-01T00:00:00Z")) == set()


def test_a_condition_about_very_many_names_says_how_many_more_there_are() -> None:
    many = Wholeness(Extent.DERIVED, may_hide=tuple(f"verifiableCredential[{at}].validUntil" for at in range(60)))
    assert many.condition is not None
    code, message = many.condition
    assert code is Condition.DERIVED and str(message).endswith("verifiableCredential[39].validUntil; and 20 more")
