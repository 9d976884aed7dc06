"""Files read with a limit: no file, however large, is read beyond what its reader accepts.

`ebl.config.durable_files` writes files, and `ebl.config.file_lock` locks them.
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
"""The most bytes of a document."""

MAX_SETTINGS: Final = 1 << 20
"""The most bytes of a policy file and of a list of networks."""

MAX_SECRET: Final = 64 * 1024
"""The most bytes of a file with a key, a password or a keystore."""


class TooLarge(OSError):
    """A file has more bytes than its reader accepts, which is ``limit``."""

    def __init__(self, limit: int) -> None:
        size = f"{limit // 1024} KiB" if limit < 1024**2 else f"{limit // 1024**2} MiB"
        super().__init__(errno.EFBIG, f"larger than {size}")
        self.limit = limit


def load(path: Path, *, limit: int = MAX_DOCUMENT) -> bytes:
    """Returns the bytes of a file. Raises `OSError` if it cannot be read, and `TooLarge` if it has more than ``limit`` bytes."""
    with path.open("rb") as file:
        return whole(file, limit=limit)


def whole(file: BinaryIO, *, limit: int = MAX_DOCUMENT) -> bytes:
    """Returns the rest of an open file. Raises the errors of `load`."""
    raw = file.read(limit + 1)
    if len(raw) > limit:
        raise TooLarge(limit)
    return raw


@contextmanager
def as_document(name: str | Path) -> Iterator[None]:
    """Raises `ebl.errors.Unreadable` (``document.no_file``, ``document.too_large``) instead of an `OSError` of its body."""
    try:
        yield
    except TooLarge as large:
        if large.limit < 1024**2:  # a limit for keys: a larger file is the wrong file
            raise Unreadable(Failure.TOO_LARGE, "other_file", most=large.limit // 1024) from None
        raise Unreadable(Failure.TOO_LARGE, "file", most=large.limit // 1024**2) from None
    except OSError as trouble:
        raise Unreadable(Failure.NO_FILE, path=str(name), fault=trouble.strerror or str(trouble)) from trouble
