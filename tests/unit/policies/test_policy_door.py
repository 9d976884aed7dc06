"""The door of policies opens without loading every rule."""

from __future__ import annotations

import subprocess
import sys

import ebl.policy


def test_a_rule_is_loaded_once_it_is_asked_for() -> None:
    code = (
        "import sys; from ebl.policy import IssuedBy; rooms = [m for m in sys.modules if m.startswith('ebl.policies.')]\n"
        "from ebl.policy import OfFormat; print('ebl.policies.document_rules' in rooms, OfFormat.__module__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "ebl.policies.document_rules"]


def test_a_name_that_the_door_does_not_have_is_an_attribute_error() -> None:
    assert not hasattr(ebl.policy, "Nothing")
