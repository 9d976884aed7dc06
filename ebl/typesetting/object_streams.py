"""The objects of a PDF file packed into compressed streams (ISO 32000-1, 7.5.7 and 7.5.8), which PDF/A-3 permits.

typst writes each object of the structure for readers that speak as plain text, which is half of a short file.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

_TABLE: Final = re.compile(rb"xref\s+0 (\d+)\s+((?:\d{10} \d{5} [fn]\s+)+)trailer\s*<<(.*)>>\s*startxref\s", re.DOTALL)
_HEAD: Final = re.compile(rb"(\d+) 0 obj\s")
_END: Final = re.compile(rb"\s*endobj\s*$")
_MOST_IN_A_STREAM: Final = 200


def packed(pdf: bytes) -> bytes:
    """Returns the same file with its plain objects in compressed streams; unchanged if it is not written as typst writes."""
    found = _TABLE.search(pdf, max(0, pdf.rfind(b"\nxref")))
    if found is None or b"/Encrypt" in found[3] or b"/Prev" in found[3]:
        return pdf
    rows = found[2].split()
    offsets = {number: int(rows[3 * number]) for number in range(int(found[1])) if rows[3 * number + 2] == b"n"}
    ends = dict(zip(sorted(offsets.values()), [*sorted(offsets.values())[1:], found.start()], strict=True))
    plain: dict[int, bytes] = {}
    made, places = bytearray(pdf[: min(offsets.values())]), {}
    for number, offset in sorted(offsets.items(), key=lambda one: one[1]):
        content = pdf[offset : ends[offset]]
        head = _HEAD.match(content)
        if head is None or int(head[1]) != number:
            return pdf
        body = _END.sub(b"", content[head.end() :])
        if body.endswith(b"endstream"):
            places[number] = len(made)
            made += content
        else:
            plain[number] = body
    return _with_streams(made, places, plain, found[3])


def _with_streams(made: bytearray, places: dict[int, int], plain: dict[int, bytes], trailer: bytes) -> bytes:
    size = max((*places, *plain)) + 1
    rows: dict[int, tuple[int, int, int]] = {number: (1, place, 0) for number, place in places.items()}
    numbers = sorted(plain)
    for first in range(0, len(numbers), _MOST_IN_A_STREAM):
        some = numbers[first : first + _MOST_IN_A_STREAM]
        heads, body = [], bytearray()
        for at, number in enumerate(some):
            heads.append(f"{number} {len(body)}")
            body += plain[number] + b"\n"
            rows[number] = (2, size, at)
        head = " ".join(heads).encode() + b"\n"
        rows[size] = (1, len(made), 0)
        made += _stream(size, b"/Type/ObjStm/N %d/First %d" % (len(some), len(head)), head + bytes(body))
        size += 1
    start = len(made)
    rows[size] = (1, start, 0)
    table = b"".join(
        kind.to_bytes(1) + place.to_bytes(4) + at.to_bytes(2)
        for kind, place, at in (rows.get(number, (0, 0, 65_535)) for number in range(size + 1))
    )
    about = re.sub(rb"/Size \d+", b"/Size %d" % (size + 1), trailer)
    made += _stream(size, b"/Type/XRef/W[1 4 2]" + about.strip(), table)
    return bytes(made) + b"startxref\n%d\n%%%%EOF\n" % start


def _stream(number: int, about: bytes, content: bytes) -> bytes:
    packed_content = zlib.compress(content, 9)
    head = b"%d 0 obj\n<<%s/Filter/FlateDecode/Length %d>>\nstream\n" % (number, about, len(packed_content))
    return head + packed_content + b"\nendstream\nendobj\n"
