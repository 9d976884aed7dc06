"""What is wrong with a node, a DID, a domain's records."""
