"""Codecs and text formats as standards define them. Nothing here depends on documents."""
