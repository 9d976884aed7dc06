"""Where the files are that `ebl` keeps for its user between runs."""

from __future__ import annotations

import os
from pathlib import Path


def state_folder() -> Path:
    """Returns the folder ``ebl`` among the user's state files (XDG_STATE_HOME). It may not exist yet."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "ebl"
