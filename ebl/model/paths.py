"""Places inside a document as text: ``shipper.address[0].street``, or with any key quoted, ``["odd.key"]``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ebl.codec.json_pointer import escape
from ebl.errors import InvalidInput

Path = tuple[str | int, ...]

_PLAIN = re.compile(r'[^.\[\]"\s]+(?: +[^.\[\]"\s]+)*')
_STEP = re.compile(
    r'\[(?P<index>0|[1-9][0-9]{0,9})\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]|(?P<dot>\.?)(?P<name>[^.\[\]"]+)'
)
_MAX_LENGTH = 4096


def text(path: Path) -> str:
    """Returns a path as text, which `find` reads back."""
    steps: list[str] = []
    for step in path:
        if isinstance(step, int):
            steps.append(f"[{step}]")
        elif _PLAIN.fullmatch(step):
            steps.append(f".{step}" if steps else step)
        else:
            steps.append(f"[{json.dumps(step)}]")
    return "".join(steps)


def _quoted(path: Path) -> str:
    """Returns a path as text with every name quoted, so that it cannot be read as a plain name."""
    return "".join(f"[{json.dumps(step)}]" for step in path)


def find(tree: Mapping[str, Any], words: str) -> Path | None:
    """Returns the path to what the words name in the tree; None if there is nothing.

    The whole name of a member of the root is a path too, whatever signs are in it; ``a.0`` and ``a[0]`` both name an
    array's element. Raises `InvalidInput` if the words are not a path, or name two places.
    """
    if words not in tree:
        return _walk(tree, _steps(words))
    try:
        other = _walk(tree, _steps(words))
    except InvalidInput:  # not a path, but a name
        other = None
    if other is not None and other != (words,):
        raise InvalidInput(
            f"{words[:80]!r} names two places: the member of that name, and the place that the path leads to.",
            fix=f"Write {text((words,))[:90]} for the member of that name, or {_quoted(other)[:90]} for the other.",
        )
    return (words,)


def _walk(tree: Mapping[str, Any], steps: Sequence[str]) -> Path | None:
    node: Any = tree
    path: list[str | int] = []
    for step in steps:
        if isinstance(node, Mapping) and step in node:
            path.append(step)
            node = node[step]
        elif isinstance(node, list) and step.isascii() and step.isdigit() and str(int(step)) == step:
            if int(step) >= len(node):
                return None
            path.append(int(step))
            node = node[int(step)]
        else:
            return None
    return tuple(path)


def pointer(path: Path) -> str:
    """Returns a path as a JSON pointer (RFC 6901)."""
    return "".join(f"/{escape(str(step))}" for step in path)


def at(tree: Any, path: Path) -> Any:
    """Returns the value at a path."""
    for step in path:
        tree = tree[step]
    return tree


def leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yields every leaf with its path, in the tree's order; an empty object or array is a leaf. At most 64 levels."""
    if not isinstance(tree, Mapping | list) or not tree:
        yield path, tree
        return
    for step, value in tree.items() if isinstance(tree, Mapping) else enumerate(tree):
        yield from leaves(value, (*path, step))


def _steps(words: str) -> list[str]:
    steps: list[str] = []
    end = 0
    while end < len(words) <= _MAX_LENGTH:
        step = _STEP.match(words, end)
        if step is None or (step["name"] is not None and bool(step["dot"]) != bool(end)):
            break
        try:
            name = str(json.loads(step["quoted"], strict=False)) if step["quoted"] else step["index"] or step["name"]
        except ValueError:
            break
        end = step.end()
        steps.append(name)
    if not words or end != len(words):
        raise InvalidInput(
            f"{words[:80]!r} is not a path.",
            fix='Write for example shipper.name, packages[0].weight or ["odd.key"].',
        )
    return steps
