"""The only code that opens sockets. It implements the protocols of `ebl.sources`; applications import it, checks never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ebl.sources import Resolver, Sources


def online(
    *,
    rpc: Mapping[int, str | Sequence[str]],
    resolver: str | Sequence[str] | Resolver = "system",
    now: datetime | None = None,
) -> Sources:
    """Sources over the network: the nodes of each chain id, tried in order, and a resolver.

    Nothing is asked yet. Raises `ebl.errors.InvalidInput` for a URL or a resolver that cannot be one.
    """
    from ebl.net.nodes import Nodes

    named = {number: (urls,) if isinstance(urls, str) else tuple(urls) for number, urls in rpc.items()}
    return Sources(
        chain=Nodes(named),
        dns=_resolver(resolver),
        fetch=Sources.offline().fetch,
        now=now or datetime.now(UTC),
    )


def _resolver(spec: str | Sequence[str] | Resolver) -> Resolver:
    from ebl.errors import InvalidInput
    from ebl.net import dns

    if isinstance(spec, str):
        return dns.resolver(spec)
    if not isinstance(spec, Sequence):
        return spec
    if len(spec) != 1:
        raise InvalidInput(f"expected one resolver; got {len(spec)}.")
    return dns.resolver(spec[0])
