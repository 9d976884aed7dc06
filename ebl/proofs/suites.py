"""The cryptosuites that are known, by the name that a proof gives; each is a module of this room."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Final

from ebl.proofs import bbs, ecdsa_rdfc, ecdsa_sd

SUITES: Final[Mapping[str, ModuleType]] = {suite.SUITE: suite for suite in (ecdsa_sd, bbs, ecdsa_rdfc)}
