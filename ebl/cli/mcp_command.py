"""``ebl mcp``: read-only tools for an assistant on this machine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from ebl import sources
from ebl.cli.network_options import online, with_asking
from ebl.cli.verifying_options import Rules, with_rules
from ebl.config.settings import Layer, merged
from ebl.errors import MissingExtra


@click.command()
@click.argument("folders", metavar="[FOLDER]…", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@with_asking
@with_rules
def mcp(folders: tuple[Path, ...], offline: bool, asked: Layer, rules: Callable[[Layer], Rules]) -> None:
    """Serve read-only tools to an assistant (Model Context Protocol) through stdin and stdout.

    The assistant can verify and inspect documents, explain codes, read titles and check DNS records. It reads files in the
    FOLDERs only, and cannot change the policy, the nodes or the resolvers that the options name. Nothing is sent or signed.
    Needs the extra mcp.

    \b
      ebl mcp inbox --policy bank.toml
    """
    from ebl.mcp.tools import Tools
    from ebl.net import resolvers as lookup

    try:
        from ebl.mcp.server import serve
    except ImportError as absent:
        raise MissingExtra("mcp") from absent
    held = rules(asked)
    ask = sources.offline if offline else partial(online, *held.said)
    ask()  # errors of the options are shown before an assistant waits
    resolvers = None if offline else lookup.resolver(merged(*held.said).resolver)
    serve(Tools(held.policy, held.reader, ask, resolvers, folders))
