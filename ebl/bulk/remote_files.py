"""Files on this machine, and in a bucket (``s3://``, by the extra ``bulk``)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final

from ebl.errors import InvalidInput, MissingExtra

_REMOTE: Final = "s3://"
_BLOCK: Final = 8 << 20
_BUFFER: Final = 64 * 1024


def is_remote(path: str) -> bool:
    """Whether a path names something in a bucket. Raises `InvalidInput` for a URL of another scheme."""
    if "://" in path and not path.startswith(_REMOTE):
        raise InvalidInput(f"{path.partition('://')[0]}:// is not supported.", fix="Name a path, or s3://BUCKET/KEY.")
    return path.startswith(_REMOTE)


def is_folder(path: str) -> bool:
    """Whether a path is a folder: in a bucket, one that ends with a slash, or the bucket itself."""
    if is_remote(path):
        return path.endswith("/") or "/" not in path.removeprefix(_REMOTE)
    return Path(path).is_dir()


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """A file that is open for reading, in which one can seek. Raises `OSError` if it cannot be opened."""
    if is_remote(path):
        with _bucket().open(path, "rb", block_size=_BLOCK) as raw, io.BufferedReader(raw, _BUFFER) as file:
            yield file
    else:
        with Path(path).open("rb") as file:
            yield file


def stamp(path: str) -> tuple[int, ...]:
    """The size of a file and, of one on this machine, when it was changed. Raises `OSError` if it cannot be read."""
    if is_remote(path):
        return (int(_bucket().info(path)["size"]),)
    found = Path(path).stat()
    return found.st_size, found.st_mtime_ns


def objects(path: str) -> Iterator[tuple[str, str]]:
    """The objects below a prefix, each with its size and tag. They are listed page by page, however many there are."""
    bucket, _, prefix = path.removeprefix(_REMOTE).partition("/")
    more: dict[str, str] = {}
    while True:
        page = _bucket().call_s3("list_objects_v2", Bucket=bucket, Prefix=prefix, **more)
        for one in page.get("Contents", ()):
            if not one["Key"].endswith("/"):  # the mark of an empty folder
                yield f"{_REMOTE}{bucket}/{one['Key']}", f"{one.get('Size')} {one.get('ETag')}"
        if not page.get("IsTruncated"):
            return
        more = {"ContinuationToken": page["NextContinuationToken"]}


def _bucket() -> Any:
    """The file system of buckets: credentials and endpoint come from the environment, as for every program that uses them."""
    try:
        return import_module("s3fs").S3FileSystem(skip_instance_cache=False)
    except ImportError:
        raise MissingExtra("bulk") from None
