"""``ebl store``: document stores: deploy one, issue and revoke in it, and query it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from ebl.cli import folders
from ebl.cli import own_files as files
from ebl.cli.acting import (
    UNVERIFIED,
    Shown,
    Terms,
    issuers,
    marked,
    of_bill,
    of_bills,
    require_role,
    with_terms_of_issuers,
)
from ebl.cli.deploy_commands import deploy as create
from ebl.cli.group import EblGroup
from ebl.cli.network_options import with_nodes_agree
from ebl.cli.output import Exit, printable, result, result_json, say
from ebl.cli.place import Whereabouts, with_reading_of_a_file
from ebl.cli.progress import Progress
from ebl.cli.send_options import Part, Sending, with_sending
from ebl.codes import Doubt
from ebl.errors import Error, InvalidInput

if TYPE_CHECKING:
    from ebl.model.document import Document
    from ebl.model.findings import Who
    from ebl.model.ports import Sources
    from ebl.openattestation.anchoring import Anchor
    from ebl.registry import Call, Store

AT_ONCE = 100
"""How many hashes go into one transaction, where the store takes several."""
HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_UNAUDITED = (
    "this contract has not been audited by a third party; --artifact deploys another build, such as the released one"
)
_NEWER = "this store is of the newer kind: many verifiers in use do not accept its documents"
_NAMED = 3
_SHOWN = 5
"""The number of bills of a batch that the plan names."""
with_batch_unseen = click.option(
    "--batch-unseen",
    is_flag=True,
    help="Issue the root of a batch although some of its documents are not given: they are issued too.",
)

store = EblGroup(
    name="store",
    commands_at={
        "deploy": ("ebl.cli.store_commands:deploy", "Create a document store."),
        "issue": ("ebl.cli.store_commands:issue", "Issue roots, by hash or from wrapped documents."),
        "revoke": ("ebl.cli.store_commands:revoke", "Revoke documents, or with --batch whole batches."),
        "status": ("ebl.cli.store_commands:status", "What the store returns about a document."),
        "roles": ("ebl.cli.role_commands:of_store", "The roles of some addresses."),
        "grant": ("ebl.cli.role_commands:grant_in_store", "Grant a role to an address."),
        "ungrant": ("ebl.cli.role_commands:ungrant_in_store", "Revoke a role from an address."),
    },
    help="Document stores: deploy one, issue and revoke in it, query it.",
)


@click.command()
@click.option("--name", required=True, help="The store's name, usually the issuer's.")
@click.option(
    "--owner", metavar="ADDRESS", help="The address that administers, issues and revokes (default: the sender)."
)
@click.option("--artifact", metavar="FILE", help="Deploy this compiled contract instead of the built-in one.")
@with_nodes_agree
@with_sending
def deploy(sending: Sending, name: str, owner: str | None, artifact: str | None, nodes_agree: int | None) -> None:
    """Create a document store, confirm that its code is on chain, and print its address; else exit code 3."""
    from ebl.chain.contracts import artifact as artifacts
    from ebl.registry import deploy_store

    with files.own("the artifact"):
        build = artifacts.read(files.load(artifact)) if artifact else None
    call = deploy_store(sending.chain_id, name=name, owner=sending.or_sender(owner, "--owner"), artifact=build)
    warning = _UNAUDITED if build is None and sending.place.is_public else ""
    create(sending, call, name="store", nodes_agree=nodes_agree, warning=warning)


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("words", metavar="ROOT|FILE…", nargs=-1, required=True)
@with_batch_unseen
@folders.with_only_documents
@with_terms_of_issuers
@with_sending
def issue(
    sending: Sending, terms: Terms, address: str, words: tuple[str, ...], batch_unseen: bool, only_documents: bool
) -> None:
    """Issue roots, up to 100 in one transaction. A FILE (or folder) is a wrapped document, whose root is issued.

    A root issues every document of its batch, so all of them must be given. The documents of a ROOT cannot be checked: it is
    issued as given. Nothing is issued from a folder in which an archive, a PDF or an e-mail may contain documents, unless
    you give --only-documents. Roots that are issued already are left out, so you can safely run it again.

    A FILE must be unaltered and name the store, and its issuer's domain must not name other contracts. The plan shows whether it
    names this one.
    """
    issue_roots(sending, terms, address, words, batch_unseen=batch_unseen, only_documents=only_documents)


def issue_roots(
    sending: Sending,
    terms: Terms,
    address: str,
    words: tuple[str, ...],
    *,
    batch_unseen: bool,
    only_documents: bool,
    at_once: int = AT_ONCE,
) -> None:
    """Issues the roots that ``words`` mean, ``at_once`` in one transaction, as `ebl store issue` does."""
    from ebl.openattestation.anchoring import require_seen
    from ebl.registry import StoreKind, issue_all, issues_in_bulk, store_at, unissued

    given = _given(sending, words, terms, only_documents=only_documents)
    at = sending.place.read()
    where = store_at(at, address)
    look = _Look(where, given, terms, sending)
    roots = _roots(given, look, to_issue=True)
    if where.kind is StoreKind.TRANSFERABLE:
        raise InvalidInput("This store issues each document to an owner, which is not supported.")
    left = unissued(at, where, list(roots))
    if len(left) < len(roots):
        say(f"{len(roots) - len(left)} of {len(roots)} issued already.")
    if not left:
        sending.nothing("nothing to do: every root is issued", {"issued": [f"0x{root.hex()}" for root in roots]})
        return
    if not batch_unseen:
        require_seen({root: unseen for root in left if (unseen := roots[root]) is not None})
    require_role(sending, where, "issuer")
    if at_once > 1 and not sending.calldata:
        sender, node = sending.key.address, sending.node
        at_once = at_once if issues_in_bulk(where, left, sender=sender, node=node) else 1
    newer = [_NEWER] if where.kind is StoreKind.BATCHABLE else []
    warning = "; ".join([*newer, *_unseen({root: roots[root] for root in left})])
    groups = [left[start : start + at_once] for start in range(0, len(left), at_once)]
    calls = issue_all(where, left, at_once=at_once)
    _send(sending, look, list(zip(calls, groups, strict=True)), "issued", warning=warning)


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("words", metavar="HASH|FILE…", nargs=-1, required=True)
@click.option("--batch", is_flag=True, help="Revoke the root of each FILE, and so every document of its batch.")
@folders.with_only_documents
@with_terms_of_issuers
@with_sending
def revoke(
    sending: Sending, terms: Terms, address: str, words: tuple[str, ...], batch: bool, only_documents: bool
) -> None:
    """Revoke documents, up to 100 in one transaction if the store supports it. This cannot be undone.

    A FILE's own hash is revoked, not its batch's. A FILE must be unaltered and name the store, as for `ebl store issue`.
    Documents that are revoked already are left out, so you can safely run it again.
    """
    from ebl.registry import StoreKind, revoke_under, store_at, store_status, unrevoked
    from ebl.registry import revoke as compose

    given = _given(sending, words, terms, only_documents=only_documents)
    at = sending.place.read()
    where = store_at(at, address)
    look = _Look(where, given, terms, sending, by_target=not batch)
    if where.kind is StoreKind.BATCHABLE and not batch and given.names:
        if given.hashes:
            raise click.UsageError("This store revokes a FILE by its proof and a HASH as a root: name only one kind.")
        anchors = list(look.anchors())
        states = (store_status(at, where, root, target=target, proof=proof) for root, target, proof in anchors)
        open_ = [anchor for anchor, state in zip(anchors, states, strict=True) if not state.revoked]
        if not _some_left(sending, [target for _, target, _ in anchors], len(open_)):
            return
        require_role(sending, where, "revoker")
        calls = [(revoke_under(where, root, target, proof), [target]) for root, target, proof in open_]
        _send(sending, look, calls, "revoked")
        return
    hashes = _roots(given, look) if batch else _targets(given, look)
    left = unrevoked(at, where, list(hashes))
    if not _some_left(sending, list(hashes), len(left)):
        return
    require_role(sending, where, "revoker")
    warning = "; ".join(_unseen({value: hashes[value] for value in left})) if batch else ""
    groups = [left[start : start + AT_ONCE] for start in range(0, len(left), AT_ONCE)]
    _send(sending, look, [(compose(where, *group), group) for group in groups], "revoked", warning=warning)


def _some_left(sending: Sending, hashes: Sequence[bytes], left: int) -> bool:
    """Whether there is anything to revoke; prints how much was revoked before."""
    if left < len(hashes):
        say(f"{len(hashes) - left} of {len(hashes)} revoked already.")
    if not left:
        sending.nothing("nothing to do: all are revoked", {"revoked": [f"0x{value.hex()}" for value in hashes]})
    return left > 0


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("word", metavar="HASH|FILE")
@with_reading_of_a_file
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def status(ctx: click.Context, where: Whereabouts, address: str, word: str, as_json: bool) -> None:
    """Show whether a root, or the root of a wrapped document, is issued and not revoked. Exit code 0 if so, 1 if not.

    This is what the store returns about these hashes; a verification (`ebl verify`) checks the document too.
    """
    from ebl.openattestation.anchoring import anchor_of
    from ebl.registry import store_at, store_status
    from ebl.verify import check_integrity

    proof: tuple[bytes, ...] = ()
    chain_id: int | None = None
    if HASH.fullmatch(word):
        root = target = bytes.fromhex(word[2:])
    else:
        document = _read(word)
        check_integrity(document, accepting={Doubt.UNPROTECTED_FIELD})
        root, target, proof = anchor_of(document)
        chain_id = _chain_of(document)
    chain = where.place(chain_id).read()
    found = store_status(chain, store_at(chain, address), root, target=target, proof=proof)
    if as_json:
        result_json(found.to_dict())
    else:
        issued = "issued" if found.issued else "not issued"
        revoked = ", revoked" if found.revoked else ""
        result(f"{issued}{revoked}  in {found.store.address} as of block {found.block.number} of chain {chain.id}")
    ctx.exit(Exit.DONE if found.issued and not found.revoked else Exit.INVALID)


@dataclass(frozen=True, slots=True)
class _Given:
    """The files and hashes that the arguments name. ``first`` is the first file, if it was read."""

    names: Sequence[str]
    hashes: Sequence[bytes]
    first: Document | None

    def documents(self) -> Iterator[tuple[str, Document]]:
        """Yields every file with its document, one at a time."""
        for at, name in enumerate(self.names):
            yield name, self.first if at == 0 and self.first is not None else _read(name)


def _given(sending: Sending, words: tuple[str, ...], terms: Terms, *, only_documents: bool) -> _Given:
    """Finds the files, and the chain: that of the options, or else that of the first file."""
    named = tuple(word for word in words if not HASH.fullmatch(word))
    hashes = [bytes.fromhex(word[2:]) for word in words if HASH.fullmatch(word)]
    if named:
        _require_no_hash(named)
    elif terms.unverified:
        raise click.UsageError(f"{UNVERIFIED} goes with a FILE; a hash is not a file.")
    names = folders.documents(named, only_documents=only_documents)[0] if named else []
    first = _read(names[0]) if names and not sending.where.is_enough else None
    place = sending.where.place(None if first is None else _chain_of(first))
    sending.on(place.asking(terms.asked))
    return _Given(names, hashes, first)


@dataclass(slots=True)
class _Bills:
    """The number of files with one hash, and what is shown of the first of them."""

    count: int = 0
    first: list[Shown] = field(default_factory=list)


@dataclass(slots=True)
class _Look:
    """Checks every file before anything is sent, and keeps what the plan shows of it, by its root or (``by_target``) by its hash.

    One transaction may not send all of them. Each file must be one that its issuer may act on in the store
    (`ebl.checking.own_documents`). Otherwise no verifier would look there, neither for an issued root nor for a revoked hash.
    """

    where: Store
    given: _Given
    terms: Terms
    sending: Sending
    by_target: bool = False
    bills: dict[bytes, _Bills] = field(default_factory=dict)
    who: dict[Who, None] = field(default_factory=dict)
    found: dict[str, None] = field(default_factory=dict)

    def shown(self, hashes: Iterable[bytes]) -> Shown:
        """The lines of the plan that sends these hashes; nothing for hashes that were given as such."""
        found = [self.bills[value] for value in hashes if value in self.bills]
        if not found:
            return ()
        first = list(itertools.islice(itertools.chain.from_iterable(bills.first for bills in found), _SHOWN))
        by = ("issuer", f"NOT VERIFIED ({UNVERIFIED})") if self.terms.unverified else issuers(tuple(self.who))
        return (*of_bills(first, sum(bills.count for bills in found)), by)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What was not established about the issuers' domains."""
        return tuple(self.found)

    def anchors(self, *, to_issue: bool = False) -> Iterator[Anchor]:
        """Yields the root, the own hash and the proof between them, of every file.

        Raises as `ebl.checking.own_documents.require_own`.
        """
        from ebl.openattestation.anchoring import anchor_of

        sources = None if self.terms.unverified or not self.given.names else self._sources()
        with Progress("check", len(self.given.names), kept="Nothing was sent.") as progress:
            for name, document in self.given.documents():
                try:
                    self._look_at(document, name, sources, to_issue)
                    anchor = anchor_of(document)
                except Error:
                    say(f"{printable(name)}: nothing was sent for this file.")
                    raise
                root, target, _ = anchor
                bills = self.bills.setdefault(target if self.by_target else root, _Bills())
                bills.count += 1
                if len(bills.first) < _SHOWN:
                    bills.first.append(of_bill(document))
                progress.step()
                yield anchor

    def _sources(self) -> Sources:
        return self.terms.sources(self.sending, self.sending.place)

    def _look_at(self, document: Document, name: str, sources: Sources | None, to_issue: bool) -> None:
        from ebl.checking.own_documents import require_own
        from ebl.openattestation.issuers import conflict_of

        if to_issue and (conflict := conflict_of(document)) is not None:
            raise InvalidInput(f"No verifier would accept {printable(name)}: it has {conflict}.", fix="Wrap it again.")
        if sources is not None:
            own = require_own(document, self.where, sources=sources)
            self.who.update(dict.fromkeys(own.issuers))
            self.found.update(dict.fromkeys(map(str, own.doubts)))


