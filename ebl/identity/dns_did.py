"""The issuer's domain names the DID key in a TXT record: ``openatts a=dns-did; p=<key>; v=1.0;``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebl.report import Claim, Group


@dataclass(frozen=True, slots=True)
class DnsDid(Claim):
    """``domain`` vouches for the DID key ``key``, which is of ``did``."""

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "dns_did"

    domain: str
    did: str
    key: str
