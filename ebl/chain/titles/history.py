"""A title's endorsement chain, and whether it is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ebl.chain.rpc.given_chain import AnyChain, chain_of
from ebl.chain.titles.endorsements import Endorsement, Position, Replay
from ebl.chain.titles.registries import Registry
from ebl.chain.titles.title_remarks import unseal
from ebl.chain.titles.title_state import State, Title, read_title
from ebl.ethereum.address import ZERO
from ebl.messages import Message, say
from ebl.messages.catalogue import ENGLISH


@dataclass(frozen=True, slots=True)
class History:
    """A title and what happened to it, oldest first.

    ``complete``: the events follow from one another and lead to the title as it was read separately. If they do not, ``gaps``
    has the reasons, and holder and beneficiary of ``title`` still hold. A node could leave out two things without a gap. One is
    a sequence of events that ends in the state in which it began. The other is the event that distinguishes a rejection by a
    holder (or by a holder who is also beneficiary) from a transfer back.
    """

    title: Title
    endorsements: tuple[Endorsement, ...]
    gaps: tuple[Message, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether no gap was found."""
        return not self.gaps

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "title": self.title.to_dict(),
            "complete": self.complete,
            "gaps": [str(gap) for gap in self.gaps],
            "endorsements": [endorsement.to_dict() for endorsement in self.endorsements],
        }

    def to_svg(self, *, language: str = ENGLISH, names: Callable[[str], str | None] = lambda address: None) -> str:
        """Returns the history as a picture: a lane for each party, with bars for who held and who was beneficiary.

        ``names`` returns the reader's own name of an address, such as that of an `ebl.reports.AddressBook`. Raises `KeyError`
        if there is no catalogue of the ``language``.
        """
        from ebl.chain.titles.swim_lanes import swim_lanes

        return swim_lanes(self.title, self.endorsements, complete=self.complete, language=language, names=names)

    def _repr_svg_(self) -> str:
        return self.to_svg()


def history(chain: AnyChain, registry: Registry, token_id: int, *, document_id: str = "") -> History:
    """Reads a title and its endorsement chain, with one query of events that begins at the registry's first block.

    Only the escrow's events are queried: they include all that happened to the title, and a registry's grow with every other
    title. ``document_id`` is the id that the remarks were written with. Raises the errors of `ebl.registry.title`.
    """
    chain = chain_of(chain)
    title = read_title(chain, registry, token_id)
    if title.state is State.NOT_MINTED:
        return History(title, ())
    replay = Replay(title.version)
    logs = chain.logs([title.escrow], start=title.genesis)
    replay.follow(logs, registry=title.registry, token_id=token_id)
    read = tuple(replace(done, text=unseal(done.remark, document_id)) for done in replay.done)
    return History(title, read, (*replay.gaps, *_differences(replay.at, title)))


def _differences(end: Position, title: Title) -> Iterator[Message]:
    """Yields how the title that was read differs from where its events lead."""
    if title.state is State.HOSTILE:
        yield from title.doubts
        return
    if end.state is not title.state:
        yield say("gap", "end_state", end=end.state, found=title.state)
    for party in ("holder", "beneficiary", "nominee", "previous_holder", "previous_beneficiary"):
        led_to, is_now = getattr(end, party), getattr(title, party)
        if led_to != is_now:
            yield say("gap", "end_party", party=party, end=led_to or ZERO, found=is_now or ZERO)
    if title.version == 5 and end.remark != title.remark:
        yield say("gap", "remark")
