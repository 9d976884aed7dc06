"""Action links say where a document lies; reading one touches nothing outside."""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codes import Failure
from ebl.errors import InvalidInput, Unreadable
from ebl.sharing.links import MAX_LENGTH, QR_LIMIT, ActionLink, qr_png, qr_svg

KEY = bytes(range(32))
LINK = ActionLink(uri="https://storage.example/document/1", key=KEY, chain_id=137, redirect="https://show.example/")


def url_of(action: object, host: str = "https://any.example/page") -> str:
    return f"{host}?q={quote(json.dumps(action))}"


def document(**payload: object) -> dict[str, object]:
    return {"type": "DOCUMENT", "payload": {"uri": "https://storage.example/1", **payload}}


def test_a_link_reads_back_as_it_was_made_whatever_its_host() -> None:
    for at in ("https://actions.tradetrust.io", "http://localhost:3000/open", "https://other.example"):
        assert ActionLink.parse(LINK.to_url(at)) == LINK


def test_a_key_in_the_fragment_is_not_in_the_query() -> None:
    url = LINK.to_url(key_in_fragment=True)
    assert KEY.hex() not in url.partition("#")[0]
    assert ActionLink.parse(url) == LINK


def test_reading_a_link_opens_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert ActionLink.parse(LINK.to_url()).host == "storage.example"


def test_a_further_parameter_of_the_page_is_no_trouble() -> None:
    url = "https://any.example/?lang=zh&q=" + quote(json.dumps(document(chainId=1))) + "&x=1"
    assert ActionLink.parse(url).chain_id == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not a link",
        "ftp://a.example?q=%7B%7D",
        "javascript:alert(1)?q=%7B%7D",
        "https://a.example/",
        "https://a.example/?q=%7B%7D&q=%7B%7D",
        "https://a.example/?q=%7B",
        "https://a.example/?q=%5B%5D",
        "https://[::1/?q=%7B%7D",
        "https://user:pass@a.example/?q=" + quote(json.dumps(document())),
        "https://a.example/?q="
        + quote('{"type":"DOCUMENT","payload":{"uri":"https://a.example","uri":"https://b.example"}}'),
        "https://a.example/?q=" + quote("[" * 5000),
        "https://a.example/?" + "a=1&" * 200,
        "https://a.example/?q=" + "1" * MAX_LENGTH,
        url_of({"type": "DOCUMENT"}),
        url_of({"type": 1, "payload": {"uri": "https://storage.example"}}),
        url_of({"type": "DOCUMENT", "payload": {}}),
        url_of(document(uri="file:///etc/passwd")),
        url_of(document(uri="https://")),
        url_of(document(uri="https://a.example/\n")),
        url_of(document(key="00")),
        url_of(document(key="zz" * 32)),
        url_of(document(key=5)),
        url_of(document(key=[])),
        url_of(document(key={"11": 1})),
        url_of(document(key=[1] * 64)),
        url_of(document(key="11" * 32)) + "#" + quote(json.dumps({"key": ["11" * 32]})),
        url_of(document(chainId="0x1")),
        url_of(document(chainId=True)),
        url_of(document(chainId="٣")),
        url_of(document(permittedActions="STORE")),
        url_of(document(permittedActions=[1])),
        url_of(document(redirect=1)),
        url_of(document(key="11" * 32)) + "#" + quote(json.dumps({"key": "22" * 32})),
        url_of(document(key="11" * 32)) + "#" + quote("{broken"),
    ],
)
def test_what_is_no_link_is_refused_by_code_without_repeating_it(url: str) -> None:
    with pytest.raises(Unreadable) as refused:
        ActionLink.parse(url)
    assert refused.value.code is Failure.LINK
    assert "storage.example" not in str(refused.value)
    assert "11" * 32 not in str(refused.value)


def test_a_key_is_not_in_the_repr() -> None:
    assert KEY.hex() not in repr(LINK)
    assert str(KEY) not in repr(LINK)


@pytest.mark.parametrize(
    "at", ["actions.example", "https://a.example?x=1", "https://a.example#x", "https://a b.example"]
)
def test_a_page_which_cannot_carry_a_query_is_refused(at: str) -> None:
    with pytest.raises(InvalidInput):
        LINK.to_url(at)


@pytest.mark.parametrize(
    "wrong", [{"uri": "/document/1"}, {"key": b"short"}, {"more": {"key": "other"}}, {"more": {"note": "\ud800"}}]
)
def test_a_link_that_could_not_be_read_is_not_made(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        ActionLink(**{"uri": "https://a.example", **wrong}).to_url()  # type: ignore[arg-type]


@pytest.mark.slow
@given(
    st.binary(min_size=32, max_size=32),
    st.none() | st.integers(1, 10**18),
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"]))
    ),
    st.booleans(),
)
def test_every_link_reads_back(key: bytes, chain_id: int | None, more: dict[str, str], fragment: bool) -> None:
    for name in ("uri", "key", "permittedActions", "redirect", "chainId"):
        more.pop(name, None)
    link = ActionLink(uri="https://a.example/x?y=1#z", key=key, chain_id=chain_id, more=more)
    assert ActionLink.parse(link.to_url(key_in_fragment=fragment)) == link


