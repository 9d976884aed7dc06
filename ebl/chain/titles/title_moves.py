"""Moves of titles and registries, encoded as calls: what carriers, shippers, banks and consignees do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ebl.chain.contracts import artifact as artifacts
from ebl.chain.contracts import registry_deployer
from ebl.chain.contracts.versions import VERSIONS
from ebl.chain.sending.call import Call
from ebl.chain.titles.registries import Registry
from ebl.chain.titles.title_remarks import seal
from ebl.chain.titles.title_state import State, Title
from ebl.errors import InvalidInput
from ebl.ethereum.address import ZERO
from ebl.model.findings import TitleFact
from ebl.model.given_address import require_address
from ebl.model.judged import Judged


def deploy_factory(chain_id: int) -> Call:
    """Returns the call that creates an escrow factory, which registries of this package need."""
    return Call(chain_id, None, artifacts.ours("TitleEscrowFactory").deployment(), "create a title escrow factory")


def deploy_registry(
    chain_id: int, *, name: str, symbol: str, factory: str, artifact: artifacts.Artifact | None = None
) -> Call:
    """Returns the call that creates a registry, of this package or of another build, on a factory. The sender gets every role."""
    build = artifact or artifacts.ours("TokenRegistry")
    data = build.deployment(name, symbol, require_address(factory, "factory"))
    return Call(chain_id, None, data, f"create the token registry {name!r} ({symbol})")


def deploy_registry_through(
    chain_id: int, *, deployer: str, implementation: str, name: str, symbol: str, admin: str
) -> Call:
    """Returns the call to the released deployer that creates a registry, as on public networks; ``admin`` gets every role."""
    data = registry_deployer.deploy(
        implementation=require_address(implementation, "implementation"),
        name=name,
        symbol=symbol,
        admin=require_address(admin, "admin"),
    )
    summary = f"create the token registry {name!r} ({symbol}) for {admin}, through the released deployer"
    return Call(chain_id, require_address(deployer, "deployer"), data, summary)


def mint(
    registry: Registry, token_id: int, *, beneficiary: str, holder: str, remark: str = "", document_id: str = ""
) -> Call:
    """Returns the call that issues a title: ``beneficiary`` gets the right to the goods, ``holder`` possession.

    The sender needs the role minter.
    """
    owner, keeper = require_address(beneficiary, "beneficiary"), require_address(holder, "holder")
    data = VERSIONS[registry.version].registry.mint(
        beneficiary=owner, holder=keeper, token_id=_token(token_id), remark=seal(remark, document_id)
    )
    parties = f"to {owner}" if owner == keeper else f"with the beneficiary {owner} and the holder {keeper}"
    return Call(registry.chain_id, registry.address, data, f"issue the title {_short(token_id)} {parties}")


def transfer_holder(
    title: Title | Judged, holder: str, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Returns the call that transfers possession to another address. Only the holder can send it.

    In this and the following moves, ``title`` is a title that was read (`ebl.registry.title`), or the report of a file that is
    VALID and has one. The remark is written with ``document_id``, by default the document's own.

    Raises `ebl.verify.NotVerified` if a report has another verdict, and `InvalidInput` if it has no title of its own, or if
    the title's state is ``hostile`` (unless ``hostile_ok``, for a caller who knows this).
    """
    to = require_address(holder, "holder")
    how = _How(remark, document_id, hostile_ok)
    return _move(title, f"transfer holdership of the title {{}} to {to}", how, "transfer_holder", holder=to)


def nominate(
    title: Title | Judged,
    nominee: str | None,
    *,
    remark: str = "",
    document_id: str | None = None,
    hostile_ok: bool = False,
) -> Call:
    """Returns the call that names a nominee, or (None) withdraws it. Only the beneficiary can send it.

    Raises the errors of `transfer_holder`.
    """
    to = ZERO if nominee is None else require_address(nominee, "nominee")
    what = "withdraw the nomination for" if nominee is None else f"nominate {to} for"
    how = _How(remark, document_id, hostile_ok)
    return _move(title, f"{what} the title {{}}", how, "nominate", nominee=to)


def endorse(
    title: Title | Judged,
    beneficiary: str,
    *,
    remark: str = "",
    document_id: str | None = None,
    hostile_ok: bool = False,
) -> Call:
    """Returns the call that transfers the right to the goods to the nominee. Only the holder can send it.

    A holder who is also beneficiary can name any address. Raises the errors of `transfer_holder`.
    """
    to = require_address(beneficiary, "beneficiary")
    how = _How(remark, document_id, hostile_ok)
    return _move(title, f"endorse the title {{}} to {to}", how, "transfer_beneficiary", nominee=to)


def transfer(
    title: Title | Judged,
    *,
    beneficiary: str,
    holder: str,
    remark: str = "",
    document_id: str | None = None,
    hostile_ok: bool = False,
) -> Call:
    """Returns the call that endorses and transfers possession in one. Only the holder can send it.

    See `endorse` for the possible new beneficiaries. Raises the errors of `transfer_holder`.
    """
    owner, keeper = require_address(beneficiary, "beneficiary"), require_address(holder, "holder")
    parties = f"to {owner}" if owner == keeper else f"to the beneficiary {owner} and the holder {keeper}"
    how = _How(remark, document_id, hostile_ok)
    return _move(title, f"transfer the title {{}} {parties}", how, "transfer_owners", nominee=owner, holder=keeper)


