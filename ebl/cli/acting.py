"""The checks of a FILE before a command sends a transaction based on it, and what the plan then shows of the bill.

The move of a holder or a buyer needs a file that is VALID under ``--issuer`` or ``--policy``. An issuer's own move needs a file
that is unaltered, of the contract in question, and signed by the issuer. ``--file-unverified`` skips both checks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebl.checking.memo import Run
from ebl.cli.accepting import accepted, from_file, with_accepting
from ebl.cli.network_options import RESOLVING, layer, online, with_nodes_agree, with_prove, with_resolving
from ebl.cli.output import Exit, printable, say
from ebl.cli.print_reports import lines, with_strictness
from ebl.cli.send_options import RESTS_ON

if TYPE_CHECKING:
    from ebl.cli.place import Place
    from ebl.cli.send_options import Sending
    from ebl.cli.titled import Named
    from ebl.config.settings import Layer
    from ebl.model.document import Document
    from ebl.model.findings import Who
    from ebl.model.ports import Sources
    from ebl.registry import Call, Registry, Store, Title
    from ebl.reports.report import Report

UNVERIFIED = "--file-unverified"
UNCONFIRMED = "--domain-unconfirmed"
_WIDEST = 100

Shown = tuple[tuple[str, str], ...]
"""Lines of a plan: a label and its text, which is safe to print."""

_OUTLINE = {
    "number": ("number", "reference"),
    "carrier": ("carrier", "issuing_party", "carrier.code"),
    "shipper": ("shipper", "exporter"),
    "consignee": ("consignee", "importer"),
    "to order": ("to_order_of", "to_order"),
    "notify": ("notify_party",),
    "goods": ("goods.description",),
}
"""What a plan shows of a bill: the label of each line, and the fields of which the first with a value is shown."""

_unverified = click.option(
    UNVERIFIED,
    "unverified",
    is_flag=True,
    help="Use what FILE names without checking FILE at all. The plan and the journal state this.",
)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which a command accepts a FILE: its policy, its network settings, or that it checks nothing."""

    asked: Layer = field(default_factory=dict)
    unverified: bool = False
    issuers: tuple[str, ...] = ()
    policy_file: Path | None = None
    strict: bool = False
    unconfirmed: bool = False

    def sources(self, sending: Sending, place: Place, *of_file: Layer, names_chain: bool = True) -> Sources:
        """The sources to query: the nodes of the place and of other named chains, and the resolvers; with a file's settings.

        A document that names no chain (not ``names_chain``) is on the chain of the place, so no other chain is included.
        """
        nodes = sending.where.nodes(place) if names_chain else {place.chain_id: place.urls}
        asked = {"rpc": nodes, "max_age": place.asked.get("max_age")}
        return Run(online(asked, self.asked, *of_file)).once


