"""The C core (`ebl-native`, in the extra `fast`) if it is installed; otherwise a stand-in that leaves everything to Python.

Python is the reference. The core computes the digest of plain data and never reports that a document is wrong. It returns
None for data that is not plain, and the caller continues in Python. ``EBL_PURE=1`` in the environment turns the core off.

The choice is made once, at import, after the core has passed its self-test. ``BACKEND`` names what is used, and ``WHY``
states why it is not the core.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from ebl.native.interface import Core

INTERFACE = 3
"""Version of the functions called here and of their meaning. A core with another number is not used."""


class Pure:
    """No core: treats no data as plain."""

    INTERFACE = 0

    def oa2_examine(self, *_: object) -> None: ...

    oa2_salt = oa2_plain = oa3_examine = is_canonical = list_hash = leads = path = layers = oa2_examine


def _load() -> tuple[str, str, Core]:
    """Returns the name of what is used, the reason why it is not the core, and the core itself."""
    if os.environ.get("EBL_PURE", "") not in ("", "0"):
        return "python", "EBL_PURE is set", Pure()
    if _is_free_threaded():  # importing the core would switch the GIL on for the whole process
        return "python", "this Python is built without the GIL, which ebl-native needs", Pure()
    try:
        core: Any = import_module("ebl_native")
    except ModuleNotFoundError:
        return "python", "ebl-native is not installed", Pure()
    except ImportError as bad:
        return _unfit(f"it cannot be loaded on this system: {bad}")
    if getattr(core, "INTERFACE", None) != INTERFACE:
        return _unfit("its version does not match this ebl: install the ebl-native released with it")
    from ebl.native.self_test import failed_check

    if (failed := failed_check(core)) is not None:
        return _unfit(f"its self-test failed ({failed})")
    return f"ebl-native {core.__version__} ({core.LANES} at once)", "", core


def _is_free_threaded() -> bool:
    if not hasattr(
        sys, "_is_gil_enabled"
    ):  # no build before 3.13 is; importing sysconfig would slow down short commands
        return False
    import sysconfig

    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def _unfit(why: str) -> tuple[str, str, Core]:
    import logging

    logging.getLogger("ebl").warning("ebl-native is not used: %s. Pure Python gives the same results, slower.", why)
    return "python", why, Pure()


BACKEND, WHY, CORE = _load()
