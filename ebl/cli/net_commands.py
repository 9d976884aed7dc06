"""``ebl net``: the chains that are known, adding one, and what a node can do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ebl.cli import own_files as files
from ebl.cli.group import EblGroup
from ebl.cli.output import Exit, printable, result, result_json, say
from ebl.codec.duration import MAX_MINUTES
from ebl.config.networks import Network, Networks, load, own, parse, text_of
from ebl.errors import InvalidInput, SourceError
from ebl.ethereum.chain_id import is_chain_id

URL = ("http://", "https://")
_PROOFS = {
    "checked": "eth_getProof, and its proof matches the block's hash",
    "unchecked": "eth_getProof, but the block's header is of an unknown form",
    "wrong": "eth_getProof, but its proof is not correct",
    "none": "no eth_getProof",
}

net = EblGroup(
    name="net",
    commands_at={
        "list": ("ebl.cli.net_commands:list_", "List the chains that are known by name."),
        "add": ("ebl.cli.net_commands:add", "Add a chain to your own list."),
        "doctor": ("ebl.cli.net_commands:doctor", "Show what a node supports."),
    },
    help="The chains that are known, and their nodes.",
    reads_documents=False,
)


def numbered(word: str) -> tuple[int, str]:
    """The chain id and the node that ``ID=URL`` names. Raises click's usage error if the text is anything else."""
    number, equals, url = word.partition("=")
    if not (equals and number.isascii() and number.isdigit() and len(number) < 20 and url.startswith(URL)):
        raise click.BadParameter("expected ID=URL, for example 1337=http://127.0.0.1:8545", param_hint="--rpc")
    return int(number), url


def own_file() -> Path:
    """The user's own list of chains: the file that EBL_NETWORKS names, or networks.toml among the user's settings."""
    return Path(os.environ.get("EBL_NETWORKS") or Path(click.get_app_dir("ebl")) / "networks.toml")


def table() -> Networks:
    """The chains in the package and the user's own."""
    with files.own("the list of networks"):
        return load(own_file())


def find(name: str) -> Network:
    """The network that the caller names. Raises `ebl.cli.output.OwnInput` if the name is unknown."""
    with files.own("the network"):
        return table().find(name)


def chain_id(word: str) -> int:
    """The chain that a word means: an id, or the name of a network. Raises as `find` does."""
    if word.isascii() and word.isdigit() and len(word) < 20 and is_chain_id(int(word)):
        return int(word)
    return find(word).chain_id


def own_nodes() -> dict[int, list[str]]:
    """The nodes that the user has listed for chains. The nodes in the package are not included: the user did not choose them."""
    return {network.chain_id: list(network.rpc) for network in own(own_file()) if network.rpc}


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each chain (JSON Lines).")
def list_(as_json: bool) -> None:
    """List the chains that are known by name, including your own. No node is queried."""
    for network in table():
        if as_json:
            result_json(network.to_dict())
        else:
            result("  ".join(_columns(network)).rstrip())


def _columns(network: Network) -> Iterator[str]:
    yield f"{network.name:<17}"
    yield f"{network.chain_id:>9}"
    yield f"{network.label:<18}"
    yield f"{network.currency or '':<7}"
    yield f"{network.finality or f'{network.confirmations} blocks':<10}"
    yield " ".join(sorted({version for version, _ in network.contracts}, reverse=True))


