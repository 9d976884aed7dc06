"""A root is covered if all of its documents were given, whatever the shape of the tree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.ethereum.keccak import keccak256
from ebl.ethereum.merkle import Tree, parent
from ebl.openattestation.coverage import Coverage


def leaf(number: int) -> bytes:
    return keccak256(number.to_bytes(4))


@given(count=st.integers(1, 70), data=st.data())
@settings(max_examples=150, deadline=None)
def test_what_is_not_given_is_missed_and_nothing_else_is(count: int, data: st.DataObject) -> None:
    leaves = [leaf(number) for number in range(count)]
    tree = Tree(leaves)
    given_ = data.draw(st.lists(st.sampled_from(leaves), min_size=1))
    coverage = Coverage()
    for one in given_:
        coverage.add(tree.root, one, tree.proof(one))
    missing = len(set(leaves) - set(given_))
    said = coverage.unseen().get(tree.root, 0)
    assert (said > 0) is (missing > 0)
    assert said <= missing


def any_tree(leaves: list[bytes], data: st.DataObject) -> tuple[bytes, dict[bytes, tuple[bytes, ...]]]:
    """A binary tree of any shape, with the proof of each leaf."""
    if len(leaves) == 1:
        return leaves[0], {leaves[0]: ()}
    at = data.draw(st.integers(1, len(leaves) - 1))
    one, proofs = any_tree(leaves[:at], data)
    other, more = any_tree(leaves[at:], data)
    here = {found: (*proof, other) for found, proof in proofs.items()}
    return parent(one, other), here | {found: (*proof, one) for found, proof in more.items()}


@given(count=st.integers(1, 14), data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_tree_may_have_any_shape(count: int, data: st.DataObject) -> None:
    leaves = [leaf(number) for number in range(count)]
    root, proofs = any_tree(leaves, data)
    given_ = data.draw(st.lists(st.sampled_from(leaves), min_size=1))
    coverage = Coverage()
    for one in given_:
        coverage.add(root, one, proofs[one])
    assert (root in coverage.unseen()) is (set(given_) != set(leaves))


def test_batches_are_told_apart() -> None:
    whole, part = Tree(map(leaf, range(5))), Tree(map(leaf, range(10, 14)))
    coverage = Coverage()
    for number in range(5):
        coverage.add(whole.root, leaf(number), whole.proof(leaf(number)))
    coverage.add(part.root, leaf(10), part.proof(leaf(10)))
    assert coverage.unseen() == {part.root: 2}


def test_a_proof_of_another_root_is_no_account() -> None:
    tree = Tree(map(leaf, range(3)))
    with pytest.raises(ValueError, match="does not lead"):
        Coverage().add(leaf(9), leaf(0), tree.proof(leaf(0)))


@given(count=st.integers(2, 9), roots=st.integers(2, 4))
def test_what_several_roots_cover_is_unseen_below_each_of_them(count: int, roots: int) -> None:
    hidden, coverage = leaf(0), Coverage()
    trees = [Tree([hidden, *(leaf(100 * at + number) for number in range(1, count))]) for at in range(roots)]
    for at, tree in enumerate(trees):
        for number in range(1, count):
            coverage.add(tree.root, one := leaf(100 * at + number), tree.proof(one))
    assert coverage.unseen() == {tree.root: 1 for tree in trees}
    coverage.add(trees[0].root, hidden, trees[0].proof(hidden))
    assert coverage.unseen() == {}
