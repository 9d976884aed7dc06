"""A status list is believed only where it is bound to the document, and then each bit has its own name."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ebl.codec.bitstring import MIN_BITS, Bitstring
from ebl.codes import Doubt, Failure
from ebl.credential import Credential, derive, sign
from ebl.credential import listed as listed_entry
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.status_list import NotListed, StatusListEntry, entry
from ebl.credentials.status_list_credential import ListKind, new_list, signed, updated
from ebl.crypto.multikey import KeyType
from ebl.did.did_syntax import web_url
from ebl.did.document_writer import web_document
from ebl.errors import Error, InvalidInput, Malformed, Refuted, SourceError, Undetermined, Unsupported
from ebl.messages import own_words
from ebl.model.document import Document, Issuer
from ebl.model.findings import Verdict
from ebl.model.ports import Page, Sources
from ebl.policy import AllOf, AnyOf, ListsWithin, Policy, Rule, UnsafeAnyIssuer
from ebl.reports.fragments import fragments, is_valid
from ebl.sources import offline
from ebl.verify import examine

pytest.importorskip("py_arkworks_bls12381")
NOW = datetime(2026, 1, 10, tzinfo=UTC)
URL = "https://carrier.example/status/1"
DID = "did:web:carrier.example"


def key(kind: KeyType, seed: int = 1, **named: Any) -> IssuerKey:
    return IssuerKey.generate(kind, randomness=random.Random(seed).randbytes, **named)


CARRIER = key(KeyType.P256, did=DID)
BBS_CARRIER = key(KeyType.BLS12_381, did=DID, fragment="keys-2")
OTHER = key(KeyType.P256, 2, did="did:web:other.example")


@dataclass
class Web:
    """Pages by URL; a page that is not there is an outage."""

    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, url: str, *, accept: Sequence[str]) -> Page:
        self.asked.append(url)
        if url not in self.pages:
            raise SourceError(Doubt.WEB_UNREACHABLE, own_words("carrier.example: no answer"))
        return Page(url, "application/json", self.pages[url])


def web(listed: Any, url: str = URL) -> Web:
    world = Web({url: listed if isinstance(listed, bytes) else json.dumps(listed).encode()})
    for did, keys in ((DID, (CARRIER, BBS_CARRIER)), (OTHER.did, (OTHER,))):
        document = web_document(did, [(one.id, one.public) for one in keys])
        world.pages[web_url(did)] = json.dumps(document).encode()
    return world


def sources(listed: Any, url: str = URL) -> Sources:
    nowhere = offline(now=NOW)
    return replace(nowhere, fetch=web(listed, url))


def made(*bits: int, signer: IssuerKey = CARRIER, change: Callable[[Any], Any] = lambda c: c, **named: Any) -> Any:
    standard = {"url": URL, "issuer": signer.did, "purpose": "revocation", "valid_from": NOW - timedelta(days=1)}
    options = {**standard, **named}
    dates = {"valid_from": options["valid_from"], "valid_until": options.get("valid_until")}
    return signed(change(updated(new_list(**options), dict.fromkeys(bits, True), **dates)), signer, created=NOW)


def claim(index: int | str = 7, **named: Any) -> StatusListEntry:
    standard = StatusListEntry(ListKind.BITSTRING, URL, str(index), "revocation", DID)
    return replace(standard, **named)


def refuted(asked: StatusListEntry, world: Sources) -> Refuted:
    with pytest.raises(Refuted) as no:
        asked.check(world)
    return no.value


LISTED = made(7)


@pytest.mark.parametrize("signer", [CARRIER, BBS_CARRIER], ids=["ecdsa-sd-2023", "bbs-2023"])
@pytest.mark.parametrize("kind", list(ListKind))
@pytest.mark.parametrize("multibase", [False, True])
def test_a_set_bit_is_a_no_and_its_neighbours_are_not(signer: IssuerKey, kind: ListKind, multibase: bool) -> None:
    world = sources(made(7, MIN_BITS - 1, signer=signer, kind=kind, multibase=multibase))
    for index in (7, MIN_BITS - 1):
        assert refuted(claim(index, kind=kind), world).failure is Failure.REVOKED
    for index in (0, 6, 8, MIN_BITS - 2):
        fact = claim(index, kind=kind).check(world)
        assert str(fact) == "not revoked in the status list at carrier.example"


def test_revoked_and_suspended_have_names_of_their_own() -> None:
    world = sources(made(7, purpose="suspension", valid_until=NOW + timedelta(1)))
    assert refuted(claim(purpose="suspension"), world).failure is Failure.SUSPENDED
    fact = claim(8, purpose="suspension").check(world)
    assert str(fact) == "not suspended in the status list at carrier.example, which is valid until 2026-01-11T00:00:00Z"


def test_a_list_that_was_signed_without_its_url_as_id_is_bound_by_its_subject() -> None:
    listed = made(7, change=lambda c: {**c, "id": "urn:uuid:019bd4de-17ba-7a7e-a2c2-16b6ea4b7e43"})
    assert isinstance(claim(8).check(sources(listed)), NotListed)
    elsewhere = "https://carrier.example/status/2"
    assert refuted(claim(8, url=elsewhere), sources(listed, elsewhere)).failure is Failure.LIST_UNBOUND


def test_a_derived_list_is_no_answer_since_whoever_serves_it_may_have_left_out_its_end() -> None:
    from ebl.credentials import data_integrity as di
    from ebl.credentials import ecdsa_sd
    from ebl.credentials.linked_data import to_statements

    proof, value = di.parse_proof(LISTED["proof"])
    body = {name: inner for name, inner in LISTED.items() if name != "proof"}
    shown = ecdsa_sd.derive(ecdsa_sd.EcdsaSdSigned(body, to_statements(body), proof, value), [])
    for number in (7, 8):
        with pytest.raises(Undetermined) as open_:
            claim(number).check(sources(shown))
        assert open_.value.doubt is Doubt.LIST_NOT_WHOLE


def test_a_list_may_be_signed_whole() -> None:
    from ebl.credentials import ecdsa_rdfc

    body = updated(
        new_list(url=URL, issuer=DID, purpose="revocation", valid_from=NOW - timedelta(1)),
        {7: True},
        valid_from=NOW - timedelta(1),
    )
    options = {"created": "2026-01-09T00:00:00Z", "proofPurpose": "assertionMethod"}
    world = sources(ecdsa_rdfc.sign(body, CARRIER, options=options))
    assert refuted(claim(7), world).failure is Failure.REVOKED
    assert isinstance(claim(8).check(world), NotListed)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (claim(url="status/1"), "expected the URL"),
        (claim("0x7"), "digits"),
        (claim("7abc"), "digits"),
        (claim("-1"), "digits"),
        (claim(" 7"), "digits"),
        (claim("7.0"), "digits"),
        (claim("٧"), "digits"),
        (claim(""), "digits"),
        (claim("1" * 11), "digits"),
    ],
)
def test_a_bad_entry_is_refused_before_anything_is_fetched(asked: StatusListEntry, why: str) -> None:
    world = sources(LISTED)
    no = refuted(asked, world)
    assert no.failure is Failure.LIST_UNBOUND
    assert why in no.detail
    assert isinstance(world.fetch, Web)
    assert world.fetch.asked == []


@pytest.mark.parametrize("url", ["http://carrier.example/status/1", f"{URL}#list", "ipfs://bafy/1", "did:web:x#list"])
def test_a_list_at_a_url_that_is_not_fetched_is_no_answer(url: str) -> None:
    world = sources(LISTED)
    with pytest.raises(SourceError) as unknown:
        claim(url=url).check(world)
    assert unknown.value.doubt is Doubt.WEB_REFUSED
    assert isinstance(world.fetch, Web)
    assert world.fetch.asked == []


@pytest.mark.parametrize(
    ("asked", "listed", "why"),
    [
        (claim(), lambda: made(signer=OTHER), "issued by did:web:other.example"),
        (claim(), lambda: made(url="https://carrier.example/status/2"), "another URL"),
        (claim(), lambda: made(purpose="suspension"), "not for revocation"),
        (claim(kind=ListKind.STATUS_2021), made, "names a StatusList2021"),
        (claim(), lambda: made(kind=ListKind.STATUS_2021), "this is a StatusList2021"),
        (claim(MIN_BITS), made, "131072 entries"),
        (claim("9999999999"), made, "131072 entries"),
        (claim(), lambda: {k: v for k, v in LISTED.items() if k != "proof"}, "proof"),
        (claim(), lambda: {**LISTED, "proof": [5]}, "proof"),
        (claim(), lambda: {**LISTED, "proof": {**LISTED["proof"], "proofPurpose": "authentication"}}, "assertionMethod"),
        (claim(), lambda: {**LISTED, "proof": {**LISTED["proof"], "verificationMethod": OTHER.id}}, "not by its issuer"),
        (claim(), lambda: {**LISTED, "proof": {**LISTED["proof"], "verificationMethod": f"{DID}#x"}}, "does not list"),
        (claim(), lambda: {**LISTED, "proof": {**LISTED["proof"], "proofValue": "u2V0A"}}, "base64url without padding"),
        (claim(), lambda: {**LISTED, "validFrom": "2026-01-08T00:00:00Z"}, "does not match this document"),
        (claim(), lambda: {**LISTED, "x": None}, "x"),
        (claim(), lambda: {**LISTED, "credentialSubject": []}, "credentialSubject"),
    ],
)  # fmt: skip
def test_a_list_that_is_not_bound_is_refused(asked: StatusListEntry, listed: Callable[[], Any], why: str) -> None:
    no = refuted(asked, sources(listed()))
    assert no.failure is Failure.LIST_UNBOUND
    assert why in no.detail


def test_a_cleared_bit_without_a_new_proof_is_refused() -> None:
    subject = {**LISTED["credentialSubject"], "encodedList": Bitstring.zeros().encode()}
    no = refuted(claim(), sources({**LISTED, "credentialSubject": subject}))
    assert no.failure is Failure.LIST_UNBOUND


def test_a_short_list_is_refused_however_it_is_signed() -> None:
    import gzip
    from base64 import urlsafe_b64encode

    from ebl.credentials import ecdsa_sd

    text = urlsafe_b64encode(gzip.compress(bytes(1024))).rstrip(b"=").decode()
    body = new_list(url=URL, issuer=DID, purpose="revocation", valid_from=NOW)
    body["credentialSubject"]["encodedList"] = text
    short = ecdsa_sd.sign(body, CARRIER, mandatory=["/issuer"], created="2026-01-01T00:00:00Z")
    no = refuted(claim(), sources(short))
    assert (no.failure, "at least 131072" in no.detail) == (Failure.LIST_UNBOUND, True)


def test_status_list__of_another_issuer_is_believed_only_where_the_caller_accepts_it() -> None:
    world = sources(made(7, signer=OTHER))
    assert refuted(claim(8), world).failure is Failure.LIST_UNBOUND
    assert isinstance(claim(8, list_issuers=(OTHER.did,)).check(world), NotListed)
    assert refuted(claim(7, list_issuers=(OTHER.did,)), world).failure is Failure.REVOKED


@pytest.mark.parametrize("dates", [{"valid_from": NOW + timedelta(hours=1)}, {"valid_until": NOW - timedelta(hours=1)}])
def test_a_list_that_is_out_of_date_tells_nothing(dates: dict[str, datetime]) -> None:
    with pytest.raises(Undetermined) as unknown:
        claim(7).check(sources(made(7, **dates)))
    assert unknown.value.doubt is Doubt.LIST_OUTDATED


@pytest.mark.parametrize(
    ("asked", "change", "doubt"),
    [
        (claim(purpose="message"), {}, Doubt.UNSUPPORTED_PURPOSE),
        (claim(), {"proof": {**LISTED["proof"], "cryptosuite": "eddsa-rdfc-2022"}}, Doubt.UNSUPPORTED_SUITE),
        (claim(), {"proof": [LISTED["proof"], LISTED["proof"]]}, Doubt.UNSUPPORTED_SUITE),
        (claim(), {"@context": ["https://other.example/v1"]}, Doubt.UNSUPPORTED_CONTEXT),
        (claim(), {"credentialSubject": {**LISTED["credentialSubject"], "statusSize": 2}}, Doubt.UNSUPPORTED_SIZE),
    ],
)
def test_a_list_of_what_is_not_known_here_tells_nothing(
    asked: StatusListEntry, change: dict[str, Any], doubt: Doubt
) -> None:
    with pytest.raises(Undetermined) as unknown:
        asked.check(sources({**LISTED, **change}))
    assert unknown.value.doubt is doubt


def test_a_list_may_be_for_several_purposes_of_which_one_is_the_entrys() -> None:
    unsigned = new_list(url=URL, issuer=DID, purpose="revocation", valid_from=NOW)
    unsigned["credentialSubject"]["statusPurpose"] = ["suspension", "revocation"]
    both = signed(unsigned, CARRIER, created=NOW)
    assert claim().check(sources(both)).listed.purposes == ("suspension", "revocation")
    unsigned["credentialSubject"]["statusPurpose"] = ["suspension", "refresh"]
    assert refuted(claim(), sources(signed(unsigned, CARRIER, created=NOW))).failure is Failure.LIST_UNBOUND


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"a":1,"a":2}', b"\xff", b"[" * 9999])
def test_a_page_that_is_no_json_object_is_no_answer(body: bytes) -> None:
    with pytest.raises(SourceError) as unknown:
        claim().check(sources(body))
    assert unknown.value.doubt is Doubt.WEB_BAD_ANSWER


@pytest.mark.parametrize(
    "page",
    [
        {"error": "down for maintenance"},
        {**LISTED, "type": ["VerifiableCredential", "StatusListOfAnotherDayCredential"]},
        {**LISTED, "type": "VerifiableCredential"},
        {**LISTED, "type": [["BitstringStatusListCredential"], None]},
    ],
)
def test_a_page_that_is_json_and_no_list_of_a_known_kind_is_no_answer(page: dict[str, Any]) -> None:
    with pytest.raises(SourceError) as unknown:
        claim().check(sources(page))
    assert unknown.value.doubt is Doubt.WEB_BAD_ANSWER


def test_an_outage_is_no_answer_whether_of_the_list_or_of_the_key() -> None:
    for missing in (URL, web_url(DID)):
        world = sources(LISTED)
        assert isinstance(world.fetch, Web)
        del world.fetch.pages[missing]
        with pytest.raises(SourceError):
            claim().check(world)
    with pytest.raises(SourceError) as unknown:
        claim().check(offline(now=NOW))
    assert unknown.value.doubt is Doubt.OFFLINE


def test_no_error_shows_more_of_a_url_than_its_host() -> None:
    url = "https://carrier.example/secret-path?token=secret"
    for world in (sources(LISTED, url), sources(b"", url), sources(made(7, url=url), url)):
        for index in ("7", "9999999"):
            with pytest.raises(Error) as error:
                claim(index, url=url).check(world)
            assert "secret" not in str(error.value)


def test_an_entry_is_read_as_the_document_has_it() -> None:
    status = {
        "id": f"{URL}#7",
        "type": "StatusList2021Entry",
        "statusPurpose": "suspension",
        "statusListIndex": "7",
        "statusListCredential": URL,
    }
    types = ["StatusList2021Entry"]
    read_back = claim(kind=ListKind.STATUS_2021, purpose="suspension")
    assert entry(status, types, issuer=DID) == read_back
    assert entry({**status, "statusListIndex": 7}, types, issuer=DID) == read_back
    for name, value in (
        ("statusListIndex", 7.5),
        ("statusListIndex", True),
        ("statusPurpose", None),
        ("statusListCredential", [URL]),
    ):
        with pytest.raises(Malformed) as bad:
            entry({**status, name: value}, types, issuer=DID)
        assert bad.value.code is Failure.LIST_UNBOUND
    for change, other, doubt in (
        ({}, ["X"], Doubt.UNSUPPORTED_STATUS),
        ({}, [*types, "X"], Doubt.UNSUPPORTED_STATUS),
        ({"statusSize": 2}, types, Doubt.UNSUPPORTED_SIZE),
    ):
        with pytest.raises(Unsupported) as unknown:
            entry({**status, **change}, other, issuer=DID)
        assert unknown.value.doubt is doubt


def test_the_verdict_follows_the_list() -> None:
    def verdict(asked: StatusListEntry, world: Sources) -> Verdict:
        document = Document("vc", None, (Issuer("Carrier", DID, status=(asked,)),), (), {}, {})
        report = examine(document, UnsafeAnyIssuer(), sources=world)
        return {f["outcome"]: f["code"] for f in report.to_dict()["findings"] if f["group"] == "status"}  # type: ignore[return-value]

    assert verdict(claim(7), sources(LISTED)) == {"failed": "status.revoked"}
    assert verdict(claim(8), sources(LISTED)) == {"passed": None}
    assert verdict(claim(8), offline(now=NOW)) == {"unknown": "source.offline"}


def undated(credential: Any) -> Any:
    return {name: value for name, value in credential.items() if name != "validFrom"}


def of_age(days: int, *bits: int, lasts: int | None = None, signer: IssuerKey = CARRIER) -> Any:
    """A list that was signed so many days ago, and holds for so many (None: it does not say)."""
    then = NOW - timedelta(days=days)
    until = None if lasts is None else then + timedelta(days=lasts)
    bare = new_list(url=URL, issuer=signer.did, purpose="revocation", valid_from=then, valid_until=until)
    return signed(updated(bare, dict.fromkeys(bits, True), valid_from=then, valid_until=until), signer, created=then)


def judged(listed: Any, *rules: Policy, index: int = 8) -> tuple[Verdict, set[str]]:
    """The verdict on what a list says, and the codes that are about it. (A document that claims no more.)"""
    document = Document("vc", None, (), (), {}, {}, status=(claim(index),))
    found = examine(document, AllOf(UnsafeAnyIssuer(), *rules), sources=sources(listed))
    rows = found.to_dict()["findings"]
    return found.verdict, {row["code"] for row in rows if str(row["code"]).startswith("status.")}


def test_a_list_without_an_end_is_taken_for_a_year_and_no_longer() -> None:
    for signer in (CARRIER, BBS_CARRIER):
        assert judged(of_age(366, signer=signer)) == (Verdict.VALID, set())
        assert judged(of_age(367, signer=signer)) == (Verdict.INDETERMINATE, {"status.list_outdated"})
    assert judged(of_age(3000, lasts=3001)) == (Verdict.VALID, set())  # its issuer says that it still holds
    assert judged(of_age(3000, lasts=2999)) == (Verdict.INDETERMINATE, {"status.list_outdated"})


@pytest.mark.parametrize("days", [1, 400, 5000])
def test_an_old_list_still_revokes(days: int) -> None:
    assert judged(of_age(days, 8)) == (Verdict.INVALID, {"status.revoked"})


def test_a_policy_says_how_old_a_list_may_be() -> None:
    month, ages = ListsWithin(timedelta(days=30)), Rule("document.list_max_age_days", ListsWithin(timedelta(days=5000)))
    assert judged(of_age(29), month) == (Verdict.VALID, set())
    for listed in (of_age(31), of_age(31, lasts=100)):
        assert judged(listed, month) == (Verdict.INDETERMINATE, {"status.list_outdated"})
        assert judged(listed, month, ages) == (Verdict.INDETERMINATE, {"status.list_outdated"})
        assert judged(listed, AnyOf(month, ages)) == (Verdict.VALID, set())
    assert judged(of_age(4000), ages) == (Verdict.VALID, set())
    assert judged(of_age(4000), AnyOf(ages, UnsafeAnyIssuer())) == (Verdict.INDETERMINATE, {"status.list_outdated"})


def test_the_official_fragments_do_not_take_a_list_that_is_too_old() -> None:
    status = listed_entry(url=URL, index=8)
    invoice = Credential(issuer=DID, subject={"type": ["Invoice"], "invoiceId": "1"}, status=status).to_dict()
    shown = derive(sign(invoice, CARRIER, created=NOW), ["/credentialSubject"])
    for age, verdict in ((1, Verdict.VALID), (367, Verdict.INDETERMINATE)):
        report = examine(json.dumps(shown).encode(), UnsafeAnyIssuer(), sources=sources(of_age(age)))
        assert report.verdict is verdict
        assert is_valid(fragments(report)) is (verdict is Verdict.VALID)


def test_a_list_that_says_nothing_of_time_is_a_condition_and_a_policy_with_an_age_leaves_it_open() -> None:
    bare = undated(new_list(url=URL, issuer=DID, purpose="revocation", valid_from=NOW))
    listed = signed(bare, BBS_CARRIER, created=NOW)  # a bbs proof has no time of its own
    assert judged(listed) == (Verdict.VALID, {"status.list_undated"})
    assert judged(listed, ListsWithin(timedelta(days=5000))) == (Verdict.INDETERMINATE, {"status.list_outdated"})
    assert judged(signed(bare, CARRIER, created=NOW)) == (Verdict.VALID, set())
    assert judged(signed(bare, CARRIER, created=NOW - timedelta(days=400)))[0] is Verdict.INDETERMINATE


def test_a_list_is_signed_only_by_its_issuer_and_only_if_it_is_one() -> None:
    listed = new_list(url=URL, issuer=DID, purpose="revocation", valid_from=NOW)
    with pytest.raises(InvalidInput, match=r"the key is of did:web:other\.example"):
        signed(listed, OTHER, created=NOW)
    with pytest.raises(InvalidInput, match="not a status list to sign"):
        signed({**listed, "type": []}, CARRIER, created=NOW)
