"""``ebl registry``: token registries, which issue titles and take them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ebl.cli import folders
from ebl.cli import own_files as files
from ebl.cli.acting import Basis, Terms, of_bills, of_issuer, require_role, with_terms_of_registrars
from ebl.cli.deploy_commands import deploy as create
from ebl.cli.group import EblGroup
from ebl.cli.network_options import with_nodes_agree
from ebl.cli.output import printable, result, result_json, say
from ebl.cli.place import Place, with_reading
from ebl.cli.progress import Progress
from ebl.cli.send_options import Part, Sending, with_sending
from ebl.cli.titled import TOKEN, Named, named
from ebl.errors import Error, InvalidInput

if TYPE_CHECKING:
    from ebl.model.ports import Sources
    from ebl.registry import Registry

_SHOWN = 5
"""How many bills the plan names."""
_UNAUDITED = "these contracts have not been audited by a third party"

registry = EblGroup(
    name="registry",
    commands_at={
        "deploy": ("ebl.cli.registry_commands:deploy", "Create a token registry."),
        "mint": ("ebl.cli.registry_commands:mint", "Issue titles to their first holder and beneficiary."),
        "status": ("ebl.cli.registry_commands:status", "What a registry states about itself."),
        "roles": ("ebl.cli.role_commands:of_registry", "Which roles some addresses have."),
        "grant": ("ebl.cli.role_commands:grant_in_registry", "Grant a role to an address."),
        "ungrant": ("ebl.cli.role_commands:ungrant_in_registry", "Revoke a role from an address."),
        "pause": ("ebl.cli.registry_commands:pause", "Stop every move of every title."),
        "unpause": ("ebl.cli.registry_commands:unpause", "Allow moves again."),
    },
    help="Token registries: deploy one, issue titles in it, query it.",
)


@click.command()
@click.option("--name", required=True, help="The registry's name, usually the carrier's.")
@click.option("--symbol", required=True, help="A short name, such as SCL.")
@click.option(
    "--admin",
    metavar="ADDRESS",
    help="The address that gets every role, through the released deployer (default: the sender).",
)
@click.option("--factory", metavar="ADDRESS", help="A title escrow factory to use instead of a new one.")
@click.option(
    "--artifact", metavar="FILE", help="Deploy this compiled registry instead of the built-in one; needs --factory."
)
@with_nodes_agree
@with_sending
def deploy(
    sending: Sending,
    name: str,
    symbol: str,
    admin: str | None,
    factory: str | None,
    artifact: str | None,
    nodes_agree: int | None,
) -> None:
    """Create a token registry, confirm that it is as requested, and print its address; else exit code 3.

    If the chain has the released deployer, that creates the registry. Otherwise the built-in contracts are deployed in two
    transactions: a factory of escrows, then the registry.
    """
    from ebl.chain.contracts import artifact as artifacts
    from ebl.registry import deploy_factory, deploy_registry, deploy_registry_through

    if artifact and not factory:
        raise click.UsageError("--artifact needs --factory ADDRESS.")
    network = sending.place.network
    deployer, implementation = (
        (network.contract("v5", "deployer"), network.contract("v5", "token_implementation"))
        if network
        else (None, None)
    )
    if deployer and implementation and not factory:
        call = deploy_registry_through(
            sending.chain_id,
            deployer=deployer,
            implementation=implementation,
            name=name,
            symbol=symbol,
            admin=sending.or_sender(admin, "--admin"),
        )
        create(sending, call, name="registry", nodes_agree=nodes_agree)
        return
    if admin is not None:
        raise InvalidInput(
            "On this chain, the sender gets every role.", fix="Leave --admin out, then: ebl registry grant …"
        )
    warning = _UNAUDITED if sending.place.is_public and not artifact else ""
    if factory is None:
        factory = create(
            sending, deploy_factory(sending.chain_id), name="factory", nodes_agree=nodes_agree, warning=warning
        )
        if factory is None:
            say("The registry itself is deployed after its factory: give --factory to see that call.")
            return
    with files.own("the artifact"):
        build = artifacts.read(files.load(artifact)) if artifact else None
    call = deploy_registry(sending.chain_id, name=name, symbol=symbol, factory=factory, artifact=build)
    create(sending, call, name="registry", nodes_agree=nodes_agree, warning=warning)


@click.command()
@click.argument("words", metavar="FILE|TOKEN…", nargs=-1, required=True)
@click.option("--registry", "address", metavar="ADDRESS", help="The registry; a FILE names its own.")
@click.option("--beneficiary", metavar="ADDRESS", required=True, help="The address that gets the right to the goods.")
@click.option("--holder", metavar="ADDRESS", help="The address that gets possession (default: the beneficiary).")
@click.option("--remark", default="", help="Up to 120 bytes, stored on chain and public.")
@folders.with_only_documents
@with_terms_of_registrars
@with_sending
def mint(
    sending: Sending,
    terms: Terms,
    words: tuple[str, ...],
    address: str | None,
    beneficiary: str,
    holder: str | None,
    remark: str,
    only_documents: bool,
) -> None:
    """Issue the titles of wrapped documents or credentials (or token ids) to the same parties. You can safely run it again.

    A FILE may be a folder. For several titles, one plan is shown and one question asked. Titles that are issued to these parties
    already are left out.

    A FILE must be unaltered. If it is signed, its issuer must have signed it. The issuer's domain must not name other contracts.
    The plan shows whether it names this one; --yes alone does not cover a missing record.
    """
    parties = _checksummed(holder or beneficiary), _checksummed(beneficiary)
    tokens = [word for word in words if TOKEN.fullmatch(word)]
    files_ = tuple(word for word in words if not TOKEN.fullmatch(word))
    names = folders.documents(files_, only_documents=only_documents)[0] if files_ else []
    found = _bases(sending, terms, [named(word, address) for word in (*names, *tokens)])
    left = [basis for basis in found if not _is_issued(basis, parties)]
    if not left:
        issued = [basis.title.to_dict() for basis in found]
        if len(issued) == 1:
            sending.nothing("nothing to do: the title is issued, to these parties", issued[0])
        else:
            sending.nothing("nothing to do: all titles are issued, to these parties", {"titles": issued})
        return
    if len(left) < len(found):
        say(f"{len(found) - len(left)} of {len(found)} issued already.")
    for where in dict.fromkeys(_registry_of(basis) for basis in left):
        require_role(sending, where, "minter")
    parts = [_part(basis, parties, remark) for basis in left]
    bills = left[0].shown if len(left) == 1 else of_bills([basis.shown for basis in left[:_SHOWN]], len(left))
    doubts = tuple(dict.fromkeys(doubt for basis in left for doubt in basis.doubts))
    sending.send_many(parts, bill=bills, doubts=doubts)


def _bases(sending: Sending, terms: Terms, titles: Sequence[Named]) -> list[Basis]:
    """What each act rests on. Raises click's usage error unless all are of one chain, and as `of_issuer` for one of them."""
    seen: dict[tuple[str, int], str] = {}
    sources: Sources | None = None
    found: list[Basis] = []
    chains = {which.chain_id for which in titles} - {None}
    if len(chains) > 1:
        named_chains = " and ".join(map(str, sorted(filter(None, chains))))
        raise click.UsageError(f"These are titles of chains {named_chains}: name those of one.")
    with Progress("check", len(titles), kept="Nothing was sent.") as progress:
        for which in titles:
            one = which.registry, which.token_id
            if one in seen:
                raise InvalidInput(
                    f"{printable(which.word)} has the title of {printable(seen[one])}.", fix="Name each title once."
                )
            seen[one] = which.word
            try:
                if sources is None and which.document is not None and not terms.unverified:
                    sources = terms.sources(sending, which.place(sending.where).asking(terms.asked))
                found.append(of_issuer(sending, which, terms, sources=sources))
            except Error:
                if len(titles) > 1:
                    say(f"{printable(which.word)}: nothing was sent for this file.")
                raise
            progress.step()
    return found


