"""Forms in which a node is given: its URL, or the caller's `Web3` object."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from ebl.errors import InvalidInput

if TYPE_CHECKING:
    from web3 import Web3

NodeName: TypeAlias = "str | Web3"
"""The URL of a node (http or https), or a `Web3` object that leads to one."""

_FIX = "Pass a Web3 with a synchronous provider, such as Web3(HTTPProvider(URL)), or the URL of the node."


def is_web3(value: object) -> TypeGuard[Web3]:
    """Returns whether a value is a `Web3` object. One of a subclass is.

    Raises `InvalidInput` if the value is of web3 and cannot be used: an `AsyncWeb3` or a `Web3` over an asynchronous
    provider, whose responses only a coroutine can await, and a bare provider, which has no middleware.
    """
    if "web3" not in sys.modules:  # a caller with such an object has imported it; no other caller pays for the import
        return False
    from web3 import AsyncWeb3, Web3
    from web3.providers import BaseProvider
    from web3.providers.async_base import AsyncBaseProvider

    if isinstance(value, AsyncWeb3):
        raise InvalidInput("expected a node's URL or a Web3 object; got an AsyncWeb3.", fix=_FIX)
    if isinstance(value, BaseProvider | AsyncBaseProvider):
        raise InvalidInput(f"expected a node's URL or a Web3 object; got {type(value).__name__}.", fix=_FIX)
    if not isinstance(value, Web3):
        return False
    if isinstance(value.provider, AsyncBaseProvider):
        provider = type(value.provider).__name__
        raise InvalidInput(f"expected a Web3 with a synchronous provider; got one over {provider}.", fix=_FIX)
    return True


def require_web3(value: object) -> None:
    """Raises `InvalidInput` unless a value is a usable `Web3` object."""
    if not is_web3(value):
        raise InvalidInput(f"expected a node's URL or a Web3 object; got {type(value).__name__}.", fix=_FIX)