def reject_holder(
    title: Title | Judged, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Returns the call that rejects possession, which goes back to the previous holder; version 5.

    Only the new holder can send it, as its first action. Raises the errors of `transfer_holder`.
    """
    return _move(
        title, "reject holdership of the title {}", _How(remark, document_id, hostile_ok), "reject_transfer_holder"
    )


def reject_endorsement(
    title: Title | Judged, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Returns the call that rejects the right, which goes back to the previous beneficiary; version 5.

    Only the new beneficiary can send it, as its first action. Raises the errors of `transfer_holder`.
    """
    how = _How(remark, document_id, hostile_ok)
    return _move(title, "reject the endorsement of the title {}", how, "reject_transfer_beneficiary")


def reject(
    title: Title | Judged, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Returns the call that rejects both; version 5. Only an address that received both can send it, as its first action.

    Raises the errors of `transfer_holder`.
    """
    return _move(
        title, "reject the transfer of the title {}", _How(remark, document_id, hostile_ok), "reject_transfer_owners"
    )


def return_to_issuer(
    title: Title | Judged, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Returns the call that surrenders the title to its issuer, for the goods. Only a holder who is beneficiary can send it.

    Raises the errors of `transfer_holder`.
    """
    return _move(
        title, "surrender the title {} to its issuer", _How(remark, document_id, hostile_ok), "return_to_issuer"
    )


def accept_return(
    title: Title | Judged, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Returns the call that takes a surrendered title out of circulation permanently. The sender needs the role accepter.

    Raises the errors of `transfer_holder`.
    """
    what = "accept the surrendered title {} and take it out of circulation permanently"
    return _settle(title, what, _How(remark, document_id, hostile_ok), "burn")


def reject_return(
    title: Title | Judged, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Returns the call that restores a surrendered title to its last holder and beneficiary. The sender needs the role restorer.

    Raises the errors of `transfer_holder`.
    """
    what = "reject the surrender of the title {} and restore it"
    return _settle(title, what, _How(remark, document_id, hostile_ok), "restore")


def pause(registry: Registry, *, remark: str = "") -> Call:
    """Returns the call that stops every move of every title of a registry. The sender needs the role admin."""
    data = VERSIONS[registry.version].registry.pause(remark=seal(remark))
    return Call(registry.chain_id, registry.address, data, f"pause the registry {registry.address}")


def unpause(registry: Registry, *, remark: str = "") -> Call:
    """Returns the call that ends the pause. The sender needs the role admin."""
    data = VERSIONS[registry.version].registry.unpause(remark=seal(remark))
    return Call(registry.chain_id, registry.address, data, f"end the pause of the registry {registry.address}")


def _moved(title: Title | Judged, hostile_ok: bool) -> Title:
    """Returns the title to move. An object that is neither a title nor a report, for example a file's bytes, is refused."""
    if isinstance(title, Judged):
        title = _of(title)
    if not isinstance(title, Title):
        raise InvalidInput(
            f"Expected a title that was read, or the report of a VALID file; found {type(title).__name__}.",
            fix="Verify the file first: ebl.verify.verify.",
        )
    if title.state is State.HOSTILE and not hostile_ok:
        raise InvalidInput(
            f"The registry {title.registry} is hostile, so its title is not moved: {'; '.join(map(str, title.doubts))}.",
            fix="To move it nevertheless, pass hostile_ok=True.",
        )
    return title


def _of(judged: Judged) -> Title:
    judged.require_valid()
    facts = [fact.title for fact in judged.facts if isinstance(fact, TitleFact)]
    titles = [title for title in facts if isinstance(title, Title)]
    if len(titles) != 1:
        raise InvalidInput(f"Expected a document with one title; this one has {len(titles) or 'none'}.")
    return titles[0]


@dataclass(frozen=True, slots=True)
class _How:
    """The options that all moves of titles share: see `transfer_holder`."""

    remark: str
    document_id: str | None
    hostile_ok: bool

    def sealed(self, title: Title | Judged) -> bytes:
        """Returns the remark as it is written on chain, with the document's id, as the tools in use write it."""
        given_id = self.document_id
        if given_id is None and isinstance(title, Judged) and title.document is not None:
            given_id = title.document.id
        return seal(self.remark, given_id or "")


def _move(title: Title | Judged, what: str, how: _How, function: str, **arguments: Any) -> Call:
    """Returns a call of the title's escrow. The remark is sealed; it is refused if too long or not supported by the version.

    ``what`` describes the move, with {} for the title.
    """
    found = _moved(title, how.hostile_ok)
    compose = getattr(VERSIONS[found.version].escrow, function, None)
    if compose is None:
        raise InvalidInput(
            "This title is of version 4, where a transfer cannot be rejected.", fix="Transfer it back instead."
        )
    data = compose(**arguments, remark=how.sealed(title))
    return Call(found.chain_id, found.escrow, data, what.format(_short(found.token_id)))


def _settle(title: Title | Judged, what: str, how: _How, function: str) -> Call:
    """Returns a call of the registry about a surrendered title; otherwise like `_move`."""
    found = _moved(title, how.hostile_ok)
    compose = getattr(VERSIONS[found.version].registry, function)
    data = compose(token_id=found.token_id, remark=how.sealed(title))
    return Call(found.chain_id, found.registry, data, what.format(_short(found.token_id)))


def _token(token_id: int) -> int:
    if not 0 <= token_id < 1 << 256:
        raise InvalidInput("Expected a token id of at most 32 bytes.")
    return token_id


def _short(token_id: int) -> str:
    text = f"{token_id:064x}"
    return f"0x{text[:8]}…{text[-6:]}"
