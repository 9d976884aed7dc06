"""BBS signatures (BLS12-381, SHA-256): sign many messages at once, later disclose some of them and hide the rest.

The scheme is draft-irtf-cfrg-bbs-signatures with the ciphersuite ``BLS12-381-SHA-256``, as bbs-2023 uses it. Names are the
draft's. ``py_arkworks_bls12381`` (the extra ``bbs``), imported on first use, computes on the curve; all hashing is done
here. Every function raises `NotInstalled` if that library is not installed.

Not constant time: an attacker on the same machine can measure how long Python or the curve library works on a secret key.
Sign only where no attacker can measure. Secret keys are taken as buffers, so that a caller can overwrite a ``bytearray``
afterwards. The numbers made from them stay in the process's memory until that memory is reused.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from ebl.crypto.expand_message import expand_message_xmd

if TYPE_CHECKING:
    from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

PUBLIC_LENGTH, SIGNATURE_LENGTH, SCALAR_LENGTH = 96, 80, 32
PROOF_LENGTH = 3 * 48 + 4 * SCALAR_LENGTH
"""Length in bytes of a proof that hides nothing; each hidden message adds a scalar."""
MAX_MESSAGES = 4096
"""The largest number of messages accepted: work and memory grow with it."""

Randomness = Callable[[int], bytes]
"""Returns this many unpredictable bytes."""

_SUITE = b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_"
_API = _SUITE + b"H2G_HM2S_"
_P1 = bytes.fromhex("a8ce256102840821a3e94ea9025e4662b205762f9776b3a766c872b948f1fd225e7c59698588e70d11406d161b4e28c9")
_POINT = 48
_WIDE = 48
"""The number of bytes reduced to one scalar: 128 bits more than the order, so that the bias is negligible."""


def keygen(
    key_material: bytes | bytearray, key_info: bytes = b"", *, tag: bytes = _SUITE + b"KEYGEN_DST_"
) -> bytearray:
    """Returns the secret key (32 bytes, big-endian) derived from key material: section 3.4.1.

    Raises `ValueError` if the material has fewer than 32 bytes or the info more than 65535.
    """
    if len(key_material) < 32 or len(key_info) > 65535:
        raise ValueError("A BBS key needs at least 32 secret bytes of material and at most 65535 bytes of information.")
    scalar = _hash(_curve(), bytes(key_material) + len(key_info).to_bytes(2, "big") + key_info, tag)
    return bytearray(scalar.to_be_bytes())


def public_key(secret: bytes | bytearray) -> bytes:
    """Returns the public key (96 bytes, compressed point of G2) of a secret key: section 3.4.2.

    Raises `ValueError` if the secret key is malformed.
    """
    curve = _curve()
    return (curve.base2 * _secret(curve, secret)).to_compressed_bytes()


def is_public_key(octets: bytes) -> bool:
    """Returns whether 96 bytes are a point of the right subgroup and not the identity (``octets_to_pubkey``, section 4.2.4.6)."""
    try:
        _public(octets)
    except ValueError:
        return False
    return True


def sign(secret: bytes | bytearray, public: bytes, messages: Sequence[bytes], *, header: bytes = b"") -> bytes:
    """Returns the signature (80 bytes) of some messages, in order, and a header: section 3.5.1. It is deterministic.

    Raises `ValueError` if a key is malformed, or if there are too many messages. Not checked: that ``public`` belongs to
    ``secret``. If it does not, no public key verifies the signature.
    """
    curve = _curve()
    sk = _secret(curve, secret)
    if not is_public_key(public):
        raise ValueError("The public key is not a point of G2 that BBS allows.")
    _require_few(len(messages))
    scalars = [_message(curve, message) for message in messages]
    generators = _generators(len(messages) + 1)
    domain = _domain(curve, public, generators, header)
    seed = b"".join([bytes(secret), *(s.to_be_bytes() for s in scalars), domain.to_be_bytes()])
    e = _hash(curve, seed, _API + b"H2S_")
    a = (curve.p1 + _sum(curve, generators.points, [domain, *scalars])) * (sk + e).inverse()
    return a.to_compressed_bytes() + e.to_be_bytes()


def verify(public: bytes, signature: bytes, messages: Sequence[bytes], *, header: bytes = b"") -> bool:
    """Returns whether this key signed exactly these messages, in this order, with this header: section 3.5.2.

    Malformed keys and signatures give False.
    """
    curve = _curve()
    try:
        w = _public(public)
        a, e = _signature(curve, signature)
    except ValueError:
        return False
    if len(messages) > MAX_MESSAGES:
        return False
    generators = _generators(len(messages) + 1)
    scalars = [_domain(curve, public, generators, header), *(_message(curve, message) for message in messages)]
    b = curve.p1 + _sum(curve, generators.points, scalars)
    return curve.gt.pairing_check([a, b], [w + curve.base2 * e, curve.minus_base2])


def proof_gen(
    public: bytes,
    signature: bytes,
    messages: Sequence[bytes],
    disclosed: Sequence[int],
    *,
    header: bytes = b"",
    presentation_header: bytes = b"",
    randomness: Randomness = secrets.token_bytes,
) -> bytes:
    """Returns a proof of knowing a signature of the messages, which discloses only those at the ``disclosed`` indexes.

    Section 3.5.3. The proof has 272 bytes, and 32 more for each hidden message. ``disclosed`` is strictly ascending.
    ``randomness`` is called for 48 bytes for each of five scalars and each hidden message: an attacker who can predict them
    learns the hidden messages. Raises `ValueError` if the signature is malformed, an index is not allowed, or there are too
    many messages. Not checked: that the signature is right. The proof of a wrong signature never verifies.
    """
    curve = _curve()
    count = len(messages)
    _require_few(count)
    if not _ascending(disclosed, count):
        raise ValueError(
            f"The indexes to disclose must be strictly ascending and below {count}; got {list(disclosed)}."
        )
    try:
        a, e = _signature(curve, signature)
    except ValueError as bad:
        raise ValueError("Expected a BBS signature: a point of G1 other than the identity, and a scalar.") from bad
    shown = set(disclosed)
    hidden = [index for index in range(count) if index not in shown]
    scalars = [_message(curve, message) for message in messages]
    generators = _generators(count + 1)
    domain = _domain(curve, public, generators, header)
    b = curve.p1 + _sum(curve, generators.points, [domain, *scalars])

    draws = [curve.scalar.from_be_bytes_mod_order(randomness(_WIDE)) for _ in range(5 + len(hidden))]
    r1, r2, e_blind, r1_blind, r3_blind, *blinds = draws
    d = b * r2
    a_bar = a * (r1 * r2)
    b_bar = d * r1 + -(a_bar * e)
    t1 = _sum(curve, [a_bar, d], [e_blind, r1_blind])
    t2 = _sum(curve, [d, *(generators.points[1 + index] for index in hidden)], [r3_blind, *blinds])

    points = b"".join([point.to_compressed_bytes() for point in (a_bar, b_bar, d)])
    opened = [(index, scalars[index]) for index in disclosed]
    c = _challenge(curve, points, t1, t2, opened, domain, presentation_header)
    answers = [
        e_blind + e * c,
        r1_blind + -(r1 * c),
        r3_blind + -(r2.inverse() * c),
        *(blind + scalars[index] * c for blind, index in zip(blinds, hidden, strict=True)),
        c,
    ]
    return points + b"".join([answer.to_be_bytes() for answer in answers])


def proof_verify(
    public: bytes,
    proof: bytes,
    messages: Sequence[bytes],
    disclosed: Sequence[int],
    *,
    header: bytes = b"",
    presentation_header: bytes = b"",
) -> bool:
    """Returns whether the prover knows this key's signature of messages that have these at these indexes: section 3.5.4.

    ``disclosed`` has one index for each message and must be strictly ascending (the draft leaves the order to the caller).
    Malformed keys and proofs give False.
    """
    curve = _curve()
    try:
        w = _public(public)
        a_bar, b_bar, d = (_point1(curve, proof[at : at + _POINT]) for at in range(0, 3 * _POINT, _POINT))
        answers = _scalars(curve, proof[3 * _POINT :])
    except ValueError:
        return False
    if len(answers) < 4:
        return False
    e_hat, r1_hat, r3_hat, *m_hats, c = answers
    count = len(messages) + len(m_hats)
    if count > MAX_MESSAGES or len(disclosed) != len(messages) or not _ascending(disclosed, count):
        return False
    shown = set(disclosed)
    hidden = [index for index in range(count) if index not in shown]
    generators = _generators(count + 1)
    domain = _domain(curve, public, generators, header)
    scalars = [_message(curve, message) for message in messages]

    t1 = _sum(curve, [b_bar, a_bar, d], [c, e_hat, r1_hat])
    # The draft's Bv * c + D * r3^ + (the hidden messages) as one sum: Bv is P1 + Q1 * domain + (the disclosed messages).
    q1, *h = generators.points
    t2 = _sum(
        curve,
        [curve.p1, q1, d, *(h[index] for index in disclosed), *(h[index] for index in hidden)],
        [c, domain * c, r3_hat, *(scalar * c for scalar in scalars), *m_hats],
    )
    opened = list(zip(disclosed, scalars, strict=True))
    if _challenge(curve, proof[: 3 * _POINT], t1, t2, opened, domain, presentation_header) != c:
        return False
    return curve.gt.pairing_check([a_bar, b_bar], [w, curve.minus_base2])


class NotInstalled(ImportError):
    """The library for the curve is not installed."""


@dataclass(frozen=True, slots=True)
class _Curve:
    g1: type[G1Point]
    g2: type[G2Point]
    gt: type[GT]
    scalar: type[Scalar]
    p1: G1Point
    base2: G2Point
    minus_base2: G2Point


@cache
def _curve() -> _Curve:
    try:
        from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar
    except ImportError as missing:
        raise NotInstalled("py_arkworks_bls12381") from missing
    return _Curve(G1Point, G2Point, GT, Scalar, G1Point.from_compressed_bytes(_P1), G2Point(), -G2Point())


@dataclass(frozen=True, slots=True)
class _Generators:
    points: tuple[G1Point, ...]
    octets: bytes


def _generators(count: int) -> _Generators:
    """Returns Q1 and one generator for each message. They are made for a power of two (0.2 ms each), then cut to ``count``."""
    size = max(64, 1 << (count - 1).bit_length())
    made = _make_generators(size)
    return _Generators(made.points[:count], made.octets[: count * _POINT])


@lru_cache(maxsize=8)
def _make_generators(count: int) -> _Generators:
    """``create_generators``, section 4.1.1."""
    curve = _curve()
    seed_tag, point_tag = _API + b"SIG_GENERATOR_SEED_", _API + b"SIG_GENERATOR_DST_"
    value = expand_message_xmd(_API + b"MESSAGE_GENERATOR_SEED", seed_tag, _WIDE)
    points = []
    for number in range(1, count + 1):
        value = expand_message_xmd(value + number.to_bytes(8, "big"), seed_tag, _WIDE)
        points.append(curve.g1.hash_to_curve(value, point_tag))
    return _Generators(tuple(points), b"".join([point.to_compressed_bytes() for point in points]))


def _domain(curve: _Curve, public: bytes, generators: _Generators, header: bytes) -> Scalar:
    """``calculate_domain``, section 4.2.3: binds key, number of messages, suite and header."""
    count = len(generators.points) - 1
    octets = [public, _int8(count), generators.octets, _API, _int8(len(header)), header]
    return _hash(curve, b"".join(octets), _API + b"H2S_")


def _challenge(
    curve: _Curve,
    points: bytes,
    t1: G1Point,
    t2: G1Point,
    opened: Sequence[tuple[int, Scalar]],
    domain: Scalar,
    presentation_header: bytes,
) -> Scalar:
    """``ProofChallengeCalculate``, section 3.7.4."""
    octets = [_int8(len(opened))]
    for index, scalar in opened:
        octets += [_int8(index), scalar.to_be_bytes()]
    octets += [points, t1.to_compressed_bytes(), t2.to_compressed_bytes(), domain.to_be_bytes()]
    octets += [_int8(len(presentation_header)), presentation_header]
    return _hash(curve, b"".join(octets), _API + b"H2S_")


def _message(curve: _Curve, message: bytes) -> Scalar:
    return _hash(curve, message, _API + b"MAP_MSG_TO_SCALAR_AS_HASH_")


def _hash(curve: _Curve, octets: bytes, tag: bytes) -> Scalar:
    """``hash_to_scalar``, section 4.2.2."""
    return curve.scalar.from_be_bytes_mod_order(expand_message_xmd(octets, tag, _WIDE))


def _sum(curve: _Curve, points: Sequence[G1Point], scalars: Sequence[Scalar]) -> G1Point:
    if len(points) != len(scalars):  # the library would silently drop the surplus
        raise AssertionError(f"{len(points)} points for {len(scalars)} scalars")
    return curve.g1.multiexp_unchecked(list(points), list(scalars))


def _secret(curve: _Curve, octets: bytes | bytearray) -> Scalar:
    try:
        return _scalar(curve, octets)
    except ValueError as bad:
        raise ValueError("A BBS secret key is a number of 32 bytes, above zero and below the order.") from bad


@lru_cache(maxsize=64)
def _public(octets: bytes) -> G2Point:
    curve = _curve()
    point = curve.g2.from_compressed_bytes(octets)  # on the curve and in the subgroup, or ValueError
    if point == curve.g2.identity():
        raise ValueError("a public key must not be the identity")
    return point


def _point1(curve: _Curve, octets: bytes) -> G1Point:
    point = curve.g1.from_compressed_bytes(octets)  # on the curve and in the subgroup, or ValueError
    if point == curve.g1.identity():  # the only point that the library reads from more than one encoding
        raise ValueError("the identity is not allowed")
    return point


def _signature(curve: _Curve, octets: bytes) -> tuple[G1Point, Scalar]:
    return _point1(curve, octets[:_POINT]), _scalar(curve, octets[_POINT:])


def _scalars(curve: _Curve, octets: bytes) -> list[Scalar]:
    if len(octets) > SCALAR_LENGTH * (MAX_MESSAGES + 4):
        raise ValueError("too many scalars")
    return [_scalar(curve, octets[at : at + SCALAR_LENGTH]) for at in range(0, len(octets), SCALAR_LENGTH)]


def _scalar(curve: _Curve, octets: bytes | bytearray) -> Scalar:
    if len(octets) != SCALAR_LENGTH:
        raise ValueError("a scalar has 32 bytes")
    scalar = curve.scalar.from_be_bytes(bytes(octets))  # below the order, or ValueError
    if scalar.is_zero():
        raise ValueError("zero is not allowed")
    return scalar


def _ascending(indexes: Sequence[int], count: int) -> bool:
    return all(0 <= index < count for index in indexes) and all(a < b for a, b in pairwise(indexes))


def _require_few(count: int) -> None:
    if count > MAX_MESSAGES:
        raise ValueError(f"At most {MAX_MESSAGES} messages can be signed at once; got {count}.")


def _int8(number: int) -> bytes:
    return number.to_bytes(8, "big")
