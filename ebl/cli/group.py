"""The top-level command: loads commands when they are used, and turns our errors into one line and an exit code."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from ebl.cli.output import Exit, complain
from ebl.errors import DocumentError, Error, InvalidInput, NotVerified, OutcomeUnknown, TransactionError, Undetermined
from ebl.report import Verdict

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class EblGroup(click.Group):
    """A group whose commands are named by ``module:attribute`` with a line of help, and imported when they are used.

    Use it for a family too: ``EblGroup(name="store", commands_at={"deploy": ("ebl.cli.store:deploy", "Deploy …")}, help=…)``.
    """

    def __init__(self, *, commands_at: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(context_settings={"help_option_names": ["-h", "--help"]}, **attributes)
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands_at)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.commands_at:
            return None
        module, _, attribute = self.commands_at[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as bad:
            if near := self._near(args[0]):
                meant = " or ".join(map(repr, near))
                raise click.UsageError(f"{bad.message} Did you mean {meant}?", ctx) from None
            raise

    def _near(self, word: str) -> list[str]:
        """What somebody may have meant: a family's command named without the family, or a slip of the finger."""
        families = [
            f"{name} {word}"
            for name, (_, line) in self.commands_at.items()
            if ":" in line and word in re.split(r"[^a-z-]+", line.partition(":")[2])
        ]
        from difflib import get_close_matches

        return families or get_close_matches(word, self.commands_at, n=1)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.commands_at.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Error as error:
            complain(error)
            ctx.exit(exit_code(error))
        except BrokenPipeError:  # whoever was to read the verdict has gone: the exit code must not say another
            ctx.exit(Exit.INDETERMINATE)
        except OSError as trouble:  # of a file: what others raise is ours by the time it gets here
            if trouble.filename is None and trouble.errno not in _FULL:
                raise
            complain(InvalidInput(f"{trouble.filename or 'A file'}: {trouble.strerror}."))
            ctx.exit(Exit.UNREADABLE)
        except KeyboardInterrupt:
            ctx.exit(Exit.INTERRUPTED)


def exit_code(error: Error) -> Exit:
    """The exit code that says what kind of error it was."""
    match error:
        case DocumentError() | InvalidInput():
            return Exit.UNREADABLE
        case Undetermined():
            return Exit.INDETERMINATE
        case NotVerified(report=report) if report.verdict is Verdict.INDETERMINATE:
            return Exit.INDETERMINATE
        case OutcomeUnknown():
            return Exit.INDETERMINATE
        case TransactionError():
            return Exit.TRANSACTION
        case _:
            return Exit.INVALID
