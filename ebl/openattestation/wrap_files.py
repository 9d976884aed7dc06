"""Wrapping of large numbers of files: memory holds hashes only, and an interrupted run can be resumed.

1. Every file is read, wrapped and added to a journal in the output folder; memory keeps only the digest of its document.
2. If all files are valid, the Merkle tree gives each its proof, and the journal is copied out, one file for each document.
3. The manifest is written, and the journal is removed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from ebl.codec import strict_json
from ebl.codec.javascript_json import stringify
from ebl.config import durable_files as durable
from ebl.config import file_lock, files
from ebl.errors import InvalidInput, Problem, Unreadable
from ebl.ethereum.merkle import Tree
from ebl.model.broken_input import read_json
from ebl.openattestation.issuers import TOGETHER, is_title
from ebl.openattestation.prepare import DEFAULT, Options, Prepared, prepare, seal

MANIFEST = "ebl-manifest.jsonl"
JOURNAL = ".ebl-wrap.journal"

Job = tuple[str, str]
"""The file to wrap, and the name of its wrapped document inside the output folder."""

Load = Callable[[str], bytes]
"""Reads the bytes of a file; raises `Unreadable`."""

Progress = Callable[[str, int, int], None]
"""Called with the step ("wrapped" or "written"), how many files are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class WrappedFiles:
    """Result of wrapping files. ``root`` is 32 bytes, or None if each document has its own root.

    ``manifest`` is a JSON Lines file: for each document ``file``, ``wrapped``, ``hash``, ``root`` (0x and hex) and
    ``proof_length``.
    ``problems`` are those of the files that were left out (only if each was wrapped by itself); each ``pointer`` starts with
    the file's name.
    """

    root: bytes | None
    count: int
    manifest: Path
    problems: tuple[Problem, ...] = ()


def wrap_files(
    jobs: Sequence[Job],
    out: Path,
    *,
    each: bool = False,
    options: Options = DEFAULT,
    load: Load | None = None,
    progress: Progress | None = None,
) -> WrappedFiles:
    """Wraps files of raw JSON data into the folder ``out``, under one root, or with ``each`` every file under its own root.

    Under one root every file must be valid: otherwise nothing is written, and `InvalidInput` has every `Problem` of every
    file. With ``each`` the valid files are written. After an interruption, call it again with the same jobs and options: it
    wraps the remaining files, and again those that have changed. A document from a finished run that is in ``out`` is never
    replaced, because it may have been issued. Memory grows by about 500 bytes a file.
    """
    _require_names(jobs)
    if out.exists() and not out.is_dir():
        raise InvalidInput(f"{out} is not a folder.", fix="Name a new folder for the wrapped documents.")
    progress = progress or (lambda what, done, total: None)
    new_folder = not out.exists()
    durable.make_folder(out)
    together = len(jobs) > 1 and not each
    with _Journal.open(out / JOURNAL, options, together=together) as journal:
        if not journal.resumed:
            _require_free(jobs, out, journal)
            journal.begin()
        problems = _stage(jobs, journal, options, load or _load, progress, together=together)
        if (problems and not each) or not journal.targets:
            if journal.resumed:  # some of its documents may be in the folder and may have been issued
                raise InvalidInput(
                    "The interrupted run was not resumed: some files have errors.",
                    problems=tuple(problems),
                    fix="Restore these files as they were, and run it again.",
                )
            journal.remove()
            if new_folder:
                out.rmdir()
            raise InvalidInput(
                "Nothing was wrapped: some files have errors." if problems else "No file was wrapped.",
                problems=tuple(problems),
            )
        tree = None if each else Tree(journal.targets.values())
        _write(journal, out, tree, progress)
        journal.remove()
    return WrappedFiles(tree.root if tree else None, len(journal.targets), out / MANIFEST, tuple(problems))


def _require_names(jobs: Sequence[Job]) -> None:
    """Requires that every wrapped document has a name of its own, below the output folder."""
    seen: dict[str, str] = {}
    for source, name in jobs:
        if (path := Path(name)).is_absolute() or ".." in path.parts or path.name in (MANIFEST, JOURNAL, ""):
            raise InvalidInput(f"{name!r} does not name a document inside the output folder.")
        if (other := seen.setdefault(name, source)) != source:
            raise InvalidInput(f"{other} and {source} would both become {name}.", fix="Use two folders.")


def _require_free(jobs: Sequence[Job], out: Path, journal: _Journal) -> None:
    """Protects documents that may have been issued, and a journal that is needed to complete its documents."""
    begun = [name for name in journal.of_others() if (out / name).exists()]
    if begun:
        raise InvalidInput(
            f"{out} has documents ({begun[0]}) of an interrupted run with other options.",
            fix=f"Run it again with those options, or name another folder. To abandon that run, remove them and {JOURNAL}.",
        )
    taken = [name for _, name in jobs if (out / name).exists()]
    if taken or (out / MANIFEST).exists():
        journal.remove()
        there = ", ".join(taken[:3]) or MANIFEST
        raise InvalidInput(
            f"{out} has documents already ({there}), which may have been issued.", fix="Name another folder."
        )


def _load(source: str) -> bytes:
    with files.as_document(source):
        return files.load(Path(source))


