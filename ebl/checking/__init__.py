"""The engine of a verification, whose steps `ebl.verify` lists: reading, listing claims, establishing them, judging. Private."""
