"""``ebl completion``: commands, options, files and codes completed by a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ebl.cli.output import result


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script with which a shell completes commands, options, files and codes. To install it:

    \b
      echo 'eval "$(ebl completion bash)"' >> ~/.bashrc
      echo 'eval "$(ebl completion zsh)"' >> ~/.zshrc     # after compinit
      ebl completion fish > ~/.config/fish/completions/ebl.fish

    bash needs version 4.4 or later; macOS has an older one, and zsh as its default. There is no completion for PowerShell: on
    Windows, use Git Bash or WSL.
    """
    script = get_completion_class(shell)
    assert script is not None
    result(script(ctx.find_root().command, {}, "ebl", "_EBL_COMPLETE").source().rstrip())
