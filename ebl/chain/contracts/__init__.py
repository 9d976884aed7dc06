"""Calldata, events and builds of the contracts; no network."""
