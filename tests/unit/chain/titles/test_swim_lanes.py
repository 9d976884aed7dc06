"""A title's history as a picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from ebl.chain.titles.endorsements import Action, Endorsement, Position
from ebl.chain.titles.history import History
from ebl.chain.titles.title_state import State, Title
from ebl.messages import say
from ebl.model.ports import Block

SVG = "{http://www.w3.org/2000/svg}"
START = datetime(2026, 11, 30, 9, 0, 0, tzinfo=UTC)
SHIPPER, BANK, BUYER = (f"0x{letter * 40}" for letter in "123")
STORY: tuple[tuple[Action, str | None, str | None, str | None, str], ...] = (
    (Action.ISSUED, None, SHIPPER, SHIPPER, "B/L SIN-0042"),
    (Action.HOLDER_TRANSFERRED, SHIPPER, BANK, SHIPPER, "under LC 2026-0042, documents as presented; long enough for two lines"),
    (Action.NOMINATED, SHIPPER, BANK, SHIPPER, ""),
    (Action.TRANSFERRED, BANK, BUYER, BUYER, "付款后放单"),
    (Action.RETURNED, BUYER, None, None, "<script>alert(1)</script>\u202e"),
    (Action.RETURN_REJECTED, None, BUYER, BUYER, "charges unpaid"),
    (Action.RETURNED, BUYER, None, None, ""),
    (Action.RETURN_ACCEPTED, None, None, None, ""),
)  # fmt: skip


def history(times: int = 1) -> History:
    block = Block(1337, 900, "0x" + "ab" * 32, START)
    title = Title(1337, BANK, 7, 5, State.TAKEN_OUT, False, 1, BANK, BANK, BANK, "ebl", block)
    moves, before = [], Position()
    for number, (action, by, holder, owner, remark) in enumerate(STORY * times):
        state = State.HELD if holder else State.TAKEN_OUT if action is Action.RETURN_ACCEPTED else State.RETURNED
        nominee = BUYER if action is Action.NOMINATED else None
        after = Position(state, holder, owner, nominee)
        when = START + timedelta(hours=7 * number)
        moves.append(Endorsement(action, by, before, after, b"", "0x" + "cd" * 32, number, 0, when, remark or None))
        before = after
    return History(title, tuple(moves))


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_the_picture_has_every_move_with_its_time_and_remark_and_each_party_once() -> None:
    found = texts(history().to_svg(names=lambda address: "Bank of Example" if address == BANK else None))
    for word in ("Issued", "Holdership transferred", "Endorsed and transferred", "Surrender accepted: accomplished"):
        assert word in found
    assert "2026-11-30 09:00:00 UTC  block 0" in found
    assert "“付款后放单”" in found
    assert found.count("Bank of Example") == 1
    assert found.count(BANK[:14]) == 1
    assert "Complete: it leads to the title as it is at block 900 of chain 1337, 2026-11-30 09:00:00 UTC." in found


def test_bars_show_who_held_and_who_was_beneficiary() -> None:
    bars = [node for node in ElementTree.fromstring(history().to_svg()).iter(f"{SVG}rect") if node.get("width") == "12"]
    solid = [bar for bar in bars if bar.get("fill") == "#1f4e79"]
    hatched = [bar for bar in bars if bar.get("fill") == "url(#hatched)"]
    # Holders: shipper, bank, buyer, the issuer (surrendered), buyer, the issuer; and one bar in the legend.
    assert [bar.get("x") for bar in solid[:-1]] == ["372.5", "476.5", "580.5", "268.5", "580.5", "268.5"]
    assert len(hatched) == 3 + 1
    assert all(float(bar.get("height", "0")) > 0 for bar in bars)


def test_what_a_remark_holds_is_text_and_its_controls_are_visible() -> None:
    svg = history().to_svg()
    assert "<script" not in svg
    assert "\u202e" not in svg
    assert "“<script>alert(1)</script>\\u202e”" in texts(svg)


def test_a_remark_of_any_length_takes_at_most_three_lines() -> None:
    one = history()
    moves = (replace(one.endorsements[0], text="x" * 100_000), *one.endorsements[1:])
    svg = replace(one, endorsements=moves).to_svg()
    assert len(svg) < 30_000
    assert "…”" in svg


def test_a_long_history_folds_and_states_how_much_is_left_out() -> None:
    svg = history(times=40).to_svg()
    assert "270 moves are not shown here" in texts(svg)
    assert len(svg) < 120_000


def test_many_parties_share_the_last_lane() -> None:
    one = history()
    first = one.endorsements[0]
    moves = tuple(
        replace(first, by=f"0x{number:040x}", after=Position(State.HELD, f"0x{number:040x}", BANK))
        for number in range(1, 31)
    )
    svg = replace(one, endorsements=moves).to_svg()
    assert "20 other parties" in texts(svg)
    assert float(ElementTree.fromstring(svg).get("width", "0")) < 1700


def test_an_incomplete_history_and_one_without_moves_are_drawn() -> None:
    one = history()
    assert any(text.startswith("Incomplete") for text in texts(replace(one, gaps=(say("gap", "remark"),)).to_svg()))
    assert "<svg" in replace(one, endorsements=()).to_svg()
    assert one._repr_svg_() == one.to_svg()


@pytest.mark.parametrize("part", ["script", "href", "style", "foreignObject", "image"])
def test_the_picture_has_no_script_and_nothing_from_elsewhere(part: str) -> None:
    root = ElementTree.fromstring(history().to_svg())
    assert [node for node in root.iter() if node.tag == SVG + part or part in node.attrib] == []


def test_the_picture_states_its_content_in_words() -> None:
    root = ElementTree.fromstring(history().to_svg())
    assert root.get("role") == "img"
    told = root.findtext(f"{SVG}desc") or ""
    assert f"Holdership transferred: 2026-11-30T16:00:00Z, holder {BANK}, beneficiary {SHIPPER}" in told
