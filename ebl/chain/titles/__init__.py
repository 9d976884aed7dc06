"""Titles in token registries."""
