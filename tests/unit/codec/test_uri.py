"""URIs are those of RFC 3986, and absolute."""

from __future__ import annotations

import pytest

from ebl.codec.uri import is_uri


@pytest.mark.parametrize(
    "text",
    [
        "https://carrier.example",
        "https://user@carrier.example:8080/a/b%20c;d?e=f/?#g",
        "http://[2001:db8::1]/x",
        "http://[v1.a:b]/",
        "urn:uuid:6a1c9e2e",
        "did:ethr:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "mailto:a@b.example",
        "file:///etc/hosts",
        "a:",
    ],
)
def test_what_rfc_3986_calls_an_absolute_uri_is_one(text: str) -> None:
    assert is_uri(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "carrier",
        "//carrier.example",
        "/path",
        "https://a b",
        "https://[::1",
        "https://[1.2.3]",
        "1a:b",
        "https://é.example",
        "https://a/%zz",
        "https://a\n",
        "http://[fe80::1%25eth0]/",
        "a:b#c#d",
        "https://a:port/",
    ],
)
def test_what_has_no_scheme_or_breaks_the_grammar_is_none(text: str) -> None:
    assert not is_uri(text)