def _is_issued(basis: Basis, parties: tuple[str, str]) -> bool:
    """Whether a title is issued to the holder and beneficiary. Raises `InvalidInput` if it is, or was, to others."""
    from ebl.registry import State

    title = basis.title
    if title.state is State.NOT_MINTED:
        return False
    if title.state is State.HELD and (title.holder, title.beneficiary) == parties:
        return True
    raise InvalidInput(
        f"The title 0x{title.token_id:064x} was issued before, and is now: {title.state}.", fix="Look: ebl title show …"
    )


def _registry_of(basis: Basis) -> Registry:
    from ebl.registry import Registry

    return Registry(basis.title.chain_id, basis.title.registry, basis.title.version)


def _part(basis: Basis, parties: tuple[str, str], remark: str) -> Part:
    from ebl.registry import mint as compose

    holder, beneficiary = parties
    token_id, document_id = basis.title.token_id, basis.document_id
    call = compose(
        _registry_of(basis), token_id, beneficiary=beneficiary, holder=holder, remark=remark, document_id=document_id
    )
    return Part(basis.call(call), {"title": f"0x{token_id:064x}"}, basis.shown)


@click.command()
@click.argument("address", metavar="REGISTRY")
@with_reading
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def status(place: Place, address: str, as_json: bool) -> None:
    """What a registry states about itself: its version, whether it is paused, and whether its code is known."""
    from ebl.registry import Registry, registry_status

    chain = place.read()
    found = registry_status(chain, Registry(chain.id, address))
    if as_json:
        result_json(found.to_dict())
        return
    result(f"{found.registry.address}  version {found.registry.version}{', paused' if found.paused else ''}")
    result(f"  calls itself  {found.name!r} ({found.symbol!r}), which is not verified")
    result(f"  code          {found.code or 'unknown to this version'}")
    result(f"  since         block {found.genesis} of chain {found.registry.chain_id}")


@click.command()
@click.argument("address", metavar="REGISTRY")
@click.option("--remark", default="", help="Up to 120 bytes, stored on chain and public.")
@with_sending
def pause(sending: Sending, address: str, remark: str) -> None:
    """Stop every move of every title. The sender must be admin."""
    from ebl.registry import pause as compose
    from ebl.registry import registry_at

    sending.send(compose(registry_at(sending.place.read(), address), remark=remark))


@click.command()
@click.argument("address", metavar="REGISTRY")
@click.option("--remark", default="", help="Up to 120 bytes, stored on chain and public.")
@with_sending
def unpause(sending: Sending, address: str, remark: str) -> None:
    """Allow moves of titles again. The sender must be admin."""
    from ebl.registry import registry_at
    from ebl.registry import unpause as compose

    sending.send(compose(registry_at(sending.place.read(), address), remark=remark))


def _checksummed(address: str) -> str:
    from ebl.model.given_address import require_address

    return require_address(address, "address")