@click.command()
@click.argument("name")
@click.option("--chain-id", type=click.IntRange(1), required=True, metavar="N", help="The chain's number (EIP-155).")
@click.option(
    "--rpc", multiple=True, metavar="URL", help="A node of the chain, which is queried for its chain id. Repeatable."
)
@click.option("--label", metavar="TEXT", help="The name that people use.")
@click.option("--currency", metavar="TEXT", help="The currency of gas, such as ETH.")
@click.option("--explorer", metavar="URL", help="The web page for looking up transactions.")
@click.option(
    "--finality", type=click.Choice(["safe", "finalized"]), help="The tag of final blocks, if its nodes support one."
)
@click.option(
    "--confirmations",
    type=click.IntRange(0),
    default=12,
    show_default=True,
    help="Blocks to wait for if there is no such tag.",
)
@click.option(
    "--gas",
    type=click.Choice(["auto", "eip1559", "legacy", "zero"]),
    default="auto",
    show_default=True,
    help="How the chain prices gas; auto reads it from its blocks.",
)
@click.option(
    "--min-tip", type=float, metavar="GWEI", help="The lowest tip for each unit of gas that its nodes accept."
)
@click.option(
    "--gas-ceiling",
    type=float,
    metavar="GWEI",
    help="Send nothing while a unit of gas may cost more than this (a fee cap).",
)
@click.option("--gas-station", metavar="URL", help="The URL where its operator publishes fees.")
@click.option(
    "--block-seconds",
    type=float,
    metavar="N",
    help="The usual time between two of its blocks; sets the default of --max-age.",
)
@click.option(
    "--max-age",
    type=click.IntRange(1, MAX_MINUTES),
    metavar="MINUTES",
    help="The accepted age of its newest block.  [60, or by --block-seconds]",
)
@click.option(
    "--finality-lag",
    type=click.IntRange(1, MAX_MINUTES),
    metavar="MINUTES",
    help="How far its final block may be behind the newest, in minutes.  [60]",
)
@click.option("--testnet", is_flag=True, help="The chain is a test network.")
def add(
    name: str,
    chain_id: int,
    rpc: tuple[str, ...],
    label: str | None,
    currency: str | None,
    explorer: str | None,
    finality: str | None,
    confirmations: int,
    gas: str,
    min_tip: float | None,
    gas_ceiling: float | None,
    gas_station: str | None,
    block_seconds: float | None,
    max_age: int | None,
    finality_lag: int | None,
    testnet: bool,
) -> None:
    """Add a chain to your own list, under NAME. It replaces a chain of the same number in the package.

    The list is a TOML file that you may edit. It has the form of ebl/config/networks.toml in the package, which explains
    each key.
    """
    fields: dict[str, Any] = {
        "chain_id": chain_id,
        "label": label or name.capitalize(),
        "currency": currency,
        "testnet": testnet,
        "rpc": list(rpc),
        "explorer": explorer,
        "finality": finality,
        "confirmations": confirmations,
        "block_seconds": block_seconds,
        "max_age_minutes": max_age,
        "finality_lag_minutes": finality_lag,
    }
    prices = {"kind": gas, "min_tip_gwei": min_tip, "ceiling_gwei": gas_ceiling, "station": gas_station}
    text = "\n".join((f"[{json.dumps(name)}]", *_assigned(fields), f"gas = {{ {', '.join(_assigned(prices))} }}", ""))
    (network,) = parse(text, "what you gave")
    for url in rpc:
        _require_chain(url, chain_id)
    file = own_file()
    with files.changing(file):
        before = text_of(file)
        _require_free(network, before)
        files.overwrite(file, (before + ("\n" if before else "") + text).encode(), private=True)
    say(f"Added {printable(network.name)} to {printable(str(file))}.")
    if network.gas.ceiling is None and network.gas.kind != "zero" and not network.testnet:
        say("It has no fee cap (--gas-ceiling), so commands that send with --yes need --max-cost there.")


def _assigned(fields: dict[str, Any]) -> Iterator[str]:
    """The fields that are set, as TOML."""
    return (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items() if value is not None)


def _require_free(network: Network, before: str) -> None:
    for other in (*parse(before, own_file().name), *load()):
        if other.name == network.name or network.name in other.aliases:
            raise InvalidInput(f"{network.name!r} is taken by chain {other.chain_id}.", fix="Choose another name.")
    if any(other.chain_id == network.chain_id for other in parse(before, own_file().name)):
        raise InvalidInput(f"chain {network.chain_id} is in your list already.", fix=f"Change it in {own_file()}.")


