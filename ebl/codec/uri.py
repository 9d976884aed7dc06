"""Absolute URIs by the grammar of RFC 3986 (appendix A)."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import urlsplit

_CHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_NAME = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_USER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})"
_URI = re.compile(
    rf"""
    [A-Za-z][A-Za-z0-9+.-]*:                                        # scheme
    (?:
        //(?:{_USER}*@)?(?:\[(?P<literal>[^\[\]]*)\]|{_NAME}*)(?::[0-9]*)?(?:/{_CHAR}*)*  # authority, path
        | /(?:{_CHAR}+(?:/{_CHAR}*)*)?                              # absolute path
        | {_CHAR}+(?:/{_CHAR}*)*                                    # rootless path
        |                                                           # empty path
    )
    (?:\?(?:{_CHAR}|[/?])*)?
    (?:\#(?:{_CHAR}|[/?])*)?
    """,
    re.VERBOSE,
)
_FUTURE = re.compile(r"[Vv][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+")


def is_uri(text: str) -> bool:
    """Whether a text is an absolute URI, with a scheme; nothing is looked up."""
    match = _URI.fullmatch(text)
    if match is None:
        return False
    literal = match["literal"]
    return literal is None or bool(_FUTURE.fullmatch(literal)) or _is_ipv6(literal)


def host_of(url: str) -> str:
    """The host of a URL, which is what messages may say of it; nothing if it has none or cannot be read."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_ipv6(text: str) -> bool:
    try:
        return "%" not in text and IPv6Address(text) is not None
    except AddressValueError:
        return False
