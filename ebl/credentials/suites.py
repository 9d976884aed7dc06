"""The cryptosuites that are known, by the name that a proof gives; each is a module of this room.

A suite has ``SUITE``, its name, ``SIGNED``, the class of its claims, and the functions ``verify``, ``whole_as_read`` and
``is_derived``; one that a holder can derive from also has ``derive``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import data_integrity as di
from ebl.credentials import ecdsa_rdfc, ecdsa_sd

SUITES: Final[Mapping[str, ModuleType]] = {suite.SUITE: suite for suite in (ecdsa_sd, bbs, ecdsa_rdfc)}


def parse(proofs: Any) -> tuple[ModuleType, di.Proof, str]:
    """The suite of a document's proof, the proof, and its value.

    Raises `ebl.errors.Malformed` if it breaks the rules for proofs, and `ebl.errors.Unsupported` for one of a kind that is
    not known here; which rules hold for its members is then not known either.
    """
    proof = di.only_proof(proofs)
    suite = SUITES[di.suite_named(proof, SUITES)]
    return suite, *di.parse_proof(proof)
