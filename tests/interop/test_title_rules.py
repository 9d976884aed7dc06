"""What holds around the moves: who may call whom, roles, the pause, remarks, and what a contract says it is."""

from __future__ import annotations

from typing import Any

import pytest
from people import ZERO, Refused, Title, Titles, moves, refused, supports

from ebl.chain.contracts import erc165, events, title_escrow_factory, title_escrow_v5, token_registry_v5
from ebl.chain.contracts import role_names as roles
from ebl.ethereum import abi

# The contracts among themselves


@pytest.mark.parametrize("state", ["split", "returned"])
def test_only_the_registry_shreds_and_hands_in_a_token(
    titles: Titles, request: pytest.FixtureRequest, state: str
) -> None:
    title: Title = request.getfixturevalue(state)
    ledger = titles.ledger
    shred = titles.escrow_abi.SHRED(*([b""] if titles.version == 5 else []))
    with refused(titles, "TokenNotReturnedToIssuer" if state == "split" else "InvalidRegistry"):
        ledger.call(title.escrow, shred, by="carrier")
    received = "onERC721Received(address,address,uint256,bytes)"
    with refused(titles, "InvalidRegistry"):
        ledger.call(title.escrow, abi.call(received, ZERO, ZERO, 7, b"x"), by="carrier")
    with refused(titles, "InvalidTokenId"):
        ledger.call(title.escrow, abi.call(received, ZERO, ZERO, 8, b"x"), by=titles.registry)


def test_an_escrow_and_its_implementation_are_set_up_once(split: Title) -> None:
    titles = split.titles
    again = titles.escrow_abi.INITIALIZE(titles.ledger.who("stranger"), 7)
    for contract in (split.escrow, titles.implementation):
        with refused(titles, "InvalidInitialization"):
            titles.ledger.call(contract, again)


def test_a_person_cannot_make_an_escrow(titles: Titles) -> None:
    with refused(titles, "CreateCallerNotContract"):
        titles.ledger.send(titles.factory, title_escrow_factory.CREATE(7), by="carrier")


def test_a_token_has_no_place_but_escrow_registry_and_the_end(whole: Title) -> None:
    titles = whole.titles
    more = (b"",) if titles.version == 5 else ()
    move = titles.registry_abi.TRANSFER_FROM
    for place, error in (
        (titles.ledger.who("stranger"), "TransferFailure"),
        (token_registry_v5.BURNT, "TokenNotReturnedToIssuer"),
        (ZERO, "ERC721: transfer to the zero address"),
    ):
        with refused(titles, error):
            titles.ledger.call(titles.registry, move(whole.escrow, place, 7, *more), by=whole.escrow)
    with refused(titles, "ERC721: transfer from incorrect owner"):
        titles.ledger.call(titles.registry, move(titles.registry, titles.registry, 7, *more), by=whole.escrow)


# Roles


@pytest.mark.parametrize(
    ("move", "role"),
    [("mint", roles.MINTER), ("restore", roles.RESTORER), ("burn", roles.ACCEPTER)],
    ids=["mint", "restore", "burn"],
)
def test_each_move_of_the_issuer_needs_its_role_and_no_other(titles: Titles, move: str, role: bytes) -> None:
    if move != "mint":
        titles.mint("shipper", "shipper").move("return_to_issuer", by="shipper")
    arguments: dict[str, Any] = {"token_id": 7}
    if move == "mint":
        arguments |= dict.fromkeys(("beneficiary", "holder"), titles.ledger.who("shipper"))
    for other in set(roles.OF_REGISTRIES) - {role}:
        titles.grant(other, "agent")
    with refused(titles, "AccessControlUnauthorizedAccount"):
        titles.move(move, by="agent", **arguments)
    titles.grant(role, "agent")
    titles.move(move, by="agent", **arguments)


