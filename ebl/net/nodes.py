"""The nodes that the caller named, by chain; each verification opens the chains that it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.net.agreement import open_agreed
from ebl.net.endpoint import Endpoint, proxy_for
from ebl.net.jsonrpc import JsonRpc
from ebl.net.logs import LogReader
from ebl.net.rpc import JsonRpcChain
from ebl.net.voices import require_voices
from ebl.sources import BlockTag, Chain


class Nodes:
    """Call it with a chain id for that chain at its newest block, or with None for the only chain there is.

    ``urls`` are the nodes of each chain. They are tried in their order, or ``agree`` of them (at different hosts) must say
    the same of everything. No node is asked that was not named here. Connections are kept from one opening to the next.
    """

    def __init__(self, urls: Mapping[int, Sequence[str]], *, finality: BlockTag = "latest", agree: int = 1) -> None:
        self._nodes = {number: tuple(_node(url) for url in named) for number, named in urls.items()}
        for number, nodes in self._nodes.items():
            if not nodes or isinstance(number, bool) or not 0 < number < 2**63:
                raise InvalidInput(f"expected a chain id and at least one node for it; got {number!r}.")
            require_voices(agree, urls[number], f"nodes of chain {number}")
        self._finality: BlockTag = finality
        self._agree = agree

    def __call__(self, chain_id: int | None) -> Chain:
        """Open a chain. Raises `SourceError`: ``chain.not_configured``, ``chain.not_named``, or why no node would do."""
        if chain_id is None:
            chain_id = self._only()
        if chain_id not in self._nodes:
            raise SourceError(
                Doubt.CHAIN_NOT_CONFIGURED, f"no node is named for chain {chain_id}: add --rpc {chain_id}=URL"
            )
        if self._agree > 1:
            return open_agreed(self._nodes[chain_id], chain_id, needed=self._agree, finality=self._finality)
        trouble: list[SourceError] = []
        for rpc, logs in self._nodes[chain_id]:
            try:
                return JsonRpcChain.open(rpc, chain_id, finality=self._finality, logs=logs)
            except SourceError as failed:
                if failed.doubt is Doubt.CHAIN_WRONG_ID:  # a mistake to be mended, not an outage to step over
                    raise
                trouble.append(failed)
        if len(trouble) == 1:
            raise trouble[0]
        raise SourceError(trouble[0].doubt, "; ".join(one.detail for one in trouble))

    def _only(self) -> int:
        if len(self._nodes) == 1:
            return next(iter(self._nodes))
        known = ", ".join(str(number) for number in sorted(self._nodes)) or "none"
        raise SourceError(
            Doubt.CHAIN_NOT_NAMED, f"the document names no chain, so name one node only (named are: {known})"
        )


def _node(url: str) -> tuple[JsonRpc, LogReader]:
    """A node, with a memory of its own for its events: what one leaves out is not to be left out for another."""
    return JsonRpc(Endpoint(url, proxy=proxy_for(url))), LogReader()
