"""The option ``--challenges``: the verifier's own file of the challenges that it sent."""

from __future__ import annotations

from pathlib import Path

import click

with_challenges = click.option(
    "--challenges",
    type=click.Path(path_type=Path),
    help="Your file of the challenges that you sent.  [ebl/challenges.json among your state files]",
)
"""Passes ``challenges``, a path or None."""
