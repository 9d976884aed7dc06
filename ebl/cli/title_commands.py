"""``ebl title``: the holder of a title, its history, the possible moves, and making them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.acting import (
    Basis,
    Terms,
    of_holder,
    of_issuer,
    require_role,
    state,
    tell_nothing_sent,
    tell_verdict,
    with_terms_of_holders,
    with_terms_of_registrars,
)
from ebl.cli.address_book_option import with_address_book, with_names
from ebl.cli.group import EblGroup
from ebl.cli.language_option import with_language
from ebl.cli.output import printable, result, result_json, say
from ebl.cli.own_files import save
from ebl.cli.place import Whereabouts, with_reading_of_a_file
from ebl.cli.progress import Progress
from ebl.cli.send_options import Sending, with_sending
from ebl.cli.titled import Named, looked_at, named
from ebl.codec.cells import cells, padded
from ebl.codec.timestamp import format_timestamp
from ebl.errors import Error, InvalidInput, TransactionError
from ebl.messages import catalogue
from ebl.messages.catalogue import Filling, phrase, render
from ebl.messages.languages import Language

if TYPE_CHECKING:
    from ebl.config.address_book import AddressBook
    from ebl.registry import Call, Capabilities, Endorsement, History, Title

Command = Callable[..., Any]

title = EblGroup(
    name="title",
    commands_at={
        "show": ("ebl.cli.title_commands:show", "Show who holds a title, and whether it is in circulation."),
        "history": ("ebl.cli.title_commands:history", "Show what happened to it: the endorsement chain."),
        "can": ("ebl.cli.title_commands:can", "Show what an address can do with it now, and why not."),
        "challenge": ("ebl.cli.presenting_commands:challenge", "Ask the presenter to show control of its account."),
        "answer": ("ebl.cli.presenting_commands:answer", "Answer such a challenge: sign it."),
        "transfer-holder": ("ebl.cli.title_commands:transfer_holder", "Transfer holdership (possession)."),
        "nominate": ("ebl.cli.title_commands:nominate", "Nominate the next beneficiary."),
        "endorse": ("ebl.cli.title_commands:endorse", "Endorse: make the nominee the beneficiary."),
        "transfer": ("ebl.cli.title_commands:transfer", "Endorse and transfer holdership in one move."),
        "reject": ("ebl.cli.title_commands:reject", "Reject what was transferred to you."),
        "return": ("ebl.cli.title_commands:return_", "Surrender the title to its issuer."),
        "accept-return": ("ebl.cli.title_commands:accept_return", "Accept a surrendered title permanently (issuer)."),
        "reject-return": ("ebl.cli.title_commands:reject_return", "Restore a surrendered title (issuer)."),
    },
    help="Titles: read them and move them. A title is a wrapped document or credential, or a token id with --registry.",
)


def _with_title(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--registry", metavar="ADDRESS", help="The registry of a TOKEN; a FILE names its own.")(
        command
    )
    return click.argument("word", metavar="FILE|TOKEN")(command)


def _with_remark(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--remark", default="", help="Up to 120 bytes, stored on chain and public.")(command)


@click.command()
@_with_title
@with_reading_of_a_file
@click.option(
    "--prove", "proved", is_flag=True, help="Verify it with storage proofs: then only the block's hash is trusted."
)
@with_address_book
@with_language
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(
    where: Whereabouts,
    word: str,
    registry: str | None,
    proved: bool,
    as_json: bool,
    book: AddressBook | None,
    languages: tuple[Language, ...],
) -> None:
    """Show the holder and the beneficiary of a title, and whether it is in circulation, as of one block."""
    from ebl.registry import Registry, prove, title

    which = looked_at(word, registry)
    chain = which.place(where).read()
    found = title(chain, Registry(chain.id, which.registry), which.token_id)
    if proved:
        prove(chain, found)
    if as_json:
        result_json(found.to_dict() | {"remark_text": _text(found.remark, which), "proved": proved})
        return
    for language in languages:
        result(with_names("\n".join(_lines(found, which, language)), book, language))
        if proved:
            result(_row("proved", _said("against", language, hash=found.block.hash), language))


@click.command()
@_with_title
@with_reading_of_a_file
@click.option("--document-id", metavar="ID", help="The id that remarks were written with (default: the document's).")
@click.option("-o", "out", type=click.Path(path_type=Path), help="Write it as a picture too: a new SVG file.")
@with_address_book
@with_language
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def history(
    where: Whereabouts,
    word: str,
    registry: str | None,
    document_id: str | None,
    out: Path | None,
    as_json: bool,
    book: AddressBook | None,
    languages: tuple[Language, ...],
) -> None:
    """Show what happened to a title, oldest first, and whether that is complete."""
    from ebl.registry import Registry
    from ebl.registry import history as read

    which = looked_at(word, registry)
    chain = which.place(where).read()
    of = Registry(chain.id, which.registry)
    with Progress("read its events", None, unit="blocks", kept="Nothing was changed.") as progress:
        found = read(chain, of, which.token_id, document_id=document_id or which.document_id, progress=progress.at)
    if out is not None:
        save(out, found.to_svg(language=languages[0], names=lambda address: _name(book, address)).encode())
    if as_json:
        result_json(found.to_dict())
        return
    for language in languages:
        for line in _history_lines(found, language):
            result(with_names(line, book, language))


@click.command()
@_with_title
@click.argument("addresses", metavar="[ADDRESS]…", nargs=-1)
@with_reading_of_a_file
@with_address_book
@with_language
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each address.")
def can(
    where: Whereabouts,
    word: str,
    registry: str | None,
    addresses: tuple[str, ...],
    as_json: bool,
    book: AddressBook | None,
    languages: tuple[Language, ...],
) -> None:
    """Show what ADDRESS can do with a title now, and why not the rest; of several, a table of parties and moves.

    Without ADDRESS: what its holder, its beneficiary and its nominee can do.
    """
    from ebl.registry import Registry, capabilities, capabilities_of_parties
    from ebl.registry import title as read

    which = looked_at(word, registry)
    chain = which.place(where).read()
    title_now = read(chain, Registry(chain.id, which.registry), which.token_id)
    if addresses:
        found = tuple(capabilities(title_now, address, chain=chain) for address in dict.fromkeys(addresses))
    else:
        found = capabilities_of_parties(title_now, chain=chain)
    if as_json:
        for one in found:
            result_json(one.to_dict())
        return
    for language in languages:
        if not found:
            result("\n".join(_lines(title_now, which, language)))
            say(_said("no_parties", language))
            continue
        for text in _of_one(found[0], language) if len(found) == 1 else _table(found, language):
            result(with_names(text, book, language))


def _of_one(found: Capabilities, language: Language) -> Iterator[str]:
    yield f"{found.address}  {render(found.standing, language)}"
    for capability in found.moves:
        why = render(capability.why, language) if capability.why else ""
        yield f"  {_mark(capability.can)} {_move(capability.move, language)} {why}".rstrip()


def _move(move: str, language: Language) -> str:
    """A move in words, in a column."""
    column = max(map(cells, catalogue.templates(language)["move_name"].values())) + 1
    return padded(catalogue.word("move_name", move, language), column)


def _table(found: tuple[Capabilities, ...], language: Language) -> Iterator[str]:
    """The moves in rows and the parties in numbered columns; conditions of a move that a party can make are behind it."""
    for number, one in enumerate(found, 1):
        yield f"{number}  {one.address}  {render(one.standing, language)}"
    yield f"  {_move('', language)}" + "".join(f"{number:>3}" for number in range(1, len(found) + 1))
    for several in zip(*(one.moves for one in found), strict=True):
        marks = "".join(f"  {_mark(one.can)}" for one in several)
        terms = dict.fromkeys(render(one.why, language) for one in several if one.can and one.why)
        shown = catalogue.word("style", "messages", language).join(terms)
        yield f"  {_move(several[0].move, language)}{marks}  {shown}".rstrip()


def _mark(can: bool) -> str:
    return click.style("✔", fg="green") if can else click.style("✘", fg="red")


@dataclass(frozen=True, slots=True)
class _Act:
    """A move of a title by a command. The ``compose`` of its methods is the move in `ebl.registry`."""

    sending: Sending
    which: Named
    terms: Terms
    remark: str

    def of_holder(self, compose: Callable[..., Call]) -> None:
        """Makes a move of a holder or beneficiary, based on a file that is VALID under their policy."""
        if (basis := self.basis(compose)) is not None:
            self.make(basis, compose)

    def of_issuer(self, compose: Callable[..., Call], *, role: str) -> None:
        """Makes a move in the issuer's registry, for which the sender needs a role."""
        from ebl.registry import Registry

        basis = of_issuer(self.sending, self.which, self.terms)
        title = basis.title
        require_role(self.sending, Registry(title.chain_id, title.registry, title.version), role)
        self.make(basis, compose)

    def basis(self, compose: Callable[..., Call]) -> Basis | None:
        """The basis of a holder's move. None if the file is not VALID because an earlier run sent this move, and it was made.

        A title that moved is no longer as the policy requires. The earlier move was based on the file as it was then; the command
        waits for it and prints its result.
        """
        from ebl.verify import NotVerified

        try:
            return of_holder(self.sending, self.which, self.terms)
        except NotVerified as no:
            looks = not (self.sending.dry_run or self.sending.calldata)
            sent_before = self._sent_before(compose) if looks else None
            tell_verdict(self.which, no.report)
            if sent_before is None or self.sending.resume(sent_before) is None:
                tell_nothing_sent()
                raise
            return None

    def make(self, basis: Basis, compose: Callable[..., Call]) -> None:
        """Plans the move, shows it, asks, and sends it."""
        call = compose(basis.moved, remark=self.remark, document_id=basis.document_id)
        try:
            self.sending.send(basis.call(call), bill=basis.shown, doubts=basis.doubts)
        except TransactionError as no:
            if type(no) is TransactionError and no.tx_hash is None:  # refused before a plan showed whose the title is
                say(f"title {state(basis.title)}")
            raise

    def _sent_before(self, compose: Callable[..., Call]) -> Call | None:
        """The move, if a journal has it as sent and open. This opens no key, so that no password is asked for in vain."""
        from ebl.chain.sending import Journals

        try:
            call = compose(self.which.read(self.sending.place), remark=self.remark, document_id=self.which.document_id)
        except Error:
            return None
        return call if Journals.at_home().may_be_out(call) else None


