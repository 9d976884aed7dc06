"""``ebl policy new``: write a policy file from answers, given as options or on a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from ebl.cli import own_files as files
from ebl.cli.net_commands import chain_id, table
from ebl.cli.network_options import option
from ebl.cli.output import printable, say
from ebl.cli.policy_text import AcceptedIssuer, Answers, text
from ebl.config.settings import SETTINGS
from ebl.errors import InvalidInput
from ebl.identity.trusted import Trusted
from ebl.model.contract import Contract
from ebl.model.given_address import require_address
from ebl.net.resolvers import resolver as make_resolver
from ebl.policy import parse

T = TypeVar("T")
_WORDS = re.compile(r"[\s,;]+")


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--issuer", "issuers", multiple=True, metavar="DOMAIN|DID", help="An issuer to accept. Repeatable.")
@click.option("--under", multiple=True, metavar="DOMAIN", help="Accept every domain under this one. Repeatable.")
@click.option("--any-issuer", is_flag=True, help="Accept any issuer, known or not.")
@click.option(
    "--until",
    multiple=True,
    type=(str, str),
    metavar="ISSUER DATE",
    help="The last day of an issuer's trust. Repeatable.",
)
@click.option(
    "--registry",
    "registries",
    multiple=True,
    type=(str, str, str),
    metavar="ISSUER CHAIN ADDRESS",
    help="A token registry that is known to be this issuer's. Repeatable.",
)
@click.option(
    "--chain", "chains", multiple=True, metavar="NET", help="A chain to accept: a name, or its id. Repeatable."
)
@option("--dnssec", "dnssec", "Whether DNS records need a proof.")
@option("--agree", "resolvers_agree", "How many resolvers must return the same.", unsaid="2")
@click.option("--resolver", "resolvers", multiple=True, metavar="SPEC", help="Resolvers, as for ebl verify.  [public]")
@click.option("--wildcard/--no-wildcard", default=None, help="Whether a wildcard record counts.  [no]")
@option(
    "--finality",
    "finality",
    "The block that chains are read at.",
    unsaid="the final one of the chains that you accept; else latest",
)
@option("--nodes-agree", "nodes_agree", "How many nodes of each chain must return the same.", unsaid="2")
@option("--max-age", "max_age", "How old that block may be.", unsaid="60")
@click.option("--title/--no-title", default=None, help="Whether the document must have a title.  [no]")
@click.option(
    "--vouched/--not-vouched",
    default=None,
    help="Whether a title's registry must be named by its issuer, or here.  [yes]",
)
@click.option(
    "--state", type=click.Choice(["held", "returned", "taken_out"]), help="The state that a title must be in."
)
@click.option("--holder", metavar="ADDRESS", help="The address that must hold the title.")
@click.option("--owner", metavar="ADDRESS", help="The address that must be the title's beneficiary.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["oa2", "oa3", "vc", "vp"]),
    help="A format to accept. Repeatable.",
)
@click.option(
    "--whole",
    type=click.Choice(["require", "prefer"]),
    help="Whether what may be hidden leaves the verdict open.  [require]",
)
@click.option("--yes", is_flag=True, help="Ask nothing: use the values in brackets for what is not given.")
def new(file: str, yes: bool, **options: Any) -> None:
    """Write a policy file, a new one, with a comment for each rule and the strict rules on.

    On a terminal you are asked for what no option gives; otherwise the values in brackets are used. - writes to stdout.
    """
    if file != "-":
        files.require_new(Path(file), "a policy that is overwritten is lost")
    asking = not yes and sys.stdin is not None and sys.stdin.isatty()
    try:
        made = text(_answers(_Questions(asking=asking), **options))
        found = parse(made, file, known=table())
    except InvalidInput as bad:  # about an option: answers on the terminal are asked for again
        raise click.UsageError(str(bad)) from bad
    files.put(file, made.encode())
    for sentence in found.explain():
        say(printable(sentence))
    if file != "-":
        say(f"Use it with: ebl verify BILL --policy {printable(file)}")


class _Questions:
    """Asks for values that were not given, if there is a terminal."""

    def __init__(self, *, asking: bool) -> None:
        self._asking = asking

    def __call__(self, question: str, value: T | None, default: T, read: Callable[[str], T], shown: str) -> T:
        """The value that was given; else the answer, asked for until it can be read; else the default."""
        if value is not None or not self._asking:
            return default if value is None else value

        def answer(word: str) -> T:
            try:
                return default if word.strip() == shown else read(word.strip())
            except InvalidInput as bad:
                raise click.UsageError(str(bad)) from bad

        found: T = click.prompt(question, default=shown, value_proc=answer, err=True, show_default=bool(shown))
        return found


def _answers(
    ask: _Questions,
    *,
    issuers: Sequence[str],
    under: Sequence[str],
    any_issuer: bool,
    until: Sequence[tuple[str, str]],
    registries: Sequence[tuple[str, str, str]],
    chains: Sequence[str],
    dnssec: str | None,
    resolvers_agree: int | None,
    resolvers: Sequence[str],
    wildcard: bool | None,
    finality: str | None,
    nodes_agree: int | None,
    max_age: int | None,
    title: bool | None,
    vouched: bool | None,
    state: str | None,
    holder: str | None,
    owner: str | None,
    formats: Sequence[str],
    whole: str | None,
) -> Answers:
    named = _issuers(ask, issuers, under, any_issuer=any_issuer)
    for name, *_ in (*until, *registries):
        if _known(name) not in {one.name for one in named}:
            raise click.UsageError(f"{name} is not among the issuers: add --issuer {name}.")
    accepted = tuple(_with_details(ask, one, until, registries) for one in named)
    on = tuple(
        dict.fromkeys(
            ask(
                "Chains that documents may be on, names or ids (empty: any)",
                tuple(map(chain_id, chains)) or None,
                (),
                _chains,
                "",
            )
        )
    )
    final = _finality(on)
    asked = ask("Resolvers to query, as for ebl verify", _resolvers(resolvers), ("public",), _some_resolvers, "public")
    most = 2 if _can_agree(asked, 2) else 1
    if resolvers_agree is not None:
        make_resolver(asked or "system", agree=resolvers_agree)
    return Answers(
        issuers=accepted,
        chains=on,
        names=_names(on),
        dnssec=ask("DNSSEC (require, prefer or off)", dnssec, "prefer", _one_of(*SETTINGS["dnssec"].words), "prefer"),
        resolvers=asked,
        agree=ask("How many resolvers must return the same", resolvers_agree, most, _agreeing(asked), str(most)),
        wildcard=bool(wildcard),
        nodes_agree=ask(
            "How many nodes of each chain must return the same", nodes_agree, 2, _number("nodes_agree"), "2"
        ),
        finality=ask(
            "The block to read (latest, safe or finalized)",
            finality,
            final,
            _one_of(*SETTINGS["finality"].words),
            final,
        ),
        max_age=ask("How many minutes old that block may be", max_age, 60, _number("max_age"), "60"),
        whole=ask(
            "Parts that may be hidden (require: leave the verdict open; prefer: report them)",
            whole,
            "require",
            _one_of("require", "prefer"),
            "require",
        ),
        vouched=ask("Must a title's registry be named by its issuer, or by this file", vouched, True, _yes, "yes"),
        title=ask("Must the document have a title", title, False, _yes, "no"),
        state=state,
        holder=None if holder is None else require_address(holder, "--holder"),
        owner=None if owner is None else require_address(owner, "--owner"),
        formats=tuple(dict.fromkeys(formats)),
    )


def _issuers(
    ask: _Questions, issuers: Sequence[str], under: Sequence[str], *, any_issuer: bool
) -> tuple[AcceptedIssuer, ...]:
    if any_issuer:
        if issuers or under:
            raise click.UsageError("--any-issuer accepts any, so --issuer and --under do not go with it.")
        return ()
    made = (*map(_issuer, issuers), *(_checked(AcceptedIssuer("under", _known(name))) for name in under))
    found = ask("Whom do you accept? Domains or DIDs, with spaces between", made or None, (), _several_issuers, "")
    if not found:
        raise click.UsageError("Name whom you accept: --issuer DOMAIN|DID, --under DOMAIN, or --any-issuer.")
    return tuple(dict.fromkeys(found))


def _several_issuers(answer: str) -> tuple[AcceptedIssuer, ...]:
    words = _split(answer)
    if not words:
        raise InvalidInput("Name at least one.", fix="For example carrier.example.")
    return tuple(map(_issuer, words))


def _issuer(word: str) -> AcceptedIssuer:
    return _checked(AcceptedIssuer("did" if word.startswith("did:") else "domain", _known(word)))


def _known(word: str) -> str:
    """The name in the form that policies use."""
    return word if word.startswith("did:") else word.lower().rstrip(".")


def _checked(issuer: AcceptedIssuer) -> AcceptedIssuer:
    """Returns the issuer. Raises `InvalidInput` if no policy could name it."""
    names: dict[str, Any] = {issuer.key: issuer.name}
    Trusted(**names)
    return issuer


def _with_details(
    ask: _Questions,
    issuer: AcceptedIssuer,
    until: Sequence[tuple[str, str]],
    registries: Sequence[tuple[str, str, str]],
) -> AcceptedIssuer:
    days = [_day(day) for name, day in until if _known(name) == issuer.name]
    mine = tuple(_contract(chain, address) for name, chain, address in registries if _known(name) == issuer.name)
    question = f"Token registries of {printable(issuer.name)}, as CHAIN ADDRESS (empty: those that it publishes)"
    known = ask(question, mine or None, (), _registries, "")
    return AcceptedIssuer(issuer.key, issuer.name, days[-1] if days else None, tuple(dict.fromkeys(known)))


def _registries(answer: str) -> tuple[Contract, ...]:
    words = _split(answer)
    if len(words) % 2:
        raise InvalidInput("Give a chain and an address for each.", fix="For example: 1 0x….")
    return tuple(_contract(chain, address) for chain, address in zip(words[::2], words[1::2], strict=True))


def _contract(chain: str, address: str) -> Contract:
    return Contract(chain_id(chain), address)


def _chains(answer: str) -> tuple[int, ...]:
    return tuple(map(chain_id, _split(answer)))


def _some_resolvers(answer: str) -> tuple[str, ...]:
    return _resolvers(_split(answer)) or ()


def _resolvers(words: Sequence[str]) -> tuple[str, ...] | None:
    """The resolvers, or None if none are named. Raises `InvalidInput` for a malformed one; none is queried."""
    if words:
        make_resolver(tuple(words))
    return tuple(words) or None


def _can_agree(resolvers: tuple[str, ...], count: int) -> bool:
    try:
        make_resolver(resolvers or "system", agree=count)
    except InvalidInput:
        return False
    return True


def _agreeing(resolvers: tuple[str, ...]) -> Callable[[str], int]:
    def read(answer: str) -> int:
        count = _number("resolvers_agree")(answer)
        make_resolver(resolvers or "system", agree=count)
        return count

    return read


def _finality(chains: Sequence[int]) -> str:
    """The tag of final blocks, if all the chains have the same; else the newest block."""
    known = {network.chain_id: network.finality for network in table()}
    tags = {known.get(number) for number in chains}
    tag = tags.pop() if len(tags) == 1 else None
    return tag or "latest"


def _names(chains: Sequence[int]) -> dict[int, str]:
    return {network.chain_id: network.name for network in table() if network.chain_id in chains}


def _day(word: str) -> date:
    try:
        return datetime.strptime(word, "%Y-%m-%d").date()
    except ValueError as bad:
        raise click.BadParameter(f"{word}: expected a day such as 2027-12-31.", param_hint="--until") from bad


def _one_of(*words: str) -> Callable[[str], str]:
    def read(answer: str) -> str:
        if answer not in words:
            raise InvalidInput(f"Expected {', '.join(words)}; got {answer[:40]!r}.")
        return answer

    return read


def _number(name: str) -> Callable[[str], int]:
    setting = SETTINGS[name]

    def read(answer: str) -> int:
        if not (
            answer.isascii() and answer.isdigit() and len(answer) < 12 and setting.least <= int(answer) <= setting.most
        ):
            raise InvalidInput(f"Expected {setting.expected}; got {answer[:40]!r}.")
        return int(answer)

    return read


def _yes(answer: str) -> bool:
    words = {"yes": True, "y": True, "no": False, "n": False}
    if answer.lower() not in words:
        raise InvalidInput(f"Expected yes or no; got {answer[:40]!r}.")
    return words[answer.lower()]


def _split(answer: str) -> list[str]:
    return list(filter(None, _WORDS.split(answer)))
