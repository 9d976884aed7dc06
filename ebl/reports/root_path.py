"""The path from a document's hash to the root of its batch, as a picture for a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ebl.codec.svg_fonts import SVG_CODE, SVG_TEXT
from ebl.ethereum import merkle
from ebl.messages.catalogue import phrase, word
from ebl.model.document import Document
from ebl.openattestation.v2_integrity import UnalteredV2
from ebl.openattestation.v3_integrity import UnalteredV3
from ebl.reports.page_parts import Picture

_FOLDED: Final = 8
"""With more steps than this only the first and the last half of as many are drawn."""
_ROW, _WIDTH, _BOX = 34, 620, 300
_LINE: Final = "#59636e"


def root_path(document: Document, languages: Sequence[str]) -> Picture | None:
    """Returns the picture of an OpenAttestation document; None for any other.

    Each node is the Keccak-256 of the one above it and its sibling, the smaller first. It draws what the document states and what
    is computed from that; whether it leads to the stated root is a finding of the report.
    """
    stated = next((one for one in document.integrity if isinstance(one, UnalteredV2 | UnalteredV3)), None)
    if stated is None:
        return None
    target, proof = stated.target, stated.proof
    nodes = merkle.path(target, proof)
    steps: list[tuple[bytes, bytes] | int] = [*zip(proof, nodes[1:], strict=True)]
    if len(steps) > _FOLDED:
        half = _FOLDED // 2
        steps = [*steps[:half], len(steps) - _FOLDED, *steps[-half:]]
    title = tuple(word("label", "root_path", language) for language in languages)
    instead = tuple(
        phrase("page", "root_path", language, hash=f"0x{target.hex()}", n=len(proof), root=f"0x{nodes[-1].hex()}")
        for language in languages
    )
    last = "root" if nodes[-1] == stated.root else "not_root"
    return Picture(_drawn(target, steps, last, languages[0]), instead, title)


def _drawn(target: bytes, steps: Sequence[tuple[bytes, bytes] | int], last: str, language: str) -> str:
    rows = [_node(0, word("label", "document_hash", language), target)]
    for number, step in enumerate(steps, 1):
        y = number * _ROW
        rows.append(f'<line x1="{_BOX / 2}" y1="{y - 10}" x2="{_BOX / 2}" y2="{y}" stroke="{_LINE}"/>')
        if isinstance(step, int):
            rows.append(
                f'<text x="12" y="{y + 16}" font-size="9">{phrase("page", "steps_left_out", language, n=step)}</text>'
            )
            continue
        sibling, node = step
        is_last = number == len(steps)
        rows.append(_node(y, word("label", last if is_last else "node", language), node))
        rows.append(
            f'<text x="{_BOX + 24}" y="{y + 10}" font-size="8" fill="{_LINE}">{word("label", "sibling", language)}</text>'
            f'<text x="{_BOX + 24}" y="{y + 20}" font-size="7.5" font-family="{SVG_CODE}">{_short(sibling)}</text>'
            f'<line x1="{_BOX + 20}" y1="{y + 11}" x2="{_BOX + 2}" y2="{y + 11}" stroke="{_LINE}"/>'
        )
    height = (len(steps) + 1) * _ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
        f' font-family="{SVG_TEXT}" fill="#1f2328" role="img">{"".join(rows)}</svg>\n'
    )


def _node(y: int, label: str, node: bytes) -> str:
    return (
        f'<rect x="0.5" y="{y + 0.5}" width="{_BOX}" height="23" rx="2" fill="#f3f5f7" stroke="#d1d9e0"/>'
        f'<text x="6" y="{y + 9}" font-size="7.5" fill="{_LINE}">{label}</text>'
        f'<text x="6" y="{y + 19}" font-size="7.5" font-family="{SVG_CODE}">{_short(node)}</text>'
    )


def _short(node: bytes) -> str:
    """In full: 66 characters fit at this size."""
    return f"0x{node.hex()}"
