"""The engine of a verification: reading, listing claims, checking them, applying the policy. `ebl.verify` lists its steps."""
