"""JSON-LD 1.1 and RDF canonicalization, as far as credentials use them."""
