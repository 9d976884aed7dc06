"""Every move of a title, who may make it and when: on our contracts and on the released ones of versions 4 and 5."""

from __future__ import annotations

import pytest
from people import MOVES, PEOPLE, REJECTS, ZERO, Refused, State, Title, Titles, moves, refused

from ebl.chain.contracts import events, title_escrow_factory, title_escrow_v5, token_registry_v5


def empty_nomination(titles: Titles) -> list[events.Nomination]:
    """Version 4 logs the clearing of the nominee with every new beneficiary, also where there was none."""
    return [events.Nomination(ZERO, ZERO, titles.registry, 7)] if titles.version == 4 else []


# Not minted


def test_what_was_never_minted_has_no_owner_and_no_escrow(titles: Titles) -> None:
    with refused(titles, "ERC721: owner query for nonexistent token"):
        titles.ask(titles.registry_abi.OWNER_OF, 7)
    assert titles.ledger.code(Title(titles, 7).escrow) == b""


@pytest.mark.parametrize("move", ["restore", "burn"])
def test_what_was_never_minted_is_neither_restored_nor_taken_out(titles: Titles, move: str) -> None:
    # The released contracts have no name for burning what is not there.
    error = "InvalidTokenId" if move == "restore" or titles.make == "ours" else ""
    with refused(titles, error):
        titles.move(move, token_id=7)


# Minting


def test_minting_makes_a_title_with_its_two_owners(titles: Titles) -> None:
    title = titles.mint("shipper", "bank")
    assert title.state == State("escrow", "shipper", "bank")
    assert titles.ask(titles.registry_abi.BALANCE_OF, title.escrow) == 1
    assert title.ask(titles.escrow_abi.REGISTRY) == titles.registry
    assert title.ask(titles.escrow_abi.TOKEN_ID) == 7
    assert title.ask(titles.escrow_abi.IS_HOLDING_TOKEN) is True


def test_minting_returns_the_escrow_at_the_address_that_follows_from_the_formula(titles: Titles) -> None:
    who = titles.ledger.who
    for token_id in (0, 7, 2**256 - 1):
        sent = titles.move("mint", beneficiary=who("shipper"), holder=who("bank"), token_id=token_id)
        title = Title(titles, token_id)
        assert titles.registry_abi.MINT.decode(sent.returned) == title.escrow
        assert titles.ledger.code(title.escrow) == title_escrow_factory.clone(titles.implementation)
        ask = title_escrow_factory.GET_ADDRESS_V4 if titles.version == 4 else title_escrow_factory.GET_ESCROW_ADDRESS_V5
        assert ask.decode(titles.ledger.call(titles.factory, ask(titles.registry, token_id))) == title.escrow


def test_the_log_tells_of_a_minting_in_order(titles: Titles) -> None:
    who = titles.ledger.who
    more = {"remark": b"first"} if titles.version == 5 else {}
    arguments = {"beneficiary": who("shipper"), "holder": who("bank"), "token_id": 7}
    escrow, place = Title(titles, 7).escrow, (titles.registry, 7)
    silent = b"" if titles.version == 5 else None
    logged = [
        event for event in titles.move("mint", **arguments, **more).events if not isinstance(event, events.Initialized)
    ]
    assert logged == [
        events.TitleEscrowCreated(escrow, titles.registry, 7),
        events.Transfer(ZERO, escrow, 7),
        events.BeneficiaryTransfer(ZERO, who("shipper"), *place, remark=silent),
        *empty_nomination(titles),
        events.HolderTransfer(ZERO, who("bank"), *place, remark=silent),
        events.TokenReceived(who("shipper"), who("bank"), True, *place, remark=more.get("remark")),
    ]


@pytest.mark.parametrize("state", ["split", "returned", "taken_out"])
def test_a_token_id_serves_once(titles: Titles, request: pytest.FixtureRequest, state: str) -> None:
    request.getfixturevalue(state)
    with refused(titles, "TokenExists"):
        titles.mint("shipper", "bank")


@pytest.mark.parametrize("missing", ["beneficiary", "holder"])
def test_a_title_needs_a_beneficiary_and_a_holder(titles: Titles, missing: str) -> None:
    people = {"beneficiary": "shipper", "holder": "bank"} | {missing: ZERO}
    with refused(titles, "InvalidTokenTransferToZeroAddressOwners"):
        titles.mint(**people)


# Holding


