"""Proofs of Ethereum state hold for what is in the trie and for what is not, and for nothing else."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from trie import HexaryTrie

from ebl.ethereum import rlp
from ebl.ethereum.keccak import keccak256
from ebl.ethereum.state_proof import (
    EMPTY_CODE,
    EMPTY_ROOT,
    AccountState,
    Header,
    StateProofError,
    account,
    encode_header,
    header,
    lookup,
    slot,
)
from tests.broken import is_broken

pytestmark = pytest.mark.slow

# The genesis block of Ethereum, whose hash everybody knows.
GENESIS = {
    "parentHash": "0x" + "00" * 32,
    "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
    "miner": "0x" + "00" * 20,
    "stateRoot": "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
    "transactionsRoot": "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
    "receiptsRoot": "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
    "logsBloom": "0x" + "00" * 256,
    "difficulty": "0x400000000",
    "number": "0x0",
    "gasLimit": "0x1388",
    "gasUsed": "0x0",
    "timestamp": "0x0",
    "extraData": "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
    "mixHash": "0x" + "00" * 32,
    "nonce": "0x0000000000000042",
}


def made(values: dict[bytes, bytes]) -> tuple[HexaryTrie, bytes]:
    trie = HexaryTrie({})
    for key, value in values.items():
        trie[keccak256(key)] = value
    return trie, bytes(trie.root_hash)


def proof_of(trie: HexaryTrie, key: bytes) -> list[bytes]:
    return [rlp.encode(_plain(node)) for node in trie.get_proof(keccak256(key))]


def _plain(node: object) -> rlp.Item:
    return bytes(node) if isinstance(node, bytes) else [_plain(part) for part in node]  # type: ignore[attr-defined]


def test_the_hash_of_a_header_is_that_of_its_fields() -> None:
    block_hash = "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"
    assert header(encode_header(GENESIS), block_hash) == Header(0, 0, bytes.fromhex(GENESIS["stateRoot"][2:]))
    for change in ({"gasUsed": "0x1"}, {"baseFeePerGas": "0x7"}):
        with pytest.raises(StateProofError):
            header(encode_header(GENESIS | change), block_hash)


@pytest.mark.parametrize("raw", [b"", b"\x01", b"\xc0", rlp.encode([[]] * 15), rlp.encode([b""] * 14)])
def test_what_is_no_header_is_none_whatever_hash_a_block_is_said_to_have(raw: bytes) -> None:
    with pytest.raises(StateProofError):
        header(raw, f"0x{keccak256(raw).hex()}")


def test_what_is_far_too_large_for_a_header_or_a_node_is_not_taken_apart() -> None:
    large = rlp.encode([b"a"] * 10_000_000)
    with is_broken(StateProofError, match="at most 65536 bytes"):
        header(large, f"0x{keccak256(large).hex()}")
    with is_broken(StateProofError, match="at most 1024 bytes"):
        lookup(keccak256(large), bytes(32), [large])


def test_a_long_list_takes_as_much_longer_to_read_as_it_is_longer() -> None:
    many = [b"a"] * 2_000_000
    assert rlp.decode(rlp.encode(many)) == many  # copying what is left at every item, this would take minutes


@pytest.mark.parametrize(
    "change", [{"stateRoot": "0x00"}, {"number": None}, {"number": 0}, {"extraData": "0xzz"}, {"nonce": "00"}]
)
def test_a_header_that_is_not_whole_has_no_hash(change: dict[str, object]) -> None:
    with pytest.raises(StateProofError):
        encode_header(GENESIS | change)


values = st.dictionaries(st.binary(min_size=1, max_size=3), st.binary(min_size=1, max_size=60), max_size=40)


@given(values=values, absent=st.binary(min_size=4, max_size=5))
def test_what_is_there_and_what_is_not_is_proved(values: dict[bytes, bytes], absent: bytes) -> None:
    trie, root = made(values)
    for key, value in values.items():
        assert lookup(root, keccak256(key), proof_of(trie, key)) == value
    assert lookup(root, keccak256(absent), proof_of(trie, absent)) is None


@given(
    values=st.dictionaries(
        st.binary(min_size=1, max_size=3), st.binary(min_size=1, max_size=60), min_size=2, max_size=20
    ),
    data=st.data(),
)
def test_a_proof_with_one_bit_changed_a_node_missing_or_added_proves_nothing(
    values: dict[bytes, bytes], data: st.DataObject
) -> None:
    trie, root = made(values)
    key = data.draw(st.sampled_from(sorted(values)))
    proof = proof_of(trie, key)
    which = data.draw(st.integers(0, len(proof) - 1))
    node = bytearray(proof[which])
    node[data.draw(st.integers(0, len(node) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    for broken in (
        [*proof[:which], bytes(node), *proof[which + 1 :]],
        [*proof[:which], *proof[which + 1 :]],
        [*proof, proof[-1]],
    ):
        with pytest.raises(StateProofError):
            lookup(root, keccak256(key), broken)
    with pytest.raises(StateProofError):
        lookup(keccak256(root), keccak256(key), proof)


def test_a_proof_for_one_key_does_not_serve_for_another() -> None:
    trie, root = made({bytes([number]): b"value" * 10 for number in range(30)})
    proof = proof_of(trie, b"\1")
    with pytest.raises(StateProofError):
        lookup(root, keccak256(b"\2"), proof)


def test_accounts_and_slots_are_read_from_their_proofs() -> None:
    storage, storage_root = made({bytes(32): rlp.encode(b"\x2a"), (1).to_bytes(32): rlp.encode(b"\xff" * 32)})
    code_hash = keccak256(b"code")
    trie, root = made(
        {
            b"\1" * 20: rlp.encode([1, 10**18, storage_root, code_hash]),
            b"\2" * 20: rlp.encode([0, 1, EMPTY_ROOT, EMPTY_CODE]),
        }
    )
    found = account(root, b"\1" * 20, proof_of(trie, b"\1" * 20))
    assert found == AccountState(1, 10**18, storage_root, code_hash)
    assert slot(found.storage_root, bytes(32), proof_of(storage, bytes(32))) == (42).to_bytes(32)
    assert slot(found.storage_root, (1).to_bytes(32), proof_of(storage, (1).to_bytes(32))) == b"\xff" * 32
    assert slot(found.storage_root, (2).to_bytes(32), proof_of(storage, (2).to_bytes(32))) == bytes(32)
    assert account(root, b"\3" * 20, proof_of(trie, b"\3" * 20)) == AccountState()
    assert slot(EMPTY_ROOT, bytes(32), []) == slot(EMPTY_ROOT, bytes(32), [b"\x80"]) == bytes(32)


def test_a_slot_that_is_kept_although_it_is_zero_is_zero() -> None:
    storage, root = made({bytes(32): b"\x80"})
    assert slot(root, bytes(32), proof_of(storage, bytes(32))) == bytes(32)


@pytest.mark.parametrize("value", [b"\x00", rlp.encode(b"\1" * 33), rlp.encode([b"\1"]), b"\x81\x01"])
def test_a_slot_that_holds_no_number_is_refused(value: bytes) -> None:
    storage, root = made({bytes(32): value})
    with pytest.raises(StateProofError):
        slot(root, bytes(32), proof_of(storage, bytes(32)))


@pytest.mark.parametrize(
    "fields",
    [[1, 2, b"\1" * 32], [1, 2, b"", b"\1" * 32], [b"\0", 2, EMPTY_ROOT, EMPTY_CODE], [[1], 2, EMPTY_ROOT, EMPTY_CODE]],
)
def test_an_account_that_is_none_is_refused(fields: list[rlp.Item]) -> None:
    trie, root = made({b"\1" * 20: rlp.encode(fields)})
    with pytest.raises(StateProofError):
        account(root, b"\1" * 20, proof_of(trie, b"\1" * 20))


@settings(max_examples=300)
@given(nodes=st.lists(st.binary(max_size=80), max_size=4))
def test_nonsense_is_refused_and_never_crashes(nodes: list[bytes]) -> None:
    assume(nodes != [rlp.encode(b"")])  # no nonsense: the whole proof of an empty trie
    root = keccak256(nodes[0]) if nodes else bytes(32)
    with pytest.raises(StateProofError):
        lookup(root, bytes(32), nodes)
