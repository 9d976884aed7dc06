"""The histories of the titles of a report, as pictures on its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ebl.errors import DocumentError, InvalidInput, Undetermined
from ebl.messages.catalogue import phrase, render, word
from ebl.model.ports import Sources
from ebl.registry import History, Registry, history
from ebl.reports.page_parts import PageOptions, Picture, Words

if TYPE_CHECKING:
    from ebl.config.address_book import AddressBook

_STATES: Final = ("held", "returned", "taken_out")
_MOST: Final = 5
"""How many titles of one document are drawn."""


def with_histories(options: PageOptions, report: Mapping[str, Any], sources: Sources) -> PageOptions:
    """The options of a page with a picture for each title of the report, or a note that states why there is none."""
    pictures: list[Picture] = []
    notes: list[Words] = []
    for found in _histories(report, sources):
        if isinstance(found, History):
            pictures += _pictures(found, options)
        else:
            notes.append(tuple(_unread(found, language) for language in options.languages))
    return replace(options, pictures=(*options.pictures, *pictures), notes=(*options.notes, *notes))


def _histories(
    report: Mapping[str, Any], sources: Sources
) -> Iterator[History | Undetermined | DocumentError | InvalidInput]:
    document = report.get("document") or {}
    titles = [title for title in report.get("titles", ()) if title["state"] in _STATES]
    for title in titles[:_MOST]:
        of = Registry(title["chain_id"], title["registry"])
        try:
            chain = sources.chain(title["chain_id"])
            yield history(chain, of, int(title["token_id"], 16), document_id=document.get("id") or "")
        except (Undetermined, DocumentError, InvalidInput) as unread:
            yield unread


def _pictures(found: History, options: PageOptions) -> Iterator[Picture]:
    """One in each language of the page, below one title."""
    token = f"0x{found.title.token_id:064x}"
    title = tuple(word("label", "history", language) for language in options.languages)
    for number, language in enumerate(options.languages):
        svg = found.to_svg(language=language, names=lambda address: _name(options.book, address))
        yield Picture(svg, (phrase("lanes", "title", language, token=token),), () if number else title)


def _name(book: AddressBook | None, address: str) -> str | None:
    entry = None if book is None else book.get(address)
    return None if entry is None else entry.name


def _unread(error: Undetermined | DocumentError | InvalidInput, language: str) -> str:
    code = error.doubt if isinstance(error, Undetermined) else error.code if isinstance(error, DocumentError) else ""
    why = render(error.message, language) if isinstance(error, Undetermined) else str(error)
    return phrase("page", "history_unread", language, code=str(code), why=why.rstrip(".。"))
