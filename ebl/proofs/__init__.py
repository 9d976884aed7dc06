"""Integrity: was the content changed? One file for each kind of proof."""
