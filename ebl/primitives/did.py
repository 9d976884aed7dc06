"""DIDs and DID URLs as text (W3C DID Core section 3), read strictly: no paths, no queries, no percent signs."""

from __future__ import annotations

import re

_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:-]*[A-Za-z0-9._-]")
_FRAGMENT = re.compile(r"[A-Za-z0-9._:-]+")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]+")
_MAX = 2048


def is_did(text: str) -> bool:
    """Is this a DID and nothing more (no ``#``, ``?``, ``/``, ``;`` or ``%``)?"""
    return len(text) <= _MAX and _DID.fullmatch(text) is not None


def split_key_id(text: str) -> tuple[str, str]:
    """``did:…#fragment`` as its DID and its fragment. Raises ValueError for anything else."""
    did, hash_sign, fragment = text.partition("#")
    if not (hash_sign and is_did(did) and len(fragment) <= _MAX and _FRAGMENT.fullmatch(fragment)):
        raise ValueError("expected did:METHOD:NAME#FRAGMENT")
    return did, fragment


def web_url(did: str) -> str:
    """Where the document of a did:web is: https, the standard port. Raises ValueError where it is no such DID.

    The host is of lower-case letters, digits and hyphens, has two labels at least, and is no IP address.
    """
    method, _, name = did.partition("did:web:")
    host, *segments = name.split(":")
    labels = host.split(".")
    if method or not name or len(did) > _MAX:
        raise ValueError("expected did:web:HOST or did:web:HOST:PATH")
    if len(host) > 253 or len(labels) < 2 or labels[-1].isdigit() or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError("the host of a did:web is a lower-case domain name without a port")
    if not all(map(_SEGMENT.fullmatch, segments)):
        raise ValueError("the path of a did:web has letters, digits, '.', '_' and '-' between its colons")
    return f"https://{host}/{'/'.join(segments) or '.well-known'}/did.json"
