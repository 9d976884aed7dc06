"""Basic types of all other rooms: documents, claims, facts, findings, and the ports to network sources."""
