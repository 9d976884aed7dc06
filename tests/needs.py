"""What a test needs beside the Python packages: left out with a reason where it is missing, a failure in CI."""

from __future__ import annotations

import os

import pytest

ANVIL = "anvil is not installed: python3 dev.py test, with npm at hand"
DELV = "delv is not installed (Debian: bind9-dnsutils)"
JAVASCRIPT = "the JavaScript packages are not installed: python3 dev.py test, with npm at hand"
NATIVE = "ebl-native is not built: python3 dev.py test, with a C compiler at hand"
PDF_READERS = "poppler and qpdf are not installed (Debian: poppler-utils qpdf)"
SANITIZERS = "the address sanitizer is not installed (Debian: gcc)"
SOLC = "the Solidity compiler is not installed: python3 dev.py test, with npm at hand"
UNBOUND = "libunbound is not installed (Debian: python3-unbound)"


def need(there: object, missing: str) -> None:
    """Leave a test out where something is not there, except in CI, where what can be installed must be."""
    if there:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{missing}; in CI this may not be left out")
    pytest.skip(missing)
