"""``ebl explain``: what a code means, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from posixpath import normpath
from shutil import get_terminal_size
from typing import Any, get_args

import click
from click.shell_completion import CompletionItem

from ebl.cli.language_option import with_language
from ebl.cli.markdown_text import lines
from ebl.cli.output import result, result_json
from ebl.codec.cells import wrapped
from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.config.code_pages import code_page
from ebl.config.documentation import located
from ebl.messages.catalogue import word
from ebl.messages.languages import Language

_KINDS = {Failure: "failed", Doubt: "unknown", Condition: "condition", Remark: "note"}
"""The word of each kind of code in a report (``outcome``)."""

_OF_FILES = "document."
_CODES = tuple(dict.fromkeys(str(code) for kind in _KINDS for code in kind))
_WIDEST = 100


def _completed(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(code) for code in _CODES if code.startswith(incomplete)]


@click.command()
@click.argument("named", metavar="CODE…", nargs=-1, shell_complete=_completed)
@click.option("--list", "listed", is_flag=True, help="One line for every code, or for those that CODE begins.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON object for each code, with its page in Markdown, in each language.",
)
@with_language
def explain(named: tuple[str, ...], listed: bool, as_json: bool, languages: tuple[Language, ...]) -> None:
    """Print what a code of a report or an error means, and what to do.

    CODE is what a report shows, such as status.revoked; or its first part (status), or the mark of its kind in a report
    (failed, unknown, condition, note), for a list of those. Several may be given.

    \b
      ebl explain status.revoked
      ebl explain status
      ebl explain --list
    """
    if not named and not listed:
        raise click.UsageError("Name a code, such as status.revoked; or list all with --list.")
    chosen = list(dict.fromkeys(code for word in named for code in _meant(word, listed=listed))) or list(_CODES)
    as_list = listed or any(_cleaned(word) not in _CODES for word in named)
    for number, code in enumerate(chosen):
        if as_json:
            result_json(_to_dict(code))
            continue
        for language in languages:
            if as_list:
                _print_line(code, language)
            else:
                if number or language != languages[0]:
                    result("")
                _print_page(code, language)


def _to_dict(code: str) -> dict[str, Any]:
    """A code as JSON data, the same in every locale."""
    pages = {language: code_page(code, language) for language in get_args(Language)}
    return {"code": code, "outcomes": _outcomes(code), "page": pages["en"], "pages": pages}


def _cleaned(word: str) -> str:
    """The code without what was copied with it from a report, as in ``status.revoked:``."""
    return word.strip().rstrip(":,;.").lower()


def _meant(word: str, *, listed: bool) -> list[str]:
    """The codes that a word names. Raises click's usage error if it names none."""
    code = _cleaned(word)
    if code in _CODES and not listed:
        return [code]
    for kind, outcome in _KINDS.items():
        if code == outcome:
            return [str(one) for one in kind]
    if found := [one for one in _CODES if code and one.startswith(code if listed else f"{code}.")]:
        return found
    near = [one for one in _CODES if one.partition(".")[2] == code] or get_close_matches(code, _CODES, n=3)
    meant = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise click.UsageError(f"{word!r} is not a code.{meant} 'ebl explain --list' lists all.")


def _outcomes(code: str) -> list[str]:
    return [outcome for kind, outcome in _KINDS.items() if code in tuple(kind)]


def _effects(code: str, language: Language) -> Iterator[str]:
    """A line for each kind that a code is of: what it does to the verdict."""
    for outcome in _outcomes(code):
        of_file = outcome == "failed" and code.startswith(_OF_FILES)
        yield f"- {word('code_page', 'failed_of_file' if of_file else outcome, language)}"


def _print_page(code: str, language: Language) -> None:
    width = min(get_terminal_size().columns, _WIDEST)
    heading, _, rest = code_page(code, language).partition("\n")
    kinds = "\n".join(_effects(code, language))
    bold = lambda text: click.style(text, bold=True)  # noqa: E731
    for line in lines(f"{heading}\n\n{kinds}\n{rest}", width=width, link=_located, strong=bold):
        result(line)


def _located(target: str) -> str:
    """The command or address for a link on a page of codes."""
    if "://" in target:
        return target
    if "/" not in target:
        return f"ebl explain {target.partition('#')[0].removesuffix('.md')}"
    path = normpath(f"docs/codes/{target}")
    return located(path) if path.startswith("docs/") else path


def _print_line(code: str, language: Language) -> None:
    column = max(map(len, _CODES)) + 2
    width = min(get_terminal_size().columns, _WIDEST)
    text = f"{_first_sentence(code, language)} ({', '.join(_outcomes(code))})"
    if width < column + 30:
        result(code)
        shown = wrapped(text, width, indent="  ", then="  ")
    else:
        shown = wrapped(text, width, indent=f"{code:<{column}}", then=" " * column)
    for line in shown:
        result(line)


def _first_sentence(code: str, language: Language) -> str:
    meaning, label = code_page(code, language).split("\n\n")[1], f"**{word('code_page', 'means', language)}**"
    text = " ".join(lines(meaning.removeprefix(label).strip(), width=10_000, link=lambda _: ""))
    return re.split(r"(?<=\.) (?=[A-Z])|(?<=。)", text, maxsplit=1)[0]
