"""What a file claims; diagnosis of a node, of a hosted DID document, and of a domain's records."""
