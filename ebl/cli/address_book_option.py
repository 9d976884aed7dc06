"""The option ``--address-book``: the reader's own names, shown next to addresses in text."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.output import OwnInput
from ebl.errors import InvalidInput
from ebl.messages.languages import Language

if TYPE_CHECKING:  # read only if the option is given
    from ebl.config.address_book import AddressBook


def with_address_book(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the option. The command gets ``book``, which is None without it."""

    @click.option(
        "--address-book",
        "book_file",
        type=click.Path(path_type=Path),
        envvar="EBL_ADDRESS_BOOK",
        help="A CSV file (address,name,LEI,USCC,UEN,source): its names are shown next to addresses. No verdict depends on it.",
    )
    @wraps(command)
    def run(*args: Any, book_file: Path | None, **options: Any) -> Any:
        return command(*args, book=None if book_file is None else _read(book_file), **options)

    return run


def with_names(text: str, book: AddressBook | None, language: Language = "en") -> str:
    """The text with the reader's names next to addresses, if there is an address book."""
    return text if book is None else book.with_names(text, language)


def _read(path: Path) -> AddressBook:
    from ebl.config.address_book import AddressBook

    try:
        return AddressBook.read(path)
    except OSError as trouble:
        raise OwnInput(f"cannot read the address book {path}: {trouble.strerror}.", fix="Check the path.") from trouble
    except InvalidInput as bad:
        raise OwnInput(bad.message, problems=bad.problems, fix=bad.fix) from bad
