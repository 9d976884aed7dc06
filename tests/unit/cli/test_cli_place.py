"""The chain is the one that the options name, or else the file's; its nodes are those of the options, or of the user's list."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from ebl.cli.place import Whereabouts

A, B, C = "http://a.example", "http://b.example", "http://c.example"


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "networks.toml"
    path.write_text(
        f'[mine]\nchain_id = 1337\nrpc = ["{A}"]\n[bare]\nchain_id = 7\n[other]\nchain_id = 5\nrpc = ["{B}"]\n', "utf-8"
    )
    monkeypatch.setenv("EBL_NETWORKS", str(path))


@pytest.mark.parametrize(
    ("net", "rpc", "of_file", "chain_id", "urls"),
    [
        (None, (), 1337, 1337, (A,)),
        ("mine", (), None, 1337, (A,)),
        ("mine", (), 5, 1337, (A,)),  # the caller compares, and says so
        (None, (C,), 5, 5, (C,)),
        (None, (f"5={C}",), 5, 5, (C,)),
        (None, (f"5={C}", f"1337={A}"), 5, 5, (C,)),
        (None, (f"5={C}", B), 5, 5, (C, B)),
        (None, (f"1={C}",), 5, 1, (C,)),
        (None, (f"1={C}",), None, 1, (C,)),
        ("mine", (C,), None, 1337, (C,)),
        ("mine", (f"1337={C}", f"5={B}"), 1337, 1337, (C,)),
    ],
)
def test_where_a_command_works(
    net: str | None, rpc: tuple[str, ...], of_file: int | None, chain_id: int, urls: tuple[str, ...]
) -> None:
    place = Whereabouts(net, rpc).place(of_file)
    assert (place.chain_id, place.urls) == (chain_id, urls)


@pytest.mark.parametrize(
    ("net", "rpc", "of_file", "said"),
    [
        (None, (), None, "There is no default"),
        (None, (C,), None, "There is no default"),
        (None, (), 9, "No node of chain 9 is known"),
        (None, (), 7, "No node of Bare is known"),
        ("bare", (), None, "No node of Bare is known"),
        (None, (f"1={C}", f"2={C}"), None, "--rpc must be for one chain"),
        (None, (f"1={C}", f"2={C}"), 5, "--rpc must be for one chain"),
        ("mine", (f"1337={C}", f"5={B}"), None, "--net mine is chain 1337, but --rpc is for chain 5"),
        ("mine", (f"5={B}",), 1337, "--net mine is chain 1337, but --rpc is for chain 5"),
        (None, ("5",), 5, "expected ID=URL"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    net: str | None, rpc: tuple[str, ...], of_file: int | None, said: str
) -> None:
    with pytest.raises(click.UsageError) as refused:
        Whereabouts(net, rpc).place(of_file)
    assert said in refused.value.message


def test_a_did_on_another_chain_is_asked_about_there() -> None:
    where = Whereabouts()
    assert where.nodes(where.place(1337)) == {1337: (A,), 5: (B,)}
    named = Whereabouts(None, (f"1337={C}", f"1={B}"))
    assert named.nodes(named.place(1337)) == {1337: (C,), 1: (B,)}
