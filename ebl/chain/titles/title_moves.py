"""Moves on titles and registries, composed: what carriers, shippers, banks and consignees do."""

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
from ebl.model.given_address import given
from ebl.model.judged import Judged


def deploy_factory(chain_id: int) -> Call:
    """Create the contract that makes escrows, which registries of ours need."""
    return Call(chain_id, None, artifacts.ours("TitleEscrowFactory").deployment(), "create a title escrow factory")


def deploy_registry(
    chain_id: int, *, name: str, symbol: str, factory: str, artifact: artifacts.Artifact | None = None
) -> Call:
    """Create a registry of ours, or of another build, on a factory. The sender gets every role."""
    build = artifact or artifacts.ours("TokenRegistry")
    data = build.deployment(name, symbol, given(factory, "factory"))
    return Call(chain_id, None, data, f"create the token registry {name!r} ({symbol})")


def deploy_registry_through(
    chain_id: int, *, deployer: str, implementation: str, name: str, symbol: str, admin: str
) -> Call:
    """Have the released deployer make a registry, as on public networks; ``admin`` gets every role."""
    data = registry_deployer.deploy(
        implementation=given(implementation, "implementation"),
        name=name,
        symbol=symbol,
        admin=given(admin, "admin"),
    )
    summary = f"create the token registry {name!r} ({symbol}) for {admin}, through the released deployer"
    return Call(chain_id, given(deployer, "deployer"), data, summary)


def mint(
    registry: Registry, token_id: int, *, beneficiary: str, holder: str, remark: str = "", document_id: str = ""
) -> Call:
    """Issue a title: ``beneficiary`` gets the right to the goods, ``holder`` possession. Needs the role minter."""
    owner, keeper = given(beneficiary, "beneficiary"), given(holder, "holder")
    data = VERSIONS[registry.version].registry.mint(
        beneficiary=owner, holder=keeper, token_id=_token(token_id), remark=seal(remark, document_id)
    )
    parties = f"to {owner}" if owner == keeper else f"with the beneficiary {owner} and the holder {keeper}"
    return Call(registry.chain_id, registry.address, data, f"issue the title {_short(token_id)} {parties}")


