"""The pages of the manual that help texts and messages name, and their addresses."""

from __future__ import annotations

from typing import Final

PLACEHOLDER: Final = ".invalid/"
"""The end of an address that is still a placeholder. `dev.py release-check` refuses to release it."""

HOME: Final = "https://documentation.invalid/"
"""The address of the published manual: the same as `Documentation` in the package's metadata."""

_PAGES: Final = {
    "bank": "docs/bank",
    "bill": "docs/bank/bill.md",
    "dns": "docs/shipper/dns.md",
    "shipper": "docs/shipper",
    "verifying": "docs/bank/verifying.md",
}


def page(name: str) -> str:
    """Returns the address of a page, or its path in the source tree if the manual is not published.

    Raises `KeyError` if the name is not in the table of pages.
    """
    return located(_PAGES[name])


def located(path: str) -> str:
    """Returns the address for a path in the source tree, such as ``docs/bank/bill.md#dates``."""
    if HOME.endswith(PLACEHOLDER):
        return path
    file, _, anchor = path.partition("#")
    name = file.removeprefix("docs/").removesuffix(".md")
    return f"{HOME}{name}/" + (f"#{anchor}" if anchor else "")