def test_a_beneficiary_nominates_and_takes_it_back(split: Title) -> None:
    split.move("nominate", by="shipper", nominee="consignee")
    assert split.state == State("escrow", "shipper", "bank", nominee="consignee")
    split.move("nominate", by="shipper", nominee=ZERO)
    assert split.state == State("escrow", "shipper", "bank")


def test_a_nomination_must_change_something(split: Title) -> None:
    with refused(split.titles, "TargetNomineeAlreadyBeneficiary"):
        split.move("nominate", by="shipper", nominee="shipper")
    with refused(split.titles, "NomineeAlreadyNominated"):
        split.move("nominate", by="shipper", nominee=ZERO)
    split.move("nominate", by="shipper", nominee="consignee")
    with refused(split.titles, "NomineeAlreadyNominated"):
        split.move("nominate", by="shipper", nominee="consignee")


def test_a_holder_endorses_to_the_nominee_and_to_nobody_else(split: Title) -> None:
    with refused(split.titles, "InvalidNominee"):
        split.move("transfer_beneficiary", by="bank", nominee="consignee")
    split.move("nominate", by="shipper", nominee="consignee")
    with refused(split.titles, "InvalidNominee"):
        split.move("transfer_beneficiary", by="bank", nominee="stranger")
    with refused(split.titles, "InvalidTransferToZeroAddress"):
        split.move("transfer_beneficiary", by="bank", nominee=ZERO)
    split.move("transfer_beneficiary", by="bank", nominee="consignee")
    before = {"previous_beneficiary": "shipper"} if split.titles.version == 5 else {}
    assert split.state == State("escrow", "consignee", "bank", **before)


def test_an_endorsement_is_logged_with_the_clearing_of_the_nominee(split: Title) -> None:
    titles, who = split.titles, split.titles.ledger.who
    split.move("nominate", by="shipper", nominee="consignee")
    more, cleared = ({"remark": b"signed"}, b"0x") if titles.version == 5 else ({}, None)
    place = (titles.registry, 7)
    assert split.move("transfer_beneficiary", by="bank", nominee="consignee", **more).events == [
        events.BeneficiaryTransfer(who("shipper"), who("consignee"), *place, remark=more.get("remark")),
        events.Nomination(who("consignee"), ZERO, *place, remark=cleared),
    ]


def test_one_who_is_both_endorses_to_anybody(whole: Title) -> None:
    whole.move("nominate", by="shipper", nominee="bank")
    whole.move("transfer_beneficiary", by="shipper", nominee="consignee")
    before = {"previous_beneficiary": "shipper"} if whole.titles.version == 5 else {}
    assert whole.state == State("escrow", "consignee", "shipper", **before)


def test_a_holder_hands_possession_over(split: Title) -> None:
    split.move("transfer_holder", by="bank", holder="consignee")
    before = {"previous_holder": "bank"} if split.titles.version == 5 else {}
    assert split.state == State("escrow", "shipper", "consignee", **before)
    with refused(split.titles, "CallerNotHolder"):
        split.move("transfer_holder", by="bank", holder="stranger")


def test_possession_goes_to_somebody_else(split: Title) -> None:
    with refused(split.titles, "InvalidTransferToZeroAddress"):
        split.move("transfer_holder", by="bank", holder=ZERO)
    with refused(split.titles, "RecipientAlreadyHolder"):
        split.move("transfer_holder", by="bank", holder="bank")


def test_both_go_in_one_transaction_or_neither(split: Title) -> None:
    with refused(split.titles, "InvalidNominee"):
        split.move("transfer_owners", by="bank", nominee="consignee", holder="consignee")
    split.move("nominate", by="shipper", nominee="consignee")
    with refused(split.titles, "RecipientAlreadyHolder"):
        split.move("transfer_owners", by="bank", nominee="consignee", holder="bank")
    assert split.state == State("escrow", "shipper", "bank", nominee="consignee")
    split.move("transfer_owners", by="bank", nominee="consignee", holder="consignee")
    before = {"previous_beneficiary": "shipper", "previous_holder": "bank"} if split.titles.version == 5 else {}
    assert split.state == State("escrow", "consignee", "consignee", **before)


def test_an_endorsement_to_the_holder_makes_one_of_both(split: Title) -> None:
    split.move("nominate", by="shipper", nominee="bank")
    split.move("transfer_beneficiary", by="bank", nominee="bank")
    before = {"previous_beneficiary": "shipper"} if split.titles.version == 5 else {}
    assert split.state == State("escrow", "bank", "bank", **before)


