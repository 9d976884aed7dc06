"""The program ``ebl``, also as ``python -m ebl``: the commands, and what only a whole process has to see to."""

from __future__ import annotations

import sys
import traceback
from io import TextIOWrapper

import click

from ebl.cli import main
from ebl.cli.output import Exit


def run(command: click.Command = main) -> None:
    """Run the command that the words of the command line name.

    What stdout cannot write in its encoding is written as an escape. A bug ends in a traceback and the exit code for "cannot
    be determined": the interpreter's own, 1, says that a document is not valid.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        command(prog_name="ebl")
    except Exception:
        traceback.print_exc()
        sys.exit(Exit.INDETERMINATE)


if __name__ == "__main__":
    run()
