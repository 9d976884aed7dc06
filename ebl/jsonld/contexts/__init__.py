"""The JSON-LD contexts that the library knows, each in a file with a table. Nothing is ever fetched.

A table has a head and then one line for each term. The head has the ``url``; the ``sha256`` of the published bytes that the
table was checked against (unless ebl defines the context); ``short`` names for IRIs within the table; ``title``, the kind of
title, if the types are documents of title; and ``open`` if the terms are not protected. A line is::

    term iri [type=iri] [in=set|list|graph|language] [prefix] [cleared] [{ | {open]

``{`` begins the terms that apply below the term, and ``}`` ends them. ``cleared`` removes every term below instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from ebl.codec import strict_json
from ebl.codec.broken import Reason
from ebl.jsonld.faults import NotAContext, UnknownContext

Raw = Mapping[str, Any]
"""The body of a context as JSON-LD 1.1 writes it (the value of ``@context``)."""


NAMED: Mapping[str, str] = MappingProxyType(
    {
        "https://trustvc.io/context/obligation-records-context.json": "obligation_titles",
        "https://trustvc.io/context/bill-of-exchange.json": "bills_of_exchange",
        "https://trustvc.io/context/bill-of-exchange-documentary-credit.json": "bills_of_exchange_under_credit",
    }
)
"""Contexts that are known by URL only, each with the variant of the message that explains its use."""

ENVELOPE_DATES: Raw = MappingProxyType(
    {
        name: {
            "@id": f"https://www.w3.org/2018/credentials#{name}",
            "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
        }
        for name in ("validFrom", "validUntil", "issuanceDate", "expirationDate")
    }
)
"""The only context that may be inline in a document: TrustVC's presentations contain it, to date their envelope."""


@dataclass(frozen=True, slots=True)
class Published:
    """One context. ``sha256`` (hex) is of the bytes published at its URL. ``title`` is the kind of title that its types are."""

    url: str
    sha256: str
    body: Raw
    title: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Contexts:
    """An allow-list of contexts by exact URL. It equals only itself, so that what was compiled from it can be cached."""

    by_url: Mapping[str, Published]
    compiled: dict[Any, Any] = field(default_factory=dict, repr=False)

    def get(self, url: str) -> Raw:
        """Returns the body of a context. Raises ``UnknownContext`` if the URL is not in the list: none is ever fetched."""
        if (known := self.by_url.get(url)) is None:
            if (use := NAMED.get(url)) is not None:
                raise UnknownContext("url_of_use", url=url, use=Reason.of("context", use))
            raise UnknownContext("url", url=url)
        return known.body

    def adding(self, url: str, published: bytes, *, sha256: str) -> Contexts:
        """Returns these contexts and one more, whose bytes the caller has and trusts.

        ``sha256`` is the digest in hex that the caller expects of ``published``. If the URL is already known with the same
        bytes, nothing changes. Raises ``NotAContext`` if the digest differs, if the URL is known with other bytes, or if the
        bytes do not contain a context.
        """
        digest = hashlib.sha256(published).hexdigest()
        if digest != sha256.lower():
            raise NotAContext(f"The bytes given for {url} have the SHA-256 {digest}; expected {sha256}.")
        if (there := self.by_url.get(url)) is not None:
            if there.sha256 == digest:
                return self
            raise NotAContext(f"The context {url} is already known with other bytes and is not replaced.")
        try:
            body = strict_json.parse(published, any_number=True)["@context"]
        except (ValueError, TypeError, LookupError) as bad:
            raise NotAContext(f"The bytes given for {url} are not a JSON object with an @context.") from bad
        if not isinstance(body, dict):
            raise NotAContext(f"The @context of {url} must be one object; got {type(body).__name__}.")
        return Contexts(MappingProxyType({**self.by_url, url: Published(url, digest, body)}))


@cache
def known() -> Contexts:
    """Returns every context that is part of the library."""
    tables = sorted(
        (file for file in files(__name__).iterdir() if file.name.endswith(".txt")), key=lambda file: file.name
    )
    found = [context for file in tables for context in parse(file.read_text(encoding="utf-8"))]
    return Contexts(MappingProxyType({context.url: context for context in found}))


def parse(table: str) -> list[Published]:
    """Reads one table and returns a context for each of its URLs. Raises `ValueError` if a line does not have the form."""
    head, _, rows = table.partition("\nterms\n")
    short: dict[str, str] = {}
    urls: list[str] = []
    sha256 = ""
    title: str | None = None
    scope: dict[str, Any] = {"@protected": True}
    for row in head.splitlines():
        match row.split():
            case ["url", url]:
                urls.append(url)
            case ["sha256", digest]:
                sha256 = digest
            case ["short", name, iri]:
                short[name] = iri
            case ["title", *kind]:
                title = " ".join(kind)
            case ["open"]:
                scope = {}
            case _:
                raise ValueError(f"not a line of a table's head: {row!r}")
    body = scope
    outer: list[dict[str, Any]] = []
    for row in rows.splitlines():
        if row.strip() == "}":
            scope = outer.pop()
            continue
        term, iri, *words = row.split()
        entry: dict[str, Any] = {"@id": _long(iri, short)}
        scope[term] = entry
        for word in words:
            match word.partition("="):
                case ["type", "=", datatype]:
                    entry["@type"] = _long(datatype, short)
                case ["in", "=", container]:
                    entry["@container"] = "@" + container
                case ["prefix", "", ""]:
                    entry["@prefix"] = True
                case ["cleared", "", ""]:
                    entry["@context"] = None
                case [("{" | "{open") as mark, "", ""]:
                    entry["@context"] = {"@protected": True} if mark == "{" else {}
                    outer.append(scope)
                    scope = entry["@context"]
                case _:
                    raise ValueError(f"not a word of a table: {word!r}")
    return [Published(url, sha256 or hashlib.sha256(publish(body)).hexdigest(), body, title) for url in urls]


def publish(body: Raw) -> bytes:
    """Returns a context as the file that others can host, or load into their software."""
    return json.dumps({"@context": body}, indent=2, ensure_ascii=False).encode() + b"\n"


def _long(iri: str, short: Mapping[str, str]) -> str:
    name, _, rest = iri.partition(":")
    return short[name] + rest if name in short else iri
