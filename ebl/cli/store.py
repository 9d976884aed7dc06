"""``ebl store``: document stores, from deploying one to asking what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import click

from ebl.cli import files, folders
from ebl.cli.group import EblGroup
from ebl.cli.output import Exit, printable, result, result_json, say
from ebl.cli.place import Place, with_reading
from ebl.cli.sending import Sending, with_sending
from ebl.errors import InvalidInput

if TYPE_CHECKING:
    from ebl.document import Document
    from ebl.registry import Store
    from ebl.report import Claim

_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_UNAUDITED = "this contract has had no outside audit; --artifact deploys another build, such as the released one"
_NEWER = "this store is of the newer kind, whose documents many verifiers in use do not accept"
_AT_ONCE = 100
_NAMED = 3
_with_batch_unseen = click.option(
    "--batch-unseen",
    is_flag=True,
    help="Issue the root of a batch though documents of it are not given: they are issued too.",
)

store = EblGroup(
    name="store",
    commands_at={
        "deploy": ("ebl.cli.store:deploy", "Create a document store."),
        "issue": ("ebl.cli.store:issue", "Issue roots, by hash or from wrapped documents."),
        "revoke": ("ebl.cli.store:revoke", "Revoke documents, or with --batch whole batches."),
        "status": ("ebl.cli.store:status", "What the store says of a document."),
        "roles": ("ebl.cli.roles:of_store", "Which roles some addresses have."),
        "grant": ("ebl.cli.roles:grant_in_store", "Give somebody a role."),
        "ungrant": ("ebl.cli.roles:ungrant_in_store", "Take a role from somebody."),
    },
    help="Document stores: deploy one, issue and revoke in it, ask it.",
)


@click.command()
@click.option("--name", required=True, help="The store's name, usually the issuer's.")
@click.option("--owner", metavar="ADDRESS", help="Who administers, issues and revokes (default: the sender).")
@click.option("--artifact", metavar="FILE", help="Deploy this compiled contract instead of ours.")
@with_sending
def deploy(sending: Sending, name: str, owner: str | None, artifact: str | None) -> None:
    """Create a document store and print its address."""
    from ebl.contracts import artifact as artifacts
    from ebl.registry import deploy_store

    build = artifacts.read(files.load(artifact)) if artifact else None
    call = deploy_store(sending.chain_id, name=name, owner=sending.or_sender(owner, "--owner"), artifact=build)
    warning = _UNAUDITED if build is None and sending.place.is_public else ""
    sending.send(call, what=lambda receipt: {"store": receipt.contract}, warning=warning)


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("words", metavar="ROOT|FILE…", nargs=-1, required=True)
@_with_batch_unseen
@folders.with_only_documents
@with_sending
def issue(sending: Sending, address: str, words: tuple[str, ...], batch_unseen: bool, only_documents: bool) -> None:
    """Issue roots, up to 100 in one transaction. A FILE (or folder) is a wrapped document, whose root is taken.

    A root issues every document of its batch, so all of them must be given. What a ROOT covers cannot be looked at: it is
    issued as you spell it. Nothing is issued out of a folder in which an archive, a PDF or an e-mail may hold documents, unless
    you say --only-documents. What is issued already is left out, so running it again does no harm.
    """
    from ebl.anchoring import require_seen
    from ebl.registry import StoreKind, store_at, unissued
    from ebl.registry import issue as compose

    chain = sending.place.read()
    where = store_at(chain, address)
    roots = _roots(words, partial(_to_issue, where=where), only_documents=only_documents)
    if where.kind is StoreKind.TRANSFERABLE:
        raise InvalidInput("This store issues each document to an owner; that is not done here.")
    left = unissued(chain, where, list(roots))
    if len(left) < len(roots):
        say(f"{len(roots) - len(left)} of {len(roots)} issued already.")
    if not left:
        sending.nothing("nothing to do: every root is issued", {"issued": [f"0x{root.hex()}" for root in roots]})
        return
    if not batch_unseen:
        require_seen({root: unseen for root in left if (unseen := roots[root]) is not None})
    newer = [_NEWER] if where.kind is StoreKind.BATCHABLE else []
    for start in range(0, len(left), _AT_ONCE):
        part = left[start : start + _AT_ONCE]
        warning = "; ".join([*newer, *_unseen({root: roots[root] for root in part})])
        issued = {"issued": [f"0x{root.hex()}" for root in part]}
        sending.send(compose(where, *part), what=lambda _, issued=issued: issued, warning=warning)  # type: ignore[misc]


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("words", metavar="HASH|FILE…", nargs=-1, required=True)
@click.option("--batch", is_flag=True, help="Take the root of each FILE: revokes every document of its batch.")
@folders.with_only_documents
@with_sending
def revoke(sending: Sending, address: str, words: tuple[str, ...], batch: bool, only_documents: bool) -> None:
    """Revoke documents, in one transaction where the store can; nobody can take it back.

    A FILE's own hash is taken, not its batch's.
    """
    from ebl.anchoring import anchor_of
    from ebl.registry import StoreKind, revoke_under, store_at
    from ebl.registry import revoke as compose

    where = store_at(sending.place.read(), address)
    are_hashes = {bool(_HASH.fullmatch(word)) for word in words}
    if where.kind is StoreKind.BATCHABLE and not batch and False in are_hashes:
        if True in are_hashes:
            raise click.UsageError("This store revokes a FILE by its proof and a HASH as a root: name only one kind.")
        for name in folders.documents(words, only_documents=only_documents)[0]:
            root, target, proof = anchor_of(_checked(name, where))
            revoked = {"revoked": [f"0x{target.hex()}"]}
            sending.send(revoke_under(where, root, target, proof), what=lambda _, revoked=revoked: revoked)  # type: ignore[misc]
        return
    hashes: Mapping[bytes, int | None]
    if batch:
        hashes = _roots(words, partial(_named, where=where), only_documents=only_documents)
    else:
        hashes = dict.fromkeys(_targets(words, where, only_documents=only_documents), 0)
    revoked = {"revoked": [f"0x{value.hex()}" for value in hashes]}
    warning = "; ".join(_unseen(hashes)) if batch else ""
    sending.send(compose(where, *hashes), what=lambda _: revoked, warning=warning)


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("word", metavar="HASH|FILE")
@with_reading
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def status(ctx: click.Context, place: Place, address: str, word: str, as_json: bool) -> None:
    """Whether a root, or a wrapped document's, is issued and not revoked. Exit code 0 if so, 1 if not.

    It is what the store says of these hashes; a verification (`ebl verify`) checks the document too.
    """
    from ebl.anchoring import anchor_of
    from ebl.registry import store_at, store_status

    chain = place.read()
    proof: tuple[bytes, ...] = ()
    if _HASH.fullmatch(word):
        root = target = bytes.fromhex(word[2:])
    else:
        root, target, proof = anchor_of(_checked(word))
    found = store_status(chain, store_at(chain, address), root, target=target, proof=proof)
    if as_json:
        result_json(found.to_dict())
    else:
        issued = "issued" if found.issued else "not issued"
        revoked = ", revoked" if found.revoked else ""
        result(f"{issued}{revoked}  in {found.store.address} as of block {found.block.number} of chain {chain.id}")
    ctx.exit(Exit.DONE if found.issued and not found.revoked else Exit.INVALID)


def _roots(
    words: tuple[str, ...], documents: Callable[[str], Document], *, only_documents: bool
) -> dict[bytes, int | None]:
    """The roots that the words mean, each with how many documents of its batch were not given, at the least.

    None is for a root that was spelt out: what it covers is not known, and the caller answers for it. ``documents`` reads
    the document of a file.
    """
    from ebl.anchoring import unseen_below

    files_named = tuple(word for word in words if not _HASH.fullmatch(word))
    names, _ = folders.documents(files_named, only_documents=only_documents) if files_named else ([], None)
    found: dict[bytes, int | None] = {**unseen_below(map(documents, names))}
    for word in filter(_HASH.fullmatch, words):
        root = bytes.fromhex(word[2:])
        if found.get(root) != 0:
            found[root] = None
    return found


def _unseen(roots: Mapping[bytes, int | None]) -> list[str]:
    """What a plan says of documents that are below these roots and were not looked at."""
    from ebl.anchoring import words

    partly = [(root, unseen) for root, unseen in roots.items() if unseen]
    said = [f"{words(unseen)} not given, of the batch 0x{root.hex()}" for root, unseen in partly[:_NAMED]]
    if len(partly) > _NAMED:
        said.append(f"the same of {len(partly) - _NAMED} more batches")
    if spelt := sum(unseen is None for unseen in roots.values()):
        which = "a root was spelt out" if spelt == 1 else f"{spelt} roots were spelt out"
        said.append(f"{which}: nothing below was looked at")
    return said


def _targets(words: tuple[str, ...], where: Store, *, only_documents: bool) -> Iterator[bytes]:
    """The hashes that the words mean: a file's own, and not its batch's."""
    from ebl.anchoring import anchor_of

    for word in words:
        if _HASH.fullmatch(word):
            yield bytes.fromhex(word[2:])
        else:
            names, _ = folders.documents((word,), only_documents=only_documents)
            yield from (anchor_of(_checked(name, where))[1] for name in names)


def _checked(name: str, where: Store | None = None) -> Document:
    """A wrapped document that is unaltered, and (see `_named`) names the store."""
    from ebl.verify import check_integrity

    document = _named(name, where)
    check_integrity(document)
    return document


def _named(name: str, where: Store | None = None) -> Document:
    """A wrapped document out of a file.

    Refused is one that does not name the store ``where``: no verifier would look there, neither for an issued root nor for a
    revoked hash.
    """
    from ebl.formats import read

    if name.startswith("0x"):
        raise InvalidInput(f"{printable(name)} is no hash.", fix="A hash is 0x and 64 hex digits.")
    document = read(files.load(name))
    if where is not None:
        _require_named(document, name, where)
    return document


def _to_issue(name: str, where: Store) -> Document:
    """As `_named`, and one whose issuers a verifier could accept."""
    from ebl.formats.issuers import conflict_of

    document = _named(name, where)
    if (conflict := conflict_of(document)) is not None:
        raise InvalidInput(f"No verifier would accept {printable(name)}: it has {conflict}.", fix="Wrap it anew.")
    return document


def _require_named(document: Document, name: str, where: Store) -> None:
    named = dict.fromkeys(
        place
        for issuer in document.issuers
        for claim in issuer.status
        if (place := _place(claim)) is not None  # what has no place is not issued by a contract
    )
    if not any(chain in (None, where.chain_id) and at.lower() == where.address.lower() for chain, at in named):
        others = ", ".join(f"{at}{'' if chain is None else f' on chain {chain}'}" for chain, at in named)
        raise InvalidInput(
            f"{name} does not name the store {where.address} on chain {where.chain_id}; it names {others or 'none'}.",
            fix="Give the store that it names; or give the hash itself, if that is what you mean.",
        )


def _place(claim: Claim) -> tuple[int | None, str] | None:
    """The chain (None: not named) and the address of the contract that issues a document, or in which it is revoked."""
    from ebl.status.document_store import DocumentStore
    from ebl.status.revocation import NotRevoked
    from ebl.status.token_registry import TokenRegistry

    match claim:
        case DocumentStore(chain_id=chain_id, address=address) | TokenRegistry(chain_id=chain_id, address=address):
            return chain_id, address
        case NotRevoked(kind="REVOCATION_STORE", chain_id=chain_id, location=str(location)):
            return chain_id, location
        case _:
            return None
