"""The core within a process: references, forks, threads, and the interpreter's lock."""

from __future__ import annotations

import base64
import gc
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ebl.openattestation import v3_integrity as oa3
from ebl.wrap import wrap
from tests.differential import bills

pytestmark = pytest.mark.slow

LEAF = "0f8d2c51-63b7-4e0a-9d14-5c7f3a1b2e60:string:x"


def works(core: Any) -> dict[str, Callable[[], object]]:
    """Every function, on what is plain and on what is left in the middle."""
    raw, wrapped, v3 = bills.oa2(1, 300), wrap(bills.oa2(1, 300))["data"], wrap(bills.oa3(1, 60))
    texts = {"a": [LEAF, {"b": LEAF}] * 50}
    spoilt, odd = {**wrapped, "z": 1}, {**raw, "z": {"é": [1, "x", object()]}}
    encoded = v3.pop("proof")["salts"]
    pairs = oa3.decode_salts(encoded)
    paths, salts = [path for path, _ in pairs], [salt for _, salt in pairs]
    decoded = base64.b64decode(encoded)
    nodes = [os.urandom(32) for _ in range(100)]
    return {
        "examine": lambda: core.oa2_examine(wrapped, ["1" * 64] * 20),
        "examine, odd": lambda: core.oa2_examine(spoilt, ()),
        "examine, withheld odd": lambda: core.oa2_examine(wrapped, ["1" * 64, "x"]),
        "salt": lambda: core.oa2_salt(raw, os.urandom, False),
        "salt, odd": lambda: core.oa2_salt(odd, os.urandom, False),
        "plain": lambda: core.oa2_plain(texts),
        "plain, odd": lambda: core.oa2_plain({**texts, "z": LEAF + " "}),
        "path": lambda: core.path(nodes[0], tuple(nodes)),
        "path, odd": lambda: core.path(nodes[0], (*nodes, b"")),
        "v3": lambda: core.oa3_examine(v3, decoded, ()),
        "v3, odd": lambda: core.oa3_examine(v3, decoded[:-1], ()),
        "canonical": lambda: core.is_canonical([v3, 1.5]),
        "canonical, not": lambda: core.is_canonical([v3, 1.0]),
        "list": lambda: core.list_hash(paths, salts, ()),
        "layers": lambda: core.layers(nodes),
        "layers, odd": lambda: core.layers([*nodes, b""]),
        "leads": lambda: core.leads(nodes[0], tuple(nodes), nodes[1]),
    }


@pytest.mark.exhaustive
def test_no_memory_is_lost(core: Any) -> None:
    for name, work in works(core).items():
        for _ in range(50):
            work()
        gc.collect()
        objects, peak = len(gc.get_objects()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(600):
            work()
        gc.collect()
        assert len(gc.get_objects()) - objects < 50, name
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 8_000, (
            name
        )  # kilobytes; once lost it would be 25,000


def test_no_reference_is_lost_and_none_taken(core: Any) -> None:
    value, name = "".join(["a text of ", "this test alone"]), "".join(["a name of ", "this test alone"])
    raw = {name: [value, value, {name: value}]}
    before = sys.getrefcount(value), sys.getrefcount(name), sys.getrefcount(raw)
    for _ in range(100):
        core.oa2_salt(raw, os.urandom, False)
        core.oa2_salt({name: [value, object()]}, os.urandom, False)
        core.oa2_examine(raw, ())
        core.oa3_examine(raw, name.encode(), ())
        core.list_hash([name], [value], ())
    assert (sys.getrefcount(value), sys.getrefcount(name), sys.getrefcount(raw)) == before
    assert value == "a text of this test alone"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_repeats_no_salt_of_its_parent(core: Any) -> None:
    core.oa2_salt({"a": "b"}, os.urandom, False)  # whatever is drawn ahead is drawn now
    out, into = os.pipe()
    if not (child := os.fork()):
        try:
            os.write(into, core.oa2_salt({"a": "b"}, os.urandom, False)[0]["a"].encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(out, 1000).decode()
    ours = core.oa2_salt({"a": "b"}, os.urandom, False)[0]["a"]
    assert len(theirs) == len(ours)
    assert theirs[:36] != ours[:36]


def test_no_two_salts_are_the_same_in_one_document(core: Any) -> None:
    copy, _ = core.oa2_salt({"a": ["x"] * 5_000}, os.urandom, False)
    assert len(set(copy["a"])) == 5_000


def test_another_thread_runs_while_it_hashes(core: Any) -> None:
    data = {"a": [f"{at:08x}{LEAF[8:]}" + "x" * 500 for at in range(60_000)]}
    done, counted = threading.Event(), 0

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0)

    thread, interval = threading.Thread(target=count), sys.getswitchinterval()
    thread.start()
    sys.setswitchinterval(100)  # so a thread that waits for the lock gets it only if it is released
    try:
        before = counted
        assert core.oa2_examine(data, ()) is not None
        after = counted
    finally:
        sys.setswitchinterval(interval)
        done.set()
        thread.join()
    assert after > before


def test_threads_share_it_while_others_change_what_they_look_at(core: Any) -> None:
    data: dict[str, Any] = {f"k{at}": [LEAF, {"a": LEAF}] for at in range(200)}
    raw: dict[str, Any] = {f"k{at}": [at, {"a": "b"}] for at in range(200)}
    done = threading.Event()
    failures: list[str] = []

    def change() -> None:
        at = 0
        while not done.is_set():
            at += 1
            for node in (data, raw):
                node[f"n{at % 300}"] = {"x": [LEAF] * (at % 20)}
                node.pop(f"n{(at * 7) % 300}", None)

    def look() -> None:
        while not done.is_set():
            examined, salted = core.oa2_examine(data, ()), core.oa2_salt(raw, os.urandom, True)
            if examined is None or salted is None or core.oa2_examine(salted[0], ()) != (salted[1], 0):
                failures.append(str((examined, salted))[:100])

    threads = [threading.Thread(target=work) for work in (change, change, look, look, look)]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
