"""A title's endorsement chain, and whether it is complete."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from ebl.chain.rpc.given_chain import AnyChain, chain_of
from ebl.chain.titles.endorsements import Endorsement, Position, Replay
from ebl.chain.titles.registries import Registry
from ebl.chain.titles.title_remarks import unseal
from ebl.chain.titles.title_state import State, Title, read_title
from ebl.ethereum.address import ZERO
from ebl.messages import Message, say
from ebl.messages.catalogue import ENGLISH
from ebl.model.ports import Chain, Log

_FIRST_BLOCKS: Final = 50_000
_QUICK: Final = 1.0


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


def history(
    chain: AnyChain,
    registry: Registry,
    token_id: int,
    *,
    document_id: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> History:
    """Reads a title and its endorsement chain, with one query of events that begins at the registry's first block.

    Only the escrow's events are queried: they include all that happened to the title, and a registry's grow with every other
    title. ``document_id`` is the id that the remarks were written with. If ``progress`` is given, the events are queried in
    several ranges of blocks, and it is called with the number of blocks read, and of all. Raises the errors of
    `ebl.registry.title`.
    """
    chain = chain_of(chain)
    title = read_title(chain, registry, token_id)
    if title.state is State.NOT_MINTED:
        return History(title, ())
    replay = Replay(title.version)
    logs = _logs(chain, title.escrow, title.genesis, progress)
    replay.follow(logs, registry=title.registry, token_id=token_id)
    read = tuple(replace(done, text=unseal(done.remark, document_id)) for done in replay.done)
    return History(title, read, (*replay.gaps, *_differences(replay.at, title)))


def _logs(chain: Chain, escrow: str, start: int, progress: Callable[[int, int], None] | None) -> tuple[Log, ...]:
    """Returns the events of an escrow. A node that returns a range quickly is asked for a longer one."""
    if progress is None:
        return chain.logs([escrow], start=start)
    last, width, first = chain.block.number, _FIRST_BLOCKS, start
    found: list[Log] = []
    while first <= last:
        end, begun = min(first + width - 1, last), time.monotonic()
        found += chain.logs([escrow], start=first, end=end)
        progress(end - start + 1, last - start + 1)
        if time.monotonic() - begun < _QUICK:
            width *= 2
        first = end + 1
    return tuple(found)


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
