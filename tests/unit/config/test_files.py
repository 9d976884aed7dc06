"""Every file that ebl reads is read with a limit, by one loader."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from ebl.cli import own_files as of_command
from ebl.cli.output import OwnInput
from ebl.cli.secrets import SecretPlace
from ebl.codes import Failure
from ebl.config.files import MAX_DOCUMENT, MAX_SETTINGS, TooLarge, as_document, load, whole
from ebl.config.networks import own, text_of
from ebl.errors import InvalidInput, Unreadable
from ebl.policy import UnsafeAnyIssuer
from ebl.policy import load as load_policy
from ebl.sources import offline
from ebl.verify import examine

ROOT = Path(__file__).parents[3]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of one byte more than a document may have. It takes no room on the disk."""
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(MAX_DOCUMENT + 1)
    return path


def test_a_file_is_read_up_to_its_limit_and_not_beyond(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert load(tmp_path / "a", limit=5) == b"12345"
    with pytest.raises(TooLarge) as caught:
        load(tmp_path / "a", limit=4)
    assert caught.value.limit == 4
    endless = io.BytesIO(b"x" * 100)
    with pytest.raises(TooLarge):
        whole(endless, limit=10)
    assert endless.tell() == 11


@pytest.mark.parametrize(
    ("trouble", "code"), [(TooLarge(MAX_DOCUMENT), Failure.TOO_LARGE), (PermissionError(13, "no"), Failure.NO_FILE)]
)
def test_what_is_wrong_with_the_file_of_a_document_has_a_code(trouble: OSError, code: Failure) -> None:
    with pytest.raises(Unreadable) as caught, as_document("a.json"):
        raise trouble
    assert caught.value.code == code


def test_a_file_that_is_too_large_is_called_so_by_everything_that_reads_files(large: Path, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="larger than 32 MiB") as caught:
        examine(large, UnsafeAnyIssuer(), sources=offline())
    assert caught.value.code == Failure.TOO_LARGE
    with pytest.raises(Unreadable, match="larger than 32 MiB"):
        of_command.load(str(large))
    with pytest.raises(InvalidInput, match="larger than 1 MiB"):
        load_policy(large)
    with pytest.raises(InvalidInput, match="larger than 1 MiB"):
        own(large)
    assert text_of(tmp_path / "none.toml") == ""
    settings = tmp_path / "settings.toml"
    settings.write_bytes(b"#" * MAX_SETTINGS)
    assert own(settings) == ()


def test_a_secret_of_a_descriptor_is_refused_if_it_is_too_large_and_not_cut(large: Path) -> None:
    with large.open("rb") as file, pytest.raises(OwnInput, match="larger than 64 KiB"):
        SecretPlace("password", fd=file.fileno()).read()


def test_no_other_module_reads_files_of_the_outside() -> None:
    """What is shipped in the package, and the journals that ebl itself writes, have no limit."""
    reads = re.compile(r"\.read_(?:text|bytes)\(\)|\.read_text\(|\.open\(\"rb\"\)")
    found = {
        path.relative_to(ROOT / "ebl").as_posix()
        for path in (ROOT / "ebl").rglob("*.py")
        if reads.search(path.read_text("utf-8")) and "testing" not in path.parts
    }
    assert found == {
        "config/files.py",
        "cli/own_files.py",  # opens, and reads with the loader
        "chain/sending/journal.py",  # a journal of our own
        "bulk/columns.py",  # a Parquet file, by row groups
        "transport_document/port_list.py",  # a table that is shipped
        "transport_document/rule_table.py",  # the same
        "bulk/inputs.py",  # a list of names that a run made
        "bulk/ledger.py",  # counts that a run made
        "bulk/remote_files.py",  # a stream: archives and lines have limits of their own
        "bulk/row_files.py",  # rows that a run made
        "cli/bulk_wrap_command.py",  # the summary that a run made
        "cli/bulk_verify_command.py",  # the summary that a run made
        "cli/report_folder.py",  # reports and rows that a run made
        # In the package:
        "bill/table.py",
        "codes.py",
        "cli/demo_command.py",
        "chain/contracts/builds.py",
        "messages/catalogue.py",
        "config/networks.py",
        "jsonld/contexts/__init__.py",
        "config/schemas.py",
        "typesetting/font_coverage.py",  # fonts of the system and of ours
    } | {"evidence/__init__.py"}  # in a docstring, for callers
