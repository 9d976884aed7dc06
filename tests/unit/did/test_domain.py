"""Which names are taken as an identity, and what a reader is told of the one that is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codes import Failure, Remark
from ebl.did.domain import read_domain
from ebl.errors import Refuted


@pytest.mark.parametrize(
    "name",
    (
        "carrier.example", "ebl.carrier.example", "_ebl.carrier.example", "a_b.c.carrier.example", "3com.com", "x.co.uk",
        "xn--bcher-kva.example", "carrier.xn--fiqs8s", "a.b.c.d.e.f.example", "a" * 63 + ".example",
    ),
)  # fmt: skip
def test_a_plain_name_is_taken(name: str) -> None:
    assert read_domain(name).name == name


@pytest.mark.parametrize(
    "name",
    (
        "", "example", "localhost", "Carrier.example", "carrier.example.", ".carrier.example", "carrier..example",
        "carrier example", " carrier.example", "carrier.example\n", "https://carrier.example", "carrier.example/",
        "carrier.example:443", "user@carrier.example", "*.carrier.example", "-carrier.example", "carrier-.example",
        "carrier_.example", "_carrier.example", "192.0.2.1", "1.2.3.4.5", "carrier.123", "carrier.0x7f", "bücher.example",
        "ｃarrier.example", "carrier。example", "аpple.example", "ab--cd.example", "xn--a.example", "xn--.example",
        "xn--ls8h.example", "xn--carrier-.example", "xn--BCHER-KVA.example", "a" * 64 + ".example", "a." * 126 + "example",
        "carrier.e", "carrier.example\0",
    ),
)  # fmt: skip
def test_a_name_that_is_not_plain_is_refused_and_not_tidied_up(name: str) -> None:
    with pytest.raises(Refuted) as caught:
        read_domain(name)
    assert caught.value.failure is Failure.BAD_DOMAIN


@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        assert read_domain(text).name == text
    except Refuted as no:
        assert no.failure is Failure.BAD_DOMAIN
        assert no.detail.isascii()


@pytest.mark.parametrize(
    ("text", "meant"),
    (
        ("https://Carrier.example/bills", "carrier.example"),
        ("CARRIER.example.", "carrier.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("蓝鹭.example", "xn--fx1an73c.example"),
        ("carrier example", None),
        ("xn--a.example", None),
        ("\u202eelpmaxe.reirrac", None),
        ("a" * 64 + "ü.example", None),
        ("", None),
    ),
)
def test_a_refusal_says_which_name_may_have_been_meant(text: str, meant: str | None) -> None:
    with pytest.raises(Refuted) as caught:
        read_domain(text)
    assert (f"(perhaps {meant})" in caught.value.detail) == (meant is not None)
    assert ("perhaps" in caught.value.detail) == (meant is not None)


def test_both_forms_of_a_name_are_kept() -> None:
    domain = read_domain("shop.xn--bcher-kva.example")
    assert (domain.name, domain.shown) == ("shop.xn--bcher-kva.example", "shop.bücher.example")
    assert [note.remark for note in domain.notes] == [Remark.NOT_ASCII]
    assert read_domain("carrier.example").notes == ()


@pytest.mark.parametrize(
    ("name", "registered"),
    (
        ("carrier.example", "carrier.example"),
        ("ebl.carrier.co.uk", "carrier.co.uk"),
        ("a.b.carrier.com.sg", "carrier.com.sg"),
        ("alice.github.io", "alice.github.io"),
        ("co.uk", None),
        ("github.io", None),
        ("shop.xn--85x722f.xn--fiqs8s", "xn--85x722f.xn--fiqs8s"),
    ),
)
def test_the_part_that_somebody_registered_is_named(name: str, registered: str | None) -> None:
    domain = read_domain(name)
    assert domain.registered == registered
    assert (Remark.PUBLIC_SUFFIX in {note.remark for note in domain.notes}) == (registered is None)


@pytest.mark.parametrize(
    ("shown", "mixed"),
    (
        ("bücher", False),
        ("аррӏе", False),  # all Cyrillic
        ("pаypal", True),  # one Cyrillic letter among Latin ones
        ("gοοgle", True),  # Greek ones
        ("日本語テスト", False),
        ("日本のcafe", False),
        ("한국회사", False),
        ("公司", False),
        ("公司а", True),
    ),
)
def test_a_label_that_mixes_scripts_is_flagged(shown: str, mixed: bool) -> None:
    import idna

    name = idna.alabel(shown).decode() + ".example"
    remarks = [note.remark for note in read_domain(name).notes]
    assert remarks == [Remark.MIXED_SCRIPT if mixed else Remark.NOT_ASCII]
