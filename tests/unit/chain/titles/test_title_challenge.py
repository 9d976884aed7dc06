"""A challenge for a title and its answer: what is signed, what is read back, and what a memory of challenges refuses."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from ebl.codes import Doubt, Failure
from ebl.errors import InvalidInput, Refuted, SourceError
from ebl.ethereum import secp256k1
from ebl.registry import ChallengeFile, LocalKey, TitleAnswer, TitleChallenge, read_answer, read_challenge

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
KEY = LocalKey(b"\x11" * 32)
REGISTRY = "0x142Ca30e3b78A840a82192529cA047ED759a6F7e"


def asked(**changes: Any) -> TitleChallenge:
    fields: dict[str, Any] = {
        "verifier": "bank.example",
        "chain_id": 1,
        "registry": REGISTRY,
        "token_id": 7,
        "now": NOW,
    }
    return TitleChallenge.new(**fields | changes)


def answered(challenge: TitleChallenge, key: LocalKey = KEY) -> TitleAnswer:
    signature = key.sign_typed_data(challenge.typed_data(key.address))
    return TitleAnswer(challenge=challenge, account=key.address, signature=signature)


@given(
    st.from_regex(r"[a-z0-9-]{1,20}\.[a-z]{2,10}", fullmatch=True),
    st.integers(1, 2**63 - 1),
    st.integers(0, 2**256 - 1),
    st.integers(1, 86_400),
)
def test_wallets_sign_the_same_digest(verifier: str, chain_id: int, token_id: int, seconds: int) -> None:
    challenge = asked(verifier=verifier, chain_id=chain_id, token_id=token_id, lasts=timedelta(seconds=seconds))
    data = challenge.typed_data(KEY.address)
    theirs = _hash_eip191_message(encode_typed_data(full_message=json.loads(json.dumps(data.to_dict()))))
    assert data.digest == theirs
    assert secp256k1.recover(data.digest, KEY.sign_typed_data(data)) == KEY.address


def test_files_are_read_back() -> None:
    challenge = asked()
    assert read_challenge(json.dumps(challenge.to_dict()).encode()) == challenge
    answer = answered(challenge)
    assert read_answer(json.dumps(answer.to_dict()).encode()) == answer


@pytest.mark.parametrize(
    "change",
    [
        {"verifier": ""},
        {"verifier": "Bank.Example"},
        {"verifier": "bank.example\n"},
        {"chain_id": 0},
        {"token_id": 2**256},
        {"lasts": timedelta(hours=24, seconds=1)},
        {"lasts": timedelta(0)},
        {"lasts": timedelta(seconds=-1)},
    ],
)
def test_a_challenge_out_of_its_limits_is_not_made(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        asked(**change)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("kind", "another"),
        ("verifier", 7),
        ("chain_id", True),
        ("chain_id", "1"),
        ("registry", "0x1"),
        ("registry", None),
        ("token_id", "7"),
        ("token_id", "0x" + "1" * 65),
        ("nonce", "0x12"),
        ("issued", "yesterday"),
        ("issued", "2026-10-12T09:00:00.5Z"),
        ("expires", "2026-10-13T09:00:01Z"),
        ("expires", 5),
        ("account", "0x"),
        ("account", 7),
        ("signature", ""),
        ("signature", "0x1"),
        ("signature", "0x" + "11" * 9000),
    ],
)
def test_a_file_that_was_tampered_with_is_refused(member: str, value: Any) -> None:
    with pytest.raises(InvalidInput):
        read_answer(json.dumps(answered(asked()).to_dict() | {member: value}).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b"7", b"{", b"\xff", b'{"kind": 1, "kind": 1}', b" " * 70_000])
def test_other_bytes_are_refused(raw: bytes) -> None:
    for read in (read_challenge, read_answer):
        with pytest.raises(InvalidInput):
            read(raw)


def test_a_challenge_is_used_once(tmp_path: Path) -> None:
    memory = ChallengeFile(tmp_path / "state" / "challenges.json")
    challenge, other = asked(), asked()
    memory.remember(challenge)
    memory.look(challenge)
    memory.use(challenge, at=NOW)
    for again in (memory.look, lambda one: memory.use(one, at=NOW)):
        with pytest.raises(Refuted) as no:
            again(challenge)
        assert no.value.failure is Failure.ANSWER_USED
    for changed in (other, replace(challenge, token_id=8), replace(challenge, verifier="other.example")):
        with pytest.raises(Refuted) as no:
            memory.look(changed)
        assert no.value.failure is Failure.ANSWER_OF_ANOTHER
    assert memory.path.stat().st_mode & 0o77 == 0


def test_of_many_answers_at_once_one_is_accepted(tmp_path: Path) -> None:
    memory, challenge = ChallengeFile(tmp_path / "c.json"), asked()
    memory.remember(challenge)

    def use(_: int) -> bool:
        try:
            ChallengeFile(memory.path).use(challenge, at=NOW)
        except Refuted:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(16))) == 1


def test_old_challenges_are_forgotten_and_used_ones_not_too_soon(tmp_path: Path) -> None:
    memory, first = ChallengeFile(tmp_path / "c.json"), asked()
    memory.remember(first)
    memory.use(first, at=NOW)
    memory.remember(asked(now=NOW + timedelta(minutes=90)))
    with pytest.raises(Refuted) as no:
        memory.look(first)
    assert no.value.failure is Failure.ANSWER_USED
    memory.remember(asked(now=NOW + timedelta(hours=3)))
    with pytest.raises(Refuted) as no:
        memory.look(first)
    assert no.value.failure is Failure.ANSWER_OF_ANOTHER


def test_a_file_that_is_not_there_says_nothing_about_the_answer(tmp_path: Path) -> None:
    memory = ChallengeFile(tmp_path / "none" / "challenges.json")
    for ask in (memory.look, lambda one: memory.use(one, at=NOW)):
        with pytest.raises(SourceError) as doubt:
            ask(asked())
        assert doubt.value.doubt is Doubt.ANSWER_NOT_REMEMBERED


@pytest.mark.parametrize("text", ["", "{}", '{"challenges": []}', '{"challenges": {"a": 1}}', "{"])
def test_a_damaged_memory_says_nothing_about_the_answer(tmp_path: Path, text: str) -> None:
    file = tmp_path / "c.json"
    file.write_text(text, "utf-8")
    with pytest.raises(SourceError) as doubt:
        ChallengeFile(file).look(asked())
    assert doubt.value.doubt is Doubt.ANSWER_NOT_REMEMBERED
    with pytest.raises(InvalidInput):
        ChallengeFile(file).remember(asked())
    assert file.read_text("utf-8") == text
