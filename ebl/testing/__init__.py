"""Test support for integrators: a local chain, a local DNS, and made-up bills. The pytest plugin has fixtures for most of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebl.model.later import later

if TYPE_CHECKING:  # loaded when they are first used
    from ebl.testing.anvil import Anvil
    from ebl.testing.bills import bill
    from ebl.testing.chain import LocalChain
    from ebl.testing.clock import Clock
    from ebl.testing.dns import DnsServer, Fault
    from ebl.testing.verdicts import assert_verdict
    from ebl.testing.zones import SignedZone
else:
    __getattr__ = later(
        __name__,
        {
            "ebl.testing.anvil": "Anvil",
            "ebl.testing.bills": "bill",
            "ebl.testing.chain": "LocalChain",
            "ebl.testing.clock": "Clock",
            "ebl.testing.dns": "DnsServer Fault",
            "ebl.testing.verdicts": "assert_verdict",
            "ebl.testing.zones": "SignedZone",
        },
    )

__all__ = [
    "Anvil",
    "Clock",
    "DnsServer",
    "Fault",
    "LocalChain",
    "SignedZone",
    "assert_verdict",
    "bill",
]
