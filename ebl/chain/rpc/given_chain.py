"""The chain argument of readers: a chain, or a caller's `Web3` object."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from ebl.config.node_name import is_web3
from ebl.errors import InvalidInput
from ebl.model.ports import Block, Chain, system_clock

if TYPE_CHECKING:
    from web3 import Web3

AnyChain: TypeAlias = "Chain | Web3"
"""A chain, or a `Web3` object, whose chain is opened for one call."""


def chain_of(chain: AnyChain) -> Chain:
    """Returns a chain as it is; that of a `Web3` object is opened at its newest block, which must be recent.

    Each call opens it again, at another block. To read several values at one block, open a chain once: `ebl.sources.online`
    with ``rpc={chain_id: w3}``, and its `Sources.chain`. Raises `SourceError` as that does, and `InvalidInput` for a URL
    or an `AsyncWeb3`.
    """
    if isinstance(chain, str):
        raise InvalidInput(
            "Expected a chain or a Web3 object; found a text.",
            fix="Open the chain of a URL with ebl.sources.online(rpc={chain_id: url}).chain(chain_id).",
        )
    return _opened(chain) if is_web3(chain) else cast("Chain", chain)


def _opened(w3: Web3) -> Chain:
    from ebl.chain.rpc.json_rpc_chain import JsonRpcChain
    from ebl.chain.rpc.jsonrpc import JsonRpc, RpcCall
    from ebl.chain.rpc.node_values import quantity, result
    from ebl.chain.rpc.web3_endpoint import Web3Endpoint  # only for callers with such an object
    from ebl.chain.web3_node import Web3Node
    from ebl.config import networks

    rpc = JsonRpc(Web3Endpoint(Web3Node(w3)))
    (served,) = rpc.ask(RpcCall("eth_chainId"))
    chain_id = quantity(result(served, rpc, "the chain id"), rpc)
    pace = networks.pace(chain_id)

    def fresh(block: Block) -> None:
        block.require_fresh(system_clock(), pace.oldest(block.finality), ahead=pace.max_age)

    return JsonRpcChain.open_fresh(rpc, chain_id, fresh=fresh, pace=pace)
