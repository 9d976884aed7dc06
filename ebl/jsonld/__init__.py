"""JSON-LD 1.1 and RDF canonicalisation, as far as credentials use them."""
