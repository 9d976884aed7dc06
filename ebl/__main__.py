"""``python -m ebl``: the command line."""

from ebl.cli import main

main(prog_name="ebl")
