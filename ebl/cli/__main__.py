"""``python -m ebl.cli``."""

from ebl.cli import main

main(prog_name="ebl")
