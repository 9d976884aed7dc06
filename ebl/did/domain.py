"""A domain name as an identity: which names are accepted, and notes on an accepted name.

A name must have the form in which DNS is queried: lower-case ASCII labels of letters, digits and hyphens (RFC 5890), with
underscores allowed left of the registered name. A name with non-ASCII letters is shown in both forms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from ebl.codes import Failure, Remark
from ebl.errors import Refuted
from ebl.messages.message import LONGEST
from ebl.model.findings import Note

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LEFT_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_TOP = re.compile(r"[a-z][a-z0-9-]{0,61}[a-z0-9]")
# Scripts that are written together, each also with Latin letters (Unicode TR 39, "highly restrictive").
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)


@dataclass(frozen=True, slots=True)
class Domain:
    """A name in both forms: ``name`` in A-labels (for DNS queries), ``shown`` in U-labels (for people)."""

    name: str
    shown: str

    @property
    def registered(self) -> str | None:
        """The registered part of the name (A-labels), by the public suffix list.

        None for a public suffix itself, below which any person may register a name. The list takes long to load, and is needed
        only after DNS has answered.
        """
        return _registered(self.name)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Notes on the name for the reader."""
        notes = []
        if self.registered is None:
            notes.append(Note.of(Remark.PUBLIC_SUFFIX, domain=self.name))
        if mixed := [label for label in self.shown.split(".") if _is_mixed(label)]:
            notes.append(Note.of(Remark.MIXED_SCRIPT, shown=self.shown, domain=self.name, labels=mixed))
        elif self.shown != self.name:
            notes.append(Note.of(Remark.NOT_ASCII, domain=self.name, shown=self.shown))
        return tuple(notes)


@lru_cache(maxsize=1024)
def _registered(name: str) -> str | None:
    found: str | None = _suffixes().privatesuffix(name)
    return found


@lru_cache(maxsize=1024)
def read_domain(text: str) -> Domain:
    """Reads a name from a document. Raises `Refuted` with ``identity.bad_domain`` if it is not in the exact form."""
    labels = text.split(".")
    if not _is_plain(text) or None in (shown := [_shown(label) for label in labels]):
        got = (
            text[:LONGEST].encode("ascii", "backslashreplace").decode()
        )  # or it could look like the name that the reader expects
        if (meant := suggestion(text)) is not None:
            raise Refuted(Failure.BAD_DOMAIN, "perhaps", meant=meant, got=got)
        raise Refuted(Failure.BAD_DOMAIN, "bad", got=got)
    return Domain(text, ".".join(map(str, shown)))


def suggestion(text: str) -> str | None:
    """Returns the plain name probably meant by a URL, capitals, a final dot or U-labels; None if there is none.

    It is shown to people, and never used instead of the given text.
    """
    name = text.strip()[:300].rpartition("://")[2].partition("/")[0].lower().removesuffix(".")
    if not name.isascii():
        import idna

        try:
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError:
            return None
    return name if name != text and _is_plain(name) and None not in map(_shown, name.split(".")) else None


def _is_plain(text: str) -> bool:
    """Returns whether a name consists of allowed letters, digits and hyphens. The meaning of A-labels is not checked."""
    labels = text.split(".")
    return (
        text.isascii()
        and 4 <= len(text) <= 253
        and len(labels) >= 2
        and _TOP.fullmatch(labels[-1]) is not None
        and _LABEL.fullmatch(labels[-2]) is not None
        and all(map(_LEFT_LABEL.fullmatch, labels[:-2]))
        and not any(label[2:4] == "--" and not label.startswith("xn--") for label in labels)
    )


def _shown(label: str) -> str | None:
    """Returns a label as people read it; None for an A-label that no U-label has (RFC 5891, section 5.4)."""
    if not label.startswith("xn--"):
        return label
    import idna

    try:
        shown = idna.ulabel(label)
        return shown if idna.alabel(shown) == label.encode() else None
    except idna.IDNAError:
        return None


@cache
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def _is_mixed(label: str) -> bool:
    """Returns whether a label mixes scripts that are not written together. A character's name begins with its script."""
    if label.isascii():
        return False
    import unicodedata  # most domains have plain letters only

    scripts = {unicodedata.name(char, "UNKNOWN").split()[0] for char in label if char.isalpha()}
    scripts = {"CJK" if script == "IDEOGRAPHIC" else script for script in scripts}
    return len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER)
