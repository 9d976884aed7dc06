"""The pages of the manual that help texts and messages name, and where they can be read."""

from __future__ import annotations

from typing import Final

PLACEHOLDER: Final = ".invalid/"
"""How an address ends that is not the project's own yet. `dev.py release-check` refuses to release it."""

HOME: Final = "https://documentation.invalid/"
"""Where the manual is published: the same as `Documentation` in the package's metadata."""

_PAGES: Final = {
    "bank": "docs/bank",
    "bill": "docs/bank/bill.md",
    "dns": "docs/shipper/dns.md",
    "shipper": "docs/shipper",
    "verifying": "docs/bank/verifying.md",
}


def page(name: str) -> str:
    """Where a page is: its address, or its path in the source tree if the manual is not published.

    Raises `KeyError` if the program names no such page.
    """
    return located(_PAGES[name])


def located(path: str) -> str:
    """The same of a path in the source tree, such as ``docs/bank/bill.md#dates``."""
    if HOME.endswith(PLACEHOLDER):
        return path
    file, _, anchor = path.partition("#")
    name = file.removeprefix("docs/").removesuffix(".md")
    return f"{HOME}{name}/" + (f"#{anchor}" if anchor else "")
