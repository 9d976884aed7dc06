"""``ebl attachments``: list the files inside a document, and take them out."""

from __future__ import annotations

from pathlib import Path

import click

from ebl.bill.attached_files import Attachment, attachments, file_names
from ebl.checking.formats import read
from ebl.cli import own_files as files
from ebl.cli.language_option import with_language
from ebl.cli.output import Exit, printable, result, result_json, say, worst
from ebl.codes import Doubt
from ebl.errors import InvalidInput, Malformed, Refuted
from ebl.messages.catalogue import phrase, render, word
from ebl.messages.languages import Language
from ebl.model.document import Document
from ebl.model.integrity import check_integrity

_SECTION = "file_text"


@click.command(name="attachments")
@click.argument("name", metavar="FILE")
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path), help="The folder to write them into.")
@click.option("--altered", is_flag=True, help="Take them out of a document that was altered, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each attachment.")
@with_language
@click.pass_context
def attachments_(
    ctx: click.Context,
    name: str,
    folder: Path | None,
    altered: bool,
    as_json: bool,
    languages: tuple[Language, ...],
) -> None:
    """List the attachments of a document: name, size, SHA-256 and type. With -o DIR, write them there.

    Whether the document is unaltered is checked first, without any source: not who issued it, for which there is `ebl verify`.
    Exit code 1: the document was altered; 3: that is not established; 5: an attachment cannot be decoded.

    The files get safe names. Nothing is overwritten, and no attachment is opened. The type is by the first bytes; if the claimed
    type is another, it is shown too.
    """
    document = read(files.load(name))
    code = _tell_integrity(document, languages, altered=altered)
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
            path = str(folder / file_name) if folder is not None and written else None
            for language in languages:
                result("\n".join(_told(one, path, language)))
    if not found and not as_json:
        for language in languages:
            say(word(_SECTION, "no_attachments", language))
    unread = [Exit.UNREADABLE] if any(one.content is None for one in found) else []
    ctx.exit(worst([code, *unread]))


def _tell_integrity(document: Document, languages: tuple[Language, ...], *, altered: bool) -> Exit:
    """Returns the exit code for whether the document is unaltered, and prints the reason if it is not, or a doubt."""
    try:
        doubts = check_integrity(document, accepting=frozenset(Doubt))
    except (Refuted, Malformed) as no:
        for language in languages:
            code = no.failure if isinstance(no, Refuted) else no.code
            why = f"{code}: {render(no.message, language)}"
            said = phrase(_SECTION, "altered", language, why=printable(why))
            say(said if altered else f"{said} {word(_SECTION, 'ask', language)}")
        return Exit.INVALID
    for doubt in sorted(doubts):
        for language in languages:
            say(phrase(_SECTION, "not_established", language, code=doubt))
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


def _told(one: Attachment, path: str | None, language: Language) -> list[str]:
    name = printable(one.claimed_name) if one.claimed_name else word(_SECTION, "no_name", language)
    lines = [click.style(name, bold=True)]
    if one.size is None or one.sha256 is None:
        return [*lines, f"  {phrase(_SECTION, 'no_data', language, path=printable(one.path))}"]
    kind = one.found_type or word(_SECTION, "type_unknown", language)
    about = phrase(_SECTION, "about", language, n=one.size, kind=kind)
    if one.claimed_type not in (None, one.found_type):
        about += f" {phrase(_SECTION, 'claimed_type', language, kind=printable(str(one.claimed_type)))}"
    lines += [f"  {about}", f"  SHA-256 {one.sha256.hex()}"]
    return [*lines, f"  {phrase(_SECTION, 'written', language, place=printable(path))}"] if path else lines
