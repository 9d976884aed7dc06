"""What is wrong with a context, or with a document of JSON-LD, as data."""

from __future__ import annotations

from ebl.codec.broken import Broken


class BadContext(Broken):
    """Contexts cannot be used together, or give a part of the document no meaning, or no single one."""

    subject = "bad_context"


class UnknownContext(Broken):
    """A context is not known here, or uses what is not supported: nothing is wrong with it."""

    subject = "unknown_context"


class UnsignedJson(Broken):
    """A part of the document makes no statement of its own, so that no signature would protect it."""

    subject = "unsigned_json"


class LargeGraph(Broken):
    """The document makes more statements than are read."""

    subject = "large_graph"


class DeepGraph(Broken):
    """Nodes lie deeper within nodes than is read."""

    subject = "deep_graph"


class PoisonGraph(Broken):
    """Telling blank nodes apart takes more work than is spent on it (RDFC-1.0, section 7.1)."""

    subject = "poison_graph"


class NotThere(ValueError):
    """A pointer finds nothing in the document, or nothing that can be shown by itself."""


class NotAContext(ValueError):
    """Bytes that the caller gave for a context are not what was promised."""