CALLERS = dict.fromkeys(MOVES, "CallerNotHolder") | dict.fromkeys(
    ("nominate", "return_to_issuer"), "CallerNotBeneficiary"
)


def test_nobody_else_moves_a_title(split: Title) -> None:
    may = {"nominate": {"shipper"}, "return_to_issuer": {"shipper"}}
    for move, error in CALLERS.items():
        for person in set(PEOPLE) - may.get(move, {"bank"}):
            with refused(split.titles, error):
                split.move(move, by=person, **MOVES[move])
    assert split.state == State("escrow", "shipper", "bank")


def test_the_administrator_and_all_its_roles_cannot_move_a_title_that_is_held(split: Title) -> None:
    titles = split.titles
    for move in ("restore", "burn"):
        with refused(titles, "TokenNotReturnedToIssuer"):
            titles.move(move, token_id=7)
    with refused(titles, "ERC721: transfer caller is not owner nor approved"):
        arguments = (split.escrow, titles.registry, 7) + ((b"",) if titles.version == 5 else ())
        titles.ledger.send(titles.registry, titles.registry_abi.TRANSFER_FROM(*arguments), by="carrier")


# Rejecting a transfer (version 5)


def test_a_transfer_is_rejected_in_version_5_alone(titles: Titles) -> None:
    title = titles.mint("shipper", "shipper")
    title.move("transfer_holder", by="shipper", holder="bank")
    reject = title_escrow_v5.reject_transfer_holder()
    if titles.version == 4:
        with pytest.raises(Refused):
            titles.ledger.call(title.escrow, reject, by="bank")
    else:
        titles.ledger.call(title.escrow, reject, by="bank")


def test_a_new_holder_gives_possession_back_once(newer: Titles) -> None:
    title = newer.mint("shipper", "bank")
    title.move("transfer_holder", by="bank", holder="consignee")
    title.move("reject_transfer_holder", by="consignee")
    assert title.state == State("escrow", "shipper", "bank")
    with refused(newer, "InvalidTransferToZeroAddress"):
        title.move("reject_transfer_holder", by="bank")


def test_a_new_beneficiary_gives_the_right_back_once(newer: Titles) -> None:
    title = newer.mint("shipper", "bank")
    title.move("nominate", by="shipper", nominee="consignee")
    title.move("transfer_beneficiary", by="bank", nominee="consignee")
    title.move("reject_transfer_beneficiary", by="consignee")
    assert title.state == State("escrow", "shipper", "bank")
    with refused(newer, "InvalidTransferToZeroAddress"):
        title.move("reject_transfer_beneficiary", by="shipper")


def test_one_who_received_both_gives_both_back_and_not_one(newer: Titles) -> None:
    title = newer.mint("shipper", "shipper")
    title.move("transfer_owners", by="shipper", nominee="consignee", holder="consignee")
    for move in REJECTS[:2]:
        with refused(newer, "DualRoleRejectionRequired"):
            title.move(move, by="consignee")
    title.move("reject_transfer_owners", by="consignee")
    assert title.state == State("escrow", "shipper", "shipper")
    with refused(newer, "InvalidTransferToZeroAddress"):
        title.move("reject_transfer_owners", by="shipper")


def test_both_are_given_back_only_where_both_were_received(newer: Titles) -> None:
    title = newer.mint("shipper", "bank")
    title.move("nominate", by="shipper", nominee="bank")
    title.move("transfer_beneficiary", by="bank", nominee="bank")
    with refused(newer, "InvalidTransferToZeroAddress"):
        title.move("reject_transfer_owners", by="bank")


def test_only_the_new_owner_rejects(newer: Titles) -> None:
    title = newer.mint("shipper", "shipper")
    title.move("transfer_owners", by="shipper", nominee="consignee", holder="bank")
    errors = ("CallerNotBeneficiary", "CallerNotHolder", "CallerNotBeneficiary")
    for move, error, may in zip(REJECTS, errors, ("consignee", "bank", None), strict=True):
        for person in set(PEOPLE) - {may, "consignee" if may is None else may}:
            with refused(newer, error):
                title.move(move, by=person)
    with refused(newer, "CallerNotHolder"):
        title.move("reject_transfer_owners", by="consignee")