def _require_chain(url: str, chain_id: int) -> None:
    from ebl.net.nodes import Nodes

    Nodes({chain_id: (url,)})(chain_id)


@click.command()
@click.argument("words", metavar="NAME|ID=URL…", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each node (JSON Lines).")
@click.pass_context
def doctor(ctx: click.Context, words: tuple[str, ...], as_json: bool) -> None:
    """Show what nodes support: chain, height, final blocks, range of events, proofs, old states.

    NAME means the nodes listed for that chain; ID=URL means one node, as for --rpc.
    """
    code = Exit.DONE
    for number, url in _named(words):
        code = max(code, _examine(number, url, as_json=as_json))
    ctx.exit(code)


def _named(words: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for word in words:
        name, equals, url = word.partition("=")
        if equals and name.isascii() and name.isdigit() and len(name) < 20:
            yield int(name), url
            continue
        if "://" in name:
            raise InvalidInput("Name a node together with its chain.", fix="ebl net doctor ID=URL")
        network = find(name)
        if equals:
            yield network.chain_id, url
            continue
        if not network.rpc:
            raise InvalidInput(
                f"no node is listed for {network.name}.", fix=f"Name one: ebl net doctor {network.chain_id}=URL"
            )
        for listed in network.rpc:
            yield network.chain_id, listed


def _examine(number: int, url: str, *, as_json: bool) -> Exit:
    from ebl.chain.rpc.jsonrpc import JsonRpc
    from ebl.diagnose.node_doctor import Diagnosis, examine
    from ebl.net.endpoint import Endpoint, proxy_for

    rpc = JsonRpc(Endpoint(url, proxy=proxy_for(url)))
    try:
        found: Diagnosis = examine(rpc, now=datetime.now(UTC))
    except SourceError as trouble:
        if as_json:
            result_json({"host": rpc.host, "error": {"code": trouble.doubt, "message": trouble.detail}})
        else:
            result(f"{click.style('✘', fg='red')} {rpc.host}  {trouble.doubt}: {printable(trouble.detail)}")
        return Exit.INDETERMINATE
    right = found.chain_id == number
    if as_json:
        result_json(found.to_dict() | {"expected_chain_id": number})
    else:
        result("\n".join(_findings(found, number)))
    return Exit.DONE if right else Exit.INDETERMINATE


def _findings(found: Any, number: int) -> Iterator[str]:
    yield f"{click.style(found.host, bold=True)}  {printable(found.client)}"
    if found.chain_id == number:
        yield _line(True, "chain", f"{number}")
    else:
        yield f"  {click.style('✘', fg='red')} {'chain':<15} {found.chain_id}; expected {number}"
    yield _line(True, "height", f"{found.head.number}, {_ago(found.age)}")
    yield _line(found.finalized is not None, "final blocks", _behind(found.finalized, found.head.number))
    yield _line(found.safe is not None, "safe blocks", _behind(found.safe, found.head.number))
    widest = "the whole chain" if found.whole_chain else f"{found.log_range} blocks at once"
    yield _line(found.log_range is not None, "events", widest if found.log_range is not None else "none")
    yield _line(found.proofs == "checked", "proofs", _PROOFS[found.proofs])
    if found.archive is not None:
        yield _line(found.archive, "old states", "kept" if found.archive else "not kept")
    yield _line(found.block_hashes, "blocks by hash", "EIP-1898" if found.block_hashes else "by number only")
    yield _line(found.batches, "batches", "taken" if found.batches else "one request at a time")


def _line(good: bool, what: str, value: str) -> str:
    mark = click.style("✔", fg="green") if good else click.style("·", fg="yellow")
    return f"  {mark} {what:<15} {value}"


def _ago(seconds: float) -> str:
    return f"{seconds:.0f} s old" if seconds < 600 else f"{seconds / 60:.0f} min old"


def _behind(block: int | None, height: int) -> str:
    return "not named" if block is None else f"{block} ({height - block} behind)"
