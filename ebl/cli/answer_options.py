"""The options of a presenter's answer, which `ebl verify` and `ebl report` share: ``--answer`` and ``--challenges``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebl.checking.formats import Reader
from ebl.cli import own_files as files
from ebl.cli.accepting import narrowed
from ebl.cli.challenges_option import with_challenges
from ebl.cli.verifying_options import Rules

if TYPE_CHECKING:
    from ebl.model.document import Document
    from ebl.registry import ChallengeMemory, TitleAnswer

Answered = Callable[[Rules, tuple[str, ...]], Rules]


@dataclass(frozen=True, slots=True)
class AnsweredReader(Reader):
    """A reader that adds the presenter's answer to the document that it reads."""

    answer: TitleAnswer | None = None
    memory: ChallengeMemory | None = None

    def __call__(self, raw: bytes, **limits: int) -> Document:
        """Reads a document as `Reader` does, and adds the answer."""
        from ebl.verify import with_answer

        document = Reader.__call__(self, raw, **limits)
        return document if self.answer is None else with_answer(document, self.answer, memory=self.memory)


def with_answering(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options. The command gets ``answered``, which it calls with its rules and its FILE words."""

    @click.option(
        "--answer", metavar="FILE", help="The presenter's answer to your challenge; the holder must have made it."
    )
    @with_challenges
    @wraps(command)
    def run(*args: Any, answer: str | None, challenges: Path | None, **options: Any) -> Any:
        def answered(held: Rules, words: tuple[str, ...]) -> Rules:
            return held if answer is None else _with(held, words, answer, challenges)

        return command(*args, answered=answered, **options)

    return run


def _with(held: Rules, words: tuple[str, ...], answer: str, challenges: Path | None) -> Rules:
    """The rules, with the one that the holder presents the title. Raises click's usage error unless it is about one file."""
    from ebl.policy import PresentedByHolder
    from ebl.registry import ChallengeFile, read_answer

    if len(words) != 1 or Path(words[0]).is_dir():
        raise click.UsageError("--answer is for one bill: name its file alone.")
    given = read_answer(files.load(answer))
    memory = ChallengeFile(challenges) if challenges else ChallengeFile.usual()
    reader = AnsweredReader(held.reader.contexts, held.reader.list_issuers, given, memory)
    return replace(held, policy=narrowed(held.policy, "--answer", lambda _: PresentedByHolder(), answer), reader=reader)
