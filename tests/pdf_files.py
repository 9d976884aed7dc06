"""PDF files as other programs read them: poppler and qpdf. A test is left out if they are not installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.needs import PDF_READERS, need


def text_of(pdf: bytes, *options: str) -> str:
    """The text that `pdftotext` finds."""
    return _run(pdf, "pdftotext", *options, "{}", "-").decode()


def info_of(pdf: bytes) -> str:
    return _run(pdf, "pdfinfo", "-isodates", "{}").decode()


def fonts_of(pdf: bytes) -> dict[str, bool]:
    """The fonts of a file, and whether each is inside it, as a subset."""
    rows = _run(pdf, "pdffonts", "{}").decode().splitlines()[2:]
    return {row.split()[0].partition("+")[2]: row.split()[-5:-3] == ["yes", "yes"] for row in rows}


def attachment_of(pdf: bytes, name: str) -> bytes:
    return _run(pdf, "qpdf", f"--show-attachment={name}", "{}")


def check(pdf: bytes) -> None:
    """Fails if qpdf finds a fault in the file."""
    _run(pdf, "qpdf", "--check", "{}")


def images_of(pdf: bytes, into: Path, *, dpi: int = 60) -> list[Path]:
    """Draws every page."""
    _run(pdf, "pdftoppm", "-r", str(dpi), "-png", "{}", str(into / "page"))
    return sorted(into.glob("page*.png"))


def _run(pdf: bytes, program: str, *words: str) -> bytes:
    need(all(map(shutil.which, ("pdftotext", "qpdf"))), PDF_READERS)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.pdf")
        file.write_bytes(pdf)
        command = [program, *(str(file) if word == "{}" else word for word in words)]
        done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr.decode() or done.stdout.decode()}"
    return done.stdout
