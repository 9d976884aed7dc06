"""The grammar of ``openatts`` records: what is tolerated is listed, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.identity.dns_records import ContractRecord, KeyRecord, read_contract, read_key

ADDRESS = "0x142Ca30e3b78A840a82192529cA047ED759a6F7e"
KEY = f"did:ethr:{ADDRESS}#controller"


@pytest.mark.parametrize(
    "text",
    (
        f"openatts net=ethereum netId=1 addr={ADDRESS}",
        f"openatts addr={ADDRESS} netId=1 net=ethereum",
        f"openatts net=ethereum; netId=1; addr={ADDRESS};",
        f"openatts  net=ethereum   netId=1 addr={ADDRESS}  ",
        f"openatts net=ethereum netId=1 addr={ADDRESS} more=fields v=1.0",
        f"openatts net=ethereum netId=1 addr={ADDRESS.lower()}",
        f"openatts net=ethereum netId=1 addr=0x{ADDRESS[2:].upper()}",
    ),
)
def test_a_contract_record_is_read(text: str) -> None:
    assert read_contract(text) == ContractRecord(1, ADDRESS.lower())


@pytest.mark.parametrize(
    "text",
    (
        "",
        "openatts",
        "v=spf1 -all",
        f" openatts net=ethereum netId=1 addr={ADDRESS}",
        f'"openatts net=ethereum netId=1 addr={ADDRESS}"',
        f"OPENATTS net=ethereum netId=1 addr={ADDRESS}",
        f"openattsX net=ethereum netId=1 addr={ADDRESS} type=openatts",
        f"openatts\tnet=ethereum\tnetId=1\taddr={ADDRESS}",
        f"openatts\u00a0net=ethereum netId=1 addr={ADDRESS}",
        f"openatts NET=ethereum netId=1 addr={ADDRESS}",
        f"openatts net=Ethereum netId=1 addr={ADDRESS}",
        f"openatts net=ethereum netId=01 addr={ADDRESS}",
        f"openatts net=ethereum netId=0 addr={ADDRESS}",
        f"openatts net=ethereum netId=-1 addr={ADDRESS}",
        f"openatts net=ethereum netId=1e3 addr={ADDRESS}",
        f"openatts net=ethereum netId=１ addr={ADDRESS}",
        f"openatts net=ethereum addr={ADDRESS}",
        "openatts net=ethereum netId=1",
        f"openatts net=ethereum netId=1 {ADDRESS}",
        f"openatts net=ethereum netId=1 addr=0X{ADDRESS[2:]}",
        f"openatts net=ethereum netId=1 addr={ADDRESS}0",
        f"openatts net=ethereum netId=1 addr=zz{ADDRESS}",
        f"openatts net=ethereum netId=1 addr={ADDRESS[:-1]}",
        f"openatts net=ethereum netId=1 addr={ADDRESS} addr={ADDRESS}",
        f"openatts net=ethereum netId=1 netId=2 addr={ADDRESS}",
        f"openatts net=ethereum netId=1 addr={ADDRESS};;",
        f"openatts net=ethereum netId=1 addr={ADDRESS} word",
    ),
)
def test_what_is_no_complete_contract_record_is_passed_over(text: str) -> None:
    assert read_contract(text) is None


@pytest.mark.parametrize(
    "text",
    (
        f"openatts a=dns-did; p={KEY}; v=1.0;",
        f"openatts a=dns-did p={KEY} v=1.0",
        f"openatts v=1.0; p={KEY}; a=dns-did;",
        f"openatts a=dns-did; p={KEY}; v=1.0; x=y;",
    ),
)
def test_a_key_record_is_read(text: str) -> None:
    assert read_key(text) == KeyRecord(KEY, "1.0")


@pytest.mark.parametrize(
    "text",
    (
        f"openatts a=dns-did;p={KEY};v=1.0;",
        f"openatts a=dns-did; p={KEY};",
        f"openatts a=dns-did; p={KEY}; v=;",
        "openatts a=dns-did; v=1.0;",
        "openatts a=dns-did; p=ethr:0x1; v=1.0;",
        "openatts a=dns-did; p=did:ETHR:0x1; v=1.0;",
        f"openatts a=dns-txt; p={KEY}; v=1.0;",
        f"openatts a=dns-did; p={KEY}; p={KEY}; v=1.0;",
        f"openatts net=ethereum netId=1 addr={ADDRESS}",
    ),
)
def test_what_is_no_complete_key_record_is_passed_over(text: str) -> None:
    assert read_key(text) is None


def test_a_record_is_written_as_it_is_read() -> None:
    contract, key = ContractRecord(11155111, ADDRESS.lower()), KeyRecord(KEY)
    assert str(contract) == f"openatts net=ethereum netId=11155111 addr={ADDRESS}"
    assert str(key) == f"openatts a=dns-did; p={KEY}; v=1.0;"
    assert read_contract(str(contract)) == contract
    assert read_key(str(key)) == key


@given(st.text(max_size=120))
def test_any_text_is_read_or_passed_over(text: str) -> None:
    for one in (text, f"openatts {text}", f"openatts net=ethereum netId=1 addr={ADDRESS} {text}"):
        read_contract(one)
        read_key(one)
