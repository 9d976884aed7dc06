"""Codecs and texts by standard: they know nothing of documents."""