def _send(
    sending: Sending, look: _Look, calls: Sequence[tuple[Call, Sequence[bytes]]], name: str, *, warning: str = ""
) -> None:
    """Send the calls, each with the hashes that it is of, which its row has as ``name``."""
    parts = [
        Part(
            marked(call) if look.terms.unverified else call,
            {name: [f"0x{value.hex()}" for value in values]},
            look.shown(values),
        )
        for call, values in calls
    ]
    bills = look.shown(itertools.chain.from_iterable(values for _, values in calls))
    sending.send_many(parts, warning=warning, bill=bills, doubts=look.doubts)


def _roots(given: _Given, look: _Look, *, to_issue: bool = False) -> dict[bytes, int | None]:
    """The roots to send, each with the least number of documents of its batch that were not given.

    The number is None for a root that was given as such: its documents are unknown, and the caller is responsible for it.
    """
    from ebl.openattestation.anchoring import unseen_of

    found: dict[bytes, int | None] = {**unseen_of(look.anchors(to_issue=to_issue))}
    for root in given.hashes:
        if found.get(root) != 0:
            found[root] = None
    return found


def _targets(given: _Given, look: _Look) -> dict[bytes, int | None]:
    """The hashes to send: a file's own, and not its batch's."""
    return dict.fromkeys([*(target for _, target, _ in look.anchors()), *given.hashes], 0)


