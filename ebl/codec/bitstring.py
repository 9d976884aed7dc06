"""The compressed bit string in a status list: one bit for each credential, bit 0 leftmost, gzip, base64url.

W3C Bitstring Status List 1.0 (sections 3.2 and 3.3) and its predecessor Status List 2021. The standard form of the text
begins with the multibase letter ``u``; many issuers omit it. Both forms are read. Without the letter, the text begins with
gzip's magic number, so the two cannot be confused.
"""

from __future__ import annotations

import gzip
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ebl.codec.broken import Broken

MIN_BITS = 131_072
"""The fewest entries that a list may have (16 KiB). A shorter list would narrow an entry down to a few credentials."""

MAX_BITS = 1 << 25
"""The most entries that are unpacked (4 MiB)."""

_BASE64URL = re.compile(r"u?[A-Za-z0-9_-]*={0,2}")
_GZIP = 31
"""zlib's code for "with a gzip header and checksum"."""


class NotABitstring(Broken):
    """A text is not the compressed bits of a list."""

    subject = "bitstring"


@dataclass(frozen=True, slots=True)
class Bitstring:
    """A sequence of bits. Bit 0 is the most significant bit of the first byte."""

    octets: bytes

    @classmethod
    def zeros(cls, bits: int = MIN_BITS) -> Self:
        """Returns a list of zeros. Raises `ValueError` unless they are whole bytes from ``MIN_BITS`` to ``MAX_BITS``."""
        if bits % 8 or not MIN_BITS <= bits <= MAX_BITS:
            raise ValueError(f"a list has from {MIN_BITS} to {MAX_BITS} entries, a multiple of eight; not {bits}")
        return cls(bytes(bits // 8))

    @classmethod
    def decode(cls, text: str) -> Self:
        """Reads the text of an ``encodedList``.

        Raises ``NotABitstring``, a `ValueError`, if it is not base64url, not exactly one gzip member, or not of ``MIN_BITS`` to
        ``MAX_BITS`` bits. Never unpacks more than that.
        """
        if len(text) > MAX_BITS // 4 or not _BASE64URL.fullmatch(text):
            raise NotABitstring("base64url")
        payload = text.removeprefix("u").rstrip("=")
        if len(payload) % 4 == 1:
            raise NotABitstring("base64url")
        unzip = zlib.decompressobj(wbits=_GZIP)
        try:
            octets = unzip.decompress(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), MAX_BITS // 8 + 1)
        except zlib.error as bad:
            raise NotABitstring("gzip") from bad
        if len(octets) > MAX_BITS // 8:
            raise NotABitstring("too_many", most=MAX_BITS)
        if not unzip.eof or unzip.unused_data:
            raise NotABitstring("gzip_member")
        if len(octets) * 8 < MIN_BITS:
            raise NotABitstring("too_few", least=MIN_BITS, came=len(octets) * 8)
        return cls(octets)

    def encode(self, *, multibase: bool = False) -> str:
        """Returns the text for an ``encodedList``; equal bits give equal texts. ``multibase`` puts the ``u`` first."""
        text = urlsafe_b64encode(gzip.compress(self.octets, mtime=0)).rstrip(b"=").decode("ascii")
        return "u" + text if multibase else text

    def __len__(self) -> int:
        return len(self.octets) * 8

    def __getitem__(self, index: int) -> bool:
        """Returns whether a bit is set. Raises `IndexError` if the index is below zero or beyond the end."""
        if not 0 <= index < len(self):
            raise IndexError(f"{index} is not below {len(self)}")
        return bool(self.octets[index // 8] >> (7 - index % 8) & 1)

    def with_bits(self, bits: Mapping[int, bool]) -> Bitstring:
        """Returns a copy with these bits replaced. Raises `IndexError` if an index is below zero or beyond the end."""
        octets = bytearray(self.octets)
        for index, value in bits.items():
            if not 0 <= index < len(self):
                raise IndexError(f"{index} is not below {len(self)}")
            mask = 0x80 >> index % 8
            octets[index // 8] = octets[index // 8] | mask if value else octets[index // 8] & ~mask
        return Bitstring(bytes(octets))
