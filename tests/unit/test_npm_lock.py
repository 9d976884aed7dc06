"""The lock of the JavaScript packages is one that `npm ci` takes on every platform, from whichever registry a machine uses."""

from __future__ import annotations

import json
import re
from pathlib import Path

INTEROP = Path(__file__).parents[1] / "interop"
LOCK = json.loads((INTEROP / "package-lock.json").read_text("utf-8"))["packages"]
WANTED = json.loads((INTEROP / "package.json").read_text("utf-8"))


def test_the_lock_lists_what_each_platform_needs() -> None:
    """npm leaves out of a lock what it did not install itself, and `npm ci` then refuses the lock."""
    names = {place.rpartition("node_modules/")[2] for place in LOCK}
    lacking = {
        name for one in LOCK.values() for kind in ("dependencies", "optionalDependencies") for name in one.get(kind, {})
    } - names
    assert lacking == set()
    platforms = {place.rpartition("anvil-")[2] for place in LOCK if "/anvil-" in place}
    assert platforms == {"darwin-amd64", "darwin-arm64", "linux-amd64", "linux-arm64", "win32-amd64"}


def test_the_lock_is_that_of_the_packages_that_are_named() -> None:
    assert LOCK[""]["dependencies"] == WANTED["dependencies"]


def test_the_lock_holds_a_hash_of_each_package_and_no_host() -> None:
    for place, one in LOCK.items():
        assert "resolved" not in one, place
        assert not place or one.get("inBundle") or re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", one["integrity"]), place
