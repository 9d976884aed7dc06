"""What the ledger holds of a bill, and the moves on it: stores, registries, titles. Its door is `ebl.registry`."""
