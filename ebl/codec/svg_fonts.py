"""The fonts of our pictures: those of `ebl-fonts` in a PDF file, and what a browser has elsewhere."""

from __future__ import annotations

from typing import Final

SVG_TEXT: Final = "Ebl Sans, Ebl Sans SC, Noto Sans, Noto Sans SC, Noto Sans CJK SC, sans-serif"
"""For words."""
SVG_CODE: Final = "Ebl Mono, Noto Sans Mono, monospace"
"""For addresses, hashes and the like."""
