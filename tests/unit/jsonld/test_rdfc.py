from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.jsonld import nquads, rdfc
from ebl.jsonld.faults import PoisonGraph
from ebl.jsonld.nquads import Quad

SUITE = Path(__file__).parents[3].parent / "shared" / "vectors" / "w3c" / "rdf-canon" / "tests"
ENTRIES = json.loads((SUITE / "manifest.jsonld").read_text())["entries"] if SUITE.exists() else []

NODES = st.sampled_from([f"_:n{i}" for i in range(5)])
TERMS = st.one_of(NODES, st.sampled_from(["<urn:a>", '"x"', '"y"@en']))
QUADS = st.lists(
    st.tuples(
        st.one_of(NODES, st.just("<urn:a>")),
        st.sampled_from(["<urn:p>", "<urn:q>"]),
        TERMS,
        st.sampled_from(["", "_:n0", "<urn:g>"]),
    ),
    max_size=12,
)


@pytest.mark.skipif(not ENTRIES, reason="the RDFC-1.0 test suite is not beside this repository")
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"].strip("#"))
def test_the_suite_of_rdfc_1_0_holds(entry: dict[str, str]) -> None:
    quads = nquads.parse((SUITE / entry["action"]).read_text())
    hash_name = entry.get("hashAlgorithm", "sha256").lower()
    match entry["type"]:
        case "rdfc:RDFC10EvalTest":
            assert rdfc.canonicalise(quads, hash_name=hash_name).text == (SUITE / entry["result"]).read_text()
        case "rdfc:RDFC10MapTest":
            labels = rdfc.canonicalise(quads, hash_name=hash_name).labels
            assert {old[2:]: new[2:] for old, new in labels.items()} == json.loads(
                (SUITE / entry["result"]).read_text()
            )
        case "rdfc:RDFC10NegativeEvalTest":
            with pytest.raises(PoisonGraph):
                rdfc.canonicalise(quads, hash_name=hash_name)
        case other:
            pytest.fail(f"unknown kind of test: {other}")


def clique(size: int) -> list[Quad]:
    return [(f"_:e{i}", "<urn:p>", f"_:e{j}", "") for i in range(size) for j in range(size)]


def star_of_stars(size: int) -> list[Quad]:
    return [(f"_:r{i}", "<urn:p>", f"_:l{i}x{j}", "") for i in range(size) for j in range(size)]


def chain(size: int) -> list[Quad]:
    return [(f"_:e{i}", "<urn:p>", f"_:e{(i + 1) % size}", "") for i in range(size)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "graph", [clique(10), clique(40), star_of_stars(40), chain(5000)], ids=["10", "40", "stars", "chain"]
)
def test_a_poison_graph_is_refused_with_a_code(graph: list[Quad]) -> None:
    with pytest.raises(PoisonGraph):
        rdfc.canonicalise(graph)


def test_ordered_goods_of_a_hundred_lines_are_within_the_limit() -> None:
    quads: list[Quad] = []
    for i in range(100):
        rest = f"_:c{i + 1}" if i < 99 else f"<{nquads.RDF}nil>"
        quads += [(f"_:c{i}", f"<{nquads.RDF}first>", f"_:g{i}", ""), (f"_:c{i}", f"<{nquads.RDF}rest>", rest, "")]
        quads += [(f"_:g{i}", "<urn:description>", nquads.literal(str(i)), "")]
    assert len(rdfc.canonicalise(quads).labels) == 200


@given(QUADS, st.randoms(use_true_random=False))
def test_neither_the_order_of_quads_nor_the_names_of_nodes_matter(quads: list[Quad], rng: random.Random) -> None:
    names = [f"_:n{i}" for i in range(5)]
    shuffled = [f"_:x{i}" for i in range(5)]
    rng.shuffle(shuffled)
    renamed = [tuple(dict(zip(names, shuffled, strict=True)).get(term, term) for term in quad) for quad in quads]
    rng.shuffle(renamed)
    assert rdfc.canonicalise(quads).text == rdfc.canonicalise(renamed).text


@given(QUADS)
def test_the_quick_way_and_the_whole_algorithm_agree_on_their_own_output(quads: list[Quad]) -> None:
    canonical = rdfc.canonicalise(quads)
    assert rdfc.canonicalise(nquads.parse(canonical.text)).lines == canonical.lines


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_every_text_survives_writing_and_reading(text: str) -> None:
    quad = ("<urn:s>", "<urn:p>", nquads.literal(text), "")
    assert nquads.parse(nquads.line(quad)) == [quad]


def test_control_characters_are_escaped_as_the_standard_says() -> None:
    assert (
        nquads.literal('\x00\x0b\x1f\x7f\t"\\\u2028\ufffe') == '"\\u0000\\u000B\\u001F\\u007F\\t\\"\\\\\u2028\\uFFFE"'
    )


@pytest.mark.parametrize(
    "text",
    ["<a b> <urn:p> <urn:o> .", '<urn:s> <urn:p> "a', '<urn:s> <urn:p> "\\ud800" .', "<urn:s> <urn:p> <\\u0020> ."],
)
def test_what_is_not_n_quads_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        nquads.parse(text)


def test_the_two_orders_differ_only_beyond_the_first_plane() -> None:
    private, ship = "\ue000", "\U0001f6a2"
    assert sorted([ship, private], key=rdfc.code_points) == [private, ship]
    assert sorted([ship, private], key=rdfc.utf16_units) == [ship, private]