@pytest.mark.parametrize(
    ("acts", "then"),
    [
        ("nominate", {"nominee": "bank"}),
        ("transfer_holder", {"holder": "bank"}),
        ("transfer_beneficiary", {"nominee": "bank"}),
    ],
)
def test_the_right_to_reject_is_gone_once_the_new_owner_has_acted(
    newer: Titles, acts: str, then: dict[str, str]
) -> None:
    title = newer.mint("shipper", "shipper")
    title.move("transfer_owners", by="shipper", nominee="consignee", holder="consignee")
    title.move(acts, by="consignee", **then)
    previous = {"transfer_holder": ("nobody", "consignee"), "transfer_beneficiary": ("consignee", "nobody")}
    assert (title.state.previous_beneficiary, title.state.previous_holder) == previous.get(acts, ("nobody", "nobody"))
    for move in REJECTS:
        with pytest.raises(Refused):
            title.move(move, by="consignee")


def test_rejecting_is_logged_as_a_transfer_back_and_as_what_it_is(newer: Titles) -> None:
    who, place = newer.ledger.who, (newer.registry, 7)
    title = newer.mint("shipper", "shipper")
    title.move("transfer_owners", by="shipper", nominee="consignee", holder="consignee")
    a, b = who("consignee"), who("shipper")
    assert title.move("reject_transfer_owners", by="consignee", remark=b"no").events == [
        events.BeneficiaryTransfer(a, b, *place, remark=b"no"),
        events.HolderTransfer(a, b, *place, remark=b"no"),
        events.RejectTransferOwners(a, b, a, b, *place, remark=b"no"),
    ]


# Returning, restoring, taking out


def test_one_who_is_both_returns_a_title_and_stays_recorded(returned: Title) -> None:
    assert returned.state == State("registry", "shipper", "shipper")
    assert returned.ask(returned.titles.escrow_abi.IS_HOLDING_TOKEN) is False
    balance = returned.titles.registry_abi.BALANCE_OF
    assert [returned.titles.ask(balance, place) for place in (returned.escrow, returned.titles.registry)] == [0, 1]


def test_a_bank_that_only_holds_cannot_surrender_nor_can_an_owner_who_does_not_hold(split: Title) -> None:
    with refused(split.titles, "CallerNotBeneficiary"):
        split.move("return_to_issuer", by="bank")
    with refused(split.titles, "CallerNotHolder"):
        split.move("return_to_issuer", by="shipper")


def test_a_returned_title_does_not_move(returned: Title) -> None:
    for move, arguments in moves(returned.titles).items():
        with refused(returned.titles, "TitleEscrowNotHoldingToken"):
            returned.move(move, by="shipper", **arguments)


def test_a_restored_title_goes_back_to_whom_it_came_from(returned: Title) -> None:
    sent = returned.titles.move("restore", token_id=7)
    assert returned.titles.registry_abi.RESTORE.decode(sent.returned) == returned.escrow
    assert returned.state == State("escrow", "shipper", "shipper")
    returned.move("transfer_holder", by="shipper", holder="bank")
    assert returned.state.holder == "bank"


def test_a_title_taken_out_is_at_its_end(taken_out: Title) -> None:
    titles = taken_out.titles
    assert taken_out.state == State("taken out", "nobody", "nobody", active=False)
    for move, arguments in moves(titles).items():
        with refused(titles, "InactiveTitleEscrow"):
            taken_out.move(move, by="shipper", **arguments)
    with refused(titles, "TokenNotReturnedToIssuer"):
        titles.move("restore", token_id=7)
    with refused(titles, "InactiveTitleEscrow"):
        titles.move("burn", token_id=7)


def test_returning_and_taking_out_are_logged_in_order(whole: Title) -> None:
    titles, who = whole.titles, whole.titles.ledger.who
    place, owner = (titles.registry, 7), who("shipper")
    more, silent = ({"remark": b"done"}, b"") if titles.version == 5 else ({}, None)
    said = more.get("remark")
    assert whole.move("return_to_issuer", by="shipper", **more).events == [
        events.Nomination(ZERO, ZERO, *place, remark=silent),
        events.Transfer(whole.escrow, titles.registry, 7),
        events.ReturnToIssuer(owner, *place, remark=said),
    ]
    assert titles.move("burn", token_id=7, **more).events == [
        events.BeneficiaryTransfer(owner, ZERO, *place, remark=silent),
        *empty_nomination(titles),
        events.HolderTransfer(owner, ZERO, *place, remark=silent),
        events.Shred(*place, remark=said),
        events.Transfer(titles.registry, token_registry_v5.BURNT, 7),
    ]


def test_a_nominee_is_cleared_when_the_title_is_returned(whole: Title) -> None:
    whole.move("nominate", by="shipper", nominee="bank")
    whole.move("return_to_issuer", by="shipper")
    assert whole.state.nominee == "nobody"
