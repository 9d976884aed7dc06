"""The policies behind `ebl.policy`."""