def with_terms_of_holders(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options with which a holder or a buyer names the accepted issuer. The command gets ``terms``."""

    @with_accepting
    @with_resolving
    @with_nodes_agree
    @with_prove
    @with_strictness
    @_unverified
    @wraps(command)
    def run(
        *args: Any, policy_file: Path | None, issuer: tuple[str, ...], strict: bool, unverified: bool, **options: Any
    ) -> Any:
        if policy_file and issuer:
            raise click.UsageError("Give --policy or --issuer, not both: a policy names the issuers to accept.")
        if unverified and (policy_file or issuer):
            raise click.UsageError(f"{UNVERIFIED} checks nothing, so --issuer and --policy do not go with it.")
        asked = layer(options, *RESOLVING, "nodes_agree", "prove")
        return command(*args, terms=Terms(asked, unverified, issuer, policy_file, strict), **options)

    return run


def with_terms_of_issuers(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options for an issuer's own command, which set how its domain is queried. The command gets ``terms``."""

    @with_resolving
    @with_nodes_agree
    @_unverified
    @wraps(command)
    def run(*args: Any, unverified: bool, **options: Any) -> Any:
        asked = layer(options, *RESOLVING, "nodes_agree")
        return command(*args, terms=Terms(asked, unverified), **options)

    return run


def with_terms_of_registrars(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of `with_terms_of_issuers` for a move of a title, which cannot be undone. The command gets ``terms``."""

    @with_terms_of_issuers
    @click.option(
        UNCONFIRMED,
        "unconfirmed",
        is_flag=True,
        help="With --yes or --calldata: continue although the domain's record is missing or could not be queried.",
    )
    @wraps(command)
    def run(*args: Any, terms: Terms, unconfirmed: bool, **options: Any) -> Any:
        return command(*args, terms=replace(terms, unconfirmed=unconfirmed), **options)

    return run


@dataclass(frozen=True, slots=True)
class Basis:
    """The basis of a move: the ``report`` of a valid file, or the title alone; and what the plan shows of it."""

    title: Title
    document_id: str
    shown: Shown
    doubts: tuple[str, ...] = ()
    report: Report | None = None
    unverified: bool = False

    @property
    def moved(self) -> Title | Report:
        """The title or report from which the move is composed."""
        return self.title if self.report is None else self.report

    def call(self, call: Call) -> Call:
        """The call. Its summary, which the journal keeps, states if the file was not verified."""
        return marked(call) if self.unverified else call


def marked(call: Call) -> Call:
    """The call marked as based on a file that was not verified."""
    return replace(call, summary=f"{call.summary} ({UNVERIFIED})")


def of_holder(sending: Sending, which: Named, terms: Terms) -> Basis:
    """The basis of a holder's or a buyer's move: a given token id, or a file that is VALID and whose title is in circulation.

    Raises click's usage error if no option names the accepted issuer, and `ebl.verify.NotVerified` for any other verdict.
    """
    place = which.place(sending.where).asking(terms.asked)
    sending.on(place)
    if which.document is None:
        _no_file(terms, terms.issuers or terms.policy_file or terms.unverified or terms.strict)
    elif not terms.unverified:
        return _verified(sending, which, place, terms)
    return _named_only(which, place, terms)


def of_issuer(sending: Sending, which: Named, terms: Terms, *, sources: Sources | None = None) -> Basis:
    """The basis of an issuer's move of a title: a given token id, or a file of its own (`ebl.checking.own_documents`).

    ``sources`` are those of a run over several files, so that every response is cached.
    Raises as `ebl.checking.own_documents.require_own`, and click's usage error for a doubt that no one can be asked about. A move
    of a title cannot be undone, so ``--yes``, which was given before the doubt was known, does not cover it.
    """
    from ebl.checking.own_documents import require_own
    from ebl.registry import Registry

    place = which.place(sending.where).asking(terms.asked)
    sending.on(place)
    if which.document is None or terms.unverified:
        _no_file(terms, which.document is None and terms.unverified)
        return _named_only(which, place, terms)
    contract = Registry(place.chain_id, which.registry)
    own = require_own(which.document, contract, sources=sources or terms.sources(sending, place))
    if own.doubts and (sending.yes or sending.calldata) and not (terms.unconfirmed or sending.dry_run):
        raise click.UsageError(
            f"Nothing was sent: {printable(str(own.doubts[0]))}. A move of a title cannot be undone, so this is not"
            f" covered by --yes: resolve the doubt first, or add {UNCONFIRMED}."
        )
    title = which.read(place)
    shown = (*of_bill(which.document), ("issuer", _issuers(own.issuers)), ("title", state(title)))
    return Basis(title, which.document_id, shown, tuple(map(str, own.doubts)))


def _verified(sending: Sending, which: Named, place: Place, terms: Terms) -> Basis:
    from ebl.policy import AllOf, TitleIn
    from ebl.registry import State
    from ebl.status.token_registry import Titled
    from ebl.verify import Reader, verify

    assert which.document is not None
    if not terms.issuers and terms.policy_file is None:
        raise click.UsageError(
            f"Name the issuer of {printable(which.word)} that you accept: --issuer DOMAIN, or --policy FILE, as for"
            f" ebl verify. (Or give the token id, 0x… with --registry; or {UNVERIFIED}.)"
        )
    file = from_file(terms.policy_file, terms.asked) if terms.policy_file else None
    policy = accepted(terms.issuers) if file is None else file.policy
    document = which.document if file is None else Reader.of(file.accepted).again(which.document)
    of_file = () if file is None else (file.said,)
    report = verify(
        document,
        AllOf(policy, TitleIn(State.HELD)),
        sources=terms.sources(sending, place, *of_file, names_chain=which.chain_id is not None),
    )
    if terms.strict and report.conditions:
        tell_verdict(which, report)
        tell_nothing_sent()
        click.get_current_context().exit(Exit.INDETERMINATE)
    (title,) = (fact.title for fact in report.facts if isinstance(fact, Titled))
    who = tuple(one for issuer in document.issuers for one in report.who(issuer))
    conditions_shown = tuple((RESTS_ON, _line(f"{found.remark}: {found.detail}")) for found in report.conditions)
    shown = (*of_bill(document), ("issuer", _issuers(who)), ("title", state(title)), *conditions_shown)
    return Basis(title, which.document_id, shown, report=report)


def tell_verdict(which: Named, report: Report) -> None:
    """Prints the report of a file that is not VALID, so that nothing is sent."""
    for line in lines(which.word, report, brief=True):
        say(line)


def tell_nothing_sent() -> None:
    """Prints that nothing was sent."""
    say("Nothing was sent: the move needs a file that is VALID under your policy.")


def _named_only(which: Named, place: Place, terms: Terms) -> Basis:
    """A title given by its token id, or named by a file that is not verified."""
    title = which.read(place)
    bill = () if which.document is None else (*of_bill(which.document), ("issuer", f"NOT VERIFIED ({UNVERIFIED})"))
    return Basis(title, which.document_id, (*bill, ("title", state(title))), unverified=terms.unverified)


def _no_file(terms: Terms, given: object) -> None:
    if given:
        raise click.UsageError("--issuer, --policy and the like go with a FILE, not with a token id.")


def of_bill(document: Document) -> Shown:
    """The main fields of the document's bill, as far as the table of field names knows them."""
    from ebl.bill import FieldState, bill

    read = bill(document)
    own_id = document.id or read["document_id"].text or ""  # a W3C title is bound to it
    found = [("id", _line(own_id))] if own_id.strip() else []
    for label, names in _OUTLINE.items():
        field = next((read[name] for name in names if read[name].entries), None)
        if field is not None:
            several = " and another value" if field.state is FieldState.AMBIGUOUS else ""
            others = len(field.entries) - 1
            more = f" and {others} more" if field.state is FieldState.PRESENT and others and not field.facets else ""
            found.append((label, f"{_line(field.entries[0].text)}{several or more}"))
    return tuple(found) or (("bill", "no number, party or goods under a known name"),)


def of_bills(bills: Sequence[Shown], count: int) -> Shown:
    """The lines for ``count`` bills, of which some are given (as by `of_bill`): all of the first, the numbers of the others."""
    if count == 1:
        return bills[0]
    lines = [dict(bill) for bill in bills]
    numbers = [line.get("number") or line.get("id") or "without a number" for line in lines]
    more = f" and {count - len(numbers)} more" if count > len(numbers) else ""
    listed = ", ".join(_line(number, 30) for number in numbers)
    return (("bills", f"{count}: {listed}{more}"), *bills[0])


def state(title: Title) -> str:
    """The state and the parties of a title, in words."""
    from ebl.registry import State

    words = {
        State.HELD: "in circulation",
        State.RETURNED: "surrendered to its issuer",
        State.TAKEN_OUT: "accomplished: taken out of circulation permanently",
        State.NOT_MINTED: "never issued",
        State.HOSTILE: "not to be relied on",
    }
    parties = (("holder", title.holder), ("beneficiary", title.beneficiary), ("nominee", title.nominee))
    told = [words[title.state], *(f"{name} {address}" for name, address in parties if address)]
    return f"0x{title.token_id:064x}, {', '.join(told)}, as of block {title.block.number}"


def issuers(who: Sequence[Who]) -> tuple[str, str]:
    """The line with the verified issuers of a file."""
    return "issuer", _issuers(who)


def _issuers(who: Sequence[Who]) -> str:
    return _line(", ".join(map(_one, dict.fromkeys(who))) or "no verified issuer", 4 * _WIDEST)


def _one(who: Who) -> str:
    how = f"DNS, assurance: {who.assurance}" if who.assurance else "its DID"
    return f"{who} (verified with {how})"


def _line(text: str, widest: int = _WIDEST) -> str:
    """A third party's text on one line: control characters are escaped, and then it is cut to a width."""
    shown = re.sub(
        " {2,}", " ", printable(text)
    )  # many spaces would wrap, so that the rest looks like a line of its own
    return shown if len(shown) <= widest else f"{shown[: widest - 1]}…"


def require_role(sending: Sending, contract: Store | Registry, role: str) -> None:
    """Raises `ebl.errors.TransactionError` if the sender does not have the role. For a contract without roles, the plan decides.

    The sender of a call that is only printed is unknown, so nothing is checked then.
    """
    from ebl.codes import Doubt
    from ebl.errors import SourceError, TransactionError
    from ebl.registry import appointments

    if sending.calldata:
        return
    sender = sending.key.address
    try:
        ((_, held),) = appointments(sending.place.read(), contract, (sender,)).held
    except SourceError as trouble:
        if trouble.doubt is Doubt.CHAIN_BAD_ANSWER:
            return
        raise
    if role not in held:
        raise TransactionError(
            f"Not sent: {sender} does not have the role {role} in {contract.address}.",
            fix=f"Ask an admin for it (grant), or send with the key that has it. The sender has: {', '.join(held) or 'none'}.",
        )
