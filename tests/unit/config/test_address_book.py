"""The reader's own address book, and the identifiers in it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.config import address_book, business_ids
from ebl.config.address_book import AddressBook
from ebl.errors import InvalidInput

BANK = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
CARRIER = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
HEAD = "address,name,LEI,USCC,UEN,source"


def book(*rows: str, head: str = HEAD) -> AddressBook:
    return AddressBook.of("\n".join([head, *rows]).encode(), name="book.csv")


def mistakes(*rows: str) -> list[str]:
    with pytest.raises(InvalidInput) as bad:
        book(*rows)
    return [str(problem) for problem in bad.value.problems]


def test_a_row_has_the_name_and_the_identifiers_of_an_address() -> None:
    found = book(f"{BANK},Bank of Example,5493001KJTIIGC8Y1R12,,201912345R,letter of 2026-03-01")
    assert found[BANK.lower()].to_dict() == {
        "address": BANK,
        "name": "Bank of Example",
        "lei": "5493001KJTIIGC8Y1R12",
        "uscc": None,
        "uen": "201912345R",
        "source": "letter of 2026-03-01",
    }
    assert found.get(CARRIER) is None
    assert found.get("0x") is None
    assert found.get(None) is None


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_headings_may_be_chinese_and_columns_in_any_order(mark: str) -> None:
    text = f"{mark}名称,备注,统一社会信用代码,地址\r\n示例银行,x,91350100M000100Y43,{BANK}\r\n"
    found = AddressBook.of(text.encode())
    assert found[BANK].name == "示例银行"
    assert found[BANK].uscc == "91350100M000100Y43"


def test_every_mistake_has_its_line() -> None:
    wrong = BANK.replace("5aA", "5AA")
    assert mistakes(
        f"{wrong},A,,,,",
        f"{CARRIER},",
        "",
        f"{BANK},B,5493001KJTIIGC8Y1R13",
        f"{BANK},B,,91350100M000100Y44,2019A",
        f"{BANK},{'x' * 201}",
    ) == [
        f"line 2, address: wrong EIP-55 checksum: {wrong} (a digit or a letter's case was changed)",
        "line 3, name: expected a name; got nothing",
        "line 5, LEI: expected an LEI of 20 characters with the right check digits (ISO 17442); got 5493001KJTIIGC8Y1R13",
        "line 6, USCC: expected a unified social credit code of 18 characters with the right check character "
        "(GB 32100-2015); got 91350100M000100Y44",
        "line 6, UEN: expected a UEN, such as 201912345R; got 2019A",
        "line 7, name: expected at most 200 characters; got 201",
    ]


def test_an_address_may_occur_once_in_whatever_case() -> None:
    assert mistakes(f"{BANK},A", f"{BANK.lower()},B") == [
        "line 3, address: expected an address that is in no other line; got that of line 2"
    ]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("地址,名称\n".encode("gb18030"), "GB 18030"),
        (b"\xff\xfe", "not UTF-8"),
        (b"", "no single column address"),
        (b"adress,name\n", "no single column address: its first line has adress, name"),
        (b"address,name,name\n", "no single column name"),
        (b'address,name\n"x', "not CSV"),
        (b"address,name\n\x00", "address book"),
    ],
)
def test_what_is_no_address_book_is_refused_in_words(raw: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        AddressBook.of(raw, name="book.csv")


def test_the_number_of_rows_and_bytes_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_book, "_MAX_ROWS", 3)
    with pytest.raises(InvalidInput, match="more than 3 rows"):
        book(*(f"0x{number:040x},A" for number in range(4)))
    monkeypatch.setattr(address_book, "MAX_BYTES", 10)
    path = tmp_path / "book.csv"
    path.write_text(HEAD)
    with pytest.raises(InvalidInput, match="larger than"):
        AddressBook.read(path)


def test_a_name_is_shown_next_to_its_address_and_nothing_else_changes() -> None:
    found = book(f"{BANK},Bank\u202e of Example")
    told = f"held by {BANK}, not {CARRIER}; in 0x{'ab' * 32} and \x1b[1m{BANK.lower()}\x1b[0m"
    named = r"Bank\u202e of Example, by your address book"
    assert found.with_names(told) == told.replace(BANK, f"{BANK} ({named})").replace(
        BANK.lower(), f"{BANK.lower()} ({named})"
    )
    assert AddressBook({}).with_names(told) == told


@given(text=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"{HEAD}\n{text}".encode()))
def test_any_bytes_are_an_address_book_or_refused(text: bytes) -> None:
    with suppress(InvalidInput):
        AddressBook.of(text)


@given(at=st.integers(0, 19), letter=st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_one_changed_character_of_an_identifier_is_noticed(at: int, letter: str) -> None:
    lei, uscc = "5493001KJTIIGC8Y1R12", "91350100M000100Y43"
    if (
        lei[at].isdigit() == letter.isdigit()
    ):  # a digit for a letter, or the reverse, is not always noticed by MOD 97-10
        changed = lei[:at] + letter + lei[at + 1 :]
        assert business_ids.is_lei(changed) is (changed == lei)
    changed = uscc[:at] + letter + uscc[at + 1 :]
    assert business_ids.is_uscc(changed[:18]) is (changed[:18] == uscc)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("53333444J", True),
        ("201912345R", True),
        ("T08GB0001G", True),
        ("R99LP1234G", True),
        ("2019123456", False),
        ("301912345R", False),
        ("201912345A", False),
        ("53333444j", False),
        ("", False),
    ],
)
def test_a_uen_has_one_of_three_forms_and_its_check_letter(text: str, is_one: bool) -> None:
    assert business_ids.is_uen(text) is is_one
