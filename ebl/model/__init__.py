"""The words of everything else: documents, claims, facts, findings, and the ports to the outside."""
