"""OpenAttestation v2 and v3: reading, wrapping, signing and redacting."""
