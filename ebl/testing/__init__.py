"""For integrators: a local chain, a local DNS, and honest fakes."""
