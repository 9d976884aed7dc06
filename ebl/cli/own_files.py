"""Reading of files and stdin, and writing of files as a whole or not at all. `ebl.cli.folders` reads folders."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click

from ebl.cli.output import OwnInput, escaped, json_dumps
from ebl.codec import strict_json
from ebl.codec.javascript_json import stringify
from ebl.codes import Failure
from ebl.config.files import MAX_DOCUMENT, as_document, whole
from ebl.errors import DocumentError, InvalidInput, Unreadable
from ebl.messages import explained
from ebl.model.broken_input import read_json


def load(name: str, *, limit: int = MAX_DOCUMENT) -> bytes:
    """The bytes of a file (``-``: stdin). Raises `Unreadable` if it cannot be opened or is larger than ``limit`` bytes."""
    with reading(name) as file:
        return whole(file, limit=limit)


@contextmanager
def reading(name: str) -> Iterator[BinaryIO]:
    """A file (``-``: stdin) that is open for reading. Raises `Unreadable` if it cannot be opened or read, or is `TooLarge`."""
    with as_document(name):
        if name == "-":
            if sys.stdin is None:
                raise Unreadable(Failure.NO_FILE, "stdin")
            yield sys.stdin.buffer
        elif Path(name).is_dir():
            raise InvalidInput(f"Expected a file; {name} is a folder.", fix="Name one of the files in it.")
        else:
            with Path(name).open("rb") as file:
                yield file


@contextmanager
def own(what: str) -> Iterator[None]:
    """A context for reading a file of the caller's own, such as "the policy": its errors are not those of a document.

    Raises `OwnInput` in place of `DocumentError` and `InvalidInput`.
    """
    try:
        yield
    except DocumentError as bad:
        raise OwnInput(f"{what}: {bad.detail}") from bad
    except InvalidInput as bad:
        raise OwnInput(bad.message, problems=bad.problems, fix=bad.fix) from bad


def load_object(name: str) -> dict[str, Any]:
    """The JSON object in a file of the caller's own. Raises `Unreadable`, and `InvalidInput` if it is not a JSON object."""
    parsed = read_json(load(name), any_number=True)
    if not isinstance(parsed, dict):
        raise InvalidInput(f"{name}: expected a JSON object; got {explained(strict_json.describe_value(parsed))}.")
    return parsed


def targets(names: list[str], folder: Path) -> list[Path]:
    """The target path of each file. Raises `InvalidInput` if two have the same target, or a file is its own target."""
    targets: dict[Path, str] = {}
    for name in names:
        target = folder / ("stdin.json" if name == "-" else Path(name).name)
        if target in targets:
            raise InvalidInput(f"{targets[target]} and {name} would both become {target}.", fix="Use two folders.")
        if name != "-" and target.exists() and target.samefile(name):
            raise InvalidInput(f"{name} would be overwritten by its output.", fix="Give another folder with -o.")
        targets[target] = name
    return list(targets)


def require_new(path: Path, why: str = "what is overwritten is lost", *, fix: str = "Name another file.") -> None:
    """Raises `OwnInput` if the file exists already."""
    if path.exists():
        raise OwnInput(f"{path} exists already, and {why}.", fix=fix)


def put(name: str, content: bytes) -> None:
    """Writes a new file, or (``-``) to stdout, byte for byte. Raises `OwnInput` if the file exists already.

    On a terminal, characters that could move its cursor or reorder its lines are escaped, because it is a third party's text.
    """
    if name == "-":
        click.echo(escaped(content) if sys.stdout is not None and sys.stdout.isatty() else content, nl=False)
    else:
        save(Path(name), content)


def save(path: Path, content: bytes, *, private: bool = False, sync: bool = True) -> None:
    """Writes a new file whole or not at all, flushed to the disk. ``private`` makes it readable by its owner only.

    Without ``sync`` it is not flushed: for many files that can be made again.

    Raises `InvalidInput` if it cannot be written, or if it exists: it may have been created since an earlier check.
    """
    from ebl.config import durable_files as durable  # most commands write nothing

    with _writing(path):
        durable.make_folder(path.parent)
        try:
            durable.write_new(path, content, private=private, sync=sync)
        except FileExistsError:
            raise OwnInput(
                f"{path} exists already, and what is overwritten is lost.", fix="Name another file."
            ) from None


def overwrite(path: Path, content: bytes, *, private: bool = False) -> None:
    """Writes a file whole or not at all. It may replace a file, whose mode it keeps unless it is ``private``.

    See `changing`. Raises `InvalidInput` if it cannot be written.
    """
    from ebl.config import durable_files as durable

    with _writing(path):
        durable.make_folder(path.parent)
        durable.replace(path, content, private=private)


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Locks the file against other commands, and waits for one that has locked it. Otherwise one of two changes would be lost.

    Raises `InvalidInput` if no lock file can be written next to it.
    """
    from ebl.config import durable_files as durable
    from ebl.config.file_lock import locked

    whole = path.resolve()
    with ExitStack() as held:
        with _writing(path):
            durable.make_folder(whole.parent)
            held.enter_context(locked(whole.with_name(f".{whole.name}.lock")))
        yield


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as trouble:
        raise OwnInput(f"cannot write {path}: {trouble.strerror or trouble}.") from trouble


def json_text(value: Any, *, indent: int | None = None) -> bytes:
    """JSON in UTF-8 with a final newline. A lone surrogate, which UTF-8 cannot encode, is written as an escape.

    Without ``indent`` it is compact, and numbers are written as verifiers of the document expect.
    """
    if indent is None:
        return stringify(value) + b"\n"
    try:
        return (json_dumps(value, ensure_ascii=False, indent=indent) + "\n").encode()
    except UnicodeEncodeError:
        return (json_dumps(value, ensure_ascii=True, indent=indent) + "\n").encode()
