"""The program ``ebl``, also as ``python -m ebl``: the commands, and what only a whole process has to see to."""

from __future__ import annotations

import gc
import sys
import traceback
from io import TextIOWrapper

import click

# Loading modules makes much and frees nothing, so what is alive is looked through less often in this process.
gc.set_threshold(50_000)

from ebl.cli import main  # noqa: E402
from ebl.cli.group import of_a_file  # noqa: E402
from ebl.cli.output import Exit  # noqa: E402


def run(command: click.Command = main) -> None:
    """Run the command that the words of the command line name.

    What stdout cannot write in its encoding is written as an escape. A full disk and a closed pipe end in a line of error. A bug
    ends in a traceback and the exit code for "cannot be determined": the interpreter's own, 1, says that a document is not valid.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        command(prog_name="ebl")
    except OSError as trouble:  # such as the help on a full disk, which no command has begun to print
        if (code := of_a_file(trouble)) is None:
            traceback.print_exc()
        sys.exit(code or Exit.INDETERMINATE)
    except Exception:
        traceback.print_exc()
        sys.exit(Exit.INDETERMINATE)


if __name__ == "__main__":
    run()
