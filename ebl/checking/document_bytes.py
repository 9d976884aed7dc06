"""The bytes of a document, in any form in which a caller may have it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ebl.codec.javascript_json import stringify
from ebl.codes import Failure
from ebl.config import files
from ebl.errors import InvalidInput, Unreadable
from ebl.model.findings import File


def content(document: bytes | str | Path | Mapping[str, Any]) -> bytes:
    """The bytes of a document in any of the forms in which a caller may have it.

    Raises `ebl.errors.Unreadable` if its file cannot be read or is too large, and `ebl.errors.InvalidInput` for anything else.
    """
    match document:
        case bytes():
            return document
        case bytearray() | memoryview():
            return bytes(document)
        case str():
            if document.strip() and not {"{", "["} & set(document):  # probably a path, given as text
                raise Unreadable(Failure.NOT_JSON, "no_brackets")
            return document.encode("utf-8", "surrogatepass")
        case Path():
            with files.as_document(document):
                return files.load(document)
        case Mapping():
            try:
                return stringify(dict(document))
            except (TypeError, RecursionError) as bad:
                raise InvalidInput(
                    "The object has values that JSON does not have.", fix="Give an object that json.load returned."
                ) from bad
    raise InvalidInput(
        f"expected the bytes, the text, the Path or the parsed JSON of a document; got {type(document).__name__}.",
        fix="Read the file: examine(Path(name), …), or examine(file.read(), …).",
    )


def file_of(came: bytes | str | Path | Mapping[str, Any], raw: bytes) -> File | None:
    """The file of a document, with its content; None for a text or a parsed object, which may differ from their file."""
    if isinstance(came, bytes):  # the usual case
        return File.of(raw)
    if isinstance(came, str | Mapping):
        return None
    return File.of(raw, str(came) if isinstance(came, Path) else None)
