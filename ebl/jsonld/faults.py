"""Errors of contexts and of JSON-LD documents, as data."""

from __future__ import annotations

from ebl.codec.broken import Broken


class BadContext(Broken):
    """Contexts cannot be used together, or they give a part of the document no meaning, or more than one."""

    subject = "bad_context"


class UnknownContext(Broken):
    """A context is unknown, or uses an unsupported feature. This does not mean that it is wrong."""

    subject = "unknown_context"


class UnsignedJson(Broken):
    """A part of the document makes no statement of its own, so no signature would protect it."""

    subject = "unsigned_json"


class LargeGraph(Broken):
    """The document makes more statements than the limit."""

    subject = "large_graph"


class DeepGraph(Broken):
    """Nodes are nested deeper than the limit."""

    subject = "deep_graph"


class PoisonGraph(Broken):
    """Distinguishing the blank nodes takes more work than the limit (RDFC-1.0, section 7.1)."""

    subject = "poison_graph"


class NotThere(ValueError):
    """The document has nothing at a pointer's place, or nothing that can be disclosed by itself."""


class NotAContext(ValueError):
    """The bytes that the caller gave for a context do not contain it, or have another digest."""
