"""Who stands behind a document: one file for each kind of identity claim."""
