"""Who presents a title: signatures by keys, by contracts and by delegated accounts; replays and answers for something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ebl.codes import Condition, Doubt, Failure
from ebl.errors import Refuted, SourceError, Undetermined
from ebl.ethereum import abi, secp256k1
from ebl.identity.title_control import AccountControlled, ControlsAccount
from ebl.messages.catalogue import render
from ebl.model.ports import AccountProof, Answer, Block, CodeAt, Log, Read, Reverted, Sources, offline
from ebl.policy import PresentedByHolder
from ebl.registry import ChallengeFile, LocalKey, TitleAnswer
from ebl.status.token_registry import TokenRegistry
from tests.unit.chain.titles.test_title_challenge import KEY, NOW, REGISTRY, answered, asked

OTHER = LocalKey(b"\x22" * 32)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
TITLE = TokenRegistry(1, REGISTRY, (7).to_bytes(32), (7).to_bytes(32), ())
MAGIC = bytes.fromhex("1626ba7e").ljust(32, b"\0")


@dataclass
class OneAccount:
    """A chain with one account: its code, and what its contract answers to ``isValidSignature``."""

    code_: bytes = b""
    says: Answer = b""
    id: int = 1
    block: Block = field(default_factory=lambda: Block(1, 100, "0x" + "ab" * 32, NOW))
    calls: list[Read] = field(default_factory=list)

    def code(self, address: str) -> bytes:
        return self.code_ if address == KEY.address else b""

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        self.calls += [one for one in reads if isinstance(one, Read)]
        return tuple(self.says for _ in reads)

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        raise AssertionError

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        raise AssertionError


def sources(chain: OneAccount, now: datetime = NOW, **more: Any) -> Sources:
    nowhere = offline(now=now)
    return Sources(chain=lambda _: chain, dns=nowhere.dns, fetch=nowhere.fetch, now=now, pace=nowhere.pace, **more)


@pytest.fixture
def memory(tmp_path: Path) -> ChallengeFile:
    return ChallengeFile(tmp_path / "challenges.json")


def claim(
    memory: ChallengeFile, answer: TitleAnswer | None = None, title: TokenRegistry | None = TITLE
) -> ControlsAccount:
    given = answer or answered(asked())
    memory.remember(given.challenge)
    return ControlsAccount(given, title, memory)


def refused(claim: ControlsAccount, chain: OneAccount | None = None, **more: Any) -> Refuted:
    with pytest.raises(Refuted) as no:
        claim.check(sources(chain or OneAccount(), **more))
    assert render(no.value.message, "zh-Hans") != render(no.value.message, "en")
    return no.value


def test_a_key_answers_once(memory: ChallengeFile) -> None:
    mine = claim(memory)
    fact = mine.check(sources(OneAccount()))
    assert (fact.kind, fact.notes) == ("key", ())
    assert "control at that moment, not ownership" in str(fact)
    assert refused(mine).failure is Failure.ANSWER_USED


def test_a_contract_answers_by_erc_1271_at_the_block(memory: ChallengeFile) -> None:
    answer = replace(answered(asked()), signature=b"two owners")
    chain = OneAccount(b"\x60", MAGIC)
    fact = claim(memory, answer).check(sources(chain))
    assert fact.kind == "contract"
    (call,) = chain.calls
    assert call == Read(KEY.address, abi.call("isValidSignature(bytes32,bytes)", answer.digest, b"two owners"))


@pytest.mark.parametrize(
    "says", [b"", MAGIC[:4], MAGIC + b"\0", b"\0" * 32, MAGIC[:31] + b"\1", (1).to_bytes(32), Reverted(MAGIC)]
)
def test_anything_but_the_magic_value_is_a_refusal(memory: ChallengeFile, says: Answer) -> None:
    no = refused(claim(memory), OneAccount(b"\x60", says))
    assert (no.failure, no.message.variant) == (Failure.ANSWER_SIGNATURE, "contract")


def test_the_key_of_an_account_with_a_contract_does_not_answer_for_it(memory: ChallengeFile) -> None:
    assert refused(claim(memory), OneAccount(b"\x60", b"")).message.variant == "contract"


def test_a_delegated_account_signs_with_its_own_key_and_is_told_apart(memory: ChallengeFile) -> None:
    delegated = bytes.fromhex("ef0100" + "33" * 20)
    fact = claim(memory).check(sources(OneAccount(delegated)))
    assert fact.kind == "delegated"
    assert [note.remark for note in fact.notes] == [Condition.DELEGATED_ACCOUNT]
    assert "0x" + "33" * 20 in str(fact.notes[0].message)
    accepts = OneAccount(delegated, MAGIC)
    forged = replace(answered(asked(), OTHER), account=KEY.address)
    assert refused(claim(memory, forged), accepts).message.variant == "other_account"
    assert accepts.calls == []


def malleable(signature: bytes) -> bytes:
    s = ORDER - int.from_bytes(signature[32:64])
    return signature[:32] + s.to_bytes(32) + bytes([55 - signature[64]])


@pytest.mark.parametrize(
    ("change", "variant"),
    [
        (malleable, "malleable"),
        (lambda one: one[:64] + bytes([one[64] - 27]), "form"),
        (lambda one: one[:64], "form"),
        (lambda one: one + b"\0", "form"),
        (lambda one: bytes(32) + one[32:], "none"),
        (lambda one: one[:64] + bytes([55 - one[64]]), "other_account"),
    ],
)
def test_another_form_of_the_signature_is_refused(memory: ChallengeFile, change: Any, variant: str) -> None:
    answer = answered(asked())
    if variant == "malleable":
        assert secp256k1.recover(answer.digest, malleable(answer.signature)) == KEY.address
    no = refused(claim(memory, replace(answer, signature=change(answer.signature))))
    assert (no.failure, no.message.variant) in (
        (Failure.ANSWER_SIGNATURE, variant),
        (Failure.ANSWER_SIGNATURE, "none"),
    )


@pytest.mark.parametrize(
    ("title", "variant"),
    [
        (None, "no_title"),
        (replace(TITLE, root=(8).to_bytes(32)), "token"),
        (replace(TITLE, address=OTHER.address), "registry"),
        (replace(TITLE, chain_id=2), "chain"),
    ],
)
def test_an_answer_for_another_title_is_refused(
    memory: ChallengeFile, title: TokenRegistry | None, variant: str
) -> None:
    no = refused(claim(memory, title=title))
    assert (no.failure, no.message.variant) == (Failure.ANSWER_OF_ANOTHER, variant)


def test_a_title_that_names_no_chain_is_on_the_one_that_is_configured(memory: ChallengeFile) -> None:
    mine = claim(memory, title=replace(TITLE, chain_id=None))
    assert refused(mine, OneAccount(id=5)).message.variant == "chain"
    assert mine.check(sources(OneAccount())).kind == "key"


def test_an_answer_made_for_another_verifier_is_not_ours(memory: ChallengeFile) -> None:
    theirs = answered(asked(verifier="other.example"))
    memory.remember(asked())
    mine = ControlsAccount(theirs, TITLE, memory)
    assert refused(mine).message.variant == "not_sent"
    changed = replace(theirs, challenge=replace(theirs.challenge, verifier="bank.example"))
    assert refused(claim(memory, changed)).message.variant == "other_account"


@pytest.mark.parametrize(
    ("now", "variant"),
    [(NOW + timedelta(hours=1, seconds=1), "late"), (NOW - timedelta(minutes=3), "early")],
)
def test_a_challenge_counts_for_its_time_only(memory: ChallengeFile, now: datetime, variant: str) -> None:
    no = refused(claim(memory), now=now)
    assert (no.failure, no.message.variant) == (Failure.ANSWER_EXPIRED, variant)


def test_a_source_without_a_response_uses_nothing_up(memory: ChallengeFile) -> None:
    mine = claim(memory)
    with pytest.raises(SourceError):
        mine.check(offline(now=NOW))
    assert mine.check(sources(OneAccount())).kind == "key"


def test_without_a_memory_it_is_open_except_on_a_replay() -> None:
    mine = ControlsAccount(answered(asked()), TITLE)
    with pytest.raises(SourceError) as doubt:
        mine.check(sources(OneAccount()))
    assert doubt.value.doubt is Doubt.ANSWER_NOT_REMEMBERED
    assert mine.check(sources(OneAccount(), replayed=True)).kind == "key"


def test_what_a_contract_returns_cannot_be_proved(memory: ChallengeFile) -> None:
    with pytest.raises(SourceError) as doubt:
        claim(memory).check(sources(OneAccount(b"\x60", MAGIC), prove=True))
    assert doubt.value.doubt is Doubt.CHAIN_UNPROVED


def test_the_rule_needs_a_title_and_an_answer(memory: ChallengeFile) -> None:
    fact = claim(memory).check(sources(OneAccount()))
    for facts in ([], [fact]):
        with pytest.raises(Undetermined):
            PresentedByHolder().check(facts)
    assert isinstance(fact, AccountControlled)
    assert PresentedByHolder("a.example").excludes(PresentedByHolder("b.example"))
    assert PresentedByHolder("a.example").excludes(PresentedByHolder()) is None
