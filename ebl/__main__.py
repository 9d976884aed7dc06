"""The program ``ebl``, also as ``python -m ebl``: the commands, and the settings of the whole process."""

from __future__ import annotations

import gc
import sys
import traceback
from io import TextIOWrapper

import click

# Loading modules allocates much and frees nothing, so the garbage collector runs less often in this process.
gc.set_threshold(50_000)

from ebl.cli import main  # noqa: E402
from ebl.cli.group import of_a_file  # noqa: E402
from ebl.cli.output import Exit  # noqa: E402


def run(command: click.Command = main) -> None:
    """Runs the command that the command line names.

    Characters that the encoding of stdout lacks are written as escapes. A full disk and a closed pipe end in a line of error. A
    bug ends in a traceback and the exit code for "cannot be determined": the interpreter's own code, 1, means NOT VALID here.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        command(prog_name="ebl")
    except OSError as trouble:  # for example when the help is printed to a full disk, before any command runs
        if (code := of_a_file(trouble)) is None:
            traceback.print_exc()
        sys.exit(code or Exit.INDETERMINATE)
    except Exception:
        traceback.print_exc()
        sys.exit(Exit.INDETERMINATE)


if __name__ == "__main__":
    run()
