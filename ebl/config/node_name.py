"""What names a node: its URL, or a `Web3` object of the caller's."""

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
    """Whether a value is a `Web3` object. One of a subclass is.

    Raises `InvalidInput` for what is of web3 and cannot be asked here: an `AsyncWeb3` or a `Web3` over an asynchronous
    provider, whose answers only a coroutine can wait for, and a bare provider, which has no middleware.
    """
    if "web3" not in sys.modules:  # the caller of one that has such an object has imported it; nobody else pays for it
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
    """Raise `InvalidInput` unless a value is a `Web3` object that can be asked here."""
    if not is_web3(value):
        raise InvalidInput(f"expected a node's URL or a Web3 object; got {type(value).__name__}.", fix=_FIX)
