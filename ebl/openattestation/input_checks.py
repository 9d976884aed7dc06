"""Input checks before wrapping, in addition to the schema: the data is JSON, and every leaf has a path."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from ebl.codec.javascript_json import WHITE_SPACE, number_text
from ebl.codec.json_pointer import escape
from ebl.codec.strict_json import MAX_DEPTH, MAX_NODES, shown
from ebl.errors import Problem
from ebl.openattestation.v2_digest import MAX_PATHS


class LimitExceeded(Problem):
    """A limit that the data exceeds: no further check is made on data of that size."""

    __slots__ = ()


LONG_PATHS = LimitExceeded("", f"at most {MAX_PATHS:,} characters in the paths of all values", "more")


def problems(data: object, *, reserved: Sequence[str], signs: str) -> Iterator[Problem]:
    """Yields every problem of the data that no document can hold.

    ``reserved`` are names that no member of the root may have; ``signs`` are characters that no name may contain.
    """
    if not isinstance(data, dict):
        yield Problem("", "an object (a dict)", type(data).__name__)
        return
    for name in reserved:
        if name in data:
            yield Problem(f"/{escape(name)}", "another name: no hash would cover a leaf below it", shown(name))
    nodes, room = 0, MAX_PATHS
    stack: list[tuple[str, int, Any]] = [("", 1, data)]
    while stack:
        pointer, depth, node = stack.pop()
        nodes += len(node)
        room -= len(pointer) * len(node)
        if nodes > MAX_NODES:
            yield LimitExceeded("", f"at most {MAX_NODES:,} values", "more")
            return
        if room < 0:
            yield LONG_PATHS
            return
        if depth > MAX_DEPTH:
            yield LimitExceeded(pointer, f"at most {MAX_DEPTH} levels", "more")
            continue
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            where = f"{pointer}/{escape(str(key))}"
            if isinstance(node, dict) and not (isinstance(key, str) and not any(sign in key for sign in signs)):
                yield Problem(where, f"a name without {' '.join(signs)}", shown(str(key)))
            elif key == "" and value and isinstance(value, list | tuple) and "[" in signs:
                yield Problem(where, "another name: the paths of the array's elements would be ambiguous", '""')
            elif isinstance(value, dict | list | tuple):
                stack.append((where, depth + 1, value))
            elif problem := _leaf(value):
                yield Problem(where, *problem)


def is_plain(data: object, *, reserved: Sequence[str], signs: str) -> bool:
    """Quick test: True if the data has exact JSON types and no `problems`. False decides nothing.

    Not checked: the lengths of paths, which `ebl.openattestation.v2_digest.flatten` checks.
    """
    if type(data) is not dict or any(name in data for name in reserved):
        return False
    nodes = 0
    names: list[str] = []
    level: list[Any] = [data]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for node in level:
            nodes += len(node)
            if type(node) is dict:
                names += node
            for value in node.values() if type(node) is dict else node:
                kind = type(value)
                if kind is dict or kind is list:
                    below.append(value)
                elif kind is int:
                    if not -(2**53) <= value <= 2**53:
                        return False
                elif kind is float:
                    if not math.isfinite(value):
                        return False
                elif not (kind is str or kind is bool or value is None):
                    return False
        if nodes > MAX_NODES:
            return False
        if not (level := below):
            break
    else:
        return False
    text = "".join(names) if set(map(type, names)) == {str} and "" not in names else signs
    return not any(sign in text for sign in signs)


def to_exact_json(data: Any) -> Any:
    """Returns the same data in exact JSON types: no subclasses, no tuples. The data must have no `problems`."""
    if isinstance(data, dict):
        return {str.__str__(name): to_exact_json(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [to_exact_json(value) for value in data]
    if isinstance(data, str):
        return str.__str__(data)
    if data is None or isinstance(data, bool):
        return data
    return int(data) if isinstance(data, int) else float(data)


def falsy(data: Any, pointer: str = "") -> Iterator[Problem]:
    """Yields the leaves that the first dialect of v3 leaves without a hash."""
    if isinstance(data, dict | list | tuple):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from falsy(value, f"{pointer}/{escape(str(key))}")
    elif not data:
        came = shown(data) if isinstance(data, str) else "null" if data is None else str(data).lower()
        yield Problem(pointer, "a value that the digest covers (leave the member out, or write it as text)", came)


def dropped_ends(data: Any, pointer: str = "") -> Iterator[Problem]:
    """Yields the texts that end in white space as JavaScript defines it: readers of OpenAttestation v2 trim them."""
    if isinstance(data, dict | list | tuple):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from dropped_ends(value, f"{pointer}/{escape(str(key))}")
    elif isinstance(data, str) and data[-1:] and data[-1] in WHITE_SPACE:
        yield Problem(pointer, "a text without white space at its end", ascii(data[-20:]))


def _leaf(value: object) -> tuple[str, str] | None:
    if value is None or isinstance(value, str | bool):
        return None
    if isinstance(value, float):
        return None if math.isfinite(value) else ("a finite number", str(value))
    if not isinstance(value, int):
        return "a string, number, true, false or null", type(value).__name__
    try:
        kept = number_text(value) == str(value)
    except (OverflowError, ValueError):
        kept = False
    return None if kept else ("a number that a float64 keeps (else write it as a string)", "one that would be altered")
