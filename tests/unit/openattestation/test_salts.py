"""Salts are random, well-formed, and never handed out twice: not to threads, not to a forked child."""

from __future__ import annotations

import os
import threading
import uuid

import pytest

from ebl.openattestation.salts import Pool, are_distinct_uuids, is_uuid, uuids, words


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_uuids_are_of_version_4_and_all_different(count: int) -> None:
    found = uuids(count, tail=":x:")
    assert len(set(found)) == count
    for text in found:
        assert uuid.UUID(text[:36]).version == 4
        assert uuid.UUID(text[:36]).variant == uuid.RFC_4122
        assert text[:36] == text[:36].lower()
        assert text[36:] == ":x:"


def test_every_digit_of_a_uuid_is_drawn() -> None:
    found = uuids(4000)
    for column in set(range(36)) - {8, 13, 14, 18, 19, 23}:
        assert {text[column] for text in found} == set("0123456789abcdef")
    assert {text[19] for text in found} == set("89ab")


def test_words_are_32_bytes_in_hex() -> None:
    found = words(100)
    assert len(set(found)) == 100
    assert {len(bytes.fromhex(word)) for word in found} == {32}


@pytest.mark.parametrize("text", [str(uuid.uuid4()), str(uuid.uuid4()).upper()])
def test_a_uuid_is_one_in_either_case(text: str) -> None:
    assert is_uuid(text)


@pytest.mark.parametrize(
    "text", ["", "x" * 36, str(uuid.uuid1()), str(uuid.uuid4()) + "0", str(uuid.uuid4()).replace("-", "")]
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_uuid(text)
    assert not are_distinct_uuids([text])


def test_many_uuids_are_judged_at_once() -> None:
    good = uuids(50, tail=":")
    assert are_distinct_uuids(good, tail=":")
    assert are_distinct_uuids([])
    for bad in (good[0], good[0][:-1] + ";", good[0][:14] + "5" + good[0][15:], good[0][:19] + "c" + good[0][20:]):
        assert not are_distinct_uuids([*good, bad], tail=":")
    assert not are_distinct_uuids([*good, good[1].upper()], tail=":")
    assert not are_distinct_uuids([*good, good[1][:-1] + "：", good[1][1:]], tail=":")


def take(pool: Pool, blocks: int, size: int) -> list[str]:
    taken = []
    for _ in range(blocks):
        block = pool.lease()
        taken += [block.pop() for _ in range(min(size, len(block)))]
        pool.give_back(block)
    return taken


def test_threads_never_share_a_salt() -> None:
    pool, found = Pool("", size=64), [[] for _ in range(8)]
    threads = [threading.Thread(target=lambda own=own: own.extend(take(pool, 200, 5))) for own in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [salt for own in found for salt in own]
    assert len(taken) > 6000
    assert len(set(taken)) == len(taken)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_never_repeats_its_parents_salts() -> None:
    pool = Pool("", size=64)
    take(pool, 1, 3)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, "".join(take(pool, 4, 50)).encode())
        finally:
            os._exit(0)  # whatever happens: it is no second run of the tests
    os.close(writing)
    mine = take(pool, 4, 50)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    theirs = [text[at : at + 36] for at in range(0, len(text), 36)]
    assert len(theirs) > 100
    assert not set(mine) & set(theirs)
