"""The options that are network settings, made from their declaration in `ebl.config.settings`; and the sources that they mean.

A command gets the values of its options as a layer (`ebl.config.settings.Layer`), which overrides that of a policy file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Any

import click

from ebl import sources
from ebl.cli import own_files as files
from ebl.config.settings import SETTINGS, Layer, merged
from ebl.errors import InvalidInput

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def option(flag: str, name: str, text: str, *, unsaid: str | None = None) -> Decorator:
    """An option for the setting ``name``. Its help shows in brackets what is used by default (``unsaid``, or the default)."""
    setting = SETTINGS[name]
    kind = click.Choice(setting.words) if setting.words else click.IntRange(setting.least, setting.most)
    metavar = "MINUTES" if setting.default is None else None
    return click.option(
        flag, name, type=kind, metavar=metavar, help=f"{text}  [{setting.default if unsaid is None else unsaid}]"
    )


with_nodes_agree = option("--nodes-agree", "nodes_agree", "How many nodes of a chain must return the same.")
with_finality = option(
    "--finality", "finality", "Read chains at their newest block, or their newest that is safe or final."
)
with_max_age = option(
    "--max-age",
    "max_age",
    "Read no block that is older than this.",
    unsaid="what `ebl net list --json` has for the chain: 10 minutes on most",
)
with_prove = click.option(
    "--prove", is_flag=True, help="Verify stores and titles with storage proofs instead of trusting the node."
)
with_rpc = click.option(
    "--rpc",
    multiple=True,
    metavar="ID=URL",
    help="A node for a chain, for example 1337=http://127.0.0.1:8545. Repeatable.  [the nodes that you gave ebl net add]",
)
with_batch = option("--batch", "batch", "How many calls a node is given in one request, or fewer if it refuses.")
with_rps = option("--rps", "rps", "How many requests a second each node is sent at most; 0: no limit.")
with_multicall = click.option(
    "--multicall/--no-multicall",
    "multicall",
    default=None,
    help="Whether many calls may go into one call of the contract Multicall3.  [yes, where its code is known]",
)
_RESOLVING: tuple[Decorator, ...] = (
    click.option(
        "--resolver",
        multiple=True,
        metavar="SPEC",
        help="system (default), udp://IP:PORT, tls://HOST, https://…, or public or china, which name several. Repeatable.",
    ),
    option("--dnssec", "dnssec", "Whether DNS records need a proof."),
    option("--agree", "resolvers_agree", "How many resolvers must return the same."),
)
RESOLVING = ("resolver", "dnssec", "resolvers_agree")
"""The settings of `with_resolving`."""


def with_resolving(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options for querying domains: those of `RESOLVING`, for `layer`."""
    for decorate in reversed(_RESOLVING):
        command = decorate(command)
    return command


def with_asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds every option that is a network setting, and ``--offline``. The command gets ``offline`` and ``asked``, a layer."""

    @click.option("--offline", is_flag=True, help="Query no source: check only what the file itself can show.")
    @with_rpc
    @with_resolving
    @with_nodes_agree
    @with_finality
    @with_max_age
    @with_prove
    @with_batch
    @with_rps
    @with_multicall
    @wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        asked = layer(
            options, *RESOLVING, "rpc", "nodes_agree", "finality", "max_age", "prove", "batch", "rps", "multicall"
        )
        return command(*args, asked=asked, **options)

    return run


def layer(options: dict[str, Any], *names: str) -> Layer:
    """Removes the settings with these names from click's options, and returns those that were given."""
    said = {
        name: value
        for name in names
        if (value := options.pop(name)) not in (None, ()) and (value is not False or name == "multicall")
    }
    if "max_age" in said:
        said["max_age"] = timedelta(minutes=said["max_age"])
    if "rpc" in said:
        from ebl.cli.net_commands import numbered  # which brings the table of networks

        urls: dict[int, list[str]] = {}
        for number, url in map(numbered, said["rpc"]):
            urls.setdefault(number, []).append(url)
        said["rpc"] = urls
    return said


def online(*layers: Layer) -> sources.Sources:
    """Live sources as the layers set them, the strongest first; if no layer names a node, with those of the user's own list.

    Raises click's usage error if there are not enough nodes or resolvers at different hosts.
    """
    from ebl.cli.net_commands import own_nodes, table

    own: Layer = {} if any("rpc" in one for one in layers) else {"rpc": own_nodes()}
    try:
        return sources.online(merged(*layers, own), networks=table())
    except InvalidInput as bad:
        raise click.UsageError(str(bad)) from bad


def kept(name: str, *layers: Layer, trust_keeper: bool = False) -> sources.Sources:
    """The responses in an evidence file. The same rules apply as for live ones: the age of blocks at its time, and proofs."""
    from ebl.cli.net_commands import table
    from ebl.evidence import read, replay

    settings = merged(*layers)
    with files.own("the evidence"):
        answers = replay(read(files.load(name)), trust_keeper=trust_keeper)
    return replace(answers, max_age=settings.max_age, prove=settings.prove, pace=table().pace)
