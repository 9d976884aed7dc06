"""Absolute URIs by the grammar of RFC 3986 (appendix A)."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import unquote, urlsplit

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
_LEAST_PASSWORD, _LEAST_KEY = 4, 12
_BETWEEN = re.compile(r"[/&=;]")
_FUTURE = re.compile(r"[Vv][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+")


def is_uri(text: str) -> bool:
    """Returns whether a text is an absolute URI, with a scheme. Nothing is looked up."""
    match = _URI.fullmatch(text)
    if match is None:
        return False
    literal = match["literal"]
    return literal is None or bool(_FUTURE.fullmatch(literal)) or _is_ipv6(literal)


def host_of(url: str) -> str:
    """Returns the host of a URL, the only part that messages may show; "" if it has none or cannot be read."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def without_secrets(text: str, url: str) -> str:
    """Returns a server's text without the user, password, path and query of the URL, so that no secret is repeated.

    Parts too short to be a secret are kept."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return text
    user = [one for one in (parts.username, parts.password) if one and len(one) >= _LEAST_PASSWORD]
    keys = [one for one in _BETWEEN.split(f"{parts.path}/{parts.query}") if len(one) >= _LEAST_KEY]
    for secret in sorted({form for one in (*user, *keys) for form in (one, unquote(one))}, key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def _is_ipv6(text: str) -> bool:
    try:
        return "%" not in text and IPv6Address(text) is not None
    except AddressValueError:
        return False
