"""Deployment of a contract by a command. Its address is printed as confirmed, or with exit code 3 as not confirmed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.output import Exit, printable, say
from ebl.cli.send_options import Sending
from ebl.errors import SourceError

if TYPE_CHECKING:
    from ebl.cli.place import Place
    from ebl.registry import Call, Deployment, Receipt

# A node that serves reads may be some blocks behind the node that returned the receipt.
_PAUSES = (0.5, 1.0, 2.0, 4.0)


def deploy(sending: Sending, call: Call, *, name: str, nodes_agree: int | None, warning: str = "") -> str | None:
    """Sends the call that creates a contract, and prints its address as ``name``. Returns None if nothing was to be sent.

    ``nodes_agree`` nodes must return the same about it (None: one). Ends the command with exit code 3 if the contract is not
    confirmed: then its address must not be published or used.
    """
    found: list[Deployment] = []
    place = sending.place.asking({"nodes_agree": nodes_agree})
    if not sending.calldata:
        place.sources()  # raises before anything is sent if there are too few nodes for the quorum

    def what(receipt: Receipt) -> dict[str, Any]:
        found.append(_look(place, receipt, sending.seconds))
        return {
            name: found[0].address,
            "confirmed": found[0].confirmed,
            "doubts": [str(doubt) for doubt in found[0].doubts],
        }

    if sending.send(call, what=what, warning=warning) is None:
        return None
    (made,) = found
    if made.confirmed:
        return made.address
    say(f"{click.style('not confirmed', fg='red', bold=True)}  {printable('; '.join(map(str, made.doubts)))}")
    say(f"Do not publish the {name}'s address, and send nothing to it. Query it through another node first.")
    raise click.exceptions.Exit(Exit.INDETERMINATE)


def _look(place: Place, receipt: Receipt, seconds: float) -> Deployment:
    made = _read(place, receipt)
    for pause in _PAUSES:
        if not made.pending:
            break
        time.sleep(min(pause, seconds))
        made = _read(place, receipt)
    return made


def _read(place: Place, receipt: Receipt) -> Deployment:
    from ebl.chain.deployments import unread
    from ebl.registry import deployment

    try:
        return deployment(receipt, chain=place.read())
    except SourceError as trouble:  # the transaction was sent: its receipt is printed whatever can be read now
        return unread(receipt, trouble)
