"""The core in C (`ebl-native`, in the extra `fast`), if it is installed; else something that leaves everything to Python.

Python is the reference. The core says what the digest of plain data is, and never that a document is wrong: whatever it does
not take as plain it answers with None, and the caller goes on in Python. ``EBL_PURE=1`` in the environment turns it off.

It is chosen once, at import, after it gave known answers. ``BACKEND`` names what is used, ``WHY`` why it is not the core.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from ebl.native.interface import Core

INTERFACE = 1
"""The functions that are called here, and what they mean: a core with another number is not used."""


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