def _stage(
    jobs: Sequence[Job], journal: _Journal, options: Options, load: Load, progress: Progress, *, together: bool
) -> list[Problem]:
    """Wraps what is not in the journal yet; returns the problems of invalid files. ``together``: under one root."""
    problems: list[Problem] = []
    for done, (source, name) in enumerate(jobs, 1):
        try:
            raw = load(source)
            known = hashlib.sha256(raw).digest()[:16]
            if journal.seen.get(name) != known:
                data = read_json(raw, any_number=True)
                prepared = prepare(data, options)
                if together and is_title(data):
                    raise InvalidInput("A title is wrapped alone.", problems=(TOGETHER,))
                journal.add(source, name, known, prepared)
        except Unreadable as bad:
            problems.append(Problem(source, "a JSON document", "none", f"{bad.code}: {bad}"))
        except InvalidInput as bad:
            problems += [replace(p, pointer=f"{source}: {p.pointer or '/'}") for p in bad.problems]
        progress("wrapped", done, len(jobs))
    for gone in set(journal.targets) - {name for _, name in jobs}:
        del journal.targets[gone]
    return problems


def _write(journal: _Journal, out: Path, tree: Tree | None, progress: Progress) -> None:
    """Copies the journal out, each document with its proof, and writes the manifest. All is flushed before the journal goes."""
    journal.sync()
    folders: set[Path] = {out}
    done = 0
    with durable.replacing(out / MANIFEST, sync=False) as rows:
        for source, name, prepared in journal.documents():
            if journal.targets.get(name) != prepared.target:
                continue  # wrapped again since, or no longer requested
            proof = tree.hex_proof(prepared.target) if tree else []
            root = tree.root.hex() if tree else prepared.target.hex()
            path = out / name
            if path.parent not in folders:
                durable.make_folder(path.parent)
                folders.add(path.parent)
            durable.replace(path, stringify(seal(prepared, proof, root)) + b"\n", sync=False)
            row = _Row(source, name, f"0x{prepared.target.hex()}", f"0x{root}", len(proof))
            rows.write(stringify(asdict(row)) + b"\n")
            done += 1
            progress("written", done, len(journal.targets))
    durable.sync_files([out / MANIFEST, *(out / name for name in journal.targets)], folders=folders)


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the manifest."""

    file: str
    wrapped: str
    hash: str
    root: str
    proof_length: int


@dataclass(slots=True)
class _Journal:
    """The documents wrapped so far, one line of JSON each, readable by the file's owner only.

    ``targets`` are the digests by name, ``seen`` tests whether a source is the one that was wrapped.
    """

    path: Path
    file: IO[bytes]
    head: bytes
    resumed: bool = False
    targets: dict[str, bytes] = field(default_factory=dict)
    seen: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, options: Options, *, together: bool) -> _Journal:
        """Opens a journal, and resumes it if it was written with the same options; otherwise `begin` must be called.

        Raises `InvalidInput` if another run is writing it.
        """
        lax = [options.allow_unprotected, options.allow_white_space, together]
        head = stringify({"wrapping": [options.version, options.schema_id, options.dialect, *lax]})
        journal = cls(path, _locked(path), head + b"\n")
        if journal.file.readline() == journal.head:
            journal._resume()
            journal.resumed = True
        return journal

    def begin(self) -> None:
        """Starts the journal again and discards its content."""
        self.file.seek(0)
        self.file.truncate()
        self.file.write(self.head)

    def of_others(self) -> Iterator[str]:
        """Yields the names of the documents in it, whatever the options they were wrapped with."""
        self.file.seek(0)
        self.file.readline()
        for line in self.file:
            if (row := _row(line)) is not None:
                yield row["name"]

    def sync(self) -> None:
        """Flushes it to the disk, so that no document is there before its batch."""
        self.file.flush()
        os.fsync(self.file.fileno())
        durable.sync_folder(self.path.parent)

    def _resume(self) -> None:
        whole = self.file.tell()
        for line in self.file:
            row = _row(line)
            if row is None:
                break  # cut off by the interruption
            self.targets[row["name"]] = bytes.fromhex(row["target"])
            self.seen[row["name"]] = bytes.fromhex(row["known"])
            whole += len(line)
        self.file.seek(whole)
        self.file.truncate()

    def add(self, source: str, name: str, known: bytes, prepared: Prepared) -> None:
        """Adds one wrapped document."""
        self.targets[name], self.seen[name] = prepared.target, known
        row = {"source": source, "name": name, "known": known.hex(), "target": prepared.target.hex()}
        self.file.write(stringify({**row, "document": prepared.document}) + b"\n")

    def documents(self) -> Iterator[tuple[str, str, Prepared]]:
        """Yields every entry in order: source, name, document."""
        self.file.seek(0)
        self.file.readline()
        for line in self.file:
            row = json.loads(line)
            yield row["source"], row["name"], Prepared(row["document"], bytes.fromhex(row["target"]))

    def remove(self) -> None:
        """Closes and deletes the journal."""
        if os.name == "nt":  # Windows removes no open file
            self.file.close()
        self.path.unlink(missing_ok=True)  # still locked, so that it cannot be another run's
        self.file.close()

    def __enter__(self) -> _Journal:
        return self

    def __exit__(self, *exception: object) -> None:
        self.file.close()


def _locked(path: Path) -> IO[bytes]:
    """Opens the file of a journal and locks it against other runs until it is closed."""
    while True:
        file = durable.open_private(path)
        try:
            file_lock.lock(file, wait=False)
        except BlockingIOError:
            file.close()
            raise InvalidInput(
                f"Another run is writing to {path.parent}.", fix="Wait for it, or name another folder."
            ) from None
        except OSError as trouble:
            file.close()
            raise InvalidInput(
                f"{path.parent} cannot be locked against other runs: {trouble.strerror or trouble}.",
                fix="Name a folder on a file system that supports locks.",
            ) from trouble
        if durable.is_still(path, file):
            return file
        file.close()  # the other run ended and removed the file between the two


def _row(line: bytes) -> dict[str, Any] | None:
    too_deep = strict_json.depth(line) > 2 * strict_json.MAX_DEPTH  # no document written here is so deep
    if too_deep or not line.endswith(b"\n"):
        return None
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and {"name", "target", "known", "document"} <= set(row) else None
