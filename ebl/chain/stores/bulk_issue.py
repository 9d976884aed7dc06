"""Issuing very many roots in as few transactions as a store allows."""

from __future__ import annotations

from collections.abc import Sequence

from ebl.chain.contracts import document_store_abi as abi
from ebl.chain.sending.call import Call
from ebl.chain.sending.given_node import AnyNode, node_of
from ebl.chain.stores.store_moves import Store, StoreKind, issue
from ebl.errors import InvalidInput
from ebl.model.ports import Reverted

AT_ONCE = 100
"""Roots in one transaction: a hundred take about a seventh of the gas limit of one."""


def issue_all(store: Store, roots: Sequence[bytes], *, at_once: int = AT_ONCE) -> tuple[Call, ...]:
    """Returns the calls that issue many roots (32 bytes each), up to ``at_once`` in each, for `ebl.registry.send_all`.

    Give ``at_once=1`` for a store that does not accept several (`issues_in_bulk`). Raises `InvalidInput` if ``at_once`` is not 1
    to 100, or if a root is not 32 bytes or appears twice. Not checked: whether one is issued already (`ebl.registry.unissued`).
    """
    if not 1 <= at_once <= AT_ONCE:
        raise InvalidInput(f"at_once: expected 1 to {AT_ONCE}; found {at_once}.")
    if len(set(roots)) < len(roots):
        raise InvalidInput("A root appears twice.", fix="Give each root once.")
    return tuple(issue(store, *roots[start : start + at_once]) for start in range(0, len(roots), at_once))


def issues_in_bulk(store: Store, roots: Sequence[bytes], *, sender: str, node: AnyNode) -> bool:
    """Whether a store accepts several roots in one transaction, determined by simulating it with the first two roots.

    A store without that function refuses without a reason, and accepts one root by itself. Any other refusal is left to the
    plan, which explains it. Raises `SourceError` if the node does not respond.
    """
    two, node = list(roots[:2]), node_of(node)
    if len(two) < 2:
        return True
    together = abi.issue_batchable(two) if store.kind is StoreKind.BATCHABLE else abi.issue(two)
    several = node.call(store.address, together, sender=sender)
    if not isinstance(several, Reverted) or several.data:
        return True
    return isinstance(node.call(store.address, abi.issue(two[:1]), sender=sender), Reverted)
