"""Action links and their QR codes: the address of an encrypted document, and its key.

A link is ``https://<any host>?q=<JSON>`` with the JSON ``{"type": "DOCUMENT", "payload": {"uri": …, "key": …}}``. A verify link
of the UN/CEFACT transparency protocol is the same without a type, and may also contain the document's ``hash``. Reading a
link fetches nothing: the caller decides what to do with the address.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ebl.codes import Failure
from ebl.errors import InvalidInput, Unreadable
from ebl.ethereum.chain_id import parse_chain_id
from ebl.model.broken_input import read_json

HOST = "https://actions.tradetrust.io"
MAX_LENGTH = 16 * 1024
"""Limit for a link that is read, in characters."""

_MAX_FIELDS = 100
QR_LIMIT = 2331
"""The most bytes that a QR code with error correction level M can hold."""

_KNOWN = ("uri", "key", "permittedActions", "redirect", "chainId")
_UNRESERVED = "!~*'()"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionLink:
    """One action: fetch the document at ``uri`` and open it with ``key`` (32 bytes, or None if it is not encrypted).

    ``chain_id`` names the chain of the document; ``redirect``, the page which shows it; ``more`` holds all other members of
    the payload, for example a ``hash``. ``type`` is None for a UN/CEFACT verify link, which has none. Nothing of a link is
    verified: it only helps to find the document.
    """

    uri: str
    key: bytes | None = field(default=None, repr=False)
    permitted_actions: tuple[str, ...] = ("STORE",)
    redirect: str | None = None
    chain_id: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    type: str | None = "DOCUMENT"

    def __post_init__(self) -> None:
        if not _is_web_address(self.uri):
            raise InvalidInput("Expected a plain http(s) URL as the document's address.")
        if self.key is not None and len(self.key) != 32:
            raise InvalidInput("An encryption key is 32 bytes, written as 64 hex digits.")
        if twice := sorted(set(self.more) & set(_KNOWN)):
            raise InvalidInput(f"Further members may not be named {', '.join(twice)}.")

    @property
    def host(self) -> str:
        """The host that keeps the document: the only part of its address that may be in a message or a log."""
        return urlsplit(self.uri).hostname or ""

    def to_url(self, at: str = HOST, *, key_in_fragment: bool = False) -> str:
        """Returns the link. ``at`` is the page that it opens; with the key in the fragment, that page's server never receives it.

        Raises `InvalidInput` if ``at`` is not a web address, or already has a query or a fragment.
        """
        if not _is_web_address(at) or "?" in at or "#" in at:
            raise InvalidInput("The page of a link must be a plain http(s) URL without '?' and '#'.")
        payload: dict[str, Any] = {"uri": self.uri}
        if self.key is not None and not key_in_fragment:
            payload["key"] = self.key.hex()
        if self.type is not None or self.permitted_actions:
            payload["permittedActions"] = list(self.permitted_actions)
        if self.redirect is not None:
            payload["redirect"] = self.redirect
        if self.chain_id is not None:
            payload["chainId"] = str(self.chain_id)
        action = {} if self.type is None else {"type": self.type}
        url = f"{at}?q={_component({**action, 'payload': {**payload, **self.more}})}"
        if self.key is not None and key_in_fragment:
            url += f"#{_component({'key': self.key.hex()})}"
        return url

    @classmethod
    def parse(cls, url: str) -> Self:
        """Reads a link of any host, without fetching anything.

        Raises `Unreadable` with ``link.malformed``; the message repeats nothing of the link, which may hold a key.
        """
        url = url.strip()
        if len(url) > MAX_LENGTH or not _is_web_address(url):
            raise Unreadable(Failure.LINK, "address", limit=MAX_LENGTH)
        parts = urlsplit(url)
        try:
            queries = [value for name, value in parse_qsl(parts.query, max_num_fields=_MAX_FIELDS) if name == "q"]
        except ValueError:
            queries = []
        if len(queries) != 1:
            raise Unreadable(Failure.LINK, "query", count=len(queries))
        action = _object(queries[0], "query_object")
        payload = action.get("payload")
        if not isinstance(payload, dict) or not isinstance(action.get("type", ""), str):
            raise Unreadable(Failure.LINK, "payload")
        named = [where["key"] for where in (payload, _fragment(parts.fragment)) if where.get("key") is not None]
        if any(key != named[0] for key in named):
            raise Unreadable(Failure.LINK, "two_keys")
        try:
            return cls(
                uri=_text(payload, "uri"),
                key=_key(named[0]) if named else None,
                permitted_actions=_texts(payload, "permittedActions"),
                redirect=_text(payload, "redirect") if "redirect" in payload else None,
                chain_id=_chain_id(payload.get("chainId")),
                more={name: value for name, value in payload.items() if name not in _KNOWN},
                type=action.get("type"),
            )
        except InvalidInput:  # only the address can be wrong: key and names of further members are valid
            raise Unreadable(Failure.LINK, "uri") from None


def qr_svg(text: str, *, scale: int = 4) -> bytes:
    """Makes the QR code of a text as an SVG image, ``scale`` units to a module. Raises `InvalidInput` beyond ``QR_LIMIT``."""
    return _qr(text, "svg", scale)


def qr_png(text: str, *, scale: int = 8) -> bytes:
    """Makes the QR code of a text as a PNG image, ``scale`` pixels to a module. Raises `InvalidInput` beyond ``QR_LIMIT``."""
    return _qr(text, "png", scale)


def _qr(text: str, kind: str, scale: int) -> bytes:
    import segno

    if not 1 <= scale <= 100:
        raise InvalidInput(f"The scale of a QR code must be from 1 to 100; found {scale}.")
    size = len(text.encode("utf-8", "replace"))
    if size > QR_LIMIT:
        raise InvalidInput(
            f"A QR code holds at most {QR_LIMIT} bytes; this text has {size}.",
            fix="Store the document encrypted, and make the QR code of a link to it.",
        )
    image = io.BytesIO()
    segno.make_qr(text, error="m").save(image, kind=kind, scale=scale)
    return image.getvalue()


def _component(value: Mapping[str, Any]) -> str:
    """Returns JSON for a URL, escaped as browsers do (``encodeURIComponent``)."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return quote(text, safe=_UNRESERVED)
    except UnicodeEncodeError:
        raise InvalidInput("A link cannot hold a lone surrogate.") from None


def _is_web_address(text: str) -> bool:
    if not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _object(text: str, wrong: str) -> dict[str, Any]:
    try:
        parsed = read_json(text.encode(), any_number=True, with_mark=False)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise Unreadable(Failure.LINK, wrong)
    return parsed


def _fragment(text: str) -> dict[str, Any]:
    decoded = unquote(text)
    return _object(decoded, "fragment_object") if decoded.startswith("{") else {}


def _text(payload: dict[str, Any], name: str) -> str:
    if not isinstance(value := payload.get(name), str):
        raise Unreadable(Failure.LINK, "text", name=name)
    return value


def _texts(payload: dict[str, Any], name: str) -> tuple[str, ...]:
    values = payload.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise Unreadable(Failure.LINK, "texts", name=name)
    return tuple(values)


def _key(value: Any) -> bytes:
    try:
        if isinstance(value, str) and len(value) == 64:
            return bytes.fromhex(value)
    except ValueError:
        pass
    raise Unreadable(Failure.LINK, "key")


def _chain_id(value: Any) -> int | None:
    if value is None:
        return None
    chain_id = parse_chain_id(str(value) if isinstance(value, int) else value)
    if chain_id is None:
        raise Unreadable(Failure.LINK, "chain_id")
    return chain_id
