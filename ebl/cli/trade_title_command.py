"""``ebl trade title``: compare what a bill states with its title on the chain."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from ebl.cli.address_book_option import with_address_book, with_names
from ebl.cli.language_option import with_language
from ebl.cli.output import Exit, OwnInput, printable, result, result_json
from ebl.cli.place import Whereabouts, with_reading_of_a_file
from ebl.cli.titled import looked_at
from ebl.messages.catalogue import phrase, render
from ebl.messages.languages import Language

if TYPE_CHECKING:
    from ebl.config.address_book import AddressBook


@click.command()
@click.argument("name", metavar="FILE")
@click.option(
    "--presented", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="The day on which the bill was presented."
)
@with_reading_of_a_file
@with_address_book
@with_language
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def title(
    ctx: click.Context,
    where: Whereabouts,
    name: str,
    presented: datetime | None,
    as_json: bool,
    book: AddressBook | None,
    languages: tuple[Language, ...],
) -> None:
    """Compare a bill with its title: parties, dates and the surrender.

    Four differences are found: a straight bill whose title was endorsed to another party than the consignee; an order party
    that never was the beneficiary; a title issued on chain before the date of issue, or after the presentation; a surrender by
    a mere notify party. Accounts are compared with the bill by your address book.

    \b
      ebl trade title bill.json \\
        --address-book book.csv

    Exit codes: 0 no difference, 1 a difference, 3 something is left to a person, 5 unusable input.
    """
    from ebl.bill import bill
    from ebl.registry import Registry, history
    from ebl.trade import RuleOutcome, compare_layers

    if book is None:
        raise OwnInput("There is no address book.", fix="Name yours with --address-book, or in EBL_ADDRESS_BOOK.")
    which = looked_at(name, None)
    if which.document is None:
        raise click.UsageError("Name the file of a bill: a token alone states no parties.")
    chain = which.place(where).read()
    found = history(chain, Registry(chain.id, which.registry), which.token_id, document_id=which.document_id)
    rows = compare_layers(bill(which.document), found, book, presented=None if presented is None else presented.date())
    if as_json:
        result_json({"file": name, "title": found.title.to_dict(), "rows": [row.to_dict() for row in rows]})
    else:
        for language in languages:
            for row in rows:
                line = phrase(
                    "layer_text",
                    "row",
                    language,
                    word=phrase("td_text", str(row.outcome), language),
                    check=phrase("layer_text", row.check, language),
                    message=render(row.message, language),
                )
                result(with_names(printable(line), book, language))
    outcomes = {row.outcome for row in rows}
    if RuleOutcome.FAILED in outcomes:
        ctx.exit(Exit.INVALID)
    ctx.exit(Exit.INDETERMINATE if RuleOutcome.MANUAL in outcomes else Exit.DONE)
