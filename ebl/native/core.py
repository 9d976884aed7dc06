"""The core in C (`ebl-native`, in the extra `fast`), if it is installed; else something that leaves everything to Python.

Python is the reference. The core says what the digest of plain data is, and never that a document is wrong: whatever it does
not take as plain it answers with None, and the caller goes on in Python. ``EBL_PURE=1`` in the environment turns it off.

It is chosen once, at import, after it gave known answers. ``BACKEND`` names what is used, ``WHY`` why it is not the core.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol

INTERFACE = 1
"""The functions that are called here, and what they mean: a core with another number is not used."""

Hash = bytes


class Core(Protocol):
    """What is asked of a core. Each function gives None where its arguments are not plain."""

    INTERFACE: int
    """0 if there is no core."""

    def oa2_examine(self, data: Mapping[str, Any], withheld: object, /) -> tuple[Hash, int] | None:
        """The digest of salted v2 data with the hashes (hex) of withheld leaves, and flags: 0 if no strict rule objects."""

    def oa2_salt(
        self, data: Mapping[str, Any], random: Callable[[int], bytes], any_end: bool, /
    ) -> tuple[dict[str, Any], Hash] | None:
        """A salted copy of v2 data, and its digest. Without ``any_end``, texts that end in white space are not plain."""

    def oa3_examine(
        self, document: Mapping[str, Any], rows: list[str], withheld: object, /
    ) -> tuple[Hash, list[str], list[tuple[str, str | None]]] | None:
        """The digest of a v3 document, the paths of empty containers, and the leaves that could read as another type.

        A row is ``SALT","path":"PATH``, one for each leaf in their order; no salt is there twice, and no leaf is false, 0, ""
        or null. Each of the last has its path and its text, or None if it is no string; the caller looks closer at the text.
        """

    def is_canonical(self, parsed: object, /) -> bool | None:
        """True if JSON has no more than 64 levels, and only numbers that Python and JavaScript write in the same way."""

    def list_hash(self, paths: list[str], values: list[str], withheld: object, /) -> Hash | None:
        """The digest of leaves that are laid out, and of withheld ones (hex)."""

    def leads(self, target: Hash, proof: tuple[Hash, ...], root: Hash, /) -> bool | None:
        """Whether the siblings of a proof lead from a leaf to a root."""

    def layers(self, leaves: list[Hash], /) -> list[list[Hash]] | None:
        """The layers of the Merkle tree over some leaves: the leaves sorted, and the root at last."""


class Pure:
    """No core: takes nothing as plain."""

    INTERFACE = 0

    def oa2_examine(self, *_: object) -> None: ...

    oa2_salt = oa3_examine = is_canonical = list_hash = leads = layers = oa2_examine


def _load() -> tuple[str, str, Core]:
    """The name of what is used, why it is not the core, and what is used."""
    if os.environ.get("EBL_PURE", "") not in ("", "0"):
        return "python", "EBL_PURE is set", Pure()
    if _is_free_threaded():  # importing it would switch the lock on for the whole process
        return "python", "this Python is built without the GIL, which ebl-native needs", Pure()
    try:
        core: Any = import_module("ebl_native")
    except ModuleNotFoundError:
        return "python", "ebl-native is not installed", Pure()
    except ImportError as bad:
        return _unfit(f"it cannot be loaded here: {bad}")
    if getattr(core, "INTERFACE", None) != INTERFACE:
        return _unfit("it is of another version than this ebl: install the one that came with it")
    from ebl.native.answers import wrong_answer

    if (wrong := wrong_answer(core)) is not None:
        return _unfit(f"its self-test failed ({wrong})")
    return f"ebl-native {core.__version__} ({core.LANES} at once)", "", core


def _is_free_threaded() -> bool:
    if not hasattr(sys, "_is_gil_enabled"):  # before 3.13 no build is; and this import takes longer than many a command
        return False
    import sysconfig

    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def _unfit(why: str) -> tuple[str, str, Core]:
    import logging

    logging.getLogger("ebl").warning("ebl-native is not used: %s. Pure Python gives the same results, slower.", why)
    return "python", why, Pure()


BACKEND, WHY, CORE = _load()
