"""The option ``--lang``, which chooses the languages of what people read."""

from __future__ import annotations

import os

import click

from ebl.messages.languages import CHOICES, Choice, Language, languages_of


def _chosen(ctx: click.Context, parameter: click.Parameter, choice: Choice | None) -> tuple[Language, ...]:
    return languages_of(choice, os.environ)


with_language = click.option(
    "--lang",
    "languages",
    type=click.Choice(CHOICES),
    callback=_chosen,
    help="English, Chinese (simplified), or both; default: the locale. JSON is the same in every language.",
)
"""Passes ``languages``: one, or both, the Chinese one first."""