def test_the_deployer_has_every_role_and_appoints(titles: Titles) -> None:
    carrier, agent = titles.ledger.who("carrier"), titles.ledger.who("agent")
    for role in roles.OF_REGISTRIES:
        assert titles.ask(roles.HAS_ROLE, role, carrier)
        assert titles.ask(roles.ROLE_ADMIN, role) == roles.DEFAULT_ADMIN
        with refused(titles, "AccessControlUnauthorizedAccount"):
            titles.grant(role, "agent", by="agent")
    granted = titles.grant(roles.MINTER, "agent")
    assert granted.events == [events.RoleGranted(roles.MINTER, agent, carrier)]
    assert titles.grant(roles.MINTER, "agent").events == []
    lost = titles.ledger.send(titles.registry, roles.renounce(role=roles.MINTER, account=agent), by="agent")
    assert lost.events == [events.RoleRevoked(roles.MINTER, agent, agent)]
    with pytest.raises(Refused):
        titles.ledger.send(titles.registry, roles.renounce(role=roles.MINTER, account=carrier), by="agent")
    titles.ledger.send(titles.registry, roles.revoke(role=roles.MINTER, account=carrier), by="carrier")
    assert not titles.ask(roles.HAS_ROLE, roles.MINTER, carrier)


def test_another_role_can_be_made_the_one_that_appoints(titles: Titles) -> None:
    change = roles.set_role_admin(role=roles.MINTER, admin=roles.ACCEPTER)
    with refused(titles, "AccessControlUnauthorizedAccount"):
        titles.ledger.send(titles.registry, change, by="stranger")
    sent = titles.ledger.send(titles.registry, change, by="carrier")
    assert sent.events == [events.RoleAdminChanged(roles.MINTER, roles.DEFAULT_ADMIN, roles.ACCEPTER)]
    titles.grant(roles.ACCEPTER, "agent")
    titles.grant(roles.MINTER, "bank", by="agent")
    assert titles.ask(roles.HAS_ROLE, roles.MINTER, titles.ledger.who("bank"))


# Pausing


def test_a_pause_stops_every_move_and_no_reading(whole: Title) -> None:
    titles = whole.titles
    before = whole.state
    titles.move("pause")
    assert titles.ask(titles.registry_abi.PAUSED) is True
    for move, arguments in moves(titles).items():
        with refused(titles, "RegistryContractPaused"):
            whole.move(move, by="shipper", **arguments)
    for move in ("restore", "burn"):
        with refused(titles, "EnforcedPause"):
            titles.move(move, token_id=7)
    with refused(titles, "EnforcedPause"):
        titles.mint("shipper", "bank", token_id=8)
    with refused(titles, "EnforcedPause"):
        titles.move("pause")
    more = (b"",) if titles.version == 5 else ()
    back = titles.registry_abi.TRANSFER_FROM(whole.escrow, titles.registry, 7, *more)
    with refused(titles, "EnforcedPause"):
        titles.ledger.call(titles.registry, back, by=whole.escrow)
    assert whole.state == before
    titles.move("unpause")
    with refused(titles, "ExpectedPause"):
        titles.move("unpause")
    whole.move("return_to_issuer", by="shipper")


def test_only_the_administrator_pauses(titles: Titles) -> None:
    for role in set(roles.OF_REGISTRIES) - {roles.DEFAULT_ADMIN}:
        titles.grant(role, "agent")
    with refused(titles, "AccessControlUnauthorizedAccount"):
        titles.move("pause", by="agent")
    titles.move("pause")
    with refused(titles, "AccessControlUnauthorizedAccount"):
        titles.move("unpause", by="agent")


# Remarks (version 5)


def test_a_remark_of_120_bytes_stays_and_is_logged_and_one_more_is_refused(newer: Titles) -> None:
    long = bytes(range(120))
    title = newer.mint("shipper", "shipper", remark=long)
    assert title.ask(title_escrow_v5.REMARK) == long
    for by, to, remark in (("shipper", "bank", long[::-1]), ("bank", "consignee", b"by courier")):
        sent = title.move("transfer_holder", by=by, holder=to, remark=remark)
        assert sent.events[0].remark == remark
        assert title.ask(title_escrow_v5.REMARK) == remark
    for move, remark in (("pause", long), ("unpause", b"calm")):
        assert newer.move(move, remark=remark).events[-1].remark == remark
        assert newer.ask(token_registry_v5.REMARK) == remark