def _unseen(roots: Mapping[bytes, int | None]) -> list[str]:
    """The lines of a plan for documents below these roots that were not checked."""
    from ebl.openattestation.anchoring import words

    partly = [(root, unseen) for root, unseen in roots.items() if unseen]
    said = [f"{words(unseen)} not given, of the batch 0x{root.hex()}" for root, unseen in partly[:_NAMED]]
    if len(partly) > _NAMED:
        said.append(f"the same of {len(partly) - _NAMED} more batches")
    if spelt := sum(unseen is None for unseen in roots.values()):
        which = "a root was given as such" if spelt == 1 else f"{spelt} roots were given as such"
        said.append(f"{which}: documents below it were not checked")
    return said


def _require_no_hash(words: Iterable[str]) -> None:
    for word in words:
        if word.startswith("0x"):
            raise InvalidInput(f"{printable(word)} is not a hash.", fix="A hash is 0x and 64 hex digits.")


def _read(name: str) -> Document:
    """The wrapped document in a file. Nothing is checked."""
    from ebl.checking.formats import read

    _require_no_hash((name,))
    return read(files.load(name))


def _chain_of(document: Document) -> int | None:
    """The chain that the document names; None if it names none, or several."""
    claims = (claim for issuer in document.issuers for claim in (*issuer.status, *issuer.identity))
    chains = {getattr(claim, "chain_id", None) for claim in claims} - {None}
    return chains.pop() if len(chains) == 1 else None