def transfer_holder(
    title: Title | Judged, holder: str, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Hand possession to another. Only the holder can.

    Here and in the moves below, ``title`` is a title as it was read (`ebl.registry.title`), or the report of a file that is
    VALID and has one. ``document_id`` is what the remark is written with, the document's own if left out.

    Raises `ebl.verify.NotVerified` for a report of another verdict, and `InvalidInput` for one without a title of its own, or
    for a title whose state is ``hostile``, unless the caller knows and says ``hostile_ok``.
    """
    to = given(holder, "holder")
    how = _How(remark, document_id, hostile_ok)
    return _move(title, f"hand the title {{}} over to {to}", how, "transfer_holder", holder=to)


def nominate(
    title: Title | Judged,
    nominee: str | None,
    *,
    remark: str = "",
    document_id: str | None = None,
    hostile_ok: bool = False,
) -> Call:
    """Name who shall become beneficiary, or (None) take that back. Only the beneficiary can. Raises as `transfer_holder`."""
    to = ZERO if nominee is None else given(nominee, "nominee")
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
    """Give the right to the goods to the nominee, or to anyone where one is holder and beneficiary. Only the holder can.

    Raises as `transfer_holder`.
    """
    to = given(beneficiary, "beneficiary")
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
    """Endorse and hand over in one. Only the holder can; see `endorse` for to whom. Raises as `transfer_holder`."""
    owner, keeper = given(beneficiary, "beneficiary"), given(holder, "holder")
    parties = f"to {owner}" if owner == keeper else f"to the beneficiary {owner} and the holder {keeper}"
    how = _How(remark, document_id, hostile_ok)
    return _move(title, f"transfer the title {{}} {parties}", how, "transfer_owners", nominee=owner, holder=keeper)


def reject_holder(
    title: Title | Judged, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Give possession back to the holder before. Only the new holder can, before acting otherwise; version 5.

    Raises as `transfer_holder`.
    """
    return _move(
        title, "give possession of the title {} back", _How(remark, document_id, hostile_ok), "reject_transfer_holder"
    )


def reject_endorsement(
    title: Title | Judged, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Give the right back to the beneficiary before. Only the new beneficiary can, before acting otherwise; version 5.

    Raises as `transfer_holder`.
    """
    how = _How(remark, document_id, hostile_ok)
    return _move(title, "give the right to the title {} back", how, "reject_transfer_beneficiary")


def reject(
    title: Title | Judged, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Give both back. Only one who got both can, before acting otherwise; version 5. Raises as `transfer_holder`."""
    return _move(title, "refuse the title {}", _How(remark, document_id, hostile_ok), "reject_transfer_owners")


def return_to_issuer(
    title: Title | Judged, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Surrender the title to its issuer, for the goods. Only one who is holder and beneficiary can.

    Raises as `transfer_holder`.
    """
    return _move(title, "return the title {} to its issuer", _How(remark, document_id, hostile_ok), "return_to_issuer")


def accept_return(
    title: Title | Judged, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Take a returned title out of circulation, for good. Needs the role accepter. Raises as `transfer_holder`."""
    return _settle(title, "accept the returned title {}, for good", _How(remark, document_id, hostile_ok), "burn")


def reject_return(
    title: Title | Judged, *, remark: str = "", document_id: str | None = None, hostile_ok: bool = False
) -> Call:
    """Give a returned title back to its last holder and beneficiary. Needs the role restorer. Raises as `transfer_holder`."""
    what = "reject the return of the title {}, and give it back"
    return _settle(title, what, _How(remark, document_id, hostile_ok), "restore")


def pause(registry: Registry, *, remark: str = "") -> Call:
    """Stop every move of every title of a registry. Needs the role admin."""
    data = VERSIONS[registry.version].registry.pause(remark=seal(remark))
    return Call(registry.chain_id, registry.address, data, f"pause the registry {registry.address}")


def unpause(registry: Registry, *, remark: str = "") -> Call:
    """Let moves go on. Needs the role admin."""
    data = VERSIONS[registry.version].registry.unpause(remark=seal(remark))
    return Call(registry.chain_id, registry.address, data, f"end the pause of the registry {registry.address}")


def _moved(title: Title | Judged, hostile_ok: bool) -> Title:
    """The title that a move is of. What is neither a title nor a report, such as a file's bytes, is refused."""
    if isinstance(title, Judged):
        title = _of(title)
    if not isinstance(title, Title):
        raise InvalidInput(
            f"A title that was read or the report of a VALID file can be moved; got {type(title).__name__}.",
            fix="Verify the file first: ebl.verify.verify.",
        )
    if title.state is State.HOSTILE and not hostile_ok:
        raise InvalidInput(
            f"The registry {title.registry} is hostile, so its title is not moved: {'; '.join(map(str, title.doubts))}.",
            fix="Say hostile_ok=True if you know that and want the move all the same.",
        )
    return title


def _of(judged: Judged) -> Title:
    judged.require_valid()
    facts = [fact.title for fact in judged.facts if isinstance(fact, TitleFact)]
    titles = [title for title in facts if isinstance(title, Title)]
    if len(titles) != 1:
        raise InvalidInput(f"The document has {len(titles) or 'no'} titles; a move is of one.")
    return titles[0]


@dataclass(frozen=True, slots=True)
class _How:
    """What the moves of a title are told besides the move: see `transfer_holder`."""

    remark: str
    document_id: str | None
    hostile_ok: bool

    def sealed(self, title: Title | Judged) -> bytes:
        """The remark as it is written, with the document's id, as the tools in use have it."""
        given_id = self.document_id
        if given_id is None and isinstance(title, Judged) and title.document is not None:
            given_id = title.document.id
        return seal(self.remark, given_id or "")


def _move(title: Title | Judged, what: str, how: _How, function: str, **arguments: Any) -> Call:
    """A call of the title's escrow. The remark is sealed, and refused if it is too long or the version carries none.

    ``what`` says the move, with {} for the title.
    """
    found = _moved(title, how.hostile_ok)
    compose = getattr(VERSIONS[found.version].escrow, function, None)
    if compose is None:
        raise InvalidInput(
            "this title is of version 4, where a transfer cannot be rejected.", fix="Transfer it back instead."
        )
    data = compose(**arguments, remark=how.sealed(title))
    return Call(found.chain_id, found.escrow, data, what.format(_short(found.token_id)))


def _settle(title: Title | Judged, what: str, how: _How, function: str) -> Call:
    """A call of the registry about a title that was returned; else as `_move`."""
    found = _moved(title, how.hostile_ok)
    compose = getattr(VERSIONS[found.version].registry, function)
    data = compose(token_id=found.token_id, remark=how.sealed(title))
    return Call(found.chain_id, found.registry, data, what.format(_short(found.token_id)))


def _token(token_id: int) -> int:
    if not 0 <= token_id < 1 << 256:
        raise InvalidInput("a token id is a number of at most 32 bytes.")
    return token_id


def _short(token_id: int) -> str:
    text = f"{token_id:064x}"
    return f"0x{text[:8]}…{text[-6:]}"
