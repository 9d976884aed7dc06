"""DIDs and DID URLs as text (W3C DID Core section 3), read strictly: no paths and no queries."""

from __future__ import annotations

import re

from ebl.codec.broken import Broken

_DID = re.compile(r"did:[a-z0-9]+:(?:[A-Za-z0-9._:-]|%[0-9A-Fa-f]{2})+(?<!:)")
_FRAGMENT = re.compile(r"[A-Za-z0-9._:-]+")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_HOST = re.compile(r"(?P<name>[^%:]+)(?:%3[Aa](?P<port>[1-9][0-9]{0,4}))?")
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]+")
_MAX_LENGTH = 2048


class NotADid(Broken):
    """A text is not a DID, is not a DID URL of a key, or does not name a place on the web."""

    subject = "did"


def is_did(text: str) -> bool:
    """Returns whether a text is a DID and nothing more (no ``#``, ``?``, ``/`` or ``;``)."""
    return len(text) <= _MAX_LENGTH and _DID.fullmatch(text) is not None


def split_key_id(text: str) -> tuple[str, str]:
    """Splits ``did:…#fragment`` into DID and fragment. Raises `NotADid` if the text is anything else."""
    did, hash_sign, fragment = text.partition("#")
    if not (hash_sign and is_did(did) and len(fragment) <= _MAX_LENGTH and _FRAGMENT.fullmatch(fragment)):
        raise NotADid("key_id")
    return did, fragment


def relative_to(did: str, reference: str) -> str:
    """Returns a DID URL in full: ``#key-1`` within the document of a DID belongs to that DID (DID Core 3.2.2)."""
    return f"{did}{reference}" if reference.startswith("#") else reference


def web_host(did: str) -> tuple[str, str]:
    """Returns the host of a did:web and its port ("" if it has none), as text. Neither is checked."""
    name = did.removeprefix("did:web:").partition(":")[0]
    match = _HOST.fullmatch(name)
    return (match["name"], match["port"] or "") if match else (name, "")


def is_public_site(did: str) -> bool:
    """Returns whether the host of a did:web can be a public domain name at the standard port: no IP address, no local name."""
    host, port = web_host(did)
    return port in ("", "443") and "." in host and not host.rpartition(".")[2].isdigit()


def web_url(did: str) -> str:
    """Returns the URL of the document of a did:web: https, with a port only if the DID has one.

    Raises `NotADid` if it is not such a DID. Not checked: that the host may be contacted. The code that fetches refuses a
    host without a dot, an IP address and a port.
    """
    if not did.startswith("did:web:") or not is_did(did):
        raise NotADid("web")
    (host, port), segments = web_host(did), did.split(":")[3:]
    if len(host) > 253 or not all(map(_LABEL.fullmatch, host.split("."))):
        raise NotADid("web_host")
    if not all(map(_SEGMENT.fullmatch, segments)):
        raise NotADid("web_path")
    place = f"{host}:{port}" if port not in ("", "443") else host
    return f"https://{place}/{'/'.join(segments) or '.well-known'}/did.json"
