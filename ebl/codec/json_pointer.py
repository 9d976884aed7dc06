"""JSON pointers (RFC 6901): a place in JSON, as its steps from the root, each after a slash."""

from __future__ import annotations


def escape(key: str) -> str:
    """A key as a step of a pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def steps(pointer: str) -> list[str]:
    """The steps of a pointer, unescaped. Raises `ValueError` for a text that is none."""
    if not isinstance(pointer, str) or (pointer and pointer[0] != "/"):
        raise ValueError(f"expected a JSON pointer such as /credentialSubject/blNumber; got {str(pointer)[:100]!r}.")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
