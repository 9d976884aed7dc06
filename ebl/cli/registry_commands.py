"""``ebl registry``: token registries, which issue titles and take them back."""

from __future__ import annotations

import click

from ebl.cli import own_files as files
from ebl.cli.acting import Terms, of_issuer, require_role, with_terms_of_registrars
from ebl.cli.deploy_commands import deploy as create
from ebl.cli.group import EblGroup
from ebl.cli.network_options import with_nodes_agree
from ebl.cli.output import result, result_json, say
from ebl.cli.place import Place, with_reading
from ebl.cli.send_options import Sending, with_sending
from ebl.cli.titled import named
from ebl.errors import InvalidInput

_UNAUDITED = "these contracts have had no outside audit"

registry = EblGroup(
    name="registry",
    commands_at={
        "deploy": ("ebl.cli.registry_commands:deploy", "Create a token registry."),
        "mint": ("ebl.cli.registry_commands:mint", "Issue a title to its first holder and beneficiary."),
        "status": ("ebl.cli.registry_commands:status", "What a registry says of itself."),
        "roles": ("ebl.cli.role_commands:of_registry", "Which roles some addresses have."),
        "grant": ("ebl.cli.role_commands:grant_in_registry", "Give somebody a role."),
        "ungrant": ("ebl.cli.role_commands:ungrant_in_registry", "Take a role from somebody."),
        "pause": ("ebl.cli.registry_commands:pause", "Stop every move of every title."),
        "unpause": ("ebl.cli.registry_commands:unpause", "Let moves go on."),
    },
    help="Token registries: deploy one, issue titles in it, ask it.",
)


@click.command()
@click.option("--name", required=True, help="The registry's name, usually the carrier's.")
@click.option("--symbol", required=True, help="A short name, such as SCL.")
@click.option(
    "--admin", metavar="ADDRESS", help="Who gets every role, through the released deployer (default: the sender)."
)
@click.option("--factory", metavar="ADDRESS", help="A title escrow factory to use, instead of a new one of ours.")
@click.option("--artifact", metavar="FILE", help="Deploy this compiled registry instead of ours; needs --factory.")
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
    """Create a token registry and print its address, once it is confirmed to be what was asked for; else exit code 3.

    Where the chain has the released deployer, that makes it; elsewhere ours is deployed: a factory of escrows, then the
    registry, in two transactions.
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
        raise InvalidInput("Here the sender gets every role.", fix="Leave --admin out, then: ebl registry grant …")
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
@click.argument("word", metavar="FILE|TOKEN")
@click.option("--registry", "address", metavar="ADDRESS", help="The registry; a FILE names its own.")
@click.option("--beneficiary", metavar="ADDRESS", required=True, help="Who gets the right to the goods.")
@click.option("--holder", metavar="ADDRESS", help="Who gets possession (default: the beneficiary).")
@click.option("--remark", default="", help="Up to 120 bytes, for everybody to read.")
@with_terms_of_registrars
@with_sending
def mint(
    sending: Sending,
    terms: Terms,
    word: str,
    address: str | None,
    beneficiary: str,
    holder: str | None,
    remark: str,
) -> None:
    """Issue the title of a wrapped document or credential (or a token id). Running it again does no harm.

    A FILE must be unaltered, signed by its issuer if it is signed, and the issuer's domain must not name other contracts.
    Whether it names this one is shown in the plan; --yes alone does not cover a record that is missing.
    """
    from ebl.registry import Registry, State
    from ebl.registry import mint as compose

    which = named(word, address)
    basis = of_issuer(sending, which, terms)
    title = basis.title
    holder = holder or beneficiary
    if title.state is not State.NOT_MINTED:
        parties = (title.holder or "", title.beneficiary or "")
        if title.state is State.HELD and parties == (_checksummed(holder), _checksummed(beneficiary)):
            sending.nothing("nothing to do: the title is issued, to these parties", title.to_dict())
            return
        raise InvalidInput(f"This title was issued before, and is now: {title.state}.", fix="Look: ebl title show …")
    where = Registry(title.chain_id, title.registry, title.version)
    call = compose(
        where, which.token_id, beneficiary=beneficiary, holder=holder, remark=remark, document_id=which.document_id
    )
    require_role(sending, where, "minter")
    minted = {"title": f"0x{which.token_id:064x}"}
    sending.send(basis.call(call), what=lambda _: minted, bill=basis.shown, doubts=basis.doubts)


@click.command()
@click.argument("address", metavar="REGISTRY")
@with_reading
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def status(place: Place, address: str, as_json: bool) -> None:
    """What a registry says of itself: its version, whether it is paused, and whether its code is known."""
    from ebl.registry import Registry, registry_status

    chain = place.read()
    found = registry_status(chain, Registry(chain.id, address))
    if as_json:
        result_json(found.to_dict())
        return
    result(f"{found.registry.address}  version {found.registry.version}{', paused' if found.paused else ''}")
    result(f"  calls itself  {found.name!r} ({found.symbol!r}), which proves nothing")
    result(f"  code          {found.code or 'not known here'}")
    result(f"  since         block {found.genesis} of chain {found.registry.chain_id}")


@click.command()
@click.argument("address", metavar="REGISTRY")
@click.option("--remark", default="", help="Up to 120 bytes, for everybody to read.")
@with_sending
def pause(sending: Sending, address: str, remark: str) -> None:
    """Stop every move of every title. The sender must be admin."""
    from ebl.registry import pause as compose
    from ebl.registry import registry_at

    sending.send(compose(registry_at(sending.place.read(), address), remark=remark))


@click.command()
@click.argument("address", metavar="REGISTRY")
@click.option("--remark", default="", help="Up to 120 bytes, for everybody to read.")
@with_sending
def unpause(sending: Sending, address: str, remark: str) -> None:
    """Let moves go on. The sender must be admin."""
    from ebl.registry import registry_at
    from ebl.registry import unpause as compose

    sending.send(compose(registry_at(sending.place.read(), address), remark=remark))


def _checksummed(address: str) -> str:
    from ebl.model.given_address import require_address

    return require_address(address, "address")
