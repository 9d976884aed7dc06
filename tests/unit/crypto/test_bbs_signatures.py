"""BBS signatures agree with the published fixtures, and nothing altered passes."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.credentials.key_faults import as_input_errors
from ebl.crypto import bbs_signatures as bbs
from ebl.crypto.expand_message import expand_message_xmd
from ebl.errors import MissingExtra

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT.parent / "shared/vectors/w3c/bbs-draft/tooling/fixtures/fixture_data/bls12-381-sha-256"
ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001

pytest.importorskip("py_arkworks_bls12381")
published = pytest.mark.skipif(not FIXTURES.exists(), reason="the published fixtures are not beside the project")


def fixture(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FIXTURES / name).read_text())
    del loaded["caseName"]
    return {key: bytes.fromhex(value) if isinstance(value, str) else value for key, value in loaded.items()}


def names(folder: str) -> list[str]:
    return sorted(f"{folder}/{path.name}" for path in (FIXTURES / folder).glob("*.json"))


def counted(stream: bytes) -> Callable[[int], bytes]:
    """Randomness that is read off some bytes."""
    position = 0

    def take(length: int) -> bytes:
        nonlocal position
        position += length
        return stream[position - length : position]

    return take


# ---------------------------------------------------------------- the published fixtures


@published
def test_the_generators_are_the_published_ones() -> None:
    expected = json.loads((FIXTURES / "generators.json").read_text())
    made = bbs._generators(11).octets
    assert made.hex() == expected["Q1"] + "".join(expected["MsgGenerators"])
    assert bbs._P1.hex() == expected["P1"]


@published
def test_hashing_to_scalars_is_as_published() -> None:
    one = fixture("h2s.json")
    curve = bbs._curve()
    assert bbs._hash(curve, one["message"], one["dst"]).to_be_bytes() == one["scalar"]
    for case in fixture("MapMessageToScalarAsHash.json")["cases"]:
        assert bbs._message(curve, bytes.fromhex(case["message"])).to_be_bytes().hex() == case["scalar"]


@published
def test_keys_are_made_as_published() -> None:
    case = fixture("keypair.json")
    secret = bbs.keygen(case["keyMaterial"], case["keyInfo"], tag=case["keyDst"])
    assert secret.hex() == case["keyPair"]["secretKey"]
    assert bbs.public_key(secret).hex() == case["keyPair"]["publicKey"]


@published
@pytest.mark.parametrize("name", names("signature"))
def test_signatures_are_the_published_ones(name: str) -> None:
    case = fixture(name)
    public = bytes.fromhex(case["signerKeyPair"]["publicKey"])
    messages = [bytes.fromhex(message) for message in case["messages"]]
    valid = case["result"]["valid"]
    assert bbs.verify(public, case["signature"], messages, header=case["header"]) is valid
    if valid:
        secret = bytes.fromhex(case["signerKeyPair"]["secretKey"])
        assert bbs.sign(secret, public, messages, header=case["header"]) == case["signature"]


@published
@pytest.mark.parametrize("name", names("proof"))
def test_proofs_are_the_published_ones(name: str) -> None:
    case = fixture(name)
    messages = [bytes.fromhex(message) for message in case["messages"]]
    disclosed = case["disclosedIndexes"]
    headers = {"header": case["header"], "presentation_header": case["presentationHeader"]}
    shown = [messages[index] for index in disclosed] if max(disclosed) < len(messages) else messages
    public, valid = case["signerPublicKey"], case["result"]["valid"]
    assert bbs.proof_verify(public, case["proof"], shown, disclosed, **headers) is valid
    if not valid:
        return
    mocked = fixture("mockedRng.json")
    stream = expand_message_xmd(mocked["seed"], mocked["dst"], 48 * (5 + len(messages) - len(disclosed)))
    made = bbs.proof_gen(public, case["signature"], messages, disclosed, randomness=counted(stream), **headers)
    assert made == case["proof"]


# ---------------------------------------------------------------- nothing altered passes

SECRET = bbs.keygen(b"key material of which nobody knows" * 2)
PUBLIC = bbs.public_key(SECRET)
HEADER, PRESENTATION = b"header", b"presentation"
MESSAGES = [b"blNumber SGCNM21653434", b"vessel MV HMM ALGECIRAS", b"portOfLoading Rotterdam"]
SHOWN = [0, 2]
SIGNATURE = bbs.sign(SECRET, PUBLIC, MESSAGES, header=HEADER)


def prove(messages: list[bytes] = MESSAGES, shown: list[int] = SHOWN) -> bytes:
    signature = bbs.sign(SECRET, PUBLIC, messages, header=HEADER)
    return bbs.proof_gen(PUBLIC, signature, messages, shown, header=HEADER, presentation_header=PRESENTATION)


def holds(
    proof: bytes,
    shown: list[bytes],
    indexes: list[int],
    *,
    public: bytes = PUBLIC,
    header: bytes = HEADER,
    presentation: bytes = PRESENTATION,
) -> bool:
    return bbs.proof_verify(public, proof, shown, indexes, header=header, presentation_header=presentation)


PROOF = prove()
OPEN = [MESSAGES[index] for index in SHOWN]


def flipped(octets: bytes, bit: int) -> bytes:
    changed = bytearray(octets)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_a_proof_hides_and_shows_what_it_should() -> None:
    assert holds(PROOF, OPEN, SHOWN)
    assert len(PROOF) == 272 + 32
    assert not any(message in PROOF for message in MESSAGES)


def test_two_proofs_of_one_signature_share_nothing() -> None:
    again = prove()
    assert again != PROOF
    assert not {PROOF[at : at + 48] for at in (0, 48, 96)} & {again[at : at + 48] for at in (0, 48, 96)}
    assert holds(again, OPEN, SHOWN)


@pytest.mark.slow
def test_no_bit_of_a_proof_can_be_changed() -> None:
    passed = [bit for bit in range(len(PROOF) * 8) if holds(flipped(PROOF, bit), OPEN, SHOWN)]
    assert passed == []


def test_no_bit_of_a_signature_can_be_changed() -> None:
    bits = range(0, len(SIGNATURE) * 8, 3)
    assert not [bit for bit in bits if bbs.verify(PUBLIC, flipped(SIGNATURE, bit), MESSAGES, header=HEADER)]


def test_no_bit_of_a_public_key_can_be_changed() -> None:
    for bit in range(0, len(PUBLIC) * 8, 7):
        assert not holds(PROOF, OPEN, SHOWN, public=flipped(PUBLIC, bit))


def test_no_bit_of_what_is_shown_can_be_changed() -> None:
    for number, message in enumerate(OPEN):
        for bit in range(len(message) * 8):
            changed = [*OPEN]
            changed[number] = flipped(message, bit)
            assert not holds(PROOF, changed, SHOWN)


@pytest.mark.parametrize(
    ("shown", "indexes"),
    [
        ([0, 1], [0, 1]),
        ([0, 2], [2, 0]),
        ([2, 0], [0, 2]),
        ([2, 0], [2, 0]),
        ([0, 0], [0, 0]),
        ([0, 0, 2], [0, 0, 2]),
        ([0], [0]),
        ([], []),
        ([0, 2], [0, 3]),
        ([0, 2], [0, 2**64]),
        ([0, 2], [-3, 2]),
        ([0, 2], [0]),
        ([0], [0, 2]),
        ([0, 1, 2], [0, 1, 2]),
    ],
)  # fmt: skip
def test_only_what_was_shown_where_it_stood_passes(shown: list[int], indexes: list[int]) -> None:
    assert not holds(PROOF, [MESSAGES[index] for index in shown], indexes)


def test_header_presentation_header_and_key_are_bound() -> None:
    other = bbs.public_key(bbs.keygen(b"another key" * 4))
    assert not holds(PROOF, OPEN, SHOWN, header=b"")
    assert not holds(PROOF, OPEN, SHOWN, presentation=b"")
    assert not holds(PROOF, OPEN, SHOWN, header=PRESENTATION, presentation=HEADER)
    assert not holds(PROOF, OPEN, SHOWN, public=other)


@settings(max_examples=25)
@given(data=st.data(), messages=st.lists(st.binary(max_size=40), max_size=6))
def test_every_choice_of_what_to_show_can_be_proved(data: st.DataObject, messages: list[bytes]) -> None:
    shown = sorted(data.draw(st.sets(st.integers(0, len(messages) - 1)))) if messages else []
    proof = prove(messages, shown)
    assert len(proof) == 272 + 32 * (len(messages) - len(shown))
    assert holds(proof, [messages[index] for index in shown], shown)


@settings(max_examples=300)
@given(proof=st.binary(max_size=400), public=st.binary(min_size=90, max_size=100))
def test_noise_is_refused_without_a_fault(proof: bytes, public: bytes) -> None:
    assert not holds(proof, OPEN, SHOWN)
    assert not holds(PROOF, OPEN, SHOWN, public=public)
    assert not bbs.verify(PUBLIC, proof[:80], MESSAGES, header=HEADER)


@pytest.mark.parametrize("length", [0, 47, 48, 144, 208, 240, 271, 273, 303, 305, 335, 336])
def test_a_proof_of_another_length_is_refused(length: int) -> None:
    assert not holds((PROOF + PROOF)[:length], OPEN, SHOWN)


def test_the_identity_is_refused_wherever_a_point_stands() -> None:
    none1, none2 = bytes([0xC0]) + bytes(47), bytes([0xC0]) + bytes(95)
    assert not bbs.is_public_key(none2)
    assert not holds(PROOF, OPEN, SHOWN, public=none2)
    assert not bbs.verify(PUBLIC, none1 + SIGNATURE[48:], MESSAGES, header=HEADER)
    for at in (0, 48, 96):
        assert not holds(PROOF[:at] + none1 + PROOF[at + 48 :], OPEN, SHOWN)


def test_a_point_outside_the_subgroup_is_refused() -> None:
    low = bytes([0x80]) + bytes(46) + bytes([4])  # x = 4 is on the curve, in no subgroup of the right order
    curve = bbs._curve()
    assert not curve.g1.from_compressed_bytes_unchecked(low).is_in_subgroup()
    with pytest.raises(ValueError, match=r".+"):
        bbs._point1(curve, low)
    assert not bbs.verify(PUBLIC, low + SIGNATURE[48:], MESSAGES, header=HEADER)


@pytest.mark.parametrize("number", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_scalars_are_above_zero_and_below_the_order(number: int) -> None:
    octets = number.to_bytes(32, "big")
    assert not bbs.verify(PUBLIC, SIGNATURE[:48] + octets, MESSAGES, header=HEADER)
    for at in range(144, len(PROOF), 32):
        assert not holds(PROOF[:at] + octets + PROOF[at + 32 :], OPEN, SHOWN)
    with pytest.raises(ValueError, match="above zero and below the order"):
        bbs.public_key(octets)


def test_the_order_added_to_a_scalar_is_refused() -> None:
    """The same number written otherwise would be a second proof of the same."""
    for at in range(144, len(PROOF), 32):
        again = int.from_bytes(PROOF[at : at + 32], "big") + ORDER
        if again < 2**256:
            assert not holds(PROOF[:at] + again.to_bytes(32, "big") + PROOF[at + 32 :], OPEN, SHOWN)


# ---------------------------------------------------------------- the caller's mistakes


def test_a_short_secret_or_too_little_key_material_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="32 secret bytes"):
        bbs.keygen(b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        bbs.sign(b"\1" * 31, PUBLIC, MESSAGES)
    with pytest.raises(ValueError, match="point of G2"):
        bbs.sign(SECRET, PUBLIC[:-1], MESSAGES)


@pytest.mark.parametrize("indexes", [[1, 0], [0, 0], [3], [-1]])
def test_indexes_that_do_not_ascend_are_the_callers_mistake(indexes: list[int]) -> None:
    with pytest.raises(ValueError, match="strictly ascending"):
        bbs.proof_gen(PUBLIC, SIGNATURE, MESSAGES, indexes)
    with pytest.raises(ValueError, match="Expected a BBS signature"):
        bbs.proof_gen(PUBLIC, b"", MESSAGES, [0])


def test_too_many_messages_are_refused_before_any_work() -> None:
    many = [b""] * (bbs.MAX_MESSAGES + 1)
    with pytest.raises(ValueError, match="At most"):
        bbs.sign(SECRET, PUBLIC, many)
    with pytest.raises(ValueError, match="At most"):
        bbs.proof_gen(PUBLIC, SIGNATURE, many, [])
    assert not bbs.verify(PUBLIC, SIGNATURE, many)
    assert not bbs.proof_verify(PUBLIC, PROOF + secrets.token_bytes(32 * bbs.MAX_MESSAGES), OPEN, SHOWN)


def test_points_and_scalars_must_pair_off() -> None:
    curve = bbs._curve()
    with pytest.raises(AssertionError, match="1 points for 0 scalars"):
        bbs._sum(curve, [curve.p1], [])


def test_without_the_library_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py_arkworks_bls12381", None)
    bbs._curve.cache_clear()
    try:
        with pytest.raises(MissingExtra, match=r'pip install "\.\[bbs\]"') as missing, as_input_errors():
            bbs.verify(PUBLIC, SIGNATURE, MESSAGES)
        assert missing.value.extra == "bbs"
    finally:
        bbs._curve.cache_clear()


def test_importing_bbs_loads_no_curve_library() -> None:
    code = "import sys, ebl.crypto.bbs_signatures; print('py_arkworks_bls12381' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "False"


# ---------------------------------------------------------------- RFC 9380


@pytest.mark.parametrize(
    ("message", "length", "expected"),
    [
        (b"", 32, "68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235"),
        (b"abc", 32, "d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615"),
        (
            b"abcdef0123456789",
            128,
            "ef904a29bffc4cf9ee82832451c946ac3c8f8058ae97d8d629831a74c6572bd9ebd0df635cd1f208e2038e760c4994984ce73f0d55ea9f22"
            "af83ba4734569d4bc95e18350f740c07eef653cbb9f87910d833751825f0ebefa1abe5420bb52be14cf489b37fe1a72f7de2d10be453b2c9"
            "d9eb20c7e3f6edc5a60629178d9478df",
        ),
    ],
)  # fmt: skip
def test_expanding_a_message_is_as_the_rfc_says(message: bytes, length: int, expected: str) -> None:
    tag = b"QUUX-V01-CS02-with-expander-SHA256-128"
    assert expand_message_xmd(message, tag, length).hex() == expected


def test_expanding_has_its_limits() -> None:
    assert len(expand_message_xmd(b"", b"t", 255 * 32)) == 255 * 32
    for tag, length in ((b"", 32), (b"t" * 256, 32), (b"t", 0), (b"t", 255 * 32 + 1)):
        with pytest.raises(ValueError, match="bytes"):
            expand_message_xmd(b"", tag, length)
