"""DIDs: their syntax, methods, documents and keys."""
