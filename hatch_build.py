"""The description of the package: README.md, whose links to files of the tree get an address, as an index shows no other file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Description(MetadataHookInterface):
    """Makes the links of README.md absolute. They begin with the setting ``files`` of the hook in pyproject.toml."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        text = (Path(self.root) / "README.md").read_text("utf-8")
        text = re.sub(r"(?<=\]\()(?!https?://|#|mailto:)(?:\./)?", self.config["files"], text)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
