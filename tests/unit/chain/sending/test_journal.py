"""The journal survives being cut short, and the nonces that it gives out have no gaps."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ebl.chain.sending import Call, Journals, Node, plan_cancel, plan_speed_up
from ebl.chain.sending import journal as journals
from ebl.chain.sending.journal import Journal, JournalEntry, Outcome, fingerprint
from ebl.chain.sending.node import NodeRefused
from ebl.chain.sending.submission import Draft, post, remind
from ebl.chain.sending.transaction import Fees, Unsigned
from ebl.chain.signers import LocalKey
from ebl.codes import Doubt
from ebl.config.networks import Gas
from ebl.errors import InvalidInput, PlanOutdated, SourceError, TransactionError
from ebl.ethereum.keccak import keccak256
from ebl.messages import own_words
from tests.unit.chain.sending.fake import Told, block, told

KEY = LocalKey(b"\5" * 32)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALL = Call(1, KEY.address, b"\1", "do it")
DRAFT = Draft(Unsigned(1, 0, CALL.to, CALL.data, 21_000, Fees(1, 1)), KEY.address, fingerprint(CALL), "do it")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journals(tmp_path).journal(1, "0x" + "ab" * 32, KEY.address)


def entry(nonce: int, *, at: datetime = NOW) -> JournalEntry:
    return JournalEntry(nonce, f"0x{nonce:064x}", "0x00", fingerprint(CALL), "do it", at.isoformat())


def node(count: int = 0, send: Any = None) -> Node:
    answer = send or (lambda raw: f"0x{keccak256(bytes.fromhex(raw[2:])).hex()}")
    return told(Gas(), eth_getTransactionCount=hex(count), eth_sendRawTransaction=answer)


def posted(journal: Journal, through: Node, attempts: int = 5) -> JournalEntry:
    with journal.locked():
        return post(DRAFT, signer=KEY, node=through, journal=journal, now=NOW, attempts=attempts)


def test_what_is_added_is_read_again_with_its_latest_fate(journal: Journal) -> None:
    journal.add(entry(1))
    journal.add(entry(2))
    journal.settle(entry(1), Outcome.INCLUDED, 77)
    assert journal.entries() == (replace(entry(1), outcome=Outcome.INCLUDED, block=77), entry(2))


def test_a_line_that_a_kill_cut_short_loses_nothing_else(journal: Journal) -> None:
    journal.add(entry(1))
    whole = journal.path.read_bytes()
    for cut in range(len(whole)):
        journal.path.write_bytes(whole[:cut])
        journal.add(entry(2))
        assert entry(2) in journal.entries()
        assert set(journal.entries()) <= {entry(1), entry(2)}


@pytest.mark.parametrize(
    "line",
    (
        *(
            "{}",
            "[]",
            "1",
            "null",
            "x",
            '{"tx_hash": "0x1"}',
            '{"tx_hash": [], "outcome": "signed", "block": null}',
            "{x}",
        ),
        json.dumps({**asdict(entry(3)), "nonce": "3"}),
        json.dumps({**asdict(entry(3)), "outcome": "lost"}),
        json.dumps({**asdict(entry(3)), "raw": None}),
        json.dumps({**asdict(entry(3)), "signed_at": "once"}),
        json.dumps(asdict(entry(1)) | {"tx_hash": "0x1", "signed_at": "2026-01-01T00:00:00"}),
        json.dumps(asdict(entry(1)) | {"tx_hash": "0x1", "nonce": -1}),
        '{"tx_hash": ' * 100_000 + "}",
        json.dumps({"tx_hash": entry(1).tx_hash, "outcome": "lost", "block": None}),
    ),
)
def test_a_journal_that_was_damaged_is_refused_in_words_because_what_it_lost_could_be_sent_twice(
    journal: Journal, line: str
) -> None:
    journal.add(entry(1))
    with journal.path.open("a") as file:
        file.write("\n" + line)
    journal.add(entry(2))
    with pytest.raises(InvalidInput, match="is damaged"):
        journal.entries()


def test_a_fate_that_is_written_after_its_transaction_was_put_aside_stops_nobody(journal: Journal) -> None:
    journal.add(entry(1))
    journal.settle(entry(1), Outcome.INCLUDED, 1)
    journal.add(replace(entry(2), raw="0x" + "00" * (3 * 1024 * 1024)))
    journal.add(entry(3))
    journal.settle(entry(1), Outcome.INCLUDED, 1)  # by another process, which had waited for it as well
    assert [e.nonce for e in journal.entries()] == [2, 3]


def test_the_journal_is_for_its_owner_only_and_holds_no_key(journal: Journal) -> None:
    posted(journal, node())
    assert journal.path.stat().st_mode & 0o077 == 0
    assert KEY.secret.hex() not in journal.path.read_text()


def test_a_large_journal_is_put_aside_once_with_what_is_open_kept(journal: Journal) -> None:
    journal.add(entry(1))
    journal.settle(entry(1), Outcome.INCLUDED, 1)
    journal.add(replace(entry(2), raw="0x" + "00" * (3 * 1024 * 1024)))
    journal.add(entry(3))
    assert [e.nonce for e in journal.entries()] == [2, 3]
    found = Journals(journal.path.parent).find(entry(1).tx_hash)
    assert found is not None and found[1].outcome is Outcome.INCLUDED


def test_the_hash_is_written_down_before_anything_is_sent(journal: Journal) -> None:
    seen: list[str] = []

    def send(raw: str) -> str:
        seen.extend(row["tx_hash"] for row in map(json.loads, filter(None, journal.path.read_text().split("\n"))))
        return "0x" + "00" * 32

    assert seen == [] and [posted(journal, node(send=send)).tx_hash] == seen


def test_the_nonce_follows_what_was_sent_even_where_the_node_does_not_count_it(journal: Journal) -> None:
    assert [posted(journal, node(count=4)).nonce for _ in range(3)] == [4, 5, 6]


def test_a_refused_transaction_frees_its_nonce(journal: Journal) -> None:
    poor = node(count=4, send=NodeRefused(-32000, "insufficient funds for gas"))
    with pytest.raises(TransactionError, match="insufficient funds"):
        posted(journal, poor)
    assert posted(journal, node(count=4)).nonce == 4


def test_a_nonce_that_another_program_used_is_passed_over(journal: Journal) -> None:
    refusals = [NodeRefused(-32000, "nonce too low"), NodeRefused(-32000, "replacement transaction underpriced")]

    def send(raw: str) -> str:
        if refusals:
            raise refusals.pop(0)
        return "0x" + "00" * 32

    assert posted(journal, node(count=4, send=send)).nonce == 6


@pytest.mark.parametrize(
    "refusal",
    (
        "max fee per gas less than block base fee: address 0x1a, maxFeePerGas: 3, baseFee: 9",
        "transaction underpriced: tip needed 30, tip permitted 1",
        "gas price below current base fee",
    ),
)
def test_a_price_that_is_too_low_by_now_is_not_signed_again_with_the_next_nonce(journal: Journal, refusal: str) -> None:
    with pytest.raises(PlanOutdated, match="at its price") as no:
        posted(journal, node(count=4, send=NodeRefused(-32000, refusal)))
    (only,) = journal.entries()
    assert (only.tx_hash, only.outcome) == (no.value.tx_hash, Outcome.REFUSED)


def test_one_approval_is_one_signature(journal: Journal) -> None:
    with pytest.raises(PlanOutdated, match="1 attempt"):
        posted(journal, node(count=4, send=NodeRefused(-32000, "nonce too low")), attempts=1)
    assert [e.nonce for e in journal.entries()] == [4]


@pytest.mark.parametrize(
    "knows",
    (
        {"blockNumber": "0x5"},
        SourceError(Doubt.CHAIN_UNREACHABLE, own_words("gone")),
        NodeRefused(-32005, "rate limit exceeded"),
        NodeRefused(-32601, "method not found"),
    ),
)
def test_a_transaction_whose_answer_was_lost_is_not_signed_again_with_the_next_nonce(
    journal: Journal, knows: Any
) -> None:
    """A gateway that times out is asked once more, and by then the first request may be in a block."""
    again = told(
        eth_getTransactionCount="0x4",
        eth_sendRawTransaction=NodeRefused(-32000, "nonce too low: next nonce 5, tx nonce 4"),
        eth_getTransactionByHash=knows,
    )
    sent = posted(journal, again)
    assert (sent.nonce, sent.open) == (4, True)
    assert journal.entries() == (sent,)


def test_a_node_that_is_gone_leaves_the_transaction_open(journal: Journal) -> None:
    gone = node(count=4, send=SourceError(Doubt.CHAIN_UNREACHABLE, own_words("gone")))
    assert posted(journal, gone).open
    assert posted(journal, node(count=4)).nonce == 5


def test_an_old_transaction_that_never_arrived_is_not_sent_behind_its_owners_back(journal: Journal) -> None:
    journal.add(entry(4, at=NOW - timedelta(hours=2)))
    with pytest.raises(TransactionError, match="blocks later ones"):
        posted(journal, node(count=4))
    assert posted(journal, node(count=5)).nonce == 5


def test_a_signer_that_signs_as_somebody_else_sends_nothing(journal: Journal) -> None:
    class Liar:
        address = KEY.address
        sign_transaction = LocalKey(b"\6" * 32).sign_transaction

    through = node()
    with pytest.raises(TransactionError, match="signed as"), journal.locked():
        post(DRAFT, signer=Liar(), node=through, journal=journal, now=NOW)
    assert "eth_sendRawTransaction" not in through.transport.asked  # type: ignore[attr-defined]
    assert journal.entries() == ()


def test_a_large_journal_is_put_aside_whole_and_the_new_one_has_what_is_open(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        journal.add(entry(number))
    for number in (0, 2):
        journal.settle(entry(number), Outcome.INCLUDED, 7)
    before = journal.path.read_bytes()
    monkeypatch.setattr(journals, "_ROTATE_AT", 1)
    journal.add(entry(4))
    assert [(one.nonce, one.open) for one in journal.entries()] == [(1, True), (3, True), (4, True)]
    (aside,) = journal.path.parent.glob("*.jsonl.2*")
    assert aside.read_bytes() == before
    found = Journals(journal.path.parent).find(entry(0).tx_hash)
    assert found is not None
    assert found[1].outcome is Outcome.INCLUDED


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_a_journal_is_for_its_owner_only_from_the_start(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: made.append(os.fstat(handle).st_mode & 0o777))
    with journal.locked():
        journal.add(entry(0))
    assert made[0] == 0o600
    assert {path.stat().st_mode & 0o077 for path in journal.path.parent.iterdir()} == {0}


def test_what_a_killed_process_left_is_not_read_as_a_journal(journal: Journal) -> None:
    journal.add(entry(0))
    (journal.path.parent / f".{journal.path.name}.0011.ebl-new").write_bytes(b'{"half')
    assert Journals(journal.path.parent).find("0x" + "ff" * 32) is None


def test_a_damaged_journal_of_another_key_hides_no_transaction(journal: Journal) -> None:
    folder = Journals(journal.path.parent)
    journal.add(entry(1))
    other = folder.journal(1, "0x" + "00" * 32, KEY.address)  # comes first
    other.path.write_bytes(b'{"no": "entry"}')
    assert folder.find(entry(1).tx_hash) == (journal, entry(1))
    with pytest.raises(InvalidInput, match="damaged"):
        folder.find(entry(2).tx_hash)  # nobody knows whether that one had it


def test_a_move_may_be_out_while_its_fate_is_open_or_a_journal_is_damaged(journal: Journal) -> None:
    folder = Journals(journal.path.parent)
    assert not folder.may_be_out(CALL)
    journal.add(entry(1))
    assert folder.may_be_out(CALL)
    assert not folder.may_be_out(replace(CALL, data=b"\2")) and not folder.may_be_out(replace(CALL, chain_id=5))
    journal.settle(entry(1), Outcome.INCLUDED, 7)
    assert not folder.may_be_out(CALL)
    journal.path.write_bytes(b'{"no": "entry"}')
    assert folder.may_be_out(CALL)


def test_of_what_waits_only_the_last_of_a_nonce_goes_out_again(journal: Journal) -> None:
    sent: list[str] = []

    def send(raw: str) -> str:
        sent.append(raw)
        return f"0x{keccak256(bytes.fromhex(raw[2:])).hex()}"

    first, cancelled = replace(entry(0), raw="0x01"), replace(entry(0), tx_hash="0x" + "ca" * 32, raw="0x02")
    journal.add(first)
    journal.add(replace(entry(1), raw="0x03"))
    journal.add(cancelled)
    assert posted(journal, node(0, send)).nonce == 2
    assert sent[:2] == ["0x02", "0x03"] and "0x01" not in sent
    sent.clear()
    remind(first, sender=KEY.address, node=node(0, send), journal=journal, now=NOW)
    assert sent == ["0x02"]


@pytest.mark.parametrize(
    ("hours", "answers", "goes_out"),
    [
        (0.9, {}, True),
        (1.1, {}, False),
        (1.1, {"eth_getTransactionByHash": {"hash": "0x00"}}, True),
        (1.1, {"eth_getTransactionCount": "0x5"}, True),
    ],
)
def test_what_never_arrived_in_an_hour_goes_out_only_if_its_owner_says_so_again(
    journal: Journal, hours: float, answers: dict[str, Any], goes_out: bool
) -> None:
    journal.add(entry(0))
    usual: dict[str, Any] = {
        "eth_getTransactionReceipt": None,
        "eth_getTransactionByHash": None,
        "eth_getTransactionCount": "0x0",
        "eth_sendRawTransaction": entry(0).tx_hash,
    }
    asked = Told(**(usual | answers))
    through, later = Node(asked, 1), NOW + timedelta(hours=hours)
    if goes_out:
        remind(entry(0), sender=KEY.address, node=through, journal=journal, now=later)
    else:
        with pytest.raises(TransactionError, match="never reached the chain") as refused:
            remind(entry(0), sender=KEY.address, node=through, journal=journal, now=later)
        assert "speed-up" in refused.value.fix and "cancel" in refused.value.fix
    assert ("eth_sendRawTransaction" in asked.asked) is goes_out


def test_a_node_that_is_down_does_not_say_that_something_never_arrived(journal: Journal) -> None:
    journal.add(entry(0))
    down = SourceError(Doubt.CHAIN_UNREACHABLE, own_words("gone"))
    asked = Told(eth_getTransactionReceipt=down, eth_sendRawTransaction=entry(0).tx_hash)
    remind(entry(0), sender=KEY.address, node=Node(asked, 1), journal=journal, now=NOW + timedelta(days=3))
    assert "eth_sendRawTransaction" not in asked.asked


def test_what_the_contract_would_refuse_by_now_is_not_hurried(tmp_path: Path) -> None:
    raw = DRAFT.unsigned.signed(KEY.sign_transaction(DRAFT.unsigned))
    out = JournalEntry(0, f"0x{keccak256(raw).hex()}", f"0x{raw.hex()}", DRAFT.call, "do it", NOW.isoformat())
    genesis = "0x" + "00" * 32
    Journals(tmp_path).journal(1, genesis, KEY.address).add(out)
    answers: dict[str, Any] = {
        "eth_getTransactionReceipt": None,
        "eth_getTransactionCount": "0x0",
        "eth_call": NodeRefused(3, "execution reverted", b""),
        "eth_getBlockByNumber": block(9),
        "eth_maxPriorityFeePerGas": "0x1",
        "eth_getBalance": hex(10**20),
    }
    through = Node(Told(**answers), 1, genesis)
    with pytest.raises(TransactionError, match="Not sent: The contract refused"):
        plan_speed_up(out.tx_hash, sender=KEY.address, node=through, journals=Journals(tmp_path))
    assert plan_cancel(out.tx_hash, sender=KEY.address, node=through, journals=Journals(tmp_path)).purpose == "cancel"


@pytest.mark.parametrize(
    ("counted", "outcomes", "chosen"),
    [
        (3, {}, 3),
        (3, {3: Outcome.SIGNED, 4: Outcome.SIGNED}, 5),
        (3, {10: Outcome.SIGNED}, 3),  # a node had counted seven too many
        (3, {3: Outcome.SIGNED, 10: Outcome.SIGNED}, 4),
        (3, {3: Outcome.REFUSED, 4: Outcome.SIGNED}, 3),  # nothing is included above a gap
        (3, {3: Outcome.INCLUDED, 4: Outcome.SIGNED}, 5),  # the node is behind
        (3, {3: Outcome.SUPERSEDED, 4: Outcome.REVERTED, 5: Outcome.SIGNED}, 6),
        (3, {3: Outcome.INCLUDED}, 3),  # its block is gone
    ],
)
def test_the_next_nonce_leaves_no_gap(
    journal: Journal, counted: int, outcomes: dict[int, Outcome], chosen: int
) -> None:
    for nonce, outcome in outcomes.items():
        journal.add(entry(nonce))
        if outcome is not Outcome.SIGNED:
            journal.settle(entry(nonce), outcome)
    assert posted(journal, node(counted)).nonce == chosen


def test_what_waits_above_a_gap_is_in_nobodys_way(journal: Journal) -> None:
    journal.add(entry(9, at=NOW - timedelta(days=9)))
    assert posted(journal, node(3)).nonce == 3
    with pytest.raises(TransactionError, match="blocks later ones"):
        posted(journal, node(9))


@pytest.mark.parametrize("count", [2**64 - 1, 2**64, 2**200])
def test_a_count_that_no_account_can_have_is_no_answer(journal: Journal, count: int) -> None:
    with pytest.raises(SourceError):
        posted(journal, node(count))
    assert journal.entries() == ()


def test_a_journal_that_is_followed_reads_what_others_write_and_what_takes_its_place(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = journal.followed()
    assert followed.entries() == ()
    for number in range(1, 5):
        journal.add(entry(number))
        assert followed.entries() == journal.entries()
    journal.settle(entry(2), Outcome.INCLUDED, 7)
    assert followed.entries() == journal.entries() and followed.entries()[1].block == 7
    with journal.path.open("ab") as file:
        file.write(b'\n{"nonce": 9, "tx_ha')  # being written just now
    assert followed.entries() == journal.entries()
    journal.add(entry(6))
    assert followed.entries() == journal.entries() and followed.entries()[-1].nonce == 6
    monkeypatch.setattr(journals, "_ROTATE_AT", 10)
    journal.add(entry(7))
    assert [one.nonce for one in followed.entries()] == [1, 3, 4, 6, 7] == [one.nonce for one in journal.entries()]


def test_a_row_that_is_half_written_is_read_once_it_is_whole(journal: Journal) -> None:
    followed = journal.followed()
    journal.add(entry(1))
    whole = journal.path.read_bytes()
    for cut in range(len(whole)):
        journal.path.write_bytes(whole[:cut])
        followed.entries()
        with journal.path.open("ab") as file:
            file.write(whole[cut:])
        assert followed.entries() == (entry(1),)
        journal.path.unlink()
        assert followed.entries() == ()


def test_what_an_unfinished_run_of_many_has_to_know_is_kept_when_a_journal_is_put_aside(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    recent = datetime.now(UTC)
    of_run = [replace(entry(number, at=recent), run="ab") for number in range(2)]
    old, of_other = replace(entry(3), run="ab"), replace(entry(4, at=recent), run="cd")
    others = [entry(number, at=recent) for number in range(10, 30)]
    journal.add(*of_run, old, of_other, *others)
    journal.settle_all([(one, Outcome.INCLUDED, 5) for one in (*of_run, old, of_other, *others)])
    journal.finish("cd")
    assert [one.run for one in journal.entries()[:4]] == ["ab", "ab", "ab", ""]
    monkeypatch.setattr(journals, "_ROTATE_AT", journal.path.stat().st_size)
    journal.add(entry(5))
    assert [one.nonce for one in journal.entries()] == [0, 1, 5]
