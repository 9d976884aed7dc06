"""A contract's refusal is told in words, with what to do next."""

from __future__ import annotations

import re

import pytest

from ebl.chain.sending import refusals
from ebl.ethereum import abi

SOMEBODY = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


def test_custom_errors_are_told_with_their_arguments() -> None:
    role = abi.topic("MINTER_ROLE")
    data = abi.call("AccessControlUnauthorizedAccount(address,bytes32)", SOMEBODY, role)
    why = refusals.explain(data)
    assert why.error == "AccessControlUnauthorizedAccount"
    assert why.sentence == f"{SOMEBODY} lacks the role minter."
    assert "grant" in why.fix


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Error: Only hashes that have not been issued can be issued", "A hash among these is already issued."),
        ("Error: Hash has been revoked previously", "A hash among these is already revoked."),
        (f"AccessControl: account {SOMEBODY.lower()} is missing role 0x{abi.topic('ISSUER_ROLE').hex()}",
         f"Account {SOMEBODY.lower()} is missing role issuer."),
        ("Pausable: paused", "The contract is paused."),
    ],
)  # fmt: skip
def test_words_of_the_older_contracts_are_told_in_ours(words: str, sentence: str) -> None:
    assert refusals.explain(abi.call("Error(string)", words)).sentence == sentence


@pytest.mark.parametrize("data", [b"", b"\x01", bytes(4), b"\xff" * 100, abi.selector("Error(string)") + b"\xff" * 70])
def test_noise_is_told_without_failing(data: bytes) -> None:
    assert refusals.explain(data).sentence


def test_every_sentence_uses_only_arguments_that_its_error_has() -> None:
    for signature, (sentence, _fix) in refusals._ERRORS.items():
        wanted = {int(n) for n in re.findall(r"{(\d)}", sentence)}
        assert wanted <= set(range(len(refusals._arguments(signature, b"")))), signature
