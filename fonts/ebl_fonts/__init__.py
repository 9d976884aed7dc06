"""Fonts for PDF files. `FOLDER` has them as OpenType files; ``README.md`` of the project states which characters they have."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["FOLDER"]

FOLDER: Final = Path(__file__).parent
