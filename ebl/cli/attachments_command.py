"""``ebl attachments``: list the files inside a document, and take them out."""

from __future__ import annotations

from pathlib import Path

import click

from ebl.bill.attached_files import Attachment, attachments, file_names
from ebl.checking.formats import read
from ebl.cli import own_files as files
from ebl.cli.output import Exit, printable, result, result_json, say, worst
from ebl.codes import Doubt
from ebl.errors import InvalidInput, Malformed, Refuted
from ebl.model.document import Document
from ebl.model.integrity import check_integrity


@click.command(name="attachments")
@click.argument("name", metavar="FILE")
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path), help="The folder to write them into.")
@click.option("--altered", is_flag=True, help="Take them out of a document that was altered, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each attachment.")
@click.pass_context
def attachments_(ctx: click.Context, name: str, folder: Path | None, altered: bool, as_json: bool) -> None:
    """List the attachments of a document: name, size, SHA-256 and type. With -o DIR, write them there.

    Whether the document is unaltered is checked first, without any source: not who issued it, for which there is `ebl verify`.
    Exit code 1: the document was altered; 3: that is not established; 5: an attachment cannot be decoded.

    The files get safe names. Nothing is overwritten, and no attachment is opened. The type is by the first bytes; if the claimed
    type is another, it is shown too.
    """
    document = read(files.load(name))
    code = _tell_integrity(document, altered=altered)
    if code is Exit.INVALID and not altered:
        ctx.exit(code)
    found = attachments(document)
    names = [*file_names(found)]
    if folder is not None:
        _write(folder, found, names)
    for one, file_name in zip(found, names, strict=True):
        written = folder is not None and one.content is not None
        if as_json:
            result_json({**one.to_dict(), "file": str(folder / file_name) if folder is not None and written else None})
        else:
            result("\n".join(_told(one, str(folder / file_name) if folder is not None and written else None)))
    if not found and not as_json:
        say("It has no attachments.")
    unread = [Exit.UNREADABLE] if any(one.content is None for one in found) else []
    ctx.exit(worst([code, *unread]))


def _tell_integrity(document: Document, *, altered: bool) -> Exit:
    """Returns the exit code for whether the document is unaltered, and prints the reason if it is not, or a doubt."""
    try:
        doubts = check_integrity(document, accepting=frozenset(Doubt))
    except (Refuted, Malformed) as no:
        fix = "" if altered else " Ask for the original; --altered takes them out nevertheless."
        say(f"Careful: the document is not unaltered: {printable(str(no))}{fix}")
        return Exit.INVALID
    for doubt in sorted(doubts):
        say(f"It is not established that the document is unaltered ({doubt}): use ebl verify.")
    return Exit.INDETERMINATE if doubts else Exit.DONE


def _write(folder: Path, found: tuple[Attachment, ...], names: list[str]) -> None:
    """Writes all of them, or none if one of their names is taken. Raises `InvalidInput`."""
    if taken := [name for name in names if (folder / name).exists() or (folder / name).is_symlink()]:
        raise InvalidInput(
            f"{folder} has {printable(taken[0])} already; nothing was written.", fix="Give a new folder with -o."
        )
    for one, name in zip(found, names, strict=True):
        if one.content is not None:
            files.save(folder / name, one.content)


def _told(one: Attachment, path: str | None) -> list[str]:
    lines = [click.style(printable(one.claimed_name or "(no name)"), bold=True)]
    if one.content is None or one.sha256 is None:
        return [*lines, f"  {one.path}: it has no Base64 data, so it cannot be taken out"]
    claimed = "" if one.claimed_type in (None, one.found_type) else f" (claimed: {printable(str(one.claimed_type))})"
    lines += [
        f"  {one.size:,} bytes, {one.found_type or 'type not recognised'}{claimed}",
        f"  SHA-256 {one.sha256.hex()}",
    ]
    return [*lines, f"  written to {printable(path)}"] if path else lines
