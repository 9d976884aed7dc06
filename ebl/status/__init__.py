"""Issued, revoked, held: one file for each kind of status claim."""
