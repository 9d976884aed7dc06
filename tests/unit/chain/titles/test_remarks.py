"""Remarks are written as the tools in use write them, and never longer than fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.chain.titles.title_remarks import seal, unseal
from ebl.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "document_id", "sealed"),
    [  # written by the official package
        ("hello", "", "a47c4f82ad"),
        ("付款放单", "urn:uuid:1", "59b0ffb0cd118524d4aa6c67"),
        ("SREQ 123 " * 3, "doc", "89e7ae5bec685a505cee29db898c27ac66d87cf3ea0e816b756de3"),
    ],
)
def test_remarks_are_those_of_the_official_package(text: str, document_id: str, sealed: str) -> None:
    assert seal(text, document_id).hex() == sealed
    assert unseal(bytes.fromhex(sealed), document_id) == text


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=30), st.text(max_size=40))
def test_what_was_sealed_with_an_id_is_read_with_it(text: str, document_id: str) -> None:
    assert unseal(seal(text, document_id), document_id) == text


def test_nothing_said_is_nothing_on_chain() -> None:
    assert seal("") == b""
    assert unseal(b"") == ""


def test_forty_chinese_characters_fit_and_one_more_letter_does_not() -> None:
    assert len(seal("单" * 40)) == 120
    for long in ("单" * 40 + "x", "x" * 121):
        with pytest.raises(InvalidInput, match="121 bytes; at most 120"):
            seal(long)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(InvalidInput, match="half a character"):
        seal("\ud800")


def test_a_remark_written_with_another_id_or_no_text_is_not_made_up() -> None:
    assert unseal(seal("LC 2026-0042 付款放单", "one"), "two") is None
    assert unseal(b"0x") is None
