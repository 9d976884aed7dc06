"""Files read with a limit: no file, however large, is read beyond what its reader accepts.

How files are written is in `ebl.config.durable_files`, and how they are locked in `ebl.config.file_lock`.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from ebl.codec import strict_json
from ebl.codes import Failure
from ebl.errors import Unreadable

MAX_DOCUMENT: Final = strict_json.MAX_BYTES
"""Bytes of the largest document."""

MAX_SETTINGS: Final = 1 << 20
"""Bytes of the largest policy file and list of networks."""

MAX_SECRET: Final = 64 * 1024
"""Bytes of the largest file with a key, a password or a keystore."""


class TooLarge(OSError):
    """A file has more bytes than its reader accepts; ``limit`` is how many that is."""

    def __init__(self, limit: int) -> None:
        size = f"{limit // 1024} KiB" if limit < 1024**2 else f"{limit // 1024**2} MiB"
        super().__init__(errno.EFBIG, f"larger than {size}")
        self.limit = limit


def load(path: Path, *, limit: int = MAX_DOCUMENT) -> bytes:
    """The bytes of a file. Raises `OSError` if it cannot be read, which is `TooLarge` if it has more than ``limit`` bytes."""
    with path.open("rb") as file:
        return whole(file, limit=limit)


def whole(file: BinaryIO, *, limit: int = MAX_DOCUMENT) -> bytes:
    """All that is left of an open file. Raises as `load` does."""
    raw = file.read(limit + 1)
    if len(raw) > limit:
        raise TooLarge(limit)
    return raw


@contextmanager
def as_document(name: str | Path) -> Iterator[None]:
    """Raises `ebl.errors.Unreadable` (``document.no_file``, ``document.too_large``) in place of an `OSError` of its body."""
    try:
        yield
    except TooLarge as large:
        if large.limit < 1024**2:  # as small as that of a key: only a file that is not the one meant is larger
            raise Unreadable(Failure.TOO_LARGE, "other_file", most=large.limit // 1024) from None
        raise Unreadable(Failure.TOO_LARGE, "file", most=large.limit // 1024**2) from None
    except OSError as trouble:
        raise Unreadable(Failure.NO_FILE, path=str(name), fault=trouble.strerror or str(trouble)) from trouble
