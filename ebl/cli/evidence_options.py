"""The options of recorded responses, which `ebl verify` and `ebl report` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ebl.config.settings import Layer

_EVIDENCE: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.option(
        "--evidence", type=click.Path(path_type=Path), help="Record every query and its response in this new file."
    ),
    click.option("--replay", type=click.Path(), help="Query no source: take the responses from this evidence file."),
    click.option(
        "--trust-keeper",
        is_flag=True,
        help="Rely on the party that kept the evidence of --replay: without it no replay is VALID.",
    ),
    click.option(
        "--at-issuance", type=click.Path(), help="Evidence from the time of issuance: shows who its issuer was then."
    ),
)


def with_evidence(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of recorded responses; the command gets ``evidence``, ``replay``, ``trust_keeper``, ``at_issuance``."""
    for decorate in reversed(_EVIDENCE):
        command = decorate(command)
    return command


def require_sense(
    offline: bool, replay: str | None, asked: Layer, evidence: Path | None, *, trust_keeper: bool
) -> None:
    """Raise click's usage error for options that do not go together."""
    if offline and replay:
        raise click.UsageError("Give --offline or --replay, not both.")
    if trust_keeper and not replay:
        raise click.UsageError("--trust-keeper goes with --replay: it is about the evidence that is replayed.")
    # Recorded responses have an age too, at their time, and may include proofs.
    if (offline and asked) or (replay and asked.keys() - {"max_age", "prove"}) or ((offline or replay) and evidence):
        word = "--offline" if offline else "--replay"
        raise click.UsageError(f"{word} queries no source, so options of queries do not go with it.")
    if evidence and str(evidence) == "-":
        raise click.UsageError("--evidence needs a file: stdout has the verdicts.")
    if evidence and evidence.exists():
        raise click.UsageError(f"{evidence} exists already, and evidence that is overwritten is lost.")
