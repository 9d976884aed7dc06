"""JSON pointers (RFC 6901): a place in JSON as steps from the root, each after a slash."""

from __future__ import annotations


def escape(key: str) -> str:
    """Returns a key as a step of a pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def steps(pointer: str) -> list[str]:
    """Returns the steps of a pointer, unescaped. Raises `ValueError` if the text is not a pointer."""
    if not isinstance(pointer, str) or (pointer and pointer[0] != "/"):
        raise ValueError(f"expected a JSON pointer such as /credentialSubject/blNumber; got {str(pointer)[:100]!r}.")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
