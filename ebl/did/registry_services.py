"""The token registries that a DID document names as services: reading and writing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final

from ebl.ethereum.address import ADDRESS
from ebl.ethereum.chain_id import DECIMAL

SERVICE: Final = "TokenRegistry"
"""The type of the services of a DID document that name registries."""

_ENDPOINT = re.compile(rf"eip155:(?P<chain>{DECIMAL}):(?P<address>{ADDRESS})")


def registries(document: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Yields the registries that a DID document names as services: chain id and address (lower case).

    A service counts if its type is `SERVICE`; in it, each endpoint that is a CAIP-10 account (``eip155:1:0x…``) counts.
    Others are ignored: a DID document may have any services.
    """
    for service in _list(document.get("service")):
        if isinstance(service, dict) and SERVICE in _list(service.get("type")):
            for endpoint in _list(service.get("serviceEndpoint")):
                if isinstance(endpoint, str) and (match := _ENDPOINT.fullmatch(endpoint)):
                    yield int(match["chain"]), match["address"].lower()


def services(did: str, contracts: Sequence[tuple[int, str]], *, taken: Sequence[str]) -> list[dict[str, str]]:
    """Returns services that name registries (chain id and address), for a DID document whose other ids are ``taken``."""
    free = (name for number in count(1) if (name := f"{did}#token-registry-{number}") not in taken)
    return [
        {"id": next(free), "type": SERVICE, "serviceEndpoint": f"eip155:{chain_id}:{address}"}
        for chain_id, address in dict.fromkeys(contracts)
    ]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
