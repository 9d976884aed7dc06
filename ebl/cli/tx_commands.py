"""``ebl tx``: the status of transactions, and speeding up or cancelling a pending one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ebl.cli.group import EblGroup
from ebl.cli.output import Exit, printable, result, result_json
from ebl.cli.place import Place, with_place
from ebl.cli.send_options import Sending, with_replacing

if TYPE_CHECKING:
    from ebl.chain.sending import Plan

tx = EblGroup(
    name="tx",
    commands_at={
        "status": ("ebl.cli.tx_commands:status", "Show the status of a transaction."),
        "speed-up": ("ebl.cli.tx_commands:speed_up", "Replace a pending transaction by the same one with higher fees."),
        "cancel": ("ebl.cli.tx_commands:cancel", "Cancel a pending transaction."),
    },
    help="Transactions that this system sent.",
)
_EXIT = {
    "included": Exit.DONE,
    "reverted": Exit.TRANSACTION,
    "superseded": Exit.TRANSACTION,
    "waiting": Exit.INDETERMINATE,
    "unknown": Exit.INDETERMINATE,
}


def _hash(_ctx: click.Context, _param: click.Parameter, word: str) -> str:
    try:
        valid = len(bytes.fromhex(word.removeprefix("0x"))) == 32
    except ValueError:
        valid = False
    if not (valid and word.startswith("0x")):
        raise click.BadParameter(f"expected 0x and 64 hex digits; got {printable(word)[:80]!r}")
    return word.lower()


@click.command()
@click.argument("tx_hash", metavar="HASH", callback=_hash)
@with_place
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def status(ctx: click.Context, place: Place, tx_hash: str, as_json: bool) -> None:
    """Show the status of a transaction: exit code 0 included, 4 reverted or superseded, 3 not known yet."""
    from ebl.chain.sending import status as ask

    found = ask(tx_hash, node=place.connect())
    if as_json:
        result_json(found.to_dict())
    else:
        where = f" in block {found.receipt.block_number}" if found.receipt else ""
        by = f" by {found.replaced_by}" if found.replaced_by else ""
        summary = f"  {found.entry.summary}" if found.entry else ""
        result(f"{found.state}{where}{by}{summary}")
    ctx.exit(_EXIT[found.state])


@click.command("speed-up")
@click.argument("tx_hash", metavar="HASH", callback=_hash)
@with_replacing
def speed_up(sending: Sending, tx_hash: str) -> None:
    """Replace a pending transaction by the same one with its nonce and higher fees: one of the two is included, never both."""
    from ebl.chain.sending import plan_speed_up

    _replace(sending, tx_hash, plan_speed_up)


@click.command()
@click.argument("tx_hash", metavar="HASH", callback=_hash)
@with_replacing
def cancel(sending: Sending, tx_hash: str) -> None:
    """Cancel a pending transaction: send one that does nothing with its nonce. Too late if it is in a block."""
    from ebl.chain.sending import plan_cancel

    _replace(sending, tx_hash, plan_cancel)


def _replace(sending: Sending, tx_hash: str, plan: Callable[..., Plan]) -> None:
    def make() -> Plan:
        return plan(tx_hash, sender=sending.key.address, node=sending.node, max_cost=sending.max_cost)

    instead = {"instead_of": tx_hash}
    sending.carry_out(make, instead, what=lambda _: instead)
