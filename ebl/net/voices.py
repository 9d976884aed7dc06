"""Whose word it is: several that must agree have to be at different hosts, or one of them could agree with itself."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from ebl.errors import InvalidInput

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


def require_voices(agree: int, urls: Sequence[str], what: str) -> None:
    """Raise `InvalidInput` unless ``agree`` of these can agree, and no two of them speak for one host.

    ``what`` names them in the plural. This machine may run several, at different ports.
    """
    if not 1 <= agree <= len(urls):
        are = "is" if len(urls) == 1 else "are"
        raise InvalidInput(
            f"{agree} {what} are to agree, and {len(urls)} {are} named.", fix="Name more, at other hosts."
        )
    voices = [_voice(url) for url in urls]
    if agree > 1 and (twice := sorted({voice for voice in voices if voices.count(voice) > 1})):
        raise InvalidInput(
            f"{agree} {what} are to agree, and several are named at {twice[0]}, whose word counts once.",
            fix="Name one at each host.",
        )


def _voice(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or url).rstrip(".")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if host in _THIS_MACHINE else host
