"""The supported cryptosuites, by the name in the proof; each is a module of this package.

A suite has ``SUITE``, its name, ``SIGNED``, the class of its claims, and the functions ``verify``, ``whole_as_read`` and
``is_derived``. One that a holder can derive from also has ``derive``.
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
    """Returns the suite of a document's proof, the proof, and its value.

    Raises `ebl.errors.Malformed` if the proof breaks the rules of its suite. Raises `ebl.errors.Unsupported` if the suite is
    not supported; the rules for its members are then unknown too.
    """
    proof = di.only_proof(proofs)
    suite = SUITES[di.suite_named(proof, SUITES)]
    return suite, *di.parse_proof(proof)
