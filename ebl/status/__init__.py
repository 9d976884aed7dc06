"""Claims that a document is issued, not revoked, or a title: one file for each kind of status claim."""
