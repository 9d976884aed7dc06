"""RDF statements as text: the terms and lines of canonical N-Quads (RDF 1.1 N-Quads; RDFC-1.0 section 5).

A quad is four terms, each in canonical N-Quads form: ``<iri>``, ``_:label``, ``"text"``, ``"text"^^<datatype>``,
``"text"@tag``. The graph is "" for the default graph. Two quads are equal if their texts are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Quad = tuple[str, str, str, str]

XSD = "http://www.w3.org/2001/XMLSchema#"
XSD_STRING = XSD + "string"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE = f"<{RDF}type>"

# Canonical N-Quads writes eight characters with a short escape, and all characters that XML 1.1 does not allow as \uXXXX.
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_ESCAPED = re.compile('["\\\\\x00-\x1f\x7f\ufffe\uffff]')
_LONG = {name: char for char, name in _SHORT.items()} | {"\\'": "'"}
_UNESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)", re.DOTALL)

_IRI = r'<(?:[^\x00-\x20<>"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>'
_BLANK = r"_:[^\W](?:[\w.:·-]*[\w:·-])?"
_TEXT = r'"(?:[^"\\\n\r]|\\[tbnrf"\'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*"'
_LITERAL = rf"{_TEXT}(?:\^\^{_IRI}|@[A-Za-z]+(?:-[A-Za-z0-9]+)*)?"
_LINE = re.compile(
    rf"[ \t]*({_IRI}|{_BLANK})[ \t]*({_IRI})[ \t]*({_IRI}|{_BLANK}|{_LITERAL})[ \t]*({_IRI}|{_BLANK})?[ \t]*\.[ \t]*(?:#.*)?"
)
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


def literal(text: str, datatype: str = XSD_STRING) -> str:
    """Returns a literal as a term; ``datatype`` is an IRI."""
    quoted = f'"{_ESCAPED.sub(_escape, text)}"' if _ESCAPED.search(text) else f'"{text}"'
    return quoted if datatype == XSD_STRING else f"{quoted}^^<{datatype}>"


def line(quad: Quad) -> str:
    """Returns one quad as a line of N-Quads, with its newline."""
    subject, predicate, value, graph = quad
    return f"{subject} {predicate} {value} {graph} .\n" if graph else f"{subject} {predicate} {value} .\n"


def parse(text: str) -> list[Quad]:
    """Reads N-Quads, in their order. Raises `ValueError` with the line that is not a quad."""
    return list(_quads(re.split(r"\r\n|\n|\r", text)))


def _quads(lines: Iterable[str]) -> Iterator[Quad]:
    for number, row in enumerate(lines, 1):
        if not row.strip(" \t") or row.lstrip(" \t").startswith("#"):
            continue
        match = _LINE.fullmatch(row)
        if match is None:
            raise ValueError(f"line {number} is not N-Quads: {row[:80]!r}")
        subject, predicate, value, graph = match.groups()
        yield _term(subject), _term(predicate), _term(value), _term(graph) if graph else ""


def _term(text: str) -> str:
    """Returns a term in canonical form: unescapes it, then writes only the canonical escapes."""
    if text[0] == "_":
        return text
    if text[0] == "<":
        return f"<{_iri(text)}>"
    end = text.rindex('"')
    value, suffix = _UNESCAPED.sub(_unescape, text[1:end]), text[end + 1 :]
    if suffix.startswith("^^"):
        return literal(value, _iri(suffix[2:]))
    return literal(value) + suffix


def _iri(text: str) -> str:
    iri = _UNESCAPED.sub(_unescape, text[1:-1])
    if _NOT_IN_IRI.search(iri):
        raise ValueError(f"an IRI must not contain this character: {iri[:80]!r}")
    return iri


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return _SHORT.get(char) or f"\\u{ord(char):04X}"


def _unescape(match: re.Match[str]) -> str:
    short, long = match.groups()
    if digits := short or long:
        if 0xD800 <= (code := int(digits, 16)) < 0xE000:
            raise ValueError(f"half a surrogate pair is not a character: {match.group()}")
        return chr(code)
    return _LONG[match.group()]
