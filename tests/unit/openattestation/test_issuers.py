"""Several issuers of one kind, but a title has only one: everywhere the same rule."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.checking.formats import read
from ebl.cli import main
from ebl.codes import Failure
from ebl.errors import InvalidInput
from ebl.model.findings import Failed, Verdict
from ebl.openattestation.issuers import conflict, conflict_of
from ebl.openattestation.sign import sign
from ebl.policy import UnsafeAnyIssuer
from ebl.reports.fragments import fragments, is_valid
from ebl.reports.report import Report
from ebl.verify import examine
from ebl.wrap import to_json, wrap
from tests.unit.chain.titles.registry_chain import REGISTRY, titled
from tests.unit.hostile.world import CHAIN, DOMAIN, KEY, KEY_ID, NOW, STORE, OneChain, root, sources, v2
from tests.unit.wrapped import wrapped_v2

_DNS = {"identityProof": {"type": "DNS-TXT", "location": DOMAIN}}
_DID = KEY_ID.partition("#")[0]
KINDS: dict[str, dict[str, Any]] = {
    "title": {"tokenRegistry": REGISTRY, **_DNS},
    "store": {"documentStore": STORE, **_DNS},
    "old store": {"certificateStore": STORE, **_DNS},
    "DID": {"id": _DID, "identityProof": {"type": "DID", "key": KEY_ID}, "revocation": {"type": "NONE"}},
    "DNS-DID": {
        "id": _DID,
        "identityProof": {"type": "DNS-DID", "key": KEY_ID, "location": DOMAIN},
        "revocation": {"type": "NONE"},
    },
}
_FAMILY = {"title": "title", "store": "store", "old store": "store", "DID": "did", "DNS-DID": "did"}


def data(*kinds: str) -> dict[str, Any]:
    """A bill with an issuer of each kind."""
    return v2(*({"name": f"Party {at}", **KINDS[kind]} for at, kind in enumerate(kinds)))


def report(document: dict[str, Any]) -> Report:
    """Its report in a world in which every contract and key has issued it."""
    chain = OneChain(issued={root(document)})
    chain.titles[root(document)] = titled(at=REGISTRY, token=int.from_bytes(root(document), "big"))
    if any(kind in json.dumps(document) for kind in (":string:DID", ":string:DNS-DID")):
        document = sign(document, KEY, key_id=KEY_ID, now=NOW, unnamed_ok=True)
    return examine(to_json(document), UnsafeAnyIssuer(), sources=sources(chain))


def may_be_together(kinds: tuple[str, ...]) -> bool:
    families = {_FAMILY[kind] for kind in kinds}
    return len(families) == 1 and (families != {"title"} or len(kinds) == 1)


@pytest.mark.parametrize("kinds", [*product(KINDS), *product(KINDS, repeat=2), ("store", "DID", "title")])
def test_reading_wrapping_and_fragments_have_one_rule(kinds: tuple[str, ...]) -> None:
    document = wrapped_v2(data(*kinds))
    found = report(document)
    refused = [f for f in found.findings if isinstance(f, Failed) and f.failure is Failure.ISSUERS_CONFLICT]
    good = may_be_together(kinds)
    assert bool(refused) is not good
    assert (found.verdict is Verdict.VALID) is good
    if not good:
        assert not is_valid(fragments(found))
        assert not is_valid(fragments(found), with_did=True)
        with pytest.raises(InvalidInput) as no:
            wrap(data(*kinds))
        assert [problem.pointer for problem in no.value.problems] == ["/issuers"]
    else:
        assert conflict_of(read(to_json(wrap(data(*kinds))))) is None


@given(kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=6))
@settings(deadline=None, max_examples=60)
def test_whatever_is_wrapped_has_issuers_that_may_be_together(kinds: list[str]) -> None:
    good = may_be_together(tuple(kinds))
    assert (conflict_of(read(to_json(wrapped_v2(data(*kinds))))) is None) is good
    if good:
        wrap(data(*kinds))
    else:
        with pytest.raises(InvalidInput, match="issuer"):
            wrap(data(*kinds))


def test_an_issuer_that_does_not_say_who_issues_it_is_no_conflict_but_a_title_beside_it_is() -> None:
    assert conflict(["document_store", None]) is None
    assert conflict(["token_registry", None]) is not None
    assert conflict(["token_registry"]) is None
    assert conflict([]) is None


def test_a_title_command_says_that_the_file_names_two(tmp_path: Any) -> None:
    file = tmp_path / "two.json"
    file.write_bytes(to_json(wrapped_v2(data("title", "title"))))
    shown = CliRunner().invoke(main, ["title", "show", str(file), "--rpc", f"{CHAIN}=http://127.0.0.1:9"])
    assert shown.exit_code != 0
    assert "2 issuers, and 2 of them name a token registry" in shown.stderr
    assert "names no title" not in shown.stderr


def test_a_document_that_nobody_could_issue_alone_is_not_signed() -> None:
    with pytest.raises(InvalidInput, match="issuers of different kinds"):
        sign(wrapped_v2(data("store", "DNS-DID")), KEY, key_id=KEY_ID, now=NOW)
