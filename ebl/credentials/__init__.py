"""W3C credentials and presentations: reading, signing, deriving and presenting."""