@given(st.text(max_size=200))
def test_no_text_does_anything_but_read_or_be_refused(text: str) -> None:
    for url in (text, f"https://a.example/?q={text}", f"https://a.example/?q={quote(text, errors='replace')}#{text}"):
        with pytest.raises(Unreadable):
            ActionLink.parse(url)


def test_a_qr_code_is_a_png_or_an_svg() -> None:
    assert qr_png(LINK.to_url()).startswith(b"\x89PNG\r\n\x1a\n")
    assert b"<svg" in qr_svg(LINK.to_url())[:200]


@pytest.mark.slow
def test_a_qr_code_holds_up_to_its_limit_and_says_so_beyond() -> None:
    assert qr_svg("a" * QR_LIMIT)
    with pytest.raises(InvalidInput, match="link to it"):
        qr_svg("a" * (QR_LIMIT + 1))
    with pytest.raises(InvalidInput, match="scale"):
        qr_png("a", scale=0)


def test_a_verify_link_of_the_un_cefact_protocol_is_read_and_written_again() -> None:
    payload = {"uri": "https://storage.example/c.json", "key": "ab" * 32, "hash": "12" * 32}
    url = "https://verify.example/verify?q=" + quote(
        json.dumps({"payload": payload}, separators=(",", ":")), safe="!~*'()"
    )
    link = ActionLink.parse(url)
    assert (link.type, link.uri, link.key) == (None, payload["uri"], bytes.fromhex("ab" * 32))
    assert link.more == {"hash": "12" * 32}
    assert link.to_url("https://verify.example/verify") == url
    assert ActionLink.parse(link.to_url(key_in_fragment=True)) == link
    plain = "https://verify.example/verify?q=%7B%22payload%22%3A%7B%22uri%22%3A%22http%3A%2F%2Flocalhost%3A3334%2F1.json%22%7D%7D"
    assert ActionLink.parse(plain).key is None


_URI = "https://storage.example/bills/1.json"
_KEY = "0123456789abcdef" * 4


def _query(action: Any) -> str:
    return quote(json.dumps(action, separators=(",", ":")), safe="")


@pytest.mark.parametrize(
    "page",
    [
        "https://actions.tradetrust.io",
        "https://actions.tradetrust.io/",
        "https://action.openattestation.com/",
        "https://dev.tradetrust.io/",
        "https://www.opencerts.io/",
        "https://verify.example/verify",
        "http://localhost:3000/verify",
        "http://127.0.0.1:8080/",
    ],
)
@pytest.mark.parametrize(
    ("rest", "has_key"),
    [
        ("?q=" + _query({"type": "DOCUMENT", "payload": {"uri": _URI}}), False),
        ("?q=" + _query({"type": "DOCUMENT", "payload": {"uri": _URI, "key": _KEY}}), True),
        ("?q=" + _query({"type": "DOCUMENT", "payload": {"uri": _URI, "key": _KEY.upper()}}), True),
        (
            "?q=" + _query({"type": "DOCUMENT", "payload": {"uri": _URI, "key": _KEY, "permittedActions": ["VIEW"]}}),
            True,
        ),
        ("?q=" + _query({"type": "DOCUMENT", "payload": {"uri": _URI, "chainId": 1}}), False),
        ("?q=" + _query({"type": "DOCUMENT", "payload": {"uri": _URI, "chainId": "80002"}}) + "&lang=en", False),
        ("?q=" + _query({"type": "DOCUMENT", "payload": {"uri": _URI}}) + "#" + _query({"key": _KEY}), True),
        ("?q=" + _query({"type": "DOCUMENT", "payload": {"uri": _URI}}) + "#section", False),
        ("?q=" + _query({"payload": {"uri": _URI}}), False),
        ("?q=" + _query({"payload": {"uri": _URI, "hash": "ab" * 32}}), False),
        ("?q=" + _query({"payload": {"uri": _URI, "key": _KEY, "hash": "ab" * 32}}), True),
        ("?q=" + json.dumps({"payload": {"uri": _URI}}, separators=(",", ":")), False),
    ],
)
def test_links_as_people_have_them_are_read(page: str, rest: str, has_key: bool) -> None:
    link = ActionLink.parse(page + rest)
    assert (link.uri, link.key) == (_URI, bytes.fromhex(_KEY) if has_key else None)