def _with_act(with_terms: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Adds to a command that moves a title its remark, the terms for its file, and the options of sending."""

    def decorate(command: Command) -> Command:
        @_with_remark
        @with_terms
        @with_sending
        @wraps(command)
        def run(sending: Sending, terms: Terms, word: str, registry: str | None, remark: str, **arguments: Any) -> None:
            command(_Act(sending, named(word, registry), terms, remark), **arguments)

        return run

    return decorate


@click.command("transfer-holder")
@_with_title
@click.argument("to", metavar="ADDRESS")
@_with_act(with_terms_of_holders)
def transfer_holder(act: _Act, to: str) -> None:
    """Transfer holdership (possession) to ADDRESS. Only the holder can; the beneficiary stays the same."""
    from ebl.registry import transfer_holder as compose

    act.of_holder(lambda found, **more: compose(found, to, **more))


@click.command()
@_with_title
@click.argument("to", metavar="ADDRESS", required=False)
@click.option("--withdraw", is_flag=True, help="Withdraw the nomination instead.")
@_with_act(with_terms_of_holders)
def nominate(act: _Act, to: str | None, withdraw: bool) -> None:
    """Nominate ADDRESS as the next beneficiary. Only the beneficiary can; the holder then endorses."""
    from ebl.registry import nominate as compose

    if (to is None) != withdraw:
        raise click.UsageError("Name an ADDRESS, or --withdraw.")
    act.of_holder(lambda found, **more: compose(found, to, **more))


@click.command()
@_with_title
@click.argument("to", metavar="ADDRESS")
@_with_act(with_terms_of_holders)
def endorse(act: _Act, to: str) -> None:
    """Make ADDRESS, the nominee, the beneficiary (or any address, if you are holder and beneficiary). Only the holder can."""
    from ebl.registry import endorse as compose

    act.of_holder(lambda found, **more: compose(found, to, **more))


@click.command()
@_with_title
@click.argument("to", metavar="ADDRESS")
@click.option("--holder", metavar="ADDRESS", help="The address that gets possession (default: ADDRESS).")
@_with_act(with_terms_of_holders)
def transfer(act: _Act, to: str, holder: str | None) -> None:
    """Endorse to ADDRESS and transfer holdership, in one move. Only the holder can."""
    from ebl.registry import transfer as compose

    act.of_holder(lambda found, **more: compose(found, beneficiary=to, holder=holder or to, **more))


@click.command()
@_with_title
@click.option("--only", type=click.Choice(["holder", "endorsement"]), help="What was transferred to you, if not both.")
@_with_act(with_terms_of_holders)
def reject(act: _Act, only: str | None) -> None:
    """Reject what was transferred to you: it goes back. Only before you make another move with the title."""
    from ebl.registry import Move, capabilities, reject_endorsement, reject_holder
    from ebl.registry import reject as both

    compose = {"holder": reject_holder, "endorsement": reject_endorsement}.get(only or "", both)
    basis = act.basis(compose)
    if basis is None:
        return
    if only is None and not act.sending.calldata:
        can = capabilities(basis.title, act.sending.key.address).can
        for move, part in ((Move.REJECT_HOLDER, "holder"), (Move.REJECT_ENDORSEMENT, "endorsement")):
            if can(move):
                raise InvalidInput("Only a part was transferred to you.", fix=f"Reject that part: --only {part}.")
    act.make(basis, compose)


@click.command("return")
@_with_title
@_with_act(with_terms_of_holders)
def return_(act: _Act) -> None:
    """Surrender the title to its issuer, for the goods. Only an account that is holder and beneficiary can."""
    from ebl.registry import return_to_issuer

    act.of_holder(return_to_issuer)


@click.command("accept-return")
@_with_title
@_with_act(with_terms_of_registrars)
def accept_return(act: _Act) -> None:
    """Accept a surrendered title: it is accomplished, and out of circulation permanently. The sender must be accepter."""
    from ebl.registry import accept_return as compose

    act.of_issuer(compose, role="accepter")


@click.command("reject-return")
@_with_title
@_with_act(with_terms_of_registrars)
def reject_return(act: _Act) -> None:
    """Restore a surrendered title to its last holder and beneficiary. The sender must be restorer."""
    from ebl.registry import reject_return as compose

    act.of_issuer(compose, role="restorer")


_COLOURS = {"held": "green", "returned": "yellow", "taken_out": "yellow", "not_minted": "red", "hostile": "red"}
_PARTIES = ("holder", "beneficiary", "nominee", "previous_holder", "previous_beneficiary")


def _lines(found: Title, which: Named, language: Language = "en") -> Iterator[str]:
    text = catalogue.word("title_text", found.state, language)
    yield f"{click.style(text, fg=_COLOURS[found.state], bold=True)}  0x{found.token_id:064x}"
    for name in _PARTIES:
        if address := getattr(found, name):
            yield _row(name, address, language)
    if remark := _text(found.remark, which):
        yield _row("remark", printable(remark), language)
    code = {"code": found.code} if found.code else {}
    variant, version = "known_code" if code else "unknown_code", str(found.version)
    yield _row("registry", _said(variant, language, registry=found.registry, version=version, **code), language)
    if found.paused:
        yield _row("paused", _said("is_paused", language), language)
    block = found.block
    at = _said("at_block", language, block=block.number, chain=found.chain_id, time=format_timestamp(block.time))
    yield _row("as_of", at, language)
    yield from (f"  {click.style('✘', fg='red')} {render(doubt, language)}" for doubt in found.doubts)


def _row(label: str, text: str, language: Language) -> str:
    return f"  {padded(catalogue.word('title_text', label, language), 21)} {text}"


def _said(name: str, language: Language, **params: Filling) -> str:
    return phrase("title_text", name, language, **params)


def _history_lines(found: History, language: Language) -> Iterator[str]:
    yield from (_happened(endorsement, language) for endorsement in found.endorsements)
    for gap in found.gaps:
        text = catalogue.word("title_text", "incomplete", language)
        yield f"{click.style(text, fg='yellow', bold=True)}  {render(gap, language)}"
    at: dict[str, Filling] = {"block": found.title.block.number, "chain": found.title.chain_id}
    if not found.endorsements:
        yield _said("nothing", language, **at)
    elif found.complete:
        text = catalogue.word("title_text", "complete", language)
        yield f"{click.style(text, fg='green', bold=True)}  {_said('leads', language, **at)}"


def _happened(done: Endorsement, language: Language) -> str:
    if done.time:
        when = _said("at_time", language, date=f"{done.time:%Y-%m-%d}", clock=f"{done.time:%H:%M:%S}")
    else:
        when = _said("in_block", language, block=done.block_number)
    after = done.after
    if after.holder:
        parties = _said("parties", language, holder=after.holder, beneficiary=str(after.beneficiary))
    else:
        parties = _said("out", language)
    by = _said("by", language, by=done.by) if done.by else ""
    remark = f"  {_said('with_remark', language, remark=done.text)}" if done.text else ""
    action = click.style(catalogue.word("done", done.action, language), bold=True)
    return f"{when}  {action}{by}  {parties}{remark}"


def _name(book: AddressBook | None, address: str) -> str | None:
    entry = None if book is None else book.get(address)
    return None if entry is None else entry.name


def _text(remark: bytes, which: Named) -> str | None:
    from ebl.chain.titles.title_remarks import unseal

    return unseal(remark, which.document_id)
