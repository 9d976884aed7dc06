"""Pure algorithms by standard: thin, over libraries, knowing nothing of documents."""
