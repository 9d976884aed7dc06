"""``roles``, ``grant`` and ``ungrant`` of stores and registries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.output import result, result_json
from ebl.cli.place import Place, with_reading
from ebl.cli.send_options import Sending, with_sending

if TYPE_CHECKING:
    from ebl.model.ports import Chain
    from ebl.registry import Registry, Store

Found = Callable[["Chain", str], "Store | Registry"]


def _store(chain: Chain, address: str) -> Store:
    from ebl.registry import store_at

    return store_at(chain, address)


def _registry(chain: Chain, address: str) -> Registry:
    from ebl.registry import registry_at

    return registry_at(chain, address)


def _roles(metavar: str, found: Found) -> click.Command:
    @click.command("roles")
    @click.argument("address", metavar=metavar)
    @click.argument("accounts", metavar="ADDRESS…", nargs=-1, required=True)
    @with_reading
    @click.option("--json", "as_json", is_flag=True, help="One JSON object.")
    def roles(place: Place, address: str, accounts: tuple[str, ...], as_json: bool) -> None:
        """Show which roles these addresses have. A contract does not list its roles, so each address is queried."""
        from ebl.registry import appointments

        chain = place.read()
        asked = appointments(chain, found(chain, address), accounts)
        if as_json:
            result_json(asked.to_dict())
            return
        for account, held in asked.held:
            result(f"{account}  {', '.join(held) or 'none'}")

    return roles


def _change(name: str, metavar: str, found: Found, compose: str, help_: str) -> click.Command:
    @click.command(name, help=help_)
    @click.argument("address", metavar=metavar)
    @click.argument("role")
    @click.argument("account", metavar="ADDRESS")
    @with_sending
    def change(sending: Sending, address: str, role: str, account: str) -> None:
        from ebl import registry

        call: Any = getattr(registry, compose)(found(sending.place.read(), address), role, account)
        sending.send(call, what=lambda _: {"role": role, "account": account})

    return change


_GRANT = "Grant a role to ADDRESS. The sender must be admin."
_UNGRANT = "Revoke a role from ADDRESS. The sender must be admin."

of_store = _roles("STORE", _store)
grant_in_store = _change("grant", "STORE", _store, "grant", _GRANT)
ungrant_in_store = _change("ungrant", "STORE", _store, "revoke_role", _UNGRANT)
of_registry = _roles("REGISTRY", _registry)
grant_in_registry = _change("grant", "REGISTRY", _registry, "grant", _GRANT)
ungrant_in_registry = _change("ungrant", "REGISTRY", _registry, "revoke_role", _UNGRANT)
