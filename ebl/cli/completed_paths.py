"""Which parameters of the commands are files, for a shell that completes them."""

from __future__ import annotations

import re

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType

_KINDS = {"FILE": "file", "KEYFILE": "file", "DIR": "dir"}
"""The words of a ``metavar`` that mean a path."""


class _PathText(StringParamType):
    """Text that may be the path of a file or a folder. The command takes it as it is; only shells treat it as a path."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(incomplete, type=self.kind)]


def complete_files(command: click.Command) -> None:
    """Makes shells complete paths for the parameters of a command whose ``metavar`` means a path."""
    for parameter in command.params:
        words = re.split(r"[^A-Z]+", parameter.metavar or "")
        kind = next((_KINDS[word] for word in words if word in _KINDS), None)
        if kind and isinstance(parameter.type, StringParamType):
            parameter.type = _PathText(kind)
