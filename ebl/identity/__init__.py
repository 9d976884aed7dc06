"""Claims about the issuer of a document: one file for each kind of identity claim."""
