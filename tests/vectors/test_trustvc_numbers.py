"""Credentials with numbers that their statements do not hold: the signature is checked, and the numbers are a doubt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ebl.checking.formats import read
from ebl.codes import Doubt
from ebl.credential import derive
from ebl.errors import Error, Undetermined
from ebl.model.findings import Fact
from ebl.sources import offline
from ebl.wrap import to_json

pytest.importorskip("py_arkworks_bls12381")
SUITES = ("ecdsa-sd-2023", "bbs-2023")


def load(suite: str) -> Any:
    return json.loads((Path(__file__).parent / "trustvc" / f"{suite}-06-numbers.json").read_text())


def verify(document: dict[str, Any]) -> Fact:
    (claim,) = read(to_json(document)).integrity
    return claim.check(offline())


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("made", ("signed", "derived", "derivedFullSubject"))
def test_a_number_that_no_statement_holds_is_a_doubt_whatever_it_is(suite: str, made: str) -> None:
    document = load(suite)[made]
    other = json.loads(json.dumps(document).replace("1e-07", "2e-07"))  # of both the same statement is signed
    assert other != document
    for one in (document, other):
        with pytest.raises(Undetermined, match=r"/credentialSubject/packages/[12]/packagesMeasurement") as doubt:
            verify(one)
        assert doubt.value.doubt is Doubt.AMBIGUOUS_NUMBER


@pytest.mark.parametrize("suite", SUITES)
def test_where_the_number_is_not_shown_nothing_is_in_doubt(suite: str) -> None:
    shown = derive(load(suite)["signed"], ["/credentialSubject/blNumber"])
    assert "packages" not in shown["credentialSubject"]
    assert verify(shown)


@pytest.mark.parametrize("suite", SUITES)
def test_every_other_change_is_refused_as_in_any_credential(suite: str) -> None:
    for tampered in load(suite)["tampered"]:
        with pytest.raises(Error) as refused:
            verify(tampered["document"])
        assert not isinstance(refused.value, Undetermined), tampered
