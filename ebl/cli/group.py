"""The top-level command: loads commands when they are used, and turns errors into one line and an exit code."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.output import GO_ON, Exit, OwnInput, Stopped, complain, escaped, say
from ebl.errors import DocumentError, Error, InvalidInput, OutcomeUnknown, TransactionError, Undetermined
from ebl.model.findings import Verdict

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class _Formatter(click.HelpFormatter):
    """Formats help so that the column of options leaves room for their texts in a narrow window."""

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl(rows, min(col_max, self.width // 3), col_spacing)


class _Context(click.Context):
    formatter_class = _Formatter


class EblGroup(click.Group):
    """A group whose commands are named by ``module:attribute`` with a line of help, and imported when they are used.

    Use it for a family too: ``EblGroup(name="store", commands_at={"deploy": ("ebl.cli.store_commands:deploy", "…")}, help=…)``;
    ``reads_documents=False`` for a group whose commands read only the caller's own files.
    """

    context_class = _Context

    def __init__(
        self, *, commands_at: Mapping[str, tuple[str, str]], reads_documents: bool = True, **attributes: Any
    ) -> None:
        settings = {"help_option_names": ["-h", "--help"], "terminal_width": _narrow()}
        super().__init__(context_settings=settings, **attributes)
        self.commands_at = commands_at
        self.reads_documents = reads_documents

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands_at)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.commands_at:
            return None
        module, _, attribute = self.commands_at[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        command.context_class = _Context
        if ctx.resilient_parsing:  # for a shell that completes words
            from ebl.cli.completed_paths import complete_files

            complete_files(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin with ``incomplete``, without importing them, and then the options of the group."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=line)
            for name, (_, line) in self.commands_at.items()
            if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)

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
        """The commands that the user may have meant: one named without its group, or one with a typing error."""
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

    def make_context(self, *words: Any, **extra: Any) -> click.Context:
        with _shown():
            return super().make_context(*words, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _shown():
                return super().invoke(ctx)
        except Error as error:
            complain(error)
            unread = exit_code(error)
            ctx.exit(Exit.USAGE if unread is Exit.UNREADABLE and not self.reads_documents else unread)
        except OSError as trouble:  # of a file: other sources' errors are already ours at this point
            if (code := of_a_file(trouble)) is None:
                raise
            ctx.exit(code)
        except (
            KeyboardInterrupt,
            click.Abort,
        ) as stop:  # the latter is raised at a question, and click would end with 1
            say(str(stop) if isinstance(stop, Stopped) else f"Stopped. {GO_ON}")
            ctx.exit(Exit.INTERRUPTED)


@contextmanager
def _shown() -> Iterator[None]:
    """Escapes control characters in click's usage errors, which repeat the arguments."""
    try:
        yield
    except click.ClickException as bad:
        vars(bad)["message"] = escaped(
            bad.message.encode("utf-8", "backslashreplace")
        )  # the error may be of several classes of click
        raise


def _narrow() -> int | None:
    """The width of the window if click's own minimum of 50 columns would be too wide for it; else None."""
    columns = get_terminal_size().columns
    return max(30, columns - 2) if columns < 52 else None


def of_a_file(trouble: OSError) -> Exit | None:
    """Prints what is wrong with the caller's own file, or with the disk; returns None if the error is not about a file.

    It never returns the exit code of an unusable document, because the error says nothing about the document.
    """
    if isinstance(
        trouble, BrokenPipeError
    ):  # the reader of the verdict has closed the pipe: the exit code must not state another verdict
        return Exit.INDETERMINATE
    if trouble.filename is None and trouble.errno not in _FULL:
        return None
    where = trouble.filename if trouble.filename is not None else "the output"
    complain(InvalidInput(f"{where}: {trouble.strerror}.", fix="This says nothing about any document."))
    return Exit.INDETERMINATE if trouble.errno in _FULL else Exit.USAGE


def exit_code(error: Error) -> Exit:
    """The exit code for this kind of error."""
    match error:
        case OwnInput():
            return Exit.USAGE
        case DocumentError() | InvalidInput():
            return Exit.UNREADABLE
        case Undetermined():
            return Exit.INDETERMINATE
        case OutcomeUnknown():
            return Exit.INDETERMINATE
        case TransactionError():
            return Exit.TRANSACTION
        case _:
            from ebl.verify import NotVerified  # loaded already if it is one

            unknown = isinstance(error, NotVerified) and error.report.verdict is Verdict.INDETERMINATE
            return Exit.INDETERMINATE if unknown else Exit.INVALID