def too_long(newer: Titles) -> dict[str, tuple[str, bytes, str]]:
    """Every move with a remark of 121 bytes: contract, calldata, sender. The builders would refuse to make them."""
    x, who, escrow = b"x" * 121, newer.ledger.who, Title(newer, 7).escrow
    ours, title = token_registry_v5, title_escrow_v5
    return {
        "mint": (newer.registry, ours.MINT(who("bank"), who("bank"), 8, x), "carrier"),
        "restore": (newer.registry, ours.RESTORE(7, x), "carrier"),
        "burn": (newer.registry, ours.BURN(7, x), "carrier"),
        "pause": (newer.registry, ours.PAUSE(x), "carrier"),
        "unpause": (newer.registry, ours.UNPAUSE(x), "carrier"),
        "nominate": (escrow, title.NOMINATE(who("bank"), x), "shipper"),
        "transfer_beneficiary": (escrow, title.TRANSFER_BENEFICIARY(who("bank"), x), "shipper"),
        "transfer_holder": (escrow, title.TRANSFER_HOLDER(who("bank"), x), "shipper"),
        "transfer_owners": (escrow, title.TRANSFER_OWNERS(who("bank"), who("bank"), x), "shipper"),
        "reject_transfer_beneficiary": (escrow, title.REJECT_TRANSFER_BENEFICIARY(x), "shipper"),
        "reject_transfer_holder": (escrow, title.REJECT_TRANSFER_HOLDER(x), "shipper"),
        "reject_transfer_owners": (escrow, title.REJECT_TRANSFER_OWNERS(x), "shipper"),
        "return_to_issuer": (escrow, title.RETURN_TO_ISSUER(x), "shipper"),
        "shred": (escrow, title.SHRED(x), "stranger"),
    }


def test_no_move_takes_a_remark_of_121_bytes(newer: Titles) -> None:
    newer.mint("shipper", "shipper")
    for contract, data, sender in too_long(newer).values():
        with refused(newer, "RemarkLengthExceeded"):
            newer.ledger.call(contract, data, by=sender)


# What a contract says it is


def test_registry_and_escrow_say_which_version_they_are(split: Title) -> None:
    titles, ledger = split.titles, split.titles.ledger
    said = {
        version: [
            supports(ledger, titles.registry, ids[0]),
            supports(ledger, titles.registry, ids[1]),
            supports(ledger, titles.registry, ids[2]),
            supports(ledger, titles.registry, ids[3]),
            supports(ledger, split.escrow, ids[4]),
            supports(ledger, titles.implementation, ids[4]),
        ]
        for version, ids in {
            4: (
                erc165.MINTABLE_V4,
                erc165.BURNABLE_V4,
                erc165.RESTORABLE_V4,
                erc165.SOUL_BOUND_V4,
                erc165.TITLE_ESCROW_V4,
            ),
            5: (
                erc165.MINTABLE_V5,
                erc165.BURNABLE_V5,
                erc165.RESTORABLE_V5,
                erc165.SOUL_BOUND_V5,
                erc165.TITLE_ESCROW_V5,
            ),
        }.items()
    }
    assert said == {titles.version: [True] * 6, 9 - titles.version: [False] * 6}
    for interface in (erc165.ERC165, erc165.ACCESS_CONTROL, erc165.ERC721_METADATA, erc165.TRADETRUST_SOUL_BOUND):
        assert supports(ledger, titles.registry, interface)
    for interface in (erc165.ERC721, b"\xff" * 4):
        assert not supports(ledger, titles.registry, interface)
    for interface in (erc165.ERC165, b"\xff" * 4):
        assert not supports(ledger, split.escrow, interface)


def test_a_registry_has_a_name_a_first_block_and_a_factory(titles: Titles) -> None:
    titles.mint("shipper", "bank")
    ask, module = titles.ask, titles.registry_abi
    assert (ask(module.NAME), ask(module.SYMBOL)) == ("Pacific Line", "PLB")
    assert ask(module.TITLE_ESCROW_FACTORY) == titles.factory
    assert 0 < ask(module.GENESIS) <= int(titles.ledger.node.rpc("eth_blockNumber"), 16)
    assert ask(module.TOKEN_URI, 7) == ""
    with refused(titles, "AccessControlUnauthorizedAccount"):
        titles.move("set_base_uri", by="stranger", uri="https://x/")
    titles.move("set_base_uri", uri="https://pacific.example/")
    assert ask(module.TOKEN_URI, 7) == "https://pacific.example/7"
    with refused(titles, "ERC721Metadata: URI query for nonexistent token"):
        ask(module.TOKEN_URI, 8)
    with refused(titles, "ERC721: balance query for the zero address"):
        ask(module.BALANCE_OF, ZERO)
